"""Who sits where: the whole grid, what edits would do, and doing it; rooms given by themselves; files."""

import base64
from dataclasses import asdict

import frappe
from frappe import _

from ouderavond.api import running
from ouderavond.api.planning.page import evening_of
from ouderavond.evening import grid
from ouderavond.evening.planning import places, places_change, places_file, rooms

TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

# What conversations follow; an instructor has some ten of them on a date, each with claims of its room.
MOVES = {"room", "shared_room", "table_label"}
ROWS_PER_MOVE = 30


@frappe.whitelist(methods=["GET", "POST"])
def read(evening: str) -> dict:
    """A row per instructor and date, the rooms to choose from, and which conversations do not fit."""
    doc = evening_of(evening)
    return {**places.read(doc), "misfits": [asdict(row) for row in places_change.misfits(doc)]}


@frappe.whitelist(methods=["POST"])
def preview(evening: str, edits: str | list) -> dict:
    """What edits would do; nothing is written."""
    return places_change.preview(evening_of(evening), _edits(edits))


@frappe.whitelist(methods=["POST"])
def save(evening: str, edits: str | list, unfit: str | None = None) -> dict:
    """Carry edits out, all of them or none."""
    evening_of(evening)
    found = _edits(edits)
    moving = [
        row for row in found if unfit == places_change.NOT_PLACED or MOVES & set(row.get("values") or ())
    ]
    size = len(moving) * ROWS_PER_MOVE
    return running.answer(places_change.carry_out, evening, size, edits=found, unfit=unfit or None)


@frappe.whitelist(methods=["POST"])
def put_back(evening: str, bookings: str | list) -> dict:
    """Put conversations that do not fit on the list of what is not placed."""
    evening_of(evening)
    return {"report": places_change.put_back(evening, running.names(bookings) or []).as_dict()}


@frappe.whitelist(methods=["GET", "POST"])
def propose(
    evening: str,
    source: str,
    rows: str | list | None = None,
    names: str | list | None = None,
    only_empty: int | bool = 1,
    first_table: int = 1,
) -> dict:
    """Rooms for instructors, as edits: {edits, left}. Nothing is written.

    Args:
        rows: only these, a list of {instructor, date}.
        names: the rooms to choose from.
    """
    doc = evening_of(evening)
    keys = None
    if rows:
        keys = [(row["instructor"], grid.day(row["date"])) for row in _edits(rows)]
    found = rooms.propose(
        doc,
        source,
        keys=keys,
        rooms=running.names(names),
        only_empty=bool(int(only_empty)),
        first_table=first_table,
    )
    return asdict(found)


@frappe.whitelist(methods=["POST"])
def read_file(evening: str, name: str, content: str) -> dict:
    """The edits that a file says: {edits, problems, lines}. Nothing is written.

    Args:
        name: the file's name.
        content: its bytes as base64.
    """
    doc = evening_of(evening)
    try:
        found = places_file.read(doc, name, base64.b64decode(content, validate=True))
    except ValueError:
        frappe.throw(_("This file could not be read."))
    return {"edits": found.edits, "problems": found.problems, "lines": found.lines}


@frappe.whitelist(methods=["GET"])
def export(evening: str, kind: str = "xlsx") -> None:
    """Who sits where as a file for a spreadsheet: xlsx or csv."""
    doc = evening_of(evening)
    content = places_file.as_file(doc, kind)
    response = frappe.local.response
    response.filename = f"{_('Who Sits Where')} {doc.name}.{kind}"
    response.filecontent, response.type = content, "download"
    response.content_type = TYPES[kind]


def _edits(edits: str | list) -> list[dict]:
    found = running.parsed(edits) or []
    if not all(isinstance(row, dict) and row.get("instructor") and row.get("date") for row in found):
        frappe.throw(_("This change could not be read. Please reload the page and try again."))
    return found
