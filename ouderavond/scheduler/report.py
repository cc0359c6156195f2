"""A schedule as one self-contained HTML page: no network, readable on a phone, light and dark."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from html import escape
from typing import Any

from .problem import Conversation, Instructor, Problem
from .reading import DAY, moment_text
from .report_style import SCRIPT, STYLE
from .schedule import Alternative, Schedule, Unplaced

CHART_WIDTH, CHART_HEIGHT = 640, 180

REASONS = {
    "no_common_time": "There is no time at which everyone concerned is available.",
    "household_full": "The family is already busy at every time that would be possible.",
    "instructor_full": "The instructor is already taken at every time that would be possible.",
    "room_full": "The room is already taken at every time that would be possible.",
    "displaces": "A place could only be made by leaving out something of equal or higher weight.",
    "time_limit": "No place was found in the time given; it is not proven that there is none.",
}
KINDS = {
    "move": "if others move",
    "other_instructor": "with one instructor only",
    "other_date": "on another date",
    "online": "online",
}
STATUS = {
    "optimal": "proven to be the best possible",
    "feasible": "the best found in the time given",
    "cancelled": "the best found until it was cancelled",
}


def report(problem: Problem, schedule: Schedule) -> str:
    """The page of a schedule that belongs to the problem."""
    start = {item.conversation: item.start for item in schedule.placements}
    parts = [
        _headline(problem, schedule),
        _proof(schedule),
        _convergence(schedule),
        _occupancy(problem, start),
        _families(problem, start),
        _unplaced(problem, schedule),
        _warnings(schedule),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Parent evening schedule</title><style>{STYLE}</style></head><body>"
        f"<main>{''.join(parts)}</main><script>{SCRIPT}</script></body></html>\n"
    )


def _text(value: Any) -> str:
    return escape(str(value), quote=True)


def _clock(minute: int) -> str:
    return f"{minute % DAY // 60:02d}:{minute % 60:02d}"


def _section(title: str, name: str, body: str) -> str:
    return f'<section aria-labelledby="{name}"><h2 id="{name}">{title}</h2>{body}</section>'


def _table(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """A table of cells that are HTML already; the first cell of a row is its heading."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = []
    for first, *rest in rows:
        cells = "".join(f"<td>{cell}</td>" for cell in rest)
        body.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table class="{kind}">'
        f"<caption>{caption}</caption><thead><tr>{top}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _headline(problem: Problem, schedule: Schedule) -> str:
    criteria = schedule.criteria
    families = len({item.household for item in problem.conversations})
    served = families - criteria.households_with_nothing
    placed, total = len(schedule.placements), len(problem.conversations)
    figures = [
        (f"{placed} of {total}", "conversations placed"),
        (f"{served} of {families}", "families with a conversation"),
        (f"{criteria.waiting_minutes / max(1, served):.1f} min", "waiting per family"),
        (str(criteria.extra_dates), "families' extra dates"),
        (f"{schedule.seconds:.0f} s", "to compute"),
    ]
    dates = ", ".join(_text(day.date) for day in problem.dates)
    tiles = "".join(f"<li><strong>{value}</strong><span>{label}</span></li>" for value, label in figures)
    return (
        f"<header><h1>Parent evening schedule</h1><p>{dates}. {len(problem.instructors)} instructors. "
        f"This schedule is {STATUS[schedule.status]}.</p></header><ul class='tiles'>{tiles}</ul>"
    )


def _proof(schedule: Schedule) -> str:
    criteria, bounds = schedule.criteria, schedule.bounds

    def proven(least: int | None) -> str:
        return "not proven" if least is None else str(least)

    rows = [
        ("Must-see conversations not placed", str(criteria.must_unplaced), proven(bounds.must_unplaced)),
        ("Wanted conversations not placed", str(criteria.wanted_unplaced), proven(bounds.wanted_unplaced)),
        ("Families with nothing", str(criteria.households_with_nothing), ""),
        ("Conversations moved", str(criteria.moved), ""),
        ("Extra dates", str(criteria.extra_dates), ""),
        ("Waiting of families, minutes", str(criteria.waiting_minutes), ""),
        ("Preferences missed", str(criteria.preferences_missed), ""),
        ("Breaks of instructors missed", str(criteria.breaks_missed), ""),
        ("Idle time of instructors, minutes", str(criteria.instructor_waiting_minutes), ""),
        (
            "<strong>Families' objective, points</strong>",
            f"<strong>{schedule.objective:.1f}</strong>",
            "no bound" if schedule.bound is None else f"<strong>{schedule.bound:.1f}</strong>",
        ),
    ]
    note = (
        "<p>No schedule at all can have fewer than the proven minimum. Fewer points are better; the bound "
        "is the number of points that no schedule can go below.</p>"
    )
    table = _table("What was reached", ("Criterion", "Reached", "Proven minimum"), rows, "figures")
    return _section("How good it is", "proof", note + table)


