"""Booking a conversation, and the parts of which every change of one is made, for use under `claims`."""

from datetime import datetime

import frappe
from frappe import _
from frappe.utils import now_datetime

from ouderavond.evening import claims, grid, publishing, rules, spans, told
from ouderavond.evening.people import parties


def book(
    offer: str,
    start,
    *,
    guardians: list[str],
    source: str,
    request: str | None = None,
    slots: int | None = None,
    mode: str | None = None,
    override_reason: str | None = None,
) -> str:
    """Book an offered conversation at `start` for the guardians who attend together.

    Args:
        offer: name of the Conversation Offer.
        start: the first minute, a slot of the evening.
        guardians: who attends; empty where the contact is with the student.
        source: Guardian, Student, Staff, Integration.
        request: the Conversation Request that it answers.
        slots: how many slots; by default the offer's.
        mode: In Person or Online; by default the evening's.
        override_reason: staff's reason for breaking rules; kept with the booking. Nothing overrides a
            double booking.

    Returns:
        The name of the Evening Booking.

    Raises:
        claims.TakenError: somebody has another conversation then.
        frappe.ValidationError: a rule is broken; the message says which.
    """
    offer_doc = frappe.get_doc("Conversation Offer", offer)
    instructors = [row.instructor for row in offer_doc.instructors]
    records = _records(offer_doc.student, instructors, guardians)

    def work() -> str:
        proposal = propose(offer, start, guardians, slots, mode)
        check(proposal, override_reason)
        doc = new(proposal, source, request)
        if publishing.is_visible(proposal.evening):
            doc.state = "Published"
            told.tell(doc)
        insert_within(doc, override_reason)
        return doc.name

    return claims.transaction(offer_doc.evening, records, work)


def move_within(doc, start: datetime, end: datetime) -> None:
    """Give a told Evening Booking document another time, and the place of that date; people know it at once.

    Within `claims.transaction` only, after the rules have been checked. Staff move through `planning`.

    Raises:
        claims.TakenError: somebody has another conversation then.
    """
    doc.start, doc.end = start, end
    instructors = [row.instructor for row in doc.instructors]
    doc.room, doc.table_label = place(doc.evening, instructors, doc.mode, start)
    told.tell(doc)
    doc.sequence = (doc.sequence or 0) + 1
    _take(doc, release=[doc.name], over_blocks=False)
    save(doc)


def cancel_within(doc, *, tell: bool = True) -> None:
    """Cancel a live Evening Booking document; within `claims.transaction` only.

    Args:
        tell: who was told of it knows that it is cancelled (they did it themselves); else they do not yet.
    """
    doc.state, doc.pinned = "Cancelled", 0
    doc.untold = int(bool(doc.published_start) and not tell)
    if tell:
        doc.changed_from, doc.told_on = None, now_datetime()
        doc.sequence = (doc.sequence or 0) + 1
    claims.replace(doc.evening, [doc.name], [])
    save(doc)
    if doc.request and frappe.db.get_value("Conversation Request", doc.request, "state") == "Placed":
        frappe.db.set_value("Conversation Request", doc.request, "state", "Requested")


def check(proposal: rules.Proposal, override_reason: str | None = None, stays=False) -> None:
    """Refuse a proposal that breaks a rule, unless staff gave a reason; in any case what is no time at all.

    Args:
        stays: it begins there already.

    Raises:
        frappe.ValidationError: a sentence per broken rule.
    """
    broken = list(rules.impossible(proposal, stays) if override_reason else rules.broken(proposal))
    if broken:
        frappe.throw("<br>".join(frappe.utils.escape_html(line) for line in broken), title=_("Not Possible"))


def people_of(doc) -> list[tuple[str, str]]:
    """The (doctype, name) of all persons of a booking, for locking."""
    instructors = [row.instructor for row in doc.instructors]
    return _records(doc.student, instructors, [row.guardian for row in doc.guardians])


def _records(student: str | None, instructors: list[str], guardians: list[str]) -> list[tuple[str, str]]:
    records = [("Instructor", name) for name in instructors] + [("Guardian", name) for name in guardians]
    return records + ([("Student", student)] if student else [])


