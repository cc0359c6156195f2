"""The unique keys that our rules stand on, put back where a database lacks one.

The platform makes them when it installs a DocType or its definition changes, and not again: a database
restored from an older version would be without.
"""

import frappe
from frappe.modules.utils import load_doctype_module

from ouderavond.setup.custom_fields import MODULE


def ensure_keys() -> None:
    """Let each of our DocTypes make its keys; those that are there stay as they are."""
    for doctype in frappe.get_all("DocType", {"module": MODULE, "issingle": 0}, pluck="name"):
        make_keys = getattr(load_doctype_module(doctype), "on_doctype_update", None)
        if make_keys:
            make_keys()