def _convergence(schedule: Schedule) -> str:
    """Objective and bound over time, with the final figures in words."""
    points = [item for item in schedule.progress if item.objective is not None]
    if len(points) < 2 or points[-1].seconds <= 0:
        return ""
    top = max(item.objective for item in points)
    floor = max((item.bound for item in points), default=0.0)
    bottom = min(floor, points[-1].objective)
    low = bottom - 0.1 * max(1.0, top - bottom)

    def line(values: list[tuple[float, float]]) -> str:
        return " ".join(
            f"{x / points[-1].seconds * CHART_WIDTH:.1f},"
            f"{CHART_HEIGHT - (max(y, low) - low) / max(1e-9, top - low) * CHART_HEIGHT:.1f}"
            for x, y in values
        )

    objective = line([(item.seconds, item.objective) for item in points])
    bound = line([(item.seconds, item.bound) for item in points])
    last = points[-1]
    label = (
        f"From {points[0].objective:.0f} points at the start to {last.objective:.1f} after "
        f"{last.seconds:.0f} seconds, with the bound at {last.bound:.1f}."
    )
    chart = (
        f'<svg viewBox="-4 -4 {CHART_WIDTH + 8} {CHART_HEIGHT + 8}" preserveAspectRatio="none" '
        f'role="img" aria-label="{label}">'
        f'<polyline class="bound" points="{bound}"/><polyline class="objective" points="{objective}"/></svg>'
        '<p class="key"><span class="objective">objective</span> '
        '<span class="bound">bound (dashed)</span></p>'
    )
    return _section(
        "How it got there", "convergence", f"<figure>{chart}<figcaption>{label}</figcaption></figure>"
    )


# -- occupancy


def _occupancy(problem: Problem, start: dict[str, int]) -> str:
    by_instructor: dict[str, list[Conversation]] = defaultdict(list)
    for conversation in problem.conversations:
        for name in conversation.instructors:
            by_instructor[name].append(conversation)
    tables = []
    for day in problem.dates:
        rows = []
        for person in sorted(problem.instructors, key=lambda person: person.id):
            members = [item for item in by_instructor[person.id] if item.id in start]
            cells = [_cell(problem, person, members, start, minute) for minute in day.starts]
            used = sum('class="busy' in cell for cell in cells)
            rows.append((_text(person.id), f"{used}/{len(cells)}", *cells))
        head = ("Instructor", "Used", *(_clock(minute) for minute in day.starts))
        table = _table(f"Occupancy on {_text(day.date)}", head, rows, "grid")
        opened = " open" if day is problem.dates[0] else ""
        tables.append(f"<details{opened}><summary>{_text(day.date)}</summary>{table}</details>")
    key = (
        '<p class="key"><span class="cell busy">●</span> conversation '
        '<span class="cell busy double">◆</span> longer conversation '
        '<span class="cell away">×</span> not available <span class="cell free">·</span> free</p>'
    )
    return _section("Instructors", "instructors", key + "".join(tables))


def _cell(
    problem: Problem, person: Instructor, members: list[Conversation], start: dict[str, int], minute: int
) -> str:
    for item in members:
        if start[item.id] <= minute < start[item.id] + problem.duration(item.slots):
            sign, kind = ("◆", " double") if item.slots > 1 else ("●", "")
            title = f"{item.household}: {item.id}"
            return f'<span class="busy{kind}" title="{_text(title)}"><i>{_text(title)}</i>{sign}</span>'
    end = minute + problem.slot_minutes
    if any(minute < stop and begin < end for begin, stop in person.unavailable):
        return '<span class="away" title="not available"><i>not available</i>×</span>'
    return '<span class="free" title="free"><i>free</i>·</span>'


# -- families


