"""Overviews as reports of the platform, where they can be saved and sent by its own schedule."""

import frappe
from frappe import _

from ouderavond.api import callers
from ouderavond.evening.overviews import choosing, kinds
from ouderavond.evening.overviews.reading import Facts

TYPES = {"date": "Date", "number": "Int", "text": "Data"}
HARMLESS = str.maketrans({"<": "‹", ">": "›", '"': "”"})
WIDE = ("reason", "children", "guardians")


def execute(kind: str, filters: dict | None) -> tuple[list[dict], list[dict]]:
    """Columns and rows of an overview for a Script Report; `evening` is among the filters.

    Raises:
        frappe.PermissionError: the session's user does not run evenings.
    """
    callers.staff()
    chosen = {name: value for name, value in (filters or {}).items() if value}
    evening = chosen.pop("evening", None)
    if not evening or not frappe.db.exists("Parent Evening", evening):
        frappe.throw(_("Choose a parent evening."))
    found = kinds.page(Facts(evening, choosing.read(chosen)), kind)
    columns = [
        {
            "fieldname": column["key"],
            "label": column["label"],
            "fieldtype": TYPES[column["format"]],
            "width": 320 if column["key"] in WIDE else 140,
        }
        for column in found["columns"]
    ]
    return columns, [_plain(row) for row in found["rows"]]


def _plain(row: dict) -> dict:
    """The platform shows texts of reports as HTML, but writes them into files as they are: no entities."""
    return {key: value.translate(HARMLESS) if isinstance(value, str) else value for key, value in row.items()}
