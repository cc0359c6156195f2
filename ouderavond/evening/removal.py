"""Deleting an evening: what is refused, and what of ours goes with it."""

import frappe
from frappe import _
from frappe.utils import now_datetime

# DocType -> its child tables; in the order in which they point at each other.
OWN_ROWS = {
    "Evening Booking": ("Evening Booking Instructor", "Evening Booking Guardian"),
    "Conversation Request": (),
    "Waiting List Entry": (),
    "Conversation Offer": ("Conversation Offer Instructor", "Conversation Offer Date"),
    "Evening Block": (),
    "Evening Instructor": (),
    "Schedule Run": (),
    "Forbidden Class Date": (),
    "Reference Week Choice": (),
    "Offer Change": (),
    "Schedule Change": (),
    "Evening Message": (),
}
# What the platform keeps about a record.
TRACES = {
    "Version": ("ref_doctype", "docname"),
    "Comment": ("reference_doctype", "reference_name"),
    "ToDo": ("reference_type", "reference_name"),
}


def refuse_if_told(evening) -> None:
    """Households that were told a time must not find the evening gone: archive or cancel first."""
    if evening.archived:
        return
    ahead = frappe.db.count(
        "Evening Booking", {"evening": evening.name, "state": "Published", "start": (">", now_datetime())}
    )
    if ahead:
        frappe.throw(
            _(
                "{0} published conversations are still to come. Cancel them or archive the evening first."
            ).format(ahead)
        )


def remove_rows(evening: str) -> None:
    """Delete all rows of ours that belong to an evening, with their children, claims and traces."""
    # Whoever books right now holds this row in share mode, and finds no evening afterwards.
    frappe.db.get_value("Parent Evening", evening, "name", for_update=True)
    runs = frappe.qb.DocType("Schedule Run")
    data = frappe.qb.DocType("Schedule Run Data")
    own_runs = frappe.qb.from_(runs).select(runs.name).where(runs.evening == evening)
    frappe.qb.from_(data).delete().where(data.run.isin(own_runs)).run()
    for doctype, children in OWN_ROWS.items():
        _remove(doctype, children, evening)
    frappe.db.delete("Booking Claim", {"evening": evening})
    # The others go once their events have been taken away.
    frappe.db.delete("Evening Meeting", {"evening": evening, "state": "Cancelled"})


def _remove(doctype: str, children: tuple[str, ...], evening: str) -> None:
    parent = frappe.qb.DocType(doctype)
    names = frappe.qb.from_(parent).select(parent.name).where(parent.evening == evening)
    for child_doctype in children:
        child = frappe.qb.DocType(child_doctype)
        frappe.qb.from_(child).delete().where((child.parenttype == doctype) & child.parent.isin(names)).run()
    for trace_doctype, (type_field, name_field) in TRACES.items():
        trace = frappe.qb.DocType(trace_doctype)
        frappe.qb.from_(trace).delete().where(
            (trace[type_field] == doctype) & trace[name_field].isin(names)
        ).run()
    frappe.db.delete(doctype, {"evening": evening})