def propose(offer: str, start, guardians: list[str], slots: int | None, mode: str | None) -> rules.Proposal:
    """What booking an offer at a start would be, for the rules; with the offer's instructors."""
    offer_doc = frappe.get_doc("Conversation Offer", offer)
    evening = frappe.get_doc("Parent Evening", offer_doc.evening)
    first = grid.minute(start)
    return rules.Proposal(
        evening=evening,
        offer=offer_doc,
        start=first,
        end=first + grid.duration(evening, slots or offer_doc.slots or 1),
        guardians=list(guardians),
        mode=mode or ("Online" if evening.mode == "Online" else "In Person"),
        instructors=[row.instructor for row in offer_doc.instructors],
    )


def new(proposal: rules.Proposal, source: str, request: str | None):
    """A new Evening Booking document for a proposal, planned; not written yet."""
    offer, evening = proposal.offer, proposal.evening
    room, table_label = place(evening.name, proposal.instructors, proposal.mode, proposal.start)
    doc = frappe.new_doc("Evening Booking")
    doc.update(
        {
            "name": frappe.generate_hash(length=10),
            "evening": evening.name,
            "offer": offer.name,
            "request": request,
            "student": offer.student,
            "student_name": offer.student_name,
            "subject": offer.subject,
            "start": proposal.start,
            "end": proposal.end,
            "room": room,
            "table_label": table_label,
            "mode": proposal.mode,
            "source": source,
            "state": "Planned",
            "student_attends": evening.student_attends == "Must" or not proposal.guardians,
        }
    )
    doc.flags.name_set = True
    set_instructors(doc, proposal.instructors)
    names = dict(
        frappe.get_all(
            "Guardian", {"name": ("in", proposal.guardians or [""])}, ["name", "guardian_name"], as_list=True
        )
    )
    for guardian in proposal.guardians:
        doc.append("guardians", {"guardian": guardian, "guardian_name": names.get(guardian)})
    return doc


def insert_within(doc, override_reason: str | None) -> None:
    """Write a new Evening Booking document with its claims; within `claims.transaction`, after the rules.

    Raises:
        claims.TakenError: somebody has another conversation then.
    """
    doc.override_reason = override_reason
    _take(doc, over_blocks=bool(override_reason))
    doc.flags.through_claims = True
    doc.insert(ignore_permissions=True)
    if doc.request:
        placed = {"state": "Placed", "reason": None, "reason_facts": None}
        frappe.db.set_value("Conversation Request", doc.request, placed)


def set_instructors(doc, instructors: list[str]) -> None:
    """Let an Evening Booking document be a conversation with these instructors, in their order."""
    named = {"name": ("in", instructors or [""])}
    names = dict(frappe.get_all("Instructor", named, ["name", "instructor_name"], as_list=True))
    doc.set("instructors", [{"instructor": name, "instructor_name": names.get(name)} for name in instructors])


def place(evening: str, instructors: list[str], mode: str, start: datetime) -> tuple[str | None, str | None]:
    """Room and table: the first instructor's on that date; none online."""
    if mode == "Online" or not instructors:
        return None, None
    row = rules.evening_instructor(evening, instructors[0], start.date())
    return (row.room, row.table_label) if row else (None, None)


def _take(doc, release: list[str] | None = None, *, over_blocks: bool) -> None:
    shared = (doc.room, doc.start.date()) in spans.shared_rooms(doc.evening)
    claims.replace(doc.evening, release or [], [spans.of_booking(doc, shared)], over_blocks=over_blocks)


def live(booking: str):
    """An Evening Booking document that is not cancelled, locked.

    Raises:
        frappe.ValidationError: it has been cancelled.
    """
    doc = frappe.get_doc("Evening Booking", booking, for_update=True)
    if doc.state == "Cancelled":
        frappe.throw(_("This conversation has been cancelled."))
    return doc


def save(doc) -> None:
    """Write an Evening Booking document whose claims are in order."""
    doc.flags.through_claims = True
    doc.save(ignore_permissions=True)


def party_of(evening: str, student: str, guardian: str | None) -> list[str]:
    """The guardians who attend for a student: the named guardian's party, or the student's first one."""
    groups = parties(frappe.get_doc("Parent Evening", evening), [student]).get(student, [])
    if guardian is None:
        return groups[0] if groups else []
    for party in groups:
        if guardian in party:
            return party
    frappe.throw(_("This guardian does not attend conversations about this student."))
