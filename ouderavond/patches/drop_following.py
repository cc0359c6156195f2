"""Nobody follows records of ours by e-mail any more of which they do not see all."""

import frappe

from ouderavond.evening.permissions import MODULE, drop_following


def execute():
    """As for what is followed from now on."""
    ours = frappe.get_all("DocType", {"module": MODULE}, pluck="name")
    fields = ["name", "ref_doctype", "user"]
    for row in frappe.get_all("Document Follow", {"ref_doctype": ("in", ours or [""])}, fields):
        drop_following(row)
