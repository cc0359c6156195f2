"""What is looked up from the board: conversations to book by hand, and all there is to know of one."""

import frappe
from frappe import _
from frappe.utils import cint
from pypika.terms import Criterion

from ouderavond.evening import wording
from ouderavond.evening.offering.listing_rows import among, classes_query, literally
from ouderavond.evening.people import parties
from ouderavond.evening.planning import booked, conversation

MOST = 30
SHORTEST = 2


def offers(evening, text: str) -> list[dict]:
    """The conversations that could be booked, in which every word of a text is found.

    In the name or number of the student, the class, the subject, or the instructors' names and codes.

    Returns:
        {offer, student, name, class, subject, instructors, titles, slots, offered, booked (a time, or None),
        requested, guardians: [{guardian, name}] (each with whom a party of its own comes)}; those that are
        offered first.
    """
    words = (text or "").split()
    if len("".join(words)) < SHORTEST:
        return []
    offer = frappe.qb.DocType("Conversation Offer")
    fields = ("name", "student", "student_name", "subject", "slots", "offered")
    query = frappe.qb.from_(offer).select(*(offer[name] for name in fields))
    query = query.where(offer.evening == evening.name)
    for word in words:
        query = query.where(_found(evening, offer, f"%{literally(word)}%"))
    query = query.orderby(offer.offered, order=frappe.qb.desc).orderby(offer.student_name)
    rows = query.orderby(offer.subject).orderby(offer.name).limit(MOST).run(as_dict=True)
    return _described(evening, rows)


def _found(evening, offer, pattern: str) -> Criterion:
    """Whether a word is in what belongs to an offer; looked up table by table, which is faster."""
    found = offer.student_name.like(pattern) | offer.subject.like(pattern)
    students = _students(evening, pattern)
    if students:
        found = found | among(offer.student, students)
    by_instructor = _of_instructors(evening, pattern)
    return found | among(offer.name, by_instructor) if by_instructor else found


def _students(evening, pattern: str) -> list[str]:
    """The students with such a number, or in such a class."""
    student = frappe.qb.DocType("Student")
    query = frappe.qb.from_(student).select(student.name).where(student.ouderavond_code.like(pattern))
    member, in_class = classes_query(evening.name)
    in_class = in_class.select(member.student).where(member.parent.like(pattern))
    return [*query.run(pluck=True), *in_class.run(pluck=True)]


def _of_instructors(evening, pattern: str) -> list[str]:
    """The offers with an instructor of such a name or code."""
    instructor, sits = frappe.qb.DocType("Instructor"), frappe.qb.DocType("Conversation Offer Instructor")
    named = instructor.instructor_name.like(pattern) | instructor.ouderavond_code.like(pattern)
    names = frappe.qb.from_(instructor).select(instructor.name).where(named).run(pluck=True)
    if not names:
        return []
    offer = frappe.qb.DocType("Conversation Offer")
    return (
        frappe.qb.from_(sits)
        .join(offer)
        .on(offer.name == sits.parent)
        .select(sits.parent)
        .where((offer.evening == evening.name) & among(sits.instructor, names))
    ).run(pluck=True)


def _described(evening, rows: list) -> list[dict]:
    names = [row.name for row in rows]
    students = sorted({row.student for row in rows})
    sitting = _instructors(names)
    member, query = classes_query(evening.name)
    classes = dict(query.select(member.student, member.parent).where(among(member.student, students)).run())
    times, asked = _times(names), _asked(names)
    groups = parties(evening, students)
    title = dict(
        frappe.get_all(
            "Guardian",
            {"name": ("in", [name for one in groups.values() for party in one for name in party] or [""])},
            ["name", "guardian_name"],
            as_list=True,
        )
    )
    return [
        {
            "offer": row.name,
            "student": row.student,
            "name": row.student_name,
            "class": classes.get(row.student, ""),
            "subject": row.subject,
            "instructors": [name for name, _title in sitting.get(row.name, ())],
            "titles": [name for _name, name in sitting.get(row.name, ())],
            "slots": cint(row.slots) or 1,
            "offered": row.offered,
            "booked": times.get(row.name),
            "requested": asked.get(row.name, 0),
            "guardians": [
                {"guardian": party[0], "name": ", ".join(title.get(name) or name for name in party)}
                for party in groups.get(row.student, ())
            ],
        }
        for row in rows
    ]


def _instructors(offers: list[str]) -> dict[str, list[tuple[str, str]]]:
    sits = frappe.qb.DocType("Conversation Offer Instructor")
    query = frappe.qb.from_(sits).select(sits.parent, sits.instructor, sits.instructor_name)
    found: dict[str, list[tuple[str, str]]] = {}
    for parent, name, title in query.where(among(sits.parent, offers)).orderby(sits.idx).run():
        found.setdefault(parent, []).append((name, title or name))
    return found


def _times(offers: list[str]) -> dict[str, str]:
    booking = frappe.qb.DocType("Evening Booking")
    live = among(booking.offer, offers) & (booking.state != "Cancelled")
    start = booked.as_text(booking.start, booked.TEXT)
    return dict(frappe.qb.from_(booking).select(booking.offer, start).where(live).run())


def _asked(offers: list[str]) -> dict[str, int]:
    filters = {"offer": ("in", offers or [""]), "state": ("!=", "Withdrawn")}
    return dict.fromkeys(frappe.get_all("Conversation Request", filters, pluck="offer"), 1)


def about(evening, name: str) -> dict:
    """What staff want to know of a conversation: who comes, what they asked for, and what happened to it.

    Raises:
        frappe.ValidationError: it is not there any more.
    """
    one = conversation.of_booking(evening, name)
    doc = frappe.get_doc("Evening Booking", name)
    request = frappe.get_doc("Conversation Request", doc.request) if doc.request else frappe._dict()
    people = frappe.get_all(
        "Guardian",
        {"name": ("in", list(one.guardians) or [""])},
        ["guardian_name as name", "email_address as email", "mobile_number as mobile"],
    )
    return {
        "booking": name,
        "guardians": people,
        "asked_by": request.guardian_name or (request.student_name if request else None),
        "remark": request.remark or doc.remark or "",
        "wishes": list(_wishes(request)),
        "history": list(_history(doc)),
    }


def _wishes(request):
    if request.priority == "Must See":
        yield _("This conversation must take place.")
    if request.longer:
        yield _("A longer conversation was asked for.")
    if request.preference:
        yield (
            _("They would rather come early.")
            if request.preference == "Early"
            else _("They would rather come late.")
        )
    if request.interpreter_language:
        yield _("Interpreter: {0}.").format(request.interpreter_language)
    if request.step_free:
        yield _("A room without steps is needed.")


def _history(doc):
    if doc.published_start and doc.untold:
        yield _("People were told {0}.").format(wording.moment(doc.published_start))
    if doc.changed_from:
        yield _("Before the last change that was published: {0}.").format(wording.moment(doc.changed_from))
    if doc.override_reason:
        yield _("Reason for an exception: {0}").format(doc.override_reason)
    if doc.cant_come:
        yield _("The family said that they cannot come.")
