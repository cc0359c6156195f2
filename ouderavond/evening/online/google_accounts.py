"""Instructors who connected their own Google Calendar on this site, by the platform's own connection."""

import frappe


def connected() -> dict[str, dict[str, str]]:
    """What is needed to log in: {account: {client_id, client_secret, refresh_token}} of those connected.

    The account is the e-mail address of the user whose Google Calendar it is.
    """
    settings = frappe.get_doc("Google Settings")
    if not settings.enable or not settings.client_id:
        return {}
    client = {
        "client_id": settings.client_id,
        "client_secret": settings.get_password("client_secret", raise_exception=False) or "",
    }
    found = {}
    for name, user in frappe.get_all("Google Calendar", {"enable": 1}, ["name", "user"], as_list=True):
        token = frappe.get_doc("Google Calendar", name).get_password("refresh_token", raise_exception=False)
        email = frappe.db.get_value("User", user, "email")
        if token and email:
            found[email.lower()] = {**client, "refresh_token": token}
    return found
