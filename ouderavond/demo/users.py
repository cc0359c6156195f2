"""Users of the demo, written in bulk: one by one a User takes more than half a second, most of it clearing
caches, and leaves jobs behind that make a contact and ask an outside service for a picture.

The rows are those that the platform writes itself; a test compares them.
"""

from dataclasses import dataclass

import frappe
from frappe.utils import get_system_timezone
from frappe.utils.password import passlibctx

from ouderavond.demo.manifest import Manifest
from ouderavond.evening.bulk import child_row, insert_rows

PASSWORD = "ouderavond-demo"


@dataclass(frozen=True)
class Login:
    """Somebody who logs in."""

    email: str
    first_name: str
    last_name: str
    gender: str | None
    roles: tuple[str, ...]

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def write_users(logins: list[Login], manifest: Manifest) -> int:
    """Users with their roles, the demo's one password, and what comes with every user. No mail is sent."""
    if not logins:
        return 0
    _write_users(logins)
    _write_passwords(logins)
    insert_rows("Notification Settings", ({"name": login.email} for login in logins))
    shares = [_share(login) for login in logins]
    insert_rows("DocShare", shares)
    contacts = _write_contacts(logins)
    emails = [login.email for login in logins]
    manifest.add("User", *emails)
    manifest.add("Notification Settings", *emails)
    manifest.add("DocShare", *(share["name"] for share in shares))
    manifest.add("Contact", *contacts)
    return len(logins)


def _write_users(logins: list[Login]) -> None:
    desk = set(frappe.get_all("Role", {"desk_access": 1}, pluck="name"))
    insert_rows(
        "User",
        (
            {
                "name": login.email,
                "email": login.email,
                "first_name": login.first_name,
                "last_name": login.last_name,
                "full_name": login.full_name,
                "gender": login.gender,
                "user_type": "System User" if desk & set(login.roles) else "Website User",
                "send_welcome_email": 0,
                "time_zone": get_system_timezone(),
                "username": None,
                "new_password": "",
            }
            for login in logins
        ),
    )
    insert_rows(
        "Has Role",
        (
            child_row("User", login.email, "roles", idx, role=role)
            for login in logins
            for idx, role in enumerate(login.roles, 1)
        ),
    )
    insert_rows(
        "User Social Login",
        (
            child_row("User", login.email, "social_logins", 1, provider="frappe", userid=_random_id())
            for login in logins
        ),
    )


def _random_id() -> str:
    return frappe.generate_hash(length=39)


def _write_passwords(logins: list[Login]) -> None:
    """Hashing is slow on purpose; the demo's password is no secret, so all users share one hash."""
    hashed = passlibctx.hash(PASSWORD)
    auth = frappe.qb.Table("__Auth")
    query = frappe.qb.into(auth).columns("doctype", "name", "fieldname", "password", "encrypted")
    query.insert(*(("User", login.email, "password", hashed, 0) for login in logins)).run()


def _share(login: Login) -> dict:
    """Every user has access to the own record."""
    return {
        "name": frappe.generate_hash(length=10),
        "user": login.email,
        "share_doctype": "User",
        "share_name": login.email,
        "read": 1,
        "write": 1,
        "share": 1,
    }


def _write_contacts(logins: list[Login]) -> list[str]:
    taken = set(frappe.get_all("Contact", pluck="name"))
    names = [_free_name(login.full_name, taken) for login in logins]
    insert_rows(
        "Contact",
        (
            {
                "name": name,
                "first_name": login.first_name,
                "last_name": login.last_name,
                "full_name": login.full_name,
                "email_id": login.email,
                "user": login.email,
                "gender": login.gender,
                "phone": "",
                "mobile_no": "",
                "image": "",
            }
            for name, login in zip(names, logins, strict=True)
        ),
    )
    insert_rows(
        "Contact Email",
        (
            child_row("Contact", name, "email_ids", 1, email_id=login.email, is_primary=1)
            for name, login in zip(names, logins, strict=True)
        ),
    )
    return names


def _free_name(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 0
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    taken.add(name)
    return name
