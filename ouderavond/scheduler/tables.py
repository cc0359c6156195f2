"""Tables for the command line: what changed, how scenarios compare, what a forecast expects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .changes import Change, by_household, by_instructor, changes, counts
from .console import table
from .problem import Problem
from .reading import moment_text
from .schedule import Schedule

if TYPE_CHECKING:
    from .forecast import Forecast, InstructorForecast
    from .scenarios import Row

NAME_WIDTH = 22
TIGHT = 0.05  # the chance of too much demand from which an instructor is named
ROWS = 20


def changes_table(problem: Problem, schedule: Schedule) -> str:
    """What changed, household by household, with a line of counts and who else is concerned."""
    found = changes(problem, schedule)
    rows = []
    for household, group in by_household(found).items():
        for number, change in enumerate(group):
            rows.append(("" if number else household, *_change_row(change)))
    lines = []
    if rows:
        head = ("Household", "Student", "Conversation", "With", "Change", "From", "To")
        lines += [table(head, rows, left=len(head)), ""]
        people = ", ".join(f"{name} {len(group)}" for name, group in by_instructor(found).items())
        lines.append(f"Instructors concerned: {people}")
    lines.append(f"{counts(problem, schedule)}.")
    return "\n".join(lines)


def _change_row(change: Change) -> tuple[str, ...]:
    people = ", ".join(change.instructors)
    return (
        change.student or "-",
        change.conversation,
        people,
        change.kind,
        _when(change.before),
        _when(change.after),
    )


def comparison(rows: Sequence[Row]) -> str:
    """Scenarios side by side, then what each schedule is worth under the weights of each scenario."""
    names = [shortened(row.name) for row in rows]
    lines: list[tuple[str, Callable[[Row], str]]] = [
        ("Status", lambda row: row.status),
        ("Placed", lambda row: str(row.placed)),
        ("Must-see not placed", lambda row: str(row.criteria.must_unplaced)),
        ("Wanted not placed", lambda row: str(row.criteria.wanted_unplaced)),
        ("Families with nothing", lambda row: str(row.criteria.households_with_nothing)),
        ("Moved", lambda row: str(row.criteria.moved)),
        ("Extra dates for families", lambda row: str(row.criteria.extra_dates)),
        ("Waiting, minutes", lambda row: str(row.criteria.waiting_minutes)),
        ("  per family", lambda row: f"{row.waiting_mean:.1f}"),
        ("  worst family", lambda row: str(row.waiting_worst)),
        ("Preferences missed", lambda row: str(row.criteria.preferences_missed)),
        ("Breaks missed", lambda row: str(row.criteria.breaks_missed)),
        ("Instructors idle, minutes", lambda row: str(row.criteria.instructor_waiting_minutes)),
        ("  worst instructor", lambda row: str(row.instructor_waiting_worst)),
        ("Objective", lambda row: f"{row.objective:.1f}"),
        ("Bound", lambda row: "-" if row.bound is None else f"{row.bound:.1f}"),
        ("Gap", lambda row: "-" if row.gap is None else f"{row.gap:.1f}"),
        ("Other than the first", lambda row: str(row.differs)),
        ("Seconds", lambda row: f"{row.seconds:.1f}"),
    ]
    criteria = table(("", *names), [(name, *map(value, rows)) for name, value in lines])
    cross = [(shortened(row.name), *(f"{row.values[other.name]:.1f}" for other in rows)) for row in rows]
    parts = [criteria, "", table(("Schedule \\ weights of", *names), cross)]
    for row in rows:
        if row.better is not None:
            parts.append(
                f"By the weights of {row.name!r} the schedule of {row.better!r} is better than its own."
            )
    return "\n".join(parts)


def shortened(name: str) -> str:
    """A name that fits in a column."""
    return name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"


def _when(minute: int | None) -> str:
    return "-" if minute is None else moment_text(minute).replace("T", " ")


def forecast_tables(found: Forecast) -> str:
    """The totals, the tightest instructors, and what would help the most."""
    share = f" ({100 * found.demand / found.slots:.0f} %)" if found.slots else ""
    lines = [
        f"{found.households} families may ask {found.offers - found.impossible} conversations; "
        f"{found.asked:.0f} are expected.",
        f"Demand: {found.demand:.0f} of {found.slots} slots{share}; {found.short:.1f} are expected to find "
        "no place.",
    ]
    if found.impossible:
        lines.append(f"{found.impossible} conversations leave their family no time and are not counted.")
    return "\n".join([*lines, "", *_tightest(found), "", *_help(found)])


def _tightest(found: Forecast) -> list[str]:
    tight = [each for each in found.instructors if each.exceeds >= TIGHT]
    if not tight:
        return [f"Nobody's demand exceeds the slots with a chance of {100 * TIGHT:.0f} % or more."]
    head = ("Instructor", "Slots", "Per date", "Demand", "10-90 %", "Too much", "No place")
    lines = [table(head, [_tight_row(each) for each in tight[:ROWS]])]
    if len(tight) > ROWS:
        lines.append(f"and {len(tight) - ROWS} more with a chance of {100 * TIGHT:.0f} % or more.")
    return lines


def _tight_row(each: InstructorForecast) -> tuple[str, ...]:
    return (
        each.instructor,
        str(each.slots),
        " + ".join(str(day.slots) for day in each.dates),
        f"{each.demand:.1f}",
        f"{each.low}-{each.high}",
        f"{100 * each.exceeds:.0f} %",
        f"{each.short:.1f}",
    )


def _help(found: Forecast) -> list[str]:
    if not found.extras:
        return ["No extra time would help noticeably."]
    words = {"freed": "free a time that is blocked", "added": "add a slot at the end"}
    rows = [
        (extra.instructor, _when(extra.start), words[extra.kind], f"{extra.gain:.2f}")
        for extra in found.extras[:ROWS]
    ]
    head = ("Instructor", "Time", "What would help the most", "Slots placed")
    return [table(head, rows, left=3)]
