"""A guard of the platform's files: families have accounts, and none of them may name a path outside."""

from pathlib import PurePosixPath
from urllib.parse import unquote

from frappe.core.doctype.file.file import has_permission as platform_permission


def has_file_permission(doc, ptype=None, user=None, debug=False) -> bool:
    """A File by itself: as the platform decides, but never one whose address climbs out of the files.

    Frappe 15.44 copies what such an address points at, also the site's own configuration, into a file of the
    caller's.
    """
    return not climbs_out(doc.get("file_url")) and platform_permission(doc, ptype, user, debug)


def climbs_out(address: str | None) -> bool:
    """Whether an address has a step up in its path, however often it is encoded."""
    path, before = address or "", None
    while path != before:
        path, before = unquote(path), path
    return ".." in PurePosixPath(path.replace("\\", "/")).parts
