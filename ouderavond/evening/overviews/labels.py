"""How the columns of overviews are called, and how their values are written."""

from datetime import date, datetime

from frappe import _
from frappe.utils import format_date

from ouderavond.evening import wording

FIELDS = {
    "date": lambda: _("Date"),
    "time": lambda: _("Time", context="Planning"),
    "until": lambda: _("Until", context="Overviews"),
    "instructor": lambda: _("Instructor", context="Planning"),
    "place": lambda: _("Place"),
    "class": lambda: _("Class"),
    "student": lambda: _("Student", context="Planning"),
    "children": lambda: _("Children"),
    "subject": lambda: _("Subject", context="Planning"),
    "guardians": lambda: _("Parents or Guardians"),
    "guardian": lambda: _("Parent or Guardian"),
    "household": lambda: _("Household"),
    "state": lambda: _("State", context="Planning"),
    "priority": lambda: _("Priority"),
    "reason": lambda: _("Reason"),
    "asked": lambda: _("Requested On"),
    "waits": lambda: _("What It Waits For"),
    "email": lambda: _("E-Mail"),
    "mobile": lambda: _("Mobile Number"),
    "telephone": lambda: _("Other Number"),
    "account": lambda: _("Account", context="Overviews"),
    "offered": lambda: _("Slots", context="Overviews"),
    "blocked": lambda: _("Blocked", context="Overviews"),
    "booked": lambda: _("Booked", context="Overviews"),
    "free": lambda: _("Free", context="Overviews"),
    "gaps": lambda: _("Free in Between"),
    "percent": lambda: _("Occupied (%)"),
    "present": lambda: _("Instructors Present"),
    "first": lambda: _("First Conversation"),
}
NUMBERS = ("offered", "blocked", "booked", "free", "gaps", "percent", "present")


def field(name: str) -> str:
    """The head of a column."""
    return FIELDS[name]()


def text(value) -> str:
    """A value of a table in words, in the language of whoever reads now."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return wording.moment(value)
    if isinstance(value, date):
        return format_date(value)
    return str(value)


def clock(value: datetime) -> str:
    """A time of day, always with two digits: such texts can be sorted."""
    return f"{value:%H:%M}"
