"""Which persons and rooms a booking or block claims, and when."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

import frappe

# Blocks of a class or of everyone are rules that are read under the lock; only persons and rooms are claimed.
CLAIMED_BLOCKS = ("Instructor", "Guardian", "Student", "Room")


@dataclass(frozen=True)
class Span:
    """A time [start, end) that persons or rooms, given as (doctype, name), are to be claimed for."""

    records: tuple[tuple[str, str], ...]
    start: datetime
    end: datetime
    kind: str
    reference: str
    expires: datetime | None = None


def of_booking(booking, room_is_shared: bool) -> Span:
    """The span of an Evening Booking document: its instructors and guardians, the student and room if due."""
    # A person who left the school is an empty row of a past conversation.
    records = [("Instructor", row.instructor) for row in booking.instructors if row.instructor]
    records += [("Guardian", row.guardian) for row in booking.guardians if row.guardian]
    if booking.student_attends and booking.student:
        records.append(("Student", booking.student))
    if booking.room and not room_is_shared and booking.mode != "Online":
        records.append(("Room", booking.room))
    return Span(tuple(records), booking.start, booking.end, "Booking", booking.name)


def of_block(block) -> Span | None:
    """The span of an Evening Block document or row; None where it claims nobody."""
    if block.who_type not in CLAIMED_BLOCKS or not block.who:
        return None
    return Span(((block.who_type, block.who),), block.from_time, block.to_time, "Block", block.name)


def of_evening(evening: str) -> list[Span]:
    """The spans of all live bookings and of the blocks of an evening."""
    return of_bookings(evening) + of_blocks({"evening": evening})


def shared_rooms(evening: str) -> set[tuple[str, date]]:
    """The (room, date) marked as shared: several instructors sit there at tables of their own."""
    filters = {"evening": evening, "room": ("is", "set"), "shared_room": 1}
    return set(frappe.get_all("Evening Instructor", filters, ["room", "date"], as_list=True))


def of_bookings(evening: str, names: list[str] | None = None) -> list[Span]:
    """The spans of the live bookings of an evening, or of some of them."""
    filters = {"evening": evening, "state": ("!=", "Cancelled")}
    if names is not None:
        filters["name"] = ("in", names)
    fields = ["name", "student", "student_attends", "room", "mode", "start", "end"]
    bookings = frappe.get_all("Evening Booking", filters=filters, fields=fields)
    people = _people([row.name for row in bookings])
    shared = shared_rooms(evening)
    for booking in bookings:
        booking.instructors = people["Instructor"][booking.name]
        booking.guardians = people["Guardian"][booking.name]
    return [of_booking(row, (row.room, row.start.date()) in shared) for row in bookings]


def _people(bookings: list[str]) -> dict[str, dict[str, list]]:
    found = {}
    for doctype in ("Instructor", "Guardian"):
        rows = frappe.get_all(
            f"Evening Booking {doctype}",
            filters={"parent": ("in", bookings or [""])},
            fields=["parent", doctype.lower()],
            order_by="idx",
        )
        found[doctype] = defaultdict(list)
        for row in rows:
            found[doctype][row.parent].append(row)
    return found


def of_blocks(filters: dict) -> list[Span]:
    """The spans of the blocks that match."""
    fields = ["name", "who_type", "who", "from_time", "to_time"]
    rows = frappe.get_all("Evening Block", filters=filters, fields=fields, order_by="name")
    return [span for row in rows if (span := of_block(row))]


def of_record(doctype: str, name: str) -> dict[str, tuple[list[str], list[Span]]]:
    """For each evening in which a record is claimed: the references to release, and the spans due instead."""
    found: dict[str, tuple[list[str], list[Span]]] = {}
    for evening, bookings in _bookings_of(doctype, name).items():
        found[evening] = (list(bookings), of_bookings(evening, bookings))
    for row in frappe.get_all(
        "Evening Block", filters={"who_type": doctype, "who": name}, fields=["name", "evening"]
    ):
        references, spans = found.setdefault(row.evening, ([], []))
        references.append(row.name)
        spans += of_blocks({"name": row.name})
    return found


def _bookings_of(doctype: str, name: str) -> dict[str, list[str]]:
    booking = frappe.qb.DocType("Evening Booking")
    query = frappe.qb.from_(booking).select(booking.evening, booking.name).where(booking.state != "Cancelled")
    if doctype in ("Student", "Room"):
        query = query.where(booking[doctype.lower()] == name)
    else:
        row = frappe.qb.DocType(f"Evening Booking {doctype}")
        query = query.join(row).on(row.parent == booking.name).where(row[doctype.lower()] == name)
    found = defaultdict(list)
    for evening, booking_name in query.run():
        found[evening].append(booking_name)
    return found


def blocks_between(start: datetime, end: datetime) -> dict[str, list[Span]]:
    """The spans of all blocks that overlap [start, end), by evening."""
    fields = ["name", "evening", "who_type", "who", "from_time", "to_time"]
    filters = {"from_time": ("<", end), "to_time": (">", start)}
    found = defaultdict(list)
    for row in frappe.get_all("Evening Block", filters=filters, fields=fields, order_by="name"):
        if span := of_block(row):
            found[row.evening].append(span)
    return found
