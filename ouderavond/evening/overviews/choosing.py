"""What somebody chose for an overview: which part of the evening, and what stands on it."""

from dataclasses import dataclass, fields

import frappe
from frappe import _
from frappe.utils import cint, getdate

# The filters by the name under which they come; `household` is any guardian of it.
LISTS = ("date", "instructor", "group", "room", "student", "household", "state")
SWITCHES = ("names", "untold")


@dataclass(frozen=True)
class Chosen:
    """Filters, each a tuple of names (empty for all), and two switches.

    Args:
        names: also the names of students on what hangs where everybody passes.
        untold: also what nobody has been told yet, on what families read.
    """

    date: tuple = ()
    instructor: tuple = ()
    group: tuple = ()
    room: tuple = ()
    student: tuple = ()
    household: tuple = ()
    state: tuple = ()
    names: bool = False
    untold: bool = False


def read(filters: dict | None = None, **switches) -> Chosen:
    """What came from a page or the command line, checked.

    Raises:
        frappe.ValidationError: a filter that is not known, or a value that is none.
    """
    found = {name: _values(name, value) for name, value in (filters or {}).items()}
    found.update({name: bool(cint(value)) for name, value in switches.items()})
    unknown = set(found) - {field.name for field in fields(Chosen)}
    if unknown:
        frappe.throw(_("These filters are not known: {0}.").format(_quoted(", ".join(sorted(unknown)))))
    if "date" in found:
        found["date"] = tuple(_day(value) for value in found["date"])
    return Chosen(**found)


def _values(name: str, value):
    if name in SWITCHES:
        return bool(cint(value))
    values = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(one, str | None) for one in values):
        frappe.throw(_("Filters were expected."))
    return tuple(one for one in values if one)


def _day(value: str):
    try:
        return getdate(value)
    except (TypeError, ValueError):
        frappe.throw(_("{0} is not a date such as 2027-02-09.").format(_quoted(value)))


def _quoted(text: str) -> str:
    return frappe.utils.escape_html(text[:80])
