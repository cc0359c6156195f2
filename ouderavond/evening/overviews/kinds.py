"""The kinds of overviews: what each is called, which columns it has, and how it looks on paper."""

from collections.abc import Callable
from dataclasses import dataclass

import frappe
from frappe import _

from ouderavond.evening.overviews import labels, sheets, tables
from ouderavond.evening.overviews.choosing import Chosen
from ouderavond.evening.overviews.reading import Facts


@dataclass(frozen=True)
class Kind:
    """An overview.

    Args:
        label, about: its name, and a sentence on what it is for.
        columns: what stands in each row; `named` only where names were chosen.
        rows: makes the rows.
        sheets: makes what is printed; None for one table.
        filters: what can be chosen, as in `choosing.LISTS`.
        switches: which of `choosing.SWITCHES` it has.
        landscape: printed on its side where no names are on it.
    """

    label: Callable[[], str]
    about: Callable[[], str]
    columns: tuple[str, ...]
    rows: Callable[[Facts], list[dict]]
    filters: tuple[str, ...]
    sheets: Callable[[Facts], list] | None = None
    named: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    landscape: bool = False

    def fields(self, chosen: Chosen) -> list[str]:
        """The columns for what was chosen."""
        return [name for name in self.columns if name not in self.named or chosen.names]


OF_TIMES = ("date", "instructor", "group", "room", "student", "household")
HANGS = ("student", "subject")

KINDS = {
    "instructor": Kind(
        lambda: _("Per Instructor"),
        lambda: _("A sheet per instructor and date for the door: times and classes."),
        ("date", "instructor", "time", "until", "place", "class", "student", "subject"),
        tables.by_instructor,
        OF_TIMES,
        sheets.doors,
        HANGS,
        ("names", "untold"),
    ),
    "household": Kind(
        lambda: _("Per Household"),
        lambda: _("A letter to each household with its conversations, and why a request has no time."),
        ("household", "student", "class", "date", "time", "until", "subject", "instructor", "place"),
        tables.by_household,
        OF_TIMES,
        sheets.letters,
        (),
        ("untold",),
    ),
    "class": Kind(
        lambda: _("Per Class"),
        lambda: _("The conversations about the students of each class, for those who teach them."),
        ("class", "student", "date", "time", "until", "subject", "instructor", "place", "guardians"),
        tables.by_class,
        (*OF_TIMES, "state"),
        sheets.classes,
    ),
    "room": Kind(
        lambda: _("Per Room"),
        lambda: _("A sheet per room and date: who sits there, with times and classes."),
        ("date", "place", "time", "until", "instructor", "class", "student", "subject"),
        tables.by_room,
        OF_TIMES,
        sheets.rooms,
        HANGS,
        ("names", "untold"),
    ),
    "roster": Kind(
        lambda: _("Whole Roster"),
        lambda: _("Everybody's times on a few pages, as planned now."),
        ("date", "time", "until", "instructor", "place", "class", "student", "subject", "guardians", "state"),
        tables.roster,
        (*OF_TIMES, "state"),
        sheets.roster,
        (*HANGS, "guardians"),
        ("names",),
        landscape=True,
    ),
    "not_placed": Kind(
        lambda: _("Not Placed"),
        lambda: _("Requests for which the schedule has no time, each with the reason."),
        ("class", "student", "subject", "instructor", "guardian", "priority", "reason"),
        tables.not_placed,
        ("instructor", "group", "student", "household"),
        landscape=True,
    ),
    "unanswered": Kind(
        lambda: _("Requests without Answer"),
        lambda: _("Requests of which those who asked know nothing yet."),
        ("class", "student", "subject", "instructor", "guardian", "priority", "asked", "waits"),
        tables.unanswered,
        ("instructor", "group", "student", "household", "state"),
        landscape=True,
    ),
    "logins": Kind(
        lambda: _("Never Logged In"),
        lambda: _("Parents and guardians of participants who never were on the page, and how to reach them."),
        ("guardian", "children", "account", "email", "mobile"),
        tables.never_logged_in,
        ("group", "student", "household"),
        landscape=True,
    ),
    "occupancy": Kind(
        lambda: _("Occupancy"),
        lambda: _("Per instructor and date: slots, what is booked, and what is free in between."),
        ("date", "instructor", "place", "offered", "blocked", "booked", "free", "gaps", "percent"),
        tables.occupancy,
        ("date", "instructor", "room"),
    ),
    "slots": Kind(
        lambda: _("Occupancy per Slot"),
        lambda: _("Per slot: how many instructors are present, booked and free."),
        ("date", "time", "present", "booked", "free", "percent"),
        tables.slots,
        ("date", "instructor", "room"),
    ),
    "phones": Kind(
        lambda: _("Telephone List"),
        lambda: _("How to reach the parents and guardians of those who take part."),
        ("guardian", "mobile", "telephone", "children", "first"),
        tables.telephones,
        ("group", "student", "household"),
    ),
}


def of(name: str) -> Kind:
    """A kind by its name.

    Raises:
        frappe.ValidationError: there is no such overview.
    """
    if name not in KINDS:
        frappe.throw(_("There is no such overview."))
    return KINDS[name]


def page(
    facts: Facts, name: str, start: int = 0, length: int | None = None, order_by: str | None = None
) -> dict:
    """The rows of an overview from `start`: {columns, rows, total}.

    Args:
        order_by: "key asc" or "key desc", key being a column; else in the order that fits the overview.
    """
    kind = of(name)
    rows = kind.rows(facts)
    columns = kind.fields(facts.chosen)
    key, _space, way = (order_by or "").partition(" ")
    if key in columns:
        rows.sort(key=lambda row: _comparable(row.get(key)), reverse=way == "desc")
    shown = rows[start : None if length is None else start + length]
    return {
        "columns": [{"key": key, "label": labels.field(key), "format": _format(key)} for key in columns],
        # What is not a column is not told: names stay away where they were not chosen.
        "rows": [
            {"key": str(number), **{key: row.get(key) for key in columns}}
            for number, row in enumerate(shown, start)
        ],
        "total": len(rows),
    }


def _comparable(value):
    return value.casefold() if isinstance(value, str) else value


def _format(key: str) -> str:
    return "date" if key in ("date", "asked") else "number" if key in labels.NUMBERS else "text"


def printed(facts: Facts, name: str) -> list[sheets.Sheet]:
    """The sheets of an overview."""
    kind = of(name)
    if kind.sheets:
        return kind.sheets(facts)
    found = page(facts, name)
    return sheets.table(facts, kind.label(), found["columns"], found["rows"])


def is_landscape(facts: Facts, name: str) -> bool:
    """Whether it is printed on its side."""
    return of(name).landscape and not facts.chosen.names
