"""The report's proof: how far from the best possible, what the points are made of, and how it got there."""

from __future__ import annotations

import math

from .points import LATER_RANK, Term, families_terms, instructors_terms
from .problem import Problem
from .report_parts import plural, points, section, table, text
from .schedule import Progress, Schedule

WIDTH, HEIGHT = 640, 200

NAMES = {
    "must": "Must-see, not placed",
    "wanted": "Wanted, not placed",
    "nothing": "Families with nothing",
    "moved": "Conversations moved",
    "date": "Extra dates of families",
    "waiting": "Waiting of families",
    "preference": "Preferences missed",
    "break": "Breaks missed",
    "instructor_waiting": "Idle time of instructors",
}
RANK_NAMES = {1: "rank 1", 2: "rank 2", LATER_RANK: "later rank"}


def proof(problem: Problem, schedule: Schedule) -> str:
    """The section on how good a schedule is."""
    parts = [
        _verdict(problem, schedule),
        _figures(problem, schedule),
        _minima(problem, schedule),
        _made_of(problem, schedule),
        _instructors(problem, schedule),
    ]
    return section("How good it is", "proof", "".join(parts))


def _families(problem: Problem) -> int:
    return len({item.household for item in problem.conversations})


def gap_of(schedule: Schedule) -> float | None:
    """Points between the objective and its bound, None without a bound."""
    return None if schedule.bound is None else max(0.0, schedule.objective - schedule.bound)


def _verdict(problem: Problem, schedule: Schedule) -> str:
    """How near to the best possible, in a sentence a parent understands."""
    gap, families = gap_of(schedule), _families(problem)
    if gap is None:
        said = "How near this is to the best possible schedule has not been proven."
    elif schedule.status == "optimal":
        said = "No schedule is better: this one is proven to be the best possible."
    else:
        share = gap / max(1, families)
        said = f"At most {_small(share)} points per family from the best possible schedule"
        said += f"{_worth(problem, share)}."
    return f'<p class="verdict">{said}</p><p>{_point(problem)}</p>'


def _worth(problem: Problem, share: float) -> str:
    """Points per family in minutes of waiting, if waiting counts."""
    if not problem.weights.waiting:
        return ""
    minutes = math.ceil(share * problem.slot_minutes / problem.weights.waiting * 10 - 1e-9) / 10
    return f", as much as {minutes:,.1f} minutes of waiting"


def _small(value: float) -> str:
    """A number rounded up, so that "at most" stays true."""
    return f"{math.ceil(value * 100 - 1e-9) / 100:.2f}"


def _point(problem: Problem) -> str:
    """What a point is worth in the words of the evening."""
    weights = problem.weights
    means = "Points count what families lack; fewer is better."
    if weights.waiting:
        minutes = f"{problem.slot_minutes / weights.waiting:.3g}"
        means += f" One point is {minutes} {'minute' if minutes == '1' else 'minutes'} of waiting."
    return f"{means} The bound is proven: no schedule at all that keeps the rules has fewer points."


def _figures(problem: Problem, schedule: Schedule) -> str:
    gap = gap_of(schedule)
    figures = [(points(schedule.objective), "objective: points of this schedule")]
    bar = ""
    if gap is not None:
        per_family = gap / max(1, _families(problem))
        figures += [
            (points(schedule.bound), "bound: points nobody can avoid"),
            (points(gap), "gap: points that may be avoidable"),
            (_small(per_family), "gap per family"),
        ]
        still_open = 0.0 if schedule.status == "optimal" else gap  # less than a step is nothing
        bar = _bar(schedule.objective, still_open)
    items = "".join(f"<li><strong>{value}</strong><span>{label}</span></li>" for value, label in figures)
    return f"<ul class='tiles proof'>{items}</ul>{bar}"


