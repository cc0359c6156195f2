"""The views on the offers: what there is to filter by, groups with totals, the list, and files of them."""

import frappe
from frappe import _

from ouderavond.api import callers, running
from ouderavond.evening.offering import export, labels, listing, places, views, whole_evening
from ouderavond.evening.offering.report import Report

# The most rows of one page.
MOST_ROWS = 1_000
# A finished file waits so long for whoever asked for it.
FILE_SECONDS = 900
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@frappe.whitelist(methods=["GET", "POST"])
def start(evening: str) -> dict:
    """The views with their columns, and the departments and locations where the school has them."""
    callers.staff()
    return {
        "views": {
            key: {
                "filter": view.filter,
                "columns": [
                    {"key": name, "label": labels.field(name), "format": kind}
                    for name, kind in view.fields.items()
                ],
            }
            for key, view in views.VIEWS.items()
        },
        "places": places.known(),
    }


@frappe.whitelist(methods=["GET", "POST"])
def groups(
    evening: str,
    view: str,
    filters: str | dict | None = None,
    order_by: str | None = None,
    start: int = 0,
    length: int = views.PAGE,
) -> dict:
    """One page of the groups of a view: {rows, total}, and with the first page the totals of all."""
    callers.staff()
    where = running.filters(filters)
    found = views.groups(evening, view, where, order_by, max(0, start), min(max(1, length), MOST_ROWS))
    return {**found, "totals": views.totals(evening, where)} if not start else found


@frappe.whitelist(methods=["GET", "POST"])
def offers(
    evening: str,
    filters: str | dict | None = None,
    order_by: str | None = None,
    start: int = 0,
    length: int = listing.PAGE,
) -> dict:
    """One page of the list of possibilities: {rows, total}."""
    callers.staff()
    length = min(max(1, length), MOST_ROWS)
    return listing.page(evening, running.filters(filters), order_by, max(0, start), length)


@frappe.whitelist(methods=["GET", "POST"])
def keys(evening: str, filters: str | dict | None = None, order_by: str | None = None) -> list[str]:
    """The names of all offers that match, in order."""
    callers.staff()
    return listing.keys(evening, running.filters(filters), order_by)


@frappe.whitelist(methods=["GET", "POST"])
def overall(evening: str, filters: str | dict | None = None) -> dict:
    """The whole evening: by date, program and subject, with the heads of the tables."""
    callers.staff()
    tables = {
        name: [{"key": field, "label": labels.field(field), "format": kind} for field, kind in fields.items()]
        for name, fields in whole_evening.TABLES.items()
    }
    return {**whole_evening.overall(evening, running.filters(filters)), "tables": tables}


@frappe.whitelist(methods=["POST"])
def prepare(
    evening: str,
    view: str = "standard",
    filters: str | dict | None = None,
    order_by: str | None = None,
    columns: str | list | None = None,
    kind: str = "xlsx",
) -> dict:
    """Make a file of what is shown: {report} with the file's token in `more`, or {job} where it is long."""
    callers.staff()
    where = running.filters(filters)
    size = views.totals(evening, where)["possible"] if view == "standard" else 0
    return running.answer(
        make_file,
        evening,
        size=size,
        view=view,
        filters=where,
        order_by=order_by,
        columns=running.names(columns),
        kind=kind,
    )


def make_file(evening: str, *, kind: str, dry_run: bool = False, progress=None, **shown) -> Report:
    """Make the file and keep it for its user for a while; names and requests are never left on the disk."""
    content = export.as_file(export.table(evening, **shown), kind)
    token = frappe.generate_hash(length=20)
    frappe.cache.set_value(_key(token), content, expires_in_sec=FILE_SECONDS)
    return Report("Export", more={"file": token})


def _key(token: str) -> str:
    return f"ouderavond_offers_file:{frappe.session.user}:{token}"


@frappe.whitelist(methods=["GET", "POST"])
def download(evening: str, token: str, kind: str = "xlsx") -> None:
    """The file that `prepare` made for this user."""
    callers.staff()
    content = frappe.cache.get_value(_key(token), expires=True)
    if content is None or kind not in TYPES:
        frappe.throw(_("This file is not there any more. Make it again."), frappe.DoesNotExistError)
    frappe.response["type"] = "download"
    frappe.response["content_type"] = TYPES[kind]
    frappe.response["filename"] = f"offers-{frappe.scrub(evening)}.{kind}"
    frappe.response["filecontent"] = content
