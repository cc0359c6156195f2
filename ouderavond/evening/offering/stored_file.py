"""A file between its preview and its application: private to who brought it, and the same in both."""

import hashlib

import frappe
from frappe import _
from frappe.utils import add_days, now_datetime

PREFIX = "ouderavond-offers-"
# As `keep` names a file, for LIKE: no file that somebody happened to call something similar.
KEPT = f"{PREFIX}{'_' * 10}.txt"


def keep(content: bytes) -> tuple[str, str]:
    """Keep a file for the session's user; its name and checksum. What anybody forgot the day before goes.

    It is attached to nothing, so that nobody may read it because of another record.
    """
    checksum = checksum_of(content)
    forgotten = {
        "file_name": ("like", KEPT),
        "is_private": 1,
        "attached_to_doctype": ("is", "not set"),
        "creation": ("<", add_days(now_datetime(), -1)),
    }
    for name in frappe.get_all("File", forgotten, pluck="name"):
        _delete(name)
    doc = frappe.get_doc(
        {
            "doctype": "File",
            "file_name": f"{PREFIX}{frappe.generate_hash(length=10)}.txt",
            "is_private": 1,
            "content": content,
        }
    )
    return doc.insert(ignore_permissions=True).name, checksum


def content(file: str, checksum: str) -> bytes:
    """The bytes of a file that the session's user brought.

    Raises:
        frappe.ValidationError: it is not there any more, or is another than that with this checksum.
    """
    doc = _own(file)
    if doc:
        try:
            with open(doc.get_full_path(), "rb") as stored:
                found = stored.read()
        except FileNotFoundError:
            found = b""
        if checksum_of(found) == checksum:
            return found
    frappe.throw(
        _("This file is not there any more: it has been applied, or replaced. Choose it again."),
        title=_("From a File"),
    )


def remove(file: str) -> None:
    """Delete a file that the session's user brought; one that is gone already is fine."""
    if _own(file):
        _delete(file)


def checksum_of(content: bytes) -> str:
    """What tells whether two files are the same."""
    return hashlib.sha256(content).hexdigest()


def _own(file: str):
    wanted = {"name": file, "owner": frappe.session.user, "file_name": ("like", KEPT)}
    return frappe.get_doc("File", file) if frappe.db.exists("File", wanted) else None


def _delete(name: str) -> None:
    try:
        frappe.delete_doc("File", name, ignore_permissions=True, delete_permanently=True)
    except frappe.QueryTimeoutError:
        # Whoever pressed the button at the same moment is deleting it.
        frappe.clear_last_message()