def _bar(objective: float, gap: float) -> str:
    """The part of the points that is proven to be unavoidable."""
    if objective <= 0:
        return ""
    share = math.floor(1000 * (objective - gap) / objective) / 10
    said = f"{share:.1f} % of the points are proven to be unavoidable; the rest is still open."
    if not gap:
        said = "All points are proven to be unavoidable."
    return (
        f'<div class="bar" role="img" aria-label="{said}"><span style="width:{share:.1f}%"></span></div>'
        f'<p class="key" aria-hidden="true">{said}</p>'
    )


# -- proven minima


def _minima(problem: Problem, schedule: Schedule) -> str:
    criteria, bounds = schedule.criteria, schedule.bounds
    known = [
        ("must-see not placed", criteria.must_unplaced, bounds.must_unplaced),
        ("wanted not placed", criteria.wanted_unplaced, bounds.wanted_unplaced),
    ]
    items, settled = [], True
    for name, reached, least in known:
        items.append(
            f"<li><strong>{reached:,}</strong> <span>{name}</span> {_minimum(reached, least, settled)}</li>"
        )
        settled = settled and reached == least
    if any(item.previous is not None for item in problem.conversations):
        # the least number among schedules that leave out as little as this one: it needs no other minimum
        moved = _minimum(criteria.moved, bounds.moved, True)
        items.append(f"<li><strong>{criteria.moved:,}</strong> <span>moved</span> {moved}</li>")
    return f'<h3>Proven minima, in conversations</h3><ul class="minima">{"".join(items)}</ul>'


def _minimum(reached: int, least: int | None, settled: bool) -> str:
    """What a proven minimum says; `settled` if all minima it depends on are reached."""
    if least is None:
        return '<em class="open">the minimum is not proven</em>'
    if not settled:
        return f'<em class="open">proven minimum {least:,}, if what is above is at its minimum</em>'
    if reached <= least:
        return f'<em class="proven">✓ proven minimum {least:,}: fewer is impossible</em>'
    return f'<em class="open">proven minimum {least:,}: at most {reached - least:,} above it</em>'


# -- what the points are made of


def _made_of(problem: Problem, schedule: Schedule) -> str:
    terms = [term for term in families_terms(problem, schedule) if term.rank is None or term.count]
    head = ("Families", "Count", "× weight", "= points", "Share")
    rows = [_term_row(term, schedule.objective) for term in terms]
    total = sum(term.points for term in terms)
    rows.append(("<strong>Objective</strong>", "", "", f"<strong>{points(total)}</strong>", ""))
    return table("What the families' objective is made of", head, rows, "figures terms")


def _term_row(term: Term, total: float) -> tuple[str, ...]:
    share = 100 * term.points / total if total else 0.0
    meter = f'<span class="meter"><span style="width:{share:.1f}%"></span></span>'
    return (_term_name(term), _amount(term), _weight(term), points(term.points), meter)


def _term_name(term: Term) -> str:
    return NAMES[term.key] if term.rank is None else f"{NAMES[term.key]}, {RANK_NAMES[term.rank]}"


def _amount(term: Term) -> str:
    """What is counted: slots where the weight is per slot."""
    if "waiting" in term.key:
        return f"{term.count:,} min{_aside(f'{points(term.amount)} slots')}"
    if term.rank is not None and term.amount != term.count:
        return f"{term.count:,}{_aside(plural(int(term.amount), 'slot', 'slots'))}"
    return f"{term.count:,}"


def _weight(term: Term) -> str:
    weight = f"{term.weight:,.3f}".rstrip("0").rstrip(".")
    return weight if term.factor == 1 else f"{weight}{_aside(f'× {term.factor:g}')}"


def _aside(words: str) -> str:
    """A detail after a number, under it where there is little room."""
    return f" <small>{words}</small>"


