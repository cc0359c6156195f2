"""Which site this is. Mail, meetings and webhooks leave only while address and database are as confirmed.

A restored copy or a test site has another address or another database than those that were confirmed, and so
stays silent until somebody confirms it.
"""

import frappe

SETTINGS = "Ouderavond Settings"


def identity() -> tuple[str, str]:
    """Address and database of this site, as configured: a request's Host header has no say in it."""
    address = frappe.conf.host_name or frappe.conf.hostname or frappe.local.site
    return address.rstrip("/"), frappe.conf.db_name


def confirmed_identity() -> tuple[str, str]:
    """Address and database that a manager confirmed, or two empty texts."""
    stored = frappe.db.get_singles_dict(SETTINGS)
    return stored.get("confirmed_url") or "", stored.get("confirmed_database") or ""


def is_confirmed() -> bool:
    """Whether anything may leave this site."""
    return confirmed_identity() == identity()


def confirm() -> tuple[str, str]:
    """Remember this site as the one that may send."""
    settings = frappe.get_doc(SETTINGS)
    settings.confirmed_url, settings.confirmed_database = identity()
    settings.save()
    return settings.confirmed_url, settings.confirmed_database
