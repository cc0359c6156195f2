"""Blocks: times at which an instructor, guardian, student, class, room or everyone cannot."""

from collections import defaultdict
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import format_datetime

from ouderavond.evening import claims, grid, spans
from ouderavond.evening.bulk import insert_rows

# These have no row of their own to lock, so the whole evening is locked while they are made.
EXCLUSIVE = ("Student Group", "Room", "Everyone")
TITLES = {
    "Instructor": "instructor_name",
    "Guardian": "guardian_name",
    "Student": "student_name",
    "Room": "room_name",
}


def block(
    evening: str,
    who_type: str,
    who: str | None,
    from_time,
    to_time,
    *,
    reason: str | None = None,
    source: str = "Staff",
) -> str:
    """Block a time [from_time, to_time) of an evening.

    Raises:
        frappe.ValidationError: there is a conversation at that time (it is named), or the times are wrong.
    """
    first, last = grid.minute(from_time), grid.minute(to_time)
    records = [(who_type, who)] if who_type in spans.CLAIMED_BLOCKS else []

    def work() -> str:
        doc = write(evening, who_type, who, first, last, reason=reason, source=source)
        _refuse_over_bookings(doc)
        return doc.name

    return claims.transaction(evening, records, work, exclusive=who_type in EXCLUSIVE)


def write(evening: str, who_type: str, who: str | None, first, last, *, reason=None, source="Staff"):
    """Write a block and claim its time, within `claims.transaction`; the caller looks for conversations."""
    doc = frappe.new_doc("Evening Block")
    doc.update({"evening": evening, "who_type": who_type, "who": who, "from_time": first, "to_time": last})
    doc.update({"reason": reason, "source": source, "who_name": title(who_type, who)})
    doc.flags.through_claims = True
    doc.insert(ignore_permissions=True)
    if span := spans.of_block(doc):
        claims.add_block(evening, span)
    return doc


def write_many(evening: str, rows: Iterable[dict]) -> list[str]:
    """Write many blocks at once, within `claims.transaction`; the caller has looked for conversations.

    Args:
        rows: who_type, who, from_time, to_time, and reason and is_break where there are any.

    Returns:
        Their names, in the same order.
    """
    written = [
        {"name": frappe.generate_hash(length=10), "evening": evening, "source": "Staff", **row}
        for row in rows
    ]
    named = titles({(row["who_type"], row["who"]) for row in written})
    for row in written:
        row["who_name"] = named[row["who_type"], row["who"]]
    insert_rows("Evening Block", written)
    wanted = [span for row in written if (span := spans.of_block(frappe._dict(row)))]
    claims.add_block(evening, *wanted)
    return [row["name"] for row in written]


def remove_many(evening: str, names: Iterable[str]) -> None:
    """Take many blocks away at once, within `claims.transaction`."""
    names = list(names)
    # Once the rows are gone, so that other blocks over the same time take its minutes and they do not.
    frappe.db.delete("Evening Block", {"name": ("in", names or [""]), "evening": evening})
    claims.replace(evening, names, [])


def remove(block_name: str) -> None:
    """Take a block away, within `claims.transaction`."""
    frappe.delete_doc("Evening Block", block_name, ignore_permissions=True)


def unblock(block_name: str) -> None:
    """Take a block away; other blocks over the same time stay."""
    doc = frappe.get_doc("Evening Block", block_name)
    records = [(doc.who_type, doc.who)] if doc.who_type in spans.CLAIMED_BLOCKS else []

    claims.transaction(doc.evening, records, lambda: remove(block_name), exclusive=doc.who_type in EXCLUSIVE)


def title(who_type: str, who: str | None) -> str:
    """How people call who is blocked."""
    return titles([(who_type, who)])[who_type, who]


def titles(whom: Iterable[tuple[str, str | None]]) -> dict[tuple[str, str | None], str]:
    """How people call those who are blocked, by (who_type, who)."""
    found: dict[tuple[str, str | None], str] = {}
    names = defaultdict(set)
    for who_type, who in whom:
        found[who_type, who] = who or _("Everyone")
        if who and who_type in TITLES:
            names[who_type].add(who)
    for who_type, wanted in names.items():
        fields = ["name", TITLES[who_type]]
        for who, called in frappe.get_all(who_type, {"name": ("in", list(wanted))}, fields, as_list=True):
            found[who_type, who] = called or who
    return found


def _refuse_over_bookings(doc) -> None:
    rows = frappe.get_all(
        "Evening Booking",
        filters={"state": ("!=", "Cancelled"), "start": ("<", doc.to_time), "end": (">", doc.from_time)},
        fields=["name", "student", "student_name", "subject", "start", "room", "evening", "mode"],
        order_by="start",
    )
    hit = [row for row in rows if _concerns(doc, row)]
    if hit:
        listed = ", ".join(
            f"{format_datetime(row.start, 'd MMM HH:mm')} {row.student_name} ({row.subject})"
            for row in hit[:5]
        )
        frappe.throw(
            _("{0} conversations lie in this time: {1}. Move or cancel them first.").format(
                len(hit), frappe.utils.escape_html(listed)
            ),
            title=_("Not Possible"),
        )


def _concerns(doc, booking) -> bool:
    if doc.who_type == "Everyone":
        return booking.evening == doc.evening
    if doc.who_type == "Student":
        return booking.student == doc.who
    if doc.who_type == "Room":
        return booking.room == doc.who and booking.mode != "Online"
    if doc.who_type == "Student Group":
        return bool(
            frappe.db.exists("Student Group Student", {"parent": doc.who, "student": booking.student})
        )
    child = f"Evening Booking {doc.who_type}"
    return bool(frappe.db.exists(child, {"parent": booking.name, doc.who_type.lower(): doc.who}))
