"""The rules for requests, and the sentence with which each of them refuses."""

import re
from collections import Counter

import frappe
from frappe import _
from frappe.utils import cint, cstr, escape_html, get_datetime, now_datetime

from ouderavond.evening import wording
from ouderavond.evening.participants import participants_query

REMARK_LENGTH = 1000
LANGUAGE_LENGTH = 140
# How a tag, a comment or the like begins.
TAG = re.compile(r"<(?=[a-zA-Z/!?])")
FORMULA = ("=", "+", "-", "@")


def evening_of_offer(offer: str) -> str:
    """The evening of an offer; refuses what does not exist."""
    evening = frappe.db.get_value("Conversation Offer", offer, "evening")
    if not evening:
        refuse_offer()
    return evening


def refuse_offer() -> None:
    """Refuse a conversation that is not there for this asker, in the same words whatever the cause."""
    frappe.throw(_("This conversation is not one that you can ask for."), frappe.PermissionError)


def refuse_request() -> None:
    """Refuse a request that is not the asker's, in the same words whatever the cause."""
    frappe.throw(_("This request is not one of yours."), frappe.PermissionError)


def refuse_archived() -> None:
    """Refuse any change of an archived evening."""
    frappe.throw(_("This evening is archived; nothing can be changed any more."))


def check_evening(evening, asker) -> list[str]:
    """Whether this asker may change requests of the evening now.

    Returns:
        The rules to which staff make an exception, as sentences.
    """
    if evening.archived:
        refuse_archived()
    if evening.procedure == "Book Directly":
        frappe.throw(_("At this evening conversations are booked directly, not requested."))
    if asker.source == "Guardian" and evening.contact_with == "Students":
        frappe.throw(_("At this evening the students ask for their conversations themselves."))
    if asker.source == "Student" and evening.contact_with == "Guardians":
        frappe.throw(_("At this evening only parents and guardians can ask for conversations."))
    return _check_window(evening, asker)


def _check_window(evening, asker) -> list[str]:
    if not evening.published:
        return _refuse_or_except(asker, _("This evening is not open yet."))
    if evening.schedule_visible:
        return _refuse_or_except(asker, _("The schedule has been published; it is too late for requests."))
    now = now_datetime()
    if evening.request_from and now < get_datetime(evening.request_from):
        opens = wording.moment(evening.request_from)
        return _refuse_or_except(asker, _("Conversations can be requested from {0}.").format(opens))
    if evening.request_until and now > get_datetime(evening.request_until):
        closed = wording.moment(evening.request_until)
        sentence = _("Conversations could be requested, changed and withdrawn until {0}.")
        return _refuse_or_except(asker, sentence.format(closed))
    return []


def _refuse_or_except(asker, sentence: str) -> list[str]:
    if asker.is_staff and asker.override_reason:
        return [sentence]
    if asker.is_staff:
        sentence += " " + _("Give a reason to make an exception.")
    frappe.throw(sentence)


def check_offer(name: str, evening, asker, groups: dict[str, tuple[str, ...]]):
    """The offer, if it can be asked for: of this evening and an own student, offered, a participant."""
    fields = ["name", "evening", "student", "student_name", "subject", "offered"]
    offer = frappe.db.get_value("Conversation Offer", name, fields, as_dict=True)
    if not offer or offer.evening != evening.name or offer.student not in groups:
        refuse_offer()
    if not offer.offered:
        sentence = _("The conversation about {0} with {1} is not offered.")
        frappe.throw(sentence.format(escape_html(offer.student_name), escape_html(offer.subject)))
    if not is_participant(evening, offer.student):
        sentence = _("{0} does not take part in this evening.")
        frappe.throw(sentence.format(escape_html(offer.student_name)))
    if evening.contact_with == "Guardians and Students":
        _check_other_kind(offer, asker)
    return offer


def is_participant(evening, student: str) -> bool:
    """Whether a student takes part and is enabled."""
    table = frappe.qb.DocType("Student")
    return bool(participants_query(evening).where(table.name == student).run())


def _check_other_kind(offer, asker) -> None:
    """Where guardians and students may both ask, there is one conversation per offer."""
    other = ("is", "set") if asker.student else ("is", "not set")
    filters = {"offer": offer.name, "state": ("!=", "Withdrawn"), "guardian": other}
    if frappe.db.exists("Conversation Request", filters):
        sentence = _("A conversation about {0} has been requested already.")
        frappe.throw(sentence.format(escape_html(offer.subject)))


