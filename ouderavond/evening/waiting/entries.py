"""The rows of the waiting list: who waits for whom, in the order of asking. The one writer of them.

An entry belongs to whoever attends together with the guardian who asked *now*, as a request does; one
without a guardian is the student's own. It waits for a column of the table: a child and a set of instructors.
"""

from collections.abc import Iterable

import frappe
from frappe.query_builder.functions import Count
from frappe.utils import now

from ouderavond.evening import people, requests
from ouderavond.evening.bulk import insert_rows
from ouderavond.evening.offer_key import instructors_key

DOCTYPE = "Waiting List Entry"
# Still in line, or with a place that waits for an answer.
OPEN = ("Waiting", "Offered")
FIELDS = (
    "name evening offer student student_name subject instructor_names instructors_key guardian "
    "earliest latest state creation offered_start offered_at slots expires"
).split()


def in_line(evening: str, *, only: Iterable[str] | None = None, locking: bool = False) -> list[frappe._dict]:
    """The open entries of an evening, the first in line first.

    Args:
        only: of these names.
        locking: read as they are at this moment, and keep them so until the transaction ends.
    """
    table = frappe.qb.DocType(DOCTYPE)
    query = (
        frappe.qb.from_(table)
        .select(*(table[field] for field in FIELDS))
        .where((table.evening == evening) & table.state.isin(OPEN))
        .orderby(table.creation, table.name)
    )
    if only is not None:
        query = query.where(table.name.isin(list(only) or [""]))
    return (query.for_update() if locking else query).run(as_dict=True)


def somebody_waits(evening: str) -> bool:
    """Whether there is anybody for whom a change of the evening's places matters."""
    return bool(frappe.db.exists(DOCTYPE, {"evening": evening, "state": ("in", OPEN)}))


def evenings() -> list[str]:
    """The evenings for which somebody waits."""
    return frappe.get_all(DOCTYPE, {"state": ("in", OPEN)}, pluck="evening", distinct=True)


def of_asker(
    evening: str, groups: dict[str, tuple[str, ...]], *, locking: bool = False
) -> list[frappe._dict]:
    """The open entries of the parties of an asker, {student: guardians who attend together}."""
    if not groups:
        return []
    table = frappe.qb.DocType(DOCTYPE)
    query = (
        frappe.qb.from_(table)
        .select(*(table[field] for field in FIELDS))
        .where((table.evening == evening) & table.state.isin(OPEN) & table.student.isin(list(groups)))
        .orderby(table.creation, table.name)
    )
    rows = (query.for_update() if locking else query).run(as_dict=True)
    return [row for row in rows if belongs(row, groups)]


def belongs(row, groups: dict[str, tuple[str, ...]]) -> bool:
    """Whether an entry is one of these parties' own."""
    group = groups.get(row.student)
    if group is None:
        return False
    return row.guardian in group if group else not row.guardian


def asker_of(row) -> requests.Asker:
    """Who waits, as somebody who asks for places: all Guardian records of the person, or the student."""
    if not row.guardian:
        return requests.Asker("Student", (), row.student)
    user = frappe.db.get_value("Guardian", row.guardian, "user")
    guardians = people.guardians_of_user(user) if user else []
    return requests.Asker("Guardian", tuple(guardians) or (row.guardian,))


def people_of_offer(offer: str) -> list[tuple[str, str]]:
    """The instructors of an offer, for locking."""
    filters = {"parent": offer, "parenttype": "Conversation Offer"}
    names = frappe.get_all("Conversation Offer Instructor", filters, pluck="instructor")
    return [("Instructor", name) for name in names if name]


def is_of(row, column) -> bool:
    """Whether an entry waits for a column of the table."""
    return row.student == column.student and row.instructors_key == instructors_key(column.instructors)


def first_offers(rows: list) -> dict[str, str]:
    """The offer by which the table knows the column of each entry: the first of those that there are now."""
    filters = {"student": ("in", [row.student for row in rows] or [""]), "offered": 1}
    found = frappe.get_all(
        "Conversation Offer",
        {**filters, "evening": ("in", [row.evening for row in rows] or [""])},
        ["name", "evening", "student", "instructors_key"],
        order_by="subject desc, name desc",
    )
    first = {(offer.evening, offer.student, offer.instructors_key): offer.name for offer in found}
    return {row.name: first.get((row.evening, row.student, row.instructors_key), row.offer) for row in rows}


def ahead_of(rows: list) -> dict[str, int]:
    """How many wait for the same instructors since before each of these entries."""
    table, other = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType(DOCTYPE).as_("other")
    before = (other.creation < table.creation) | (
        (other.creation == table.creation) & (other.name < table.name)
    )
    waiting = [row.name for row in rows if row.state == "Waiting"]
    if not waiting:
        return {}
    return dict(
        frappe.qb.from_(table)
        .join(other)
        .on((other.evening == table.evening) & (other.instructors_key == table.instructors_key) & before)
        .select(table.name, Count(other.name))
        .where(table.name.isin(waiting) & (other.state == "Waiting"))
        .groupby(table.name)
        .run()
    )


def add(evening: str, column, guardian: str | None, earliest, latest) -> str:
    """Put somebody at the end of the line for a column."""
    name = frappe.generate_hash(length=10)
    row = {
        "name": name,
        "evening": evening,
        "offer": column.offer,
        "student": column.student,
        "student_name": column.student_name,
        "subject": column.subject[:140],
        "instructor_names": ", ".join(filter(None, column.instructor_names))[:140],
        "instructors_key": instructors_key(column.instructors),
        "guardian": guardian,
        "guardian_name": guardian and frappe.db.get_value("Guardian", guardian, "guardian_name"),
        "earliest": earliest,
        "latest": latest,
        "slots": column.slots,
        "state": "Waiting",
    }
    insert_rows(DOCTYPE, [row])
    return name


def change(name: str | list[str], **values) -> None:
    """Set values of entries."""
    names = [name] if isinstance(name, str) else list(name)
    if names:
        values |= {"modified": now(), "modified_by": frappe.session.user}
        frappe.db.set_value(DOCTYPE, {"name": ("in", names)}, values, update_modified=False)


def close(name: str | list[str], state: str) -> None:
    """End entries: Booked, Passed or Left. What was offered stays, as what staff can read of it."""
    change(name, state=state, expires=None)


def back_in_line(name: str | list[str]) -> None:
    """Let entries wait on where they stood: what was offered to them is not there any more."""
    change(name, state="Waiting", offered_start=None, offered_at=None, expires=None)