def _families(problem: Problem, start: dict[str, int]) -> str:
    evenings: dict[str, list[Conversation]] = defaultdict(list)
    for conversation in problem.conversations:
        evenings[conversation.household].append(conversation)
    names = sorted(evenings, key=lambda name: (-len(evenings[name]), name))
    cards = []
    for number, name in enumerate(names):
        rows = [_family_row(problem, item, start) for item in _in_order(evenings[name], start)]
        table = _table(
            f"The conversations of {_text(name)}", ("When", "Student", "Conversation", "With", "Where"), rows
        )
        hidden = " hidden" if number else ""
        cards.append(f'<div class="family" id="family-{number}"{hidden}>{table}</div>')
    options = "".join(
        f'<option value="family-{number}">{_text(name)}</option>' for number, name in enumerate(names)
    )
    picker = f'<label for="family">Family</label> <select id="family">{options}</select>'
    return _section("A family's evening", "families", f'<p class="picker">{picker}</p>{"".join(cards)}')


def _in_order(conversations: list[Conversation], start: dict[str, int]) -> list[Conversation]:
    return sorted(conversations, key=lambda item: (start.get(item.id, 10**12), item.id))


def _family_row(problem: Problem, item: Conversation, start: dict[str, int]) -> list[str]:
    people = _text(", ".join(item.instructors))
    if item.id not in start:
        return ["not placed", _text(item.student or ""), _text(item.id), people, ""]
    begin = start[item.id]
    day = moment_text(begin)[:10]
    room = problem.instructor[item.instructors[0]].rooms.get(day, "")
    where = "online" if item.mode == "online" else _text(room)
    when = f"{day} {_clock(begin)}–{_clock(begin + problem.duration(item.slots))}"
    return [when, _text(item.student or ""), _text(item.id), people, where]


# -- what was not placed


def _unplaced(problem: Problem, schedule: Schedule) -> str:
    if not schedule.unplaced:
        return _section("Not placed", "unplaced", "<p>Every conversation has a place.</p>")
    groups: dict[str, list[Unplaced]] = defaultdict(list)
    for item in schedule.unplaced:
        groups[item.reason].append(item)
    parts = []
    for reason, items in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        rows = [_unplaced_row(problem, item) for item in items]
        head = ("Conversation", "Family", "With", "Wish", "Why", "What could be done")
        table = _table(_text(REASONS[reason]), head, rows)
        parts.append(f"<details><summary>{len(items)} × {_text(REASONS[reason])}</summary>{table}</details>")
    return _section(f"Not placed: {len(schedule.unplaced)}", "unplaced", "".join(parts))


def _unplaced_row(problem: Problem, item: Unplaced) -> list[str]:
    conversation = problem.conversation[item.conversation]
    wish = "must" if conversation.priority == "must" else f"wanted, rank {conversation.rank}"
    return [
        _text(item.conversation),
        _text(conversation.household),
        _text(", ".join(conversation.instructors)),
        wish,
        _text(_because(item)),
        "<br>".join(_text(_offer(option)) for option in item.alternatives) or "–",
    ]


def _because(item: Unplaced) -> str:
    """The facts of a reason in a sentence; facts of another program may be missing."""
    facts = item.facts
    if item.reason == "instructor_full":
        people = [person for person in facts.get("instructors", ()) if isinstance(person, dict)]
        full = [person for person in people if not person.get("free")] or people
        return " ".join(
            f"{each.get('instructor')}: asked for {each.get('asked')} slots, has {each.get('available')}."
            for each in full
        )
    if item.reason == "displaces":
        return (
            f"At {facts.get('start', '?')} it would displace {facts.get('conversations', '?')} "
            f"(weight {facts.get('weight', '?')} for {facts.get('own_weight', '?')})."
        )
    if item.reason == "household_full":
        return f"Busy at all {facts.get('starts', '?')} possible times."
    if item.reason == "no_common_time":
        parts = [f"{key} away at {facts[key]}" for key in facts if key != "starts"]
        return f"Of {facts.get('starts', 0)} times: {', '.join(parts) or 'none is long enough'}."
    return ""


def _offer(option: Alternative) -> str:
    when = moment_text(option.start).replace("T", " ")
    moves = f" ({len(option.moves)} to move)" if option.moves else ""
    who = f" {option.instructor}" if option.kind == "other_instructor" else ""
    return f"{when} {KINDS[option.kind]}{who}{moves}"


def _warnings(schedule: Schedule) -> str:
    if not schedule.warnings:
        return ""
    items = "".join(f"<li>{_text(notice.text)}</li>" for notice in schedule.warnings)
    return _section("Warnings", "warnings", f"<ul>{items}</ul>")
