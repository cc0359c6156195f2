"""The photographs of instructors, where the school has them: Education's `Instructor.image`.

Public files are shown from where they lie. Private ones come through `api/photos.py`, to families who have an
offered conversation with the instructor.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import frappe
from frappe.utils import get_files_path

from ouderavond.evening.people import guardian_links
from ouderavond.evening.requests import Asker

PUBLIC, PRIVATE = "/files/", "/private/files/"
CALL = "/api/method/ouderavond.api.photos.instructor"
# No SVG: that is a document, which may hold a script.
TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
MOST_BYTES = 10_000_000


@dataclass(frozen=True)
class Photo:
    """The contents of a photograph, and what kind of image it is."""

    content: bytes
    type: str


def urls(instructors: Iterable[str]) -> dict[str, str | None]:
    """Where the photograph of each instructor is to be read from; None where there is none to be shown."""
    names = sorted(set(instructors))
    found = dict(
        frappe.get_all("Instructor", {"name": ("in", names or [""])}, ["name", "image"], as_list=True)
    )
    return {name: _url(name, found.get(name)) for name in names}


def _url(instructor: str, image: str | None) -> str | None:
    if not image or Path(image).suffix.lower() not in TYPES:
        return None
    if image.startswith(PUBLIC):
        return quote(image)
    if image.startswith(PRIVATE):
        # Another photograph has another address, so that browsers may keep each.
        version = frappe.utils.sha256_hash(image)[:8]
        return f"{CALL}?{urlencode({'instructor': instructor, 'v': version})}"
    # From elsewhere nothing is loaded: it would tell that server who looks.
    return None


def read(instructor: str) -> Photo | None:
    """The private photograph of an instructor: the file that is attached to this record, and no other."""
    image = frappe.db.get_value("Instructor", instructor, "image") or ""
    kind = TYPES.get(Path(image).suffix.lower())
    if not kind or not image.startswith(PRIVATE):
        return None
    own = {"attached_to_doctype": "Instructor", "attached_to_name": instructor, "file_url": image}
    if not frappe.db.exists("File", {**own, "is_private": 1, "is_folder": 0}):
        return None
    folder = Path(get_files_path(is_private=1)).resolve()
    path = (folder / image.removeprefix(PRIVATE)).resolve()
    if path.parent != folder or not path.is_file() or path.stat().st_size > MOST_BYTES:
        return None
    return Photo(path.read_bytes(), kind)


def may_see(askers: Iterable[Asker], instructor: str) -> bool:
    """Whether one of these has an offered conversation with an instructor at an evening that is shown."""
    students = {asker.student for asker in askers if asker.student}
    students |= {row.student for asker in askers for row in guardian_links(asker.guardians)}
    if not students:
        return False
    offer, row = frappe.qb.DocType("Conversation Offer"), frappe.qb.DocType("Conversation Offer Instructor")
    evening = frappe.qb.DocType("Parent Evening")
    return bool(
        (
            frappe.qb.from_(offer)
            .join(row)
            .on(row.parent == offer.name)
            .join(evening)
            .on(evening.name == offer.evening)
            .select(offer.name)
            .where((evening.published == 1) & (evening.archived == 0) & (offer.offered == 1))
            .where((row.instructor == instructor) & offer.student.isin(sorted(students)))
            .limit(1)
        ).run()
    )
