"""The ways of logging in with the school's account that are set up: the platform's Social Login Keys."""

import frappe
from frappe.utils.oauth import get_oauth_keys
from frappe.utils.password import get_decrypted_password

DOCTYPE = "Social Login Key"
# Names that mean the same account in an address: the key may be the platform's own or one of the school's.
MICROSOFT = ("office_365", "microsoft_365", "microsoft", "teams", "entra")


def enabled() -> list[dict[str, str]]:
    """{name, label} of each, as the platform's own login page offers them."""
    fields = ["name", "provider_name", "client_id", "base_url"]
    found = frappe.get_all(DOCTYPE, {"enable_social_login": 1}, fields, order_by="name")
    return [{"name": row.name, "label": row.provider_name} for row in found if _is_complete(row)]


def find(name: str) -> dict[str, str] | None:
    """One of those that are enabled, by its name or by another one for the same account."""
    name = name.lower()
    names = [name, *(MICROSOFT if name in MICROSOFT else ())]
    found = {one["name"]: one for one in enabled()}
    return next((found[one] for one in names if one in found), None)


def _is_complete(row) -> bool:
    secret = get_decrypted_password(DOCTYPE, row.name, "client_secret", raise_exception=False)
    return bool(row.client_id and row.base_url and secret and get_oauth_keys(row.name))
