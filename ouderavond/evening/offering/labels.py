"""How the fields of the views and of the list are called, for their heads on the page and in files."""

import frappe
from frappe import _
from frappe.utils import cstr, escape_html

from ouderavond.evening.offering import views

# Yes or no in the list of possibilities; in a view `offered` is a number.
YES_NO = ("offered", "in_package")
LIST = (
    "possibility",
    "subject",
    "offered",
    "requested",
    "first_name",
    "last_name",
    "student_code",
    "classes",
    "program",
    "instructors",
    "instructor_names",
    "guardians",
    "requested_by",
    "forbidden",
    "remark",
    "slots",
    "in_package",
    "source",
    "booked",
)
OF_LIST = {
    "classes": lambda: _("Class"),
    "booked": lambda: _("Time"),
}
FIELDS = {
    "possibility": lambda: _("Possibility"),
    "subject": lambda: _("Full Name"),
    "offered": lambda: _("Offered"),
    "requested": lambda: _("Requested", context="Offers"),
    "booked": lambda: _("Booked", context="Offers"),
    "first_name": lambda: _("First Name"),
    "last_name": lambda: _("Last Name"),
    "student": lambda: _("Student Number"),
    "student_code": lambda: _("Student Number"),
    "students": lambda: _("Students", context="Offers"),
    "children": lambda: _("Children"),
    "class": lambda: _("Class"),
    "classes": lambda: _("Classes"),
    "program": lambda: _("Program", context="Offers"),
    "code": lambda: _("Code"),
    "instructor": lambda: _("Instructor", context="Offers"),
    "instructors": lambda: _("Instructors", context="Offers"),
    "instructor_names": lambda: _("Names of Instructors"),
    "department": lambda: _("Department", context="Offers"),
    "location": lambda: _("Location", context="Offers"),
    "household": lambda: _("Household"),
    "households": lambda: _("Households That Asked"),
    "guardians": lambda: _("Guardians", context="Offers"),
    "requested_by": lambda: _("Requested By"),
    "without": lambda: _("Without Offers"),
    "forbidden": lambda: _("Forbidden Dates"),
    "remark": lambda: _("Remark"),
    "slots": lambda: _("Duration (Slots)"),
    "in_package": lambda: _("Package"),
    "source": lambda: _("Source"),
    "date": lambda: _("Date"),
}


def field(name: str) -> str:
    """How a field of a view is called."""
    return FIELDS[name]()


def of_list(columns: list[str] | None = None) -> dict[str, str]:
    """{field: label} of the list of possibilities, of some columns only."""
    return {name: (OF_LIST.get(name) or FIELDS[name])() for name in _chosen(LIST, columns)}


def of_view(view: str, columns: list[str] | None = None) -> dict[str, str]:
    """{field: label} of a view, of some columns only."""
    return {name: field(name) for name in _chosen(tuple(views.get(view).fields), columns)}


def _chosen(there: tuple[str, ...], columns: list[str] | None) -> tuple[str, ...]:
    unknown = next((name for name in columns or () if name not in there), None)
    if unknown is not None:
        frappe.throw(_("There is no column {0}.").format(escape_html(cstr(unknown))))
    return tuple(columns) if columns else there
