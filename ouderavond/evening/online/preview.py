"""What would stand in an instructor's calendar with some texts, for a real conversation if there is one."""

from dataclasses import asdict, dataclass

import frappe
from frappe import _

from ouderavond.evening import conversations, rows
from ouderavond.evening.offering.letters import speaking
from ouderavond.evening.online import accounts, texts


@dataclass(frozen=True)
class Preview:
    """Title and text as they would be; `about` says whose conversation it is, `warning` what to think of."""

    subject: str
    body: str
    about: str
    warning: str = ""


def of(subject: str, body: str) -> Preview:
    """Title and text of an event with these texts; empty ones stand for ours."""
    words, language, about = _conversation() or _invented()
    written = texts.Texts(subject, body).written(words, language)
    return Preview(*written, about, _warning(subject + body))


def _warning(said: str) -> str:
    if "{student_full_name}" not in said:
        return ""
    return _(
        "With {0} the child's last name stands in the calendar, which others may be allowed to see."
    ).format("{student_full_name}")


def _conversation() -> tuple[texts.Words, str, str] | None:
    """The latest conversation, preferably an online one: its words, in which language, and what it is."""
    row = _latest()
    if not row:
        return None
    found = rows.of_parents("Evening Booking Instructor", "instructor", [row.name])
    names = [name for name in found[row.name] if name]
    known = accounts.of(names)
    having = [name for name in names if name in known]
    language = known[having[0]].language if having else _language()
    title, year = frappe.db.get_value("Parent Evening", row.evening, ["title", "academic_year"])
    row.academic_year = year
    words = texts.Words(
        subject=row.subject or "",
        student=frappe.db.get_value("Student", row.student, "first_name") or "",
        student_full_name=row.student_name or "",
        class_name=conversations.classes([row]).get((row.student, year), ""),
        evening=title or "",
        instructors=", ".join(known[name].name for name in having),
        school=texts.school(),
    )
    return words, language, _("A conversation of the evening {0}.").format(title)


def _latest() -> frappe._dict | None:
    booking = frappe.qb.DocType("Evening Booking")
    found = (
        frappe.qb.from_(booking)
        .select(booking.name, booking.evening, booking.student, booking.student_name, booking.subject)
        .where((booking.state != "Cancelled") & booking.student.isnotnull())
        .orderby(booking.mode == "Online", order=frappe.qb.desc)
        .orderby(booking.start, order=frappe.qb.desc)
        .orderby(booking.name)
        .limit(1)
    ).run(as_dict=True)
    return found[0] if found else None


def _invented() -> tuple[texts.Words, str, str]:
    language = _language()
    with speaking(language):
        words = texts.Words(
            subject=_("Mathematics", context="Planning"),
            student="Noor",
            student_full_name="Noor Bakker",
            class_name="2A",
            evening=_("Parent Evening"),
            instructors="J. Jansen",
            school=texts.school(),
        )
    return words, language, _("An invented conversation, because there is none yet.")


def _language() -> str:
    return frappe.get_system_settings("language") or "en"


def as_dict(subject: str, body: str) -> dict:
    """A preview for the form."""
    return asdict(of(subject, body))
