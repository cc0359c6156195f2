"""Requests that staff enter or withdraw for a household that phoned.

    asking(evening, row)        who can ask for a possibility, what they asked, what would be an exception
    request(evening, row, …)    ask for them, or change their wishes
    withdraw(evening, request)  take it back

The rules are those of `evening.requests`; staff can make an exception to the deadline and the maximum, with a
reason that is kept. The household gets the usual confirmation.
"""

from dataclasses import dataclass, field
from html import unescape

import frappe
from frappe import _
from frappe.utils import cint, cstr, escape_html, get_datetime

from ouderavond.evening import people, request_rules, requests, wording
from ouderavond.evening.counts import LIVE
from ouderavond.evening.offer_key import instructors_key
from ouderavond.evening.offering import students as per_student
from ouderavond.evening.offering import telling
from ouderavond.evening.offering.students import Possible
from ouderavond.evening.requests import ACTIVE, Asker

WISHES = ("longer", "preference", "mode", "remark")
# Stands for any reason, to find out what needs one.
SOME_REASON = "?"


@dataclass
class Answer:
    """What was done for a household: the request, sentences for the screen, and whether they were told."""

    request: str
    sentence: str
    told: int = 0
    not_told: list[tuple[str, str]] = field(default_factory=list)


# What can be asked


def asking(evening: str, row: Possible) -> dict:
    """Everything to know before asking for a possibility on behalf of somebody.

    Returns:
        {student, student_name, subject, offer, offered, refused (why nobody can ask, or None), deadline,
        exceptions (sentences), longer, modes, parties}. A party is who attends together: {guardian (None for
        a student who asks), names, request, state, wishes, booking, exceptions, number, maximum,
        number_of_household, maximum_of_household}.
    """
    doc = frappe.get_doc("Parent Evening", evening)
    offer, student, subject = _what(evening, row)
    exceptions, refused = _of_evening(doc)
    parties = [_party(doc, student, offer, guardians) for guardians in _groups(doc, student)]
    if not parties:
        refused = refused or _("There is no guardian with whom the school may be in contact.")
    if not request_rules.is_participant(doc, student):
        refused = refused or _("This student does not take part in the evening.")
    return {
        "student": student,
        "student_name": frappe.db.get_value("Student", student, "student_name") or student,
        "subject": subject,
        "offer": offer,
        "offered": cint(bool(offer) and frappe.db.get_value("Conversation Offer", offer, "offered")),
        "refused": refused,
        "deadline": _deadline(doc),
        "exceptions": exceptions,
        "longer": cint(doc.longer_conversation),
        "modes": ["In Person", "Online"] if doc.mode == "Household's Choice" else [],
        "parties": parties,
    }


def _what(evening: str, row: Possible) -> tuple[str | None, str, str]:
    """(offer, student, subject) of a row; the offer is found where it was made since the row was read."""
    fields = ["name", "student", "subject"]
    found = row.offer and frappe.db.get_value(
        "Conversation Offer", {"name": row.offer, "evening": evening}, fields, as_dict=True
    )
    if found:
        return found.name, found.student, found.subject
    if not frappe.db.exists("Student", row.student):
        frappe.throw(_("This possibility is not there any more. Reload the page and look again."))
    subject = row.course or row.subject
    same = {"evening": evening, "student": row.student, "subject": subject}
    key = instructors_key(row.instructors)
    return (
        frappe.db.get_value("Conversation Offer", {**same, "instructors_key": key}),
        row.student,
        subject,
    )


def _of_evening(evening) -> tuple[list[str], str | None]:
    """(the rules to which an exception would be made, or why nothing can be asked at all)."""
    said = len(frappe.local.message_log)
    try:
        return request_rules.check_evening(evening, Asker("Staff", override_reason=SOME_REASON)), None
    except frappe.ValidationError as refusal:
        # Told in the answer, not as a message on the screen.
        del frappe.local.message_log[said:]
        return [], unescape(cstr(refusal))


def _groups(evening, student: str) -> list[tuple[str, ...]]:
    """Who attends together for a student; an empty group is the student."""
    groups = []
    if evening.contact_with != "Students":
        groups = [tuple(group) for group in people.parties(evening, [student]).get(student, [])]
    return groups + ([()] if evening.contact_with != "Guardians" else [])


def _party(evening, student: str, offer: str | None, group: tuple[str, ...]) -> dict:
    asker = _asker(group[:1], student, SOME_REASON)
    rows = requests.rows_of(evening.name, requests.groups_of(evening, asker))
    active = [row for row in rows if row.state in ACTIVE]
    request = next((row for row in active if row.offer == offer), None) if offer else None
    before = request_rules.counted(active)
    after = before.copy()
    after[student] += 0 if request else 1
    return {
        "guardian": group[0] if group else None,
        "names": _names(student, group),
        "request": request.name if request else None,
        "state": request.state if request else None,
        "wishes": {key: request[key] for key in WISHES} if request else None,
        "booking": _booking(request.name) if request and request.state == "Placed" else None,
        "exceptions": [unescape(one) for one in request_rules.check_maxima(evening, asker, before, after)],
        "number": before[student],
        "maximum": cint(evening.maximum_per_student),
        "number_of_household": before.total(),
        "maximum_of_household": cint(evening.maximum_per_household),
    }


