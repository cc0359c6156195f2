"""The platform's own calls that answer without looking at permissions, closed where our promises need it.

Each stands in for the platform's function (`override_whitelisted_methods`) and calls it. For records of which
the caller sees all, nothing changes.
"""

import frappe
from frappe import _, client
from frappe.desk import notifications, search
from frappe.desk.form import load
from frappe.utils import get_safe_filters, global_search, goal, print_format

from ouderavond.api import other_names
from ouderavond.evening.permissions import is_family, is_guarded, is_kept_from

AGGREGATIONS = ("sum", "count", "avg", "min", "max")


@frappe.whitelist()
def get_count(doctype: str, filters=None, debug=False, cache=False) -> int:
    """How many records match, of those that the caller may see.

    The platform counts all of them, of any DocType and for anybody, so that filters would tell, one question
    at a time, what is in them: also in versions, comments and mail about our records.
    """
    if _may_count_all() and not is_guarded(doctype):
        return client.get_count(doctype, filters, debug, cache)
    return len(frappe.get_list(doctype, filters=get_safe_filters(filters), pluck="name", limit_page_length=0))


def _may_count_all() -> bool:
    return "System Manager" in frappe.get_roles()


@frappe.whitelist()
def get_open_count(doctype: str, name: str, items=None) -> dict:
    """The numbers on a form's dashboard, without those of records that the caller may not count."""
    if items is None:
        groups = frappe.get_meta(doctype).get_dashboard_data().transactions
        items = [item for group in groups for item in group.get("items")]
    items = [item for item in frappe.parse_json(items) if not is_kept_from(item)]
    return notifications.get_open_count(doctype, name, items)


@frappe.whitelist()
def getdoc(doctype: str, name: str, user: str | None = None) -> None:
    """A record for its form; of our records only staff also get what happened to it."""
    load.getdoc(doctype, name)
    _without_history(doctype)


@frappe.whitelist()
def get_docinfo(doctype: str, name: str):
    """What stands around a form; of our records only staff get it."""
    load.get_docinfo(doctype=doctype, name=name)
    _without_history(doctype)


def _without_history(doctype: str) -> None:
    """Versions and comments tell what was planned and never published, reasons of staff, hidden remarks."""
    if is_kept_from(doctype):
        around = frappe.response.get("docinfo") or {}
        around.update({key: [] for key, value in around.items() if isinstance(value, list)})


@frappe.whitelist()
def search_link(doctype: str, txt: str = "", **options):
    """The choices of a link field."""
    return frappe.call(search.search_link, doctype=doctype, txt=txt, **_with_permissions(doctype, options))


@frappe.whitelist()
def search_widget(doctype: str, txt: str = "", **options):
    """The choices of the search dialog of a link field."""
    return frappe.call(search.search_widget, doctype=doctype, txt=txt, **_with_permissions(doctype, options))


def _with_permissions(doctype: str, options: dict) -> dict:
    # The search calls by itself what a field names as its query, past what stands in for it.
    if query := options.get("query"):
        options["query"] = other_names.stand_in(query)
    # A caller who asks to ignore User Permissions is shown everything, conditions of ours included.
    if is_guarded(doctype):
        options.update(ignore_user_permissions=0, query=None)
    return options


@frappe.whitelist()
def search_everywhere(text: str, start: int = 0, limit: int = 20, doctype: str = "") -> list:
    """The desk's search through everything; the platform looks at DocTypes only, not at records."""
    found = global_search.search(text, start, limit, doctype)
    return [
        row
        for row in found
        if not is_guarded(row.doctype) or frappe.has_permission(row.doctype, doc=row.name)
    ]


@frappe.whitelist()
def report_to_pdf(html: str, orientation: str = "Landscape") -> None:
    """A page as PDF. What it names is fetched by the server, so it is not for families to write."""
    if is_family():
        frappe.throw(_("Only people who work at the school can do this."), frappe.PermissionError)
    print_format.report_to_pdf(html, orientation)


@frappe.whitelist()
def get_monthly_goal_graph_data(goal_doctype: str, aggregation: str = "sum", **options) -> dict:
    """A chart of a goal. Frappe 15.44 puts the aggregation into its statement as it comes, for anybody."""
    if aggregation not in AGGREGATIONS or is_guarded(goal_doctype):
        raise frappe.PermissionError
    frappe.has_permission(goal_doctype, "read", throw=True)
    given = {"goal_doctype": goal_doctype, "aggregation": aggregation, **options}
    return frappe.call(goal.get_monthly_goal_graph_data, **given)
