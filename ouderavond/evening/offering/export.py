"""The views and the list as a file for a spreadsheet, with all pages and a last line of totals."""

from io import BytesIO

import frappe
from frappe import _
from frappe.utils import format_date, format_datetime
from frappe.utils.csvutils import to_csv
from frappe.utils.xlsxutils import make_xlsx

from ouderavond.evening.offering import labels, listing, views, whole_evening

FORMATS = ("xlsx", "csv")
# Under this name the platform writes texts as they are, instead of reading them as HTML.
SHEET = "Data Export"
# A spreadsheet takes what begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def table(
    evening: str,
    view: str = "standard",
    filters: dict | None = None,
    order_by: str | None = None,
    columns: list[str] | None = None,
) -> list[list]:
    """Heads, rows and a line of totals, as people read them.

    Args:
        evening: name of the Parent Evening.
        view: a key of `views.VIEWS`, "standard" for the list of possibilities, or "overview".
        filters, order_by: as `listing` and `views` take them.
        columns: which fields, in this order; None for all.
    """
    filters = views.clean(filters)
    if view == "overview":
        return _overview(evening, filters)
    if view == "standard":
        fields = labels.of_list(columns)
        rows = listing.page(evening, filters, order_by, length=None)["rows"]
    else:
        fields = labels.of_view(view, columns)
        rows = views.groups(evening, view, filters, order_by, length=None)["rows"]
    return [
        list(fields.values()),
        *([_cell(row, name) for name in fields] for row in rows),
        _total(fields, views.totals(evening, filters), len(rows)),
    ]


def _overview(evening: str, filters: dict) -> list[list]:
    found = whole_evening.overall(evening, filters)
    lines = []
    for name, fields in whole_evening.TABLES.items():
        lines.append([labels.field(field) for field in fields])
        lines += [[_cell(row, field) for field in fields] for row in found[name]]
        lines.append([])
    fields = {field: labels.field(field) for field in whole_evening.TABLES["programs"]}
    return [*lines, list(fields.values()), _total(fields, found["totals"], len(found["programs"]))]


def _total(fields: dict, totals: dict, rows: int) -> list:
    """The last line: how many rows, and of each total the sum."""
    line = [
        totals.get(name, "") if name in (*views.TOTALS, "students", "without", "households") else ""
        for name in fields
    ]
    first = next(iter(fields))
    return [
        _("Total: {0} rows").format(rows) if name == first else cell
        for name, cell in zip(fields, line, strict=True)
    ]


def _cell(row: dict, name: str):
    value = row.get(name)
    if name in labels.YES_NO and not (name == "offered" and "key" in row):
        return _("Yes") if value else _("No")
    if name == "forbidden":
        return ", ".join(format_date(day) for day in value)
    if name == "booked" and isinstance(value, str):
        return format_datetime(value, "d MMM HH:mm")
    if name == "source":
        return _(value or "", context="Conversation Offer")
    return "" if value is None else value


def as_file(rows: list[list], kind: str) -> bytes:
    """The rows as the contents of a file.

    Args:
        kind: one of FORMATS.

    Raises:
        frappe.ValidationError: another kind of file.
    """
    if kind not in FORMATS:
        frappe.throw(_("The file can be {0}.").format(", ".join(FORMATS)))
    safe = [[harmless(cell) for cell in row] for row in rows]
    if kind == "csv":
        # The mark by which spreadsheets know the encoding.
        return ("\ufeff" + to_csv(safe)).encode()
    return _bytes(make_xlsx(safe, SHEET))


def _bytes(file: BytesIO) -> bytes:
    return file.getvalue()


def harmless(cell):
    """A text that no spreadsheet takes for a formula; other values as they are."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