def check_wish(wish: dict, row, evening, asker) -> dict:
    """The wishes in the form in which they are stored; refuses what the evening does not allow."""
    wish = {
        key: cint(bool(cint(v))) if key in ("longer", "step_free") else cstr(v).strip()
        for key, v in wish.items()
    }
    wish |= {key: plain(wish[key]) for key in ("remark", "interpreter_language") if key in wish}
    _check_choices(wish)
    if wish.get("priority", row.priority) != row.priority and asker.source in ("Guardian", "Student"):
        frappe.throw(_("Only the school can mark a conversation as one that must take place."))
    if wish.get("longer") and not row.longer and not evening.longer_conversation:
        frappe.throw(_("A longer conversation is not possible at this evening."))
    if wish.get("remark") not in (None, "", row.remark) and not (evening.guardian_remarks or asker.is_staff):
        frappe.throw(_("Remarks are not possible at this evening."))
    if (
        wish.get("mode")
        and wish["mode"] != row.mode
        and evening.mode not in ("Household's Choice", wish["mode"])
    ):
        online = _("At this evening all conversations are online.")
        in_person = _("At this evening all conversations are at school.")
        frappe.throw(online if evening.mode == "Online" else in_person)
    return wish


def plain(text: str | None) -> str:
    """What somebody wrote, so that no form takes it for markup, and no spreadsheet for a formula."""
    text = TAG.sub("< ", cstr(text).strip())
    return f" {text}" if text.startswith(FORMULA) else text


def _check_choices(wish: dict) -> None:
    choices = {
        "priority": ("Wanted", "Must See"),
        "preference": ("", "Early", "Late"),
        "mode": ("In Person", "Online"),
    }
    for key, allowed in choices.items():
        if key in wish and wish[key] not in allowed:
            sentence = _("{0} is not a possible choice here.")
            frappe.throw(sentence.format(escape_html(wish[key][:50])))
    for key, length in {"remark": REMARK_LENGTH, "interpreter_language": LANGUAGE_LENGTH}.items():
        if len(wish.get(key, "")) > length:
            frappe.throw(_("This text is too long; at most {0} characters are possible.").format(length))


def is_invitation(row) -> bool:
    """Whether the school asked for this conversation: it takes nothing off the household's maximum."""
    return row.source == "Instructor" or row.priority == "Must See"


def is_wished_by_instructor(offer: str) -> bool:
    """Whether an instructor of an offer wishes the conversation, whoever else asked for it."""
    return frappe.db.get_value("Conversation Offer", offer, "instructor_wish") == "Wished"


def check_withdrawal(row, asker) -> None:
    """Whether a request may be withdrawn by this asker."""
    if row.state == "Placed":
        frappe.throw(_("This conversation has been given a time already and can't be withdrawn here."))
    if is_invitation(row) and asker.source in ("Guardian", "Student"):
        frappe.throw(_("The school asks for this conversation; please contact the school if you can't come."))


def counted(rows) -> Counter:
    """How many requests count towards the maximum, by student."""
    return Counter(row.student for row in rows if not is_invitation(row))


def check_maxima(evening, asker, before: Counter, after: Counter) -> list[str]:
    """The maximum per student and per household, for what has become more.

    Returns:
        The rules to which staff make an exception, as sentences.
    """
    exceptions = []
    per_student, per_household = cint(evening.maximum_per_student), cint(evening.maximum_per_household)
    for student, count in after.items():
        if per_student and count > max(per_student, before[student]):
            name = escape_html(frappe.db.get_value("Student", student, "student_name") or student)
            exceptions += _refuse_or_except(asker, _maximum_sentence(per_student, count, name))
    if per_household and after.total() > max(per_household, before.total()):
        exceptions += _refuse_or_except(asker, _maximum_sentence(per_household, after.total()))
    return exceptions


def _maximum_sentence(maximum: int, count: int, name: str | None = None) -> str:
    if name and maximum == 1:
        return _("At most 1 conversation can be requested for {0}; this would make {1}.").format(name, count)
    if name:
        sentence = _("At most {0} conversations can be requested for {1}; this would make {2}.")
        return sentence.format(maximum, name, count)
    if maximum == 1:
        return _(
            "At most 1 conversation can be requested for all children together; this would make {0}."
        ).format(count)
    sentence = _("At most {0} conversations can be requested for all children together; this would make {1}.")
    return sentence.format(maximum, count)


def note_exceptions(doc, exceptions: list[str]) -> None:
    """Keep the reason for an exception with the request."""
    rules = " ".join(exceptions)
    reason = escape_html(doc.override_reason)
    doc.add_comment("Comment", _("Exception made: {0} Reason: {1}").format(rules, reason))
