"""Instructors who connected their own Google Calendar on this site, by the platform's own connection."""

import frappe


def connected() -> dict[str, dict[str, str]]:
    """What is needed to log in: {account: {client_id, client_secret, refresh_token}} of those connected.

    The account is the e-mail address of the user whose Google Calendar it is, and who made it: the platform
    lets anybody on the desk make one in the name of somebody else.
    """
    settings = frappe.get_doc("Google Settings")
    if not settings.enable or not settings.client_id:
        return {}
    client = {
        "client_id": settings.client_id,
        "client_secret": settings.get_password("client_secret", raise_exception=False) or "",
    }
    found = {}
    for name, user, owner in frappe.get_all(
        "Google Calendar", {"enable": 1}, ["name", "user", "owner"], as_list=True
    ):
        if owner != user:
            continue
        token = frappe.get_doc("Google Calendar", name).get_password("refresh_token", raise_exception=False)
        email = frappe.db.get_value("User", user, "email")
        if token and email:
            found[email.lower()] = {**client, "refresh_token": token}
    return found