def _asker(guardians: tuple[str, ...], student: str, reason: str | None) -> Asker:
    return Asker("Staff", guardians, None if guardians else student, reason)


def _names(student: str, group: tuple[str, ...]) -> str:
    """Who a group is, by name."""
    if not group:
        return frappe.db.get_value("Student", student, "student_name") or student
    names = dict(frappe.get_all("Guardian", {"name": ("in", group)}, ["name", "guardian_name"], as_list=True))
    return ", ".join(names.get(name) or name for name in group)


def _booking(request: str) -> str | None:
    return frappe.db.get_value("Evening Booking", {"request": request, "state": ("in", LIVE)})


def _deadline(evening) -> str:
    """Until when the households themselves can ask, as a sentence; "" where nothing is said."""
    if not evening.request_until:
        return ""
    moment = wording.moment(get_datetime(evening.request_until))
    return _("Households can ask until {0}.").format(moment)


# Asking and withdrawing


def request(
    evening: str,
    row: Possible,
    *,
    guardian: str | None = None,
    wishes: dict | None = None,
    override_reason: str | None = None,
    offer_first: bool = False,
) -> Answer:
    """Ask for a possibility on behalf of a household, or change its wishes. Commits, and tells the household.

    Args:
        evening: name of the Parent Evening.
        row: the possibility.
        guardian: one of those who attend together; None where the student asks.
        wishes: of `longer`, `preference`, `mode` and `remark` those that change.
        override_reason: why an exception is made to the deadline or the maximum; kept with the request.
        offer_first: offer the possibility where it is not offered.

    Raises:
        frappe.ValidationError: a rule forbids it; the message says which.
    """
    doc = frappe.get_doc("Parent Evening", evening)
    offer, student, subject = _what(evening, row)
    group = _group_of(doc, student, guardian)
    asker = _asker(group[:1], student, (override_reason or "").strip() or None)
    if not offer or not frappe.db.get_value("Conversation Offer", offer, "offered"):
        offer = _offer_first(doc, row, asker, student, offer_first)
    name = requests.request(
        offer,
        guardian=asker.guardians or None,
        student=asker.student,
        source="Staff",
        override_reason=asker.override_reason,
        **{key: value for key, value in (wishes or {}).items() if key in WISHES},
    )
    frappe.db.commit()
    sentence = _("{0} is requested for {1}.").format(subject, _names(student, group))
    return _told(evening, name, sentence)


def _group_of(evening, student: str, guardian: str | None) -> tuple[str, ...]:
    """The group that asks, the guardian who phoned first."""
    groups = _groups(evening, student)
    group = next((group for group in groups if (guardian in group if guardian else not group)), None)
    if group is None:
        frappe.throw(_("Choose for whom this conversation is requested."))
    return (guardian, *(name for name in group if name != guardian)) if guardian else ()


def _offer_first(evening, row: Possible, asker: Asker, student: str, agreed: bool) -> str:
    """Offer a possibility that is going to be asked for, unless the rules forbid the asking."""
    if not agreed:
        frappe.throw(_("This possibility is not offered. Offer it first."))
    request_rules.check_evening(evening, asker)
    rows = requests.rows_of(evening.name, requests.groups_of(evening, asker))
    before = request_rules.counted(one for one in rows if one.state in ACTIVE)
    after = before.copy()
    after[student] += 1
    request_rules.check_maxima(evening, asker, before, after)
    report = per_student.switch(evening.name, [row], True)
    if report.skipped:
        frappe.throw(escape_html(report.skipped[0].sentence))
    offer, _student, _subject = _what(evening.name, row)
    return offer


def withdraw(evening: str, name: str, *, override_reason: str | None = None) -> Answer:
    """Withdraw a household's request. Commits, and tells the household.

    Raises:
        frappe.ValidationError: a rule forbids it; the message says which.
    """
    fields = ["guardian", "student", "subject", "student_name"]
    found = frappe.db.get_value(
        "Conversation Request", {"name": name, "evening": evening}, fields, as_dict=True
    )
    if not found:
        frappe.throw(_("This request is not there any more. Reload the page and look again."))
    doc = frappe.get_doc("Parent Evening", evening)
    group = next((one for one in _groups(doc, found.student) if found.guardian in one), ())
    if found.guardian and not group:
        sentence = _("Whoever asked for this is no contact of {0} any more. Switch the offer off to end it.")
        frappe.throw(sentence.format(escape_html(found.student_name)))
    requests.withdraw(
        name,
        guardian=found.guardian or None,
        student=None if found.guardian else found.student,
        source="Staff",
        override_reason=(override_reason or "").strip() or None,
    )
    frappe.db.commit()
    sentence = _("The request of {0} for {1} is withdrawn.")
    return _told(evening, name, sentence.format(_names(found.student, group), found.subject))


def _told(evening: str, name: str, sentence: str) -> Answer:
    told = telling.told_requests(evening, [name])
    return Answer(name, sentence, told.sent, told.not_told)
