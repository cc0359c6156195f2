"""A schedule as one self-contained HTML page: no network, readable on a phone, light and dark."""

from __future__ import annotations

from collections import defaultdict

from .changes import Change, by_household, by_instructor, changes, counts, has_previous
from .problem import Conversation, Instructor, Problem
from .reading import moment_text
from .report_parts import clock, plural, section, table, text, when
from .report_proof import convergence, proof
from .report_style import SCRIPT, STYLE
from .schedule import Alternative, Schedule, Unplaced

SHORT = 12  # changes that are shown without being asked for

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
        proof(problem, schedule),
        convergence(schedule),
        _changes(problem, schedule),
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
    dates = ", ".join(text(day.date) for day in problem.dates)
    tiles = "".join(f"<li><strong>{value}</strong><span>{label}</span></li>" for value, label in figures)
    return (
        f"<header><h1>Parent evening schedule</h1><p>{dates}. {len(problem.instructors)} instructors. "
        f"This schedule is {STATUS[schedule.status]}.</p></header><ul class='tiles'>{tiles}</ul>"
    )


# -- what changed


def _changes(problem: Problem, schedule: Schedule) -> str:
    """What the schedule changes for whom; nothing if there is nothing to compare with."""
    if not has_previous(problem):
        return ""
    found, number = changes(problem, schedule), counts(problem, schedule)
    figures = [(number.kept, "kept"), (number.moved, "moved"), (number.lost, "lost"), (number.added, "added")]
    tiles = "".join(f"<li><strong>{value:,}</strong><span>{label}</span></li>" for value, label in figures)
    body = f"<ul class='tiles proof'>{tiles}</ul>"
    least = schedule.bounds.moved
    if least is not None:
        body += f"<p>At least {least:,} had to move so that as many conversations as possible are placed.</p>"
    if found:
        families, people = by_household(found), by_instructor(found)
        rows = [_change_row(change) for group in families.values() for change in group]
        head = ("Family", "Conversation", "Change")
        listed = table("What changed, family by family", head, rows, "changes")
        who = plural(len(families), "family", "families")
        body += f"<details{_opened(len(rows) <= SHORT)}><summary>{who} concerned</summary>{listed}</details>"
        busy = [(text(name), f"{len(group):,}") for name, group in people.items()]
        listed = table("Instructors and their changes", ("Instructor", "Changes"), busy)
        who = plural(len(people), "instructor", "instructors")
        body += f"<details><summary>{who} concerned</summary>{listed}</details>"
    return section("What changed", "changes", body)


def _opened(is_open: bool) -> str:
    return " open" if is_open else ""


def _change_row(change: Change) -> tuple[str, ...]:
    people = text(", ".join(change.instructors))
    return (
        text(change.household),
        f"{text(change.conversation)} <small>{people}</small>",
        f"{change.kind} <small>{when(change.before)} → {when(change.after)}</small>",
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
            rows.append((text(person.id), f"{used}/{len(cells)}", *cells))
        head = ("Instructor", "Used", *(clock(minute) for minute in day.starts))
        listed = table(f"Occupancy on {text(day.date)}", head, rows, "grid")
        opened = " open" if day is problem.dates[0] else ""
        tables.append(f"<details{opened}><summary>{text(day.date)}</summary>{listed}</details>")
    key = (
        '<p class="key"><span class="cell busy">●</span> conversation '
        '<span class="cell busy double">◆</span> longer conversation '
        '<span class="cell away">×</span> not available <span class="cell free">·</span> free</p>'
    )
    return section("Instructors", "instructors", key + "".join(tables))


def _cell(
    problem: Problem, person: Instructor, members: list[Conversation], start: dict[str, int], minute: int
) -> str:
    for item in members:
        if start[item.id] <= minute < start[item.id] + problem.duration(item.slots):
            sign, kind = ("◆", " double") if item.slots > 1 else ("●", "")
            title = f"{item.household}: {item.id}"
            return f'<span class="busy{kind}" title="{text(title)}"><i>{text(title)}</i>{sign}</span>'
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
        listed = table(
            f"The conversations of {text(name)}", ("When", "Student", "Conversation", "With", "Where"), rows
        )
        hidden = " hidden" if number else ""
        cards.append(f'<div class="family" id="family-{number}"{hidden}>{listed}</div>')
    options = "".join(
        f'<option value="family-{number}">{text(name)}</option>' for number, name in enumerate(names)
    )
    picker = f'<label for="family">Family</label> <select id="family">{options}</select>'
    return section("A family's evening", "families", f'<p class="picker">{picker}</p>{"".join(cards)}')


def _in_order(conversations: list[Conversation], start: dict[str, int]) -> list[Conversation]:
    return sorted(conversations, key=lambda item: (start.get(item.id, 10**12), item.id))


def _family_row(problem: Problem, item: Conversation, start: dict[str, int]) -> list[str]:
    people = text(", ".join(item.instructors))
    if item.id not in start:
        return ["not placed", text(item.student or ""), text(item.id), people, ""]
    begin = start[item.id]
    day = moment_text(begin)[:10]
    room = problem.instructor[item.instructors[0]].rooms.get(day, "")
    where = "online" if item.mode == "online" else text(room)
    when = f"{day} {clock(begin)}–{clock(begin + problem.duration(item.slots))}"
    return [when, text(item.student or ""), text(item.id), people, where]


# -- what was not placed


def _unplaced(problem: Problem, schedule: Schedule) -> str:
    if not schedule.unplaced:
        return section("Not placed", "unplaced", "<p>Every conversation has a place.</p>")
    groups: dict[str, list[Unplaced]] = defaultdict(list)
    for item in schedule.unplaced:
        groups[item.reason].append(item)
    parts = []
    for reason, items in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        rows = [_unplaced_row(problem, item) for item in items]
        head = ("Conversation", "Family", "With", "Wish", "Why", "What could be done")
        listed = table(text(REASONS[reason]), head, rows)
        parts.append(f"<details><summary>{len(items)} × {text(REASONS[reason])}</summary>{listed}</details>")
    return section(f"Not placed: {len(schedule.unplaced)}", "unplaced", "".join(parts))


def _unplaced_row(problem: Problem, item: Unplaced) -> list[str]:
    conversation = problem.conversation[item.conversation]
    wish = "must" if conversation.priority == "must" else f"wanted, rank {conversation.rank}"
    return [
        text(item.conversation),
        text(conversation.household),
        text(", ".join(conversation.instructors)),
        wish,
        text(_because(item)),
        "<br>".join(text(_offer(option)) for option in item.alternatives) or "–",
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
        if "start" not in facts:
            return "Pinned conversations take every possible time."
        return (
            f"At {facts['start']} it would displace {facts.get('conversations', '?')} "
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
    items = "".join(f"<li>{text(notice.text)}</li>" for notice in schedule.warnings)
    return section("Warnings", "warnings", f"<ul>{items}</ul>")
