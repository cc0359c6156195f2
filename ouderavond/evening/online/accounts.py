"""In whose calendar an instructor's conversations are put."""

from collections.abc import Iterable
from dataclasses import dataclass

import frappe

from ouderavond.evening.offering import readers


@dataclass(frozen=True)
class Account:
    """An instructor's calendar: its e-mail address, the instructor's name and language."""

    email: str
    name: str
    language: str


def of(instructors: Iterable[str]) -> dict[str, Account]:
    """The accounts of those of these instructors who have one, by record name.

    The instructor's *Calendar Account*, or else the address to which the school writes to them.
    """
    names = sorted(set(instructors))
    known = readers.instructors(names)
    filters = {"name": ("in", names or [""])}
    fields = ["name", "instructor_name", "ouderavond_calendar_account"]
    found = {}
    for row in frappe.get_all("Instructor", filters, fields):
        reader = known.get(row.name)
        email = (row.ouderavond_calendar_account or "").strip().lower() or (reader and reader.address)
        if email:
            language = reader.language if reader else frappe.get_system_settings("language") or "en"
            found[row.name] = Account(email, row.instructor_name, language)
    return found


def of_evening(evening: str) -> dict[str, Account | None]:
    """The accounts of everybody who sits at an evening or has conversations there; None of who has none."""
    sits = frappe.get_all("Evening Instructor", {"evening": evening}, pluck="instructor")
    booking, row = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Evening Booking Instructor")
    meets = (
        frappe.qb.from_(row)
        .join(booking)
        .on(booking.name == row.parent)
        .select(row.instructor)
        .distinct()
        .where((booking.evening == evening) & (booking.state != "Cancelled") & row.instructor.isnotnull())
    ).run(pluck=True)
    names = sorted({*sits, *meets})
    found = of(names)
    return {name: found.get(name) for name in names}
