"""The live conversations of an evening as the planning board needs them, read in bulk."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import frappe
from pypika import CustomFunction

from ouderavond.evening.offering.listing_rows import among

OF_BOOKING = (
    "name", "offer", "request", "student", "student_name", "subject", "room", "mode", "state",
    "pinned", "source", "student_attends",
)  # fmt: skip
BRIEFLY = ("name", "student_name", "room", "mode")
# Moments come as text: the driver takes three times as long to make them itself.
TEXT = "%Y-%m-%dT%H:%i"
MOMENTS = ("published_start",)
as_text = CustomFunction("DATE_FORMAT", ["moment", "format"])


def everything(evening: str, also: Iterable[str] = ()) -> dict[str, frappe._dict]:
    """{name: row} of all live conversations of an evening, in order of time.

    Each with its `guardians` and `instructors`, and with `guardian_names` and `instructor_names`.

    Args:
        also: more fields of Evening Booking; with those of MOMENTS as text.
    """
    booking = frappe.qb.DocType("Evening Booking")
    live = (booking.evening == evening) & (booking.state != "Cancelled")
    found = _read(live, (*OF_BOOKING, *also))
    for kind in ("Guardian", "Instructor"):
        child = frappe.qb.DocType(f"Evening Booking {kind}")
        query = frappe.qb.from_(child).join(booking).on(booking.name == child.parent).where(live)
        people = _by_booking(query, child, kind)
        for name, row in found.items():
            given = people.get(name, ())
            row[f"{kind.lower()}s"] = [who for who, _title in given]
            row[f"{kind.lower()}_names"] = [title or who for who, title in given]
    return found


def briefly(evening: str) -> dict[str, frappe._dict]:
    """{name: row} of all live conversations of an evening, without people."""
    booking = frappe.qb.DocType("Evening Booking")
    return _read((booking.evening == evening) & (booking.state != "Cancelled"), BRIEFLY)


def _read(which, fields: Iterable[str]) -> dict[str, frappe._dict]:
    booking = frappe.qb.DocType("Evening Booking")
    query = (
        frappe.qb.from_(booking)
        .select(*(_field(booking, name) for name in fields))
        .select(as_text(booking.start, TEXT).as_("start"), as_text(booking.end, TEXT).as_("end"))
        .where(which)
        .orderby(booking.start)
        .orderby(booking.name)
    )
    found = {}
    for row in query.run(as_dict=True):
        row.start, row.end = datetime.fromisoformat(row.start), datetime.fromisoformat(row.end)
        found[row.name] = row
    return found


def _field(booking, name: str):
    return as_text(booking[name], TEXT).as_(name) if name in MOMENTS else booking[name]


def instructors_of(bookings: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """{booking: (instructor, name)} of some conversations."""
    child = frappe.qb.DocType("Evening Booking Instructor")
    query = frappe.qb.from_(child).where(among(child.parent, sorted(bookings)))
    return _by_booking(query, child, "Instructor")


def of_instructor(evening: str, instructor: str) -> list[tuple[str, datetime]]:
    """(booking, start) of an instructor's live conversations at an evening."""
    booking, child = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Evening Booking Instructor")
    return (
        frappe.qb.from_(booking)
        .join(child)
        .on(child.parent == booking.name)
        .select(booking.name, booking.start)
        .where((booking.evening == evening) & (booking.state != "Cancelled"))
        .where(child.instructor == instructor)
    ).run()


def of_students(evening: str, students: Iterable[str]) -> list[frappe._dict]:
    """The live conversations about students, each with its guardians."""
    booking = frappe.qb.DocType("Evening Booking")
    about = (booking.evening == evening) & (booking.state != "Cancelled")
    about = about & among(booking.student, sorted(students))
    fields = ("name", "offer", "student", "start", "end")
    rows = frappe.qb.from_(booking).select(*(booking[f] for f in fields)).where(about).run(as_dict=True)
    child = frappe.qb.DocType("Evening Booking Guardian")
    people = _by_booking(
        frappe.qb.from_(child).where(among(child.parent, [row.name for row in rows])), child, "Guardian"
    )
    for row in rows:
        row.guardians = [name for name, _title in people.get(row.name, ())]
    return rows


def _by_booking(query, child, kind: str) -> dict[str, list[tuple[str, str]]]:
    """Who stands in the rows of a child table, without those who have been anonymised."""
    who, title = child[kind.lower()], child[f"{kind.lower()}_name"]
    rows = query.select(child.parent, who, title).where(who != "").orderby(child.parent).orderby(child.idx)
    found = defaultdict(list)
    for parent, *named in rows.run():
        found[parent].append(tuple(named))
    return dict(found)