def _instructors(problem: Problem, schedule: Schedule) -> str:
    terms = instructors_terms(problem, schedule)
    rows = [(_term_name(term), _amount(term), _weight(term), points(term.points)) for term in terms]
    total = points(schedule.instructors_objective)
    rows.append(("<strong>Instructors' objective</strong>", "", "", f"<strong>{total}</strong>"))
    caption = "The instructors' side: improved without costing any family a point, and without a bound"
    head = ("Instructors", "Count", "× weight", "= points")
    return table(caption, head, rows, "figures terms")


# -- how it got there


def convergence(schedule: Schedule) -> str:
    """The gap over time, on a scale of powers of ten, with the milestones in a table."""
    known = [item for item in schedule.progress if item.objective is not None]
    if len(known) < 2 or known[-1].seconds <= 0:
        return ""
    first, last = known[0], known[-1]
    label = (
        f"The gap went from {points(_gap(first))} points at the start to {points(_gap(last))} after "
        f"{last.seconds:.0f} seconds."
    )
    body = f"<figure>{_chart(known, label)}<figcaption>{label}</figcaption></figure>{_milestones(known)}"
    return section("How it got there", "convergence", body)


def _gap(item: Progress) -> float:
    return max(0.0, item.objective - item.bound)


def _chart(known: list[Progress], label: str) -> str:
    gaps = [_gap(item) for item in known]
    low, high, closed = _decades(gaps)
    bottom = low - 1 if closed else low
    end = known[-1].seconds

    def place(seconds: float, gap: float) -> tuple[float, float]:
        height = (math.log10(gap) if gap > 0 else bottom) - bottom
        return seconds / end * WIDTH, HEIGHT * (1 - height / (high - bottom))

    steps, lowest = [], HEIGHT
    for item, gap in zip(known, gaps, strict=True):
        x, y = place(item.seconds, gap)
        steps.append(f"{x:.1f},{lowest if steps else y:.1f} {x:.1f},{y:.1f}")
        lowest = y
    marks = [(HEIGHT * (high - decade) / (high - bottom), _power(decade)) for decade in range(low, high + 1)]
    if closed:
        marks.insert(0, (HEIGHT, "0"))
    lines = "".join(f'<line x1="0" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>' for y, _ in marks)
    names = "".join(f'<span style="top:{100 * y / HEIGHT:.1f}%">{name}</span>' for y, name in marks)
    times = "".join(f"<span>{end * share:.0f} s</span>" for share in (0, 0.25, 0.5, 0.75, 1))
    return (
        '<p class="key">Gap between objective and bound, in points; every line is ten times the one below</p>'
        f'<div class="chart"><div class="scale" aria-hidden="true">{names}</div>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{text(label)}">'
        f'{lines}<polyline class="objective" points="{" ".join(steps)}"/></svg>'
        f'<div class="times" aria-hidden="true">{times}</div></div>'
    )


def _power(decade: int) -> str:
    return f"{10**decade:,}" if decade >= 0 else f"{10.0**decade:.{-decade}f}"


def _decades(gaps: list[float]) -> tuple[int, int, bool]:
    """The powers of ten that hold all gaps above 0, and whether there is a gap of 0 too."""
    above = [gap for gap in gaps if gap > 0] or [1.0]
    low = math.floor(math.log10(min(above)) + 1e-9)
    high = max(low + 1, math.ceil(math.log10(max(above)) - 1e-9))
    return low, high, min(gaps) <= 0


def _milestones(known: list[Progress]) -> str:
    """The last figures of each phase of the run."""
    last: dict[str, Progress] = {}
    for item in known:
        last[item.phase] = item
    rows = [
        (
            text(phase),
            f"{item.seconds:.1f} s",
            f"{item.placed:,}",
            points(item.objective),
            points(item.bound),
            points(_gap(item)),
        )
        for phase, item in last.items()
    ]
    head = ("End of phase", "After", "Placed", "Objective", "Bound", "Gap")
    body = table("The figures at the end of each phase", head, rows, "figures")
    return f"<details><summary>Phase by phase</summary>{body}</details>"
