"""A guard of the platform's files: families have accounts, and a private file is for its owner and readers.

The platform serves a private file to whoever has any File record with its address, and lets everybody who has
an account make such a record, or name the address in a field of a record of their own.
"""

from pathlib import PurePosixPath
from posixpath import normpath
from urllib.parse import unquote

import frappe
from frappe import _
from frappe.core.doctype.file.file import File
from frappe.core.doctype.file.file import has_permission as platform_permission
from frappe.core.doctype.file.utils import decode_file_content
from frappe.utils import get_url

PRIVATE = "/private/files/"
ATTACHED = ("Attach", "Attach Image")


def has_file_permission(doc, ptype=None, user=None, debug=False) -> bool:
    """A File by itself: as the platform decides, but never one whose address climbs out of the files.

    Frappe 15.44 copies what such an address points at, also the site's own configuration, into a file of the
    caller's.
    """
    return not climbs_out(doc.get("file_url")) and platform_permission(doc, ptype, user, debug)


def climbs_out(address: str | None) -> bool:
    """Whether an address has a step up in its path, however often it is encoded."""
    return ".." in PurePosixPath(_unquoted(address or "").replace("\\", "/")).parts


def _unquoted(address: str) -> str:
    path, before = address, None
    while path != before:
        path, before = unquote(path), path
    return path


class GuardedFile(File):
    """A File that is of the caller's own content, or of a file that they may read already.

    Some of the platform's ways to a new record ask for no permission, so it is not enough to answer there.
    """

    def before_insert(self):
        self._refuse_somebody_elses()
        super().before_insert()
        self._refuse_look_alikes()

    def validate(self):
        named = self.has_value_changed("file_url") or not self.file_url
        if named and not self.is_new():
            self._refuse_somebody_elses()
        super().validate()

    def _refuse_somebody_elses(self) -> None:
        # Without an address it is found by its name, where no content comes with it.
        address = self.file_url or ("" if self._has_content() else self.file_name)
        if climbs_out(address) or is_somebody_elses(address, self.is_private):
            _refuse()

    def _has_content(self) -> bool:
        content = self.get("content")
        return bool(decode_file_content(content) if content and self.get("decode") else content)

    def _refuse_look_alikes(self) -> None:
        """The database takes a name in capitals for the same one; the disk does not."""
        found = [row for row in _records(self.file_url) if row.file_url != self.file_url]
        if not _may_read_one(found):
            _refuse()


def refuse_somebody_elses(doc, method=None) -> None:
    """Nobody names a private file that they may not read in a field: the platform would share it then."""
    for field in doc.meta.get("fields", {"fieldtype": ["in", ATTACHED]}):
        address = doc.get(field.fieldname)
        if address and doc.has_value_changed(field.fieldname) and is_somebody_elses(address):
            _refuse()


def is_somebody_elses(address: str | None, is_private: int | bool = False) -> bool:
    """Whether an address is that of a private file that the session's user may not read."""
    path = _unquoted(address or "").removeprefix(get_url())
    if is_private and path and "/" not in path:
        path = PRIVATE + path
    if not path.startswith(PRIVATE):
        return False
    return not _may_read_one(_records(PRIVATE + normpath(path.removeprefix(PRIVATE))))


def _records(address: str | None) -> list[frappe._dict]:
    private = (address or "").startswith(PRIVATE)
    return frappe.get_all("File", {"file_url": address}, ["*"]) if private else []


def _may_read_one(found: list[frappe._dict]) -> bool:
    """Whether the session's user may read one of these records, or there are none."""
    user = frappe.session.user
    if not found or user == "Administrator":
        return True
    return any(
        row.owner == user or platform_permission(frappe.get_doc(doctype="File", **row), "read")
        for row in found
    )


def _refuse() -> None:
    frappe.throw(_("This file is not one of yours."), frappe.PermissionError)
