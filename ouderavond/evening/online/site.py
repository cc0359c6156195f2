"""How events of this site are told from those of others."""

import frappe

SETTINGS, FIELD = "Ouderavond Settings", "site_marker"


def marker() -> str:
    """A short text that is this site's, made once: it stays when address or database get another name.

    It is to be committed before an event with it is made.
    """
    found = frappe.db.get_single_value(SETTINGS, FIELD, cache=False)
    if not found:
        found = frappe.generate_hash(length=16)
        frappe.db.set_single_value(SETTINGS, FIELD, found, update_modified=False)
    return found
