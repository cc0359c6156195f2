"""Who takes part as an instructor: filled in when offers are made."""

import frappe
from frappe.utils import getdate

from ouderavond.evening.bulk import insert_rows
from ouderavond.evening.offering.rows import instructor_names


def fill(evening, instructors: set[str]) -> list[tuple]:
    """Write an Evening Instructor per date for everybody who has none, and return the journal's entries."""
    if not instructors:
        return []
    there = set(
        frappe.get_all("Evening Instructor", {"evening": evening.name}, ["instructor", "date"], as_list=True)
    )
    names = instructor_names()
    new = [
        {
            "name": frappe.generate_hash(length=10),
            "evening": evening.name,
            "instructor": instructor,
            "instructor_name": names.get(instructor),
            "date": getdate(day.date),
        }
        for day in evening.dates
        for instructor in sorted(instructors)
        if (instructor, getdate(day.date)) not in there
    ]
    insert_rows("Evening Instructor", new)
    return [("Evening Instructor", row["name"], None, {**row, "date": str(row["date"])}) for row in new]
