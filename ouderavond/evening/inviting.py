"""What instructors think of a conversation before the deadline: obligatory, wished, or not necessary.

Kept with the offer. Obligatory and wished make a request of each party of the student that has none: by the
instructor, Must See or Wanted. What a family asked for itself stays theirs, with all that they wrote: an
obligatory conversation only becomes one that must take place. Not necessary asks for nothing; families read
it, and can ask all the same. Any of it can be taken back as long as requests can be made.
"""

import frappe
from frappe import _
from frappe.utils import escape_html

from ouderavond.evening import claims, request_rules, requests
from ouderavond.evening.people import parties
from ouderavond.evening.requests import ACTIVE, NOTHING_WISHED, Asker

OBLIGATORY, WISHED, NOT_NECESSARY = "Obligatory", "Wished", "Not Necessary"
PRIORITIES = {OBLIGATORY: "Must See", WISHED: "Wanted"}
WISHES = ("", *PRIORITIES, NOT_NECESSARY)
BY_INSTRUCTOR = Asker("Instructor")
FAMILY = ("Guardian", "Student")


def why_not(evening) -> str | None:
    """Why instructors cannot say it at a Parent Evening document now, in a sentence; None: they can."""
    if not evening.instructors_may_invite:
        return _("At this evening only the school invites. Please tell the school whom you want to speak to.")
    try:
        request_rules.check_evening(evening, BY_INSTRUCTOR)
    except frappe.ValidationError as refusal:
        frappe.clear_last_message()
        return str(refusal)
    return None


def wish(instructors: list[str], offer: str, wish: str) -> None:
    """Say what an instructor thinks of one of the own offers; an empty wish takes it back.

    Starts a transaction of its own: whatever was written before is rolled back.

    Raises:
        frappe.PermissionError: the offer is not one of this person's.
        frappe.ValidationError: a rule forbids it; the message says which.
    """
    evening = _evening_of_own(instructors, offer)
    if wish not in WISHES:
        frappe.throw(_("{0} is not a possible choice here.").format(escape_html(wish[:50])))
    student = frappe.db.get_value("Conversation Offer", offer, "student")
    doc = frappe.get_doc("Parent Evening", evening)
    guardians = {name for group in _groups(doc, student) for name in group}
    records = [("Student", student), *(("Guardian", name) for name in guardians)]
    claims.transaction(evening, records, lambda: _Wish(evening, offer).become(wish))


def _evening_of_own(instructors: list[str], offer: str) -> str:
    filters = {"parent": offer, "parenttype": "Conversation Offer", "instructor": ("in", instructors or [""])}
    evening = frappe.db.get_value("Conversation Offer", offer, "evening")
    shown = evening and frappe.db.get_value("Parent Evening", evening, "published")
    if not shown or not frappe.db.exists("Conversation Offer Instructor", filters):
        frappe.throw(_("This conversation is not one of yours."), frappe.PermissionError)
    return evening


def _groups(evening, student: str) -> list[tuple[str, ...]]:
    """The parties of a student of whom a conversation can be asked; the student alone is an empty one."""
    if evening.contact_with == "Students":
        return [()]
    return [tuple(group) for group in parties(evening, [student]).get(student, [])]


class _Wish:
    """One change of what is thought of an offer, under the locks of those whom it concerns."""

    def __init__(self, evening: str, offer: str):
        self.evening = frappe.get_doc("Parent Evening", evening)
        fields = ["name", "student", "student_name", "subject", "offered", "instructor_wish"]
        fields.append("instructor_wish_raised")
        self.offer = frappe.db.get_value("Conversation Offer", offer, fields, as_dict=True, for_update=True)
        self.raised = set(filter(None, (self.offer.instructor_wish_raised or "").split(",")))
        self.rows = self._rows()

    def _rows(self) -> list[frappe._dict]:
        fields = ["name", "party", "guardian", "source", "priority", "state", "student"]
        rows = frappe.get_all("Conversation Request", {"offer": self.offer.name}, fields)
        if self.evening.contact_with == "Guardians and Students":
            # The student may have asked: then there is one conversation, and it is the student's.
            asked = [row for row in rows if row.state in ACTIVE and not row.guardian]
            self.is_student_s = bool(asked)
        else:
            self.is_student_s = False
        return rows

    def become(self, wish: str) -> None:
        """Make it what the instructor thinks now."""
        if refusal := why_not(self.evening):
            frappe.throw(refusal)
        if wish == (self.offer.instructor_wish or ""):
            return
        self._lower()
        if wish in PRIORITIES:
            self._check_offer()
            self._invite(PRIORITIES[wish])
        self._withdraw(keep=wish in PRIORITIES)
        values = {"instructor_wish": wish, "instructor_wish_raised": ",".join(sorted(self.raised))}
        frappe.db.set_value("Conversation Offer", self.offer.name, values)

    def _check_offer(self) -> None:
        if not self.offer.offered:
            sentence = _("The conversation about {0} with {1} is not offered.")
            student, subject = escape_html(self.offer.student_name), escape_html(self.offer.subject)
            frappe.throw(sentence.format(student, subject))
        if not request_rules.is_participant(self.evening, self.offer.student):
            sentence = _("{0} does not take part in this evening.")
            frappe.throw(sentence.format(escape_html(self.offer.student_name)))

    def _lower(self) -> None:
        """What a family asked for is as important again as the family said."""
        for row in self.rows:
            if row.name in self.raised and row.state in ACTIVE and row.source in FAMILY:
                self._write(row, priority="Wanted")
        self.raised = set()

    def _invite(self, priority: str) -> None:
        groups = [()] if self.is_student_s else _groups(self.evening, self.offer.student)
        if not groups:
            sentence = _("The school knows no parent or guardian of {0} whom it can invite.")
            frappe.throw(sentence.format(escape_html(self.offer.student_name)))
        for group in groups:
            self._invite_party(group, priority)

    def _invite_party(self, group: tuple[str, ...], priority: str) -> None:
        row = self._row_of(group)
        if not row:
            self._insert(group, priority)
        elif row.state not in ACTIVE:
            nothing = {} if row.source == "Instructor" else NOTHING_WISHED
            self._write(
                row, **{**nothing, "source": "Instructor", "priority": priority, "state": "Requested"}
            )
        elif row.source == "Instructor":
            self._write(row, priority=priority)
        elif row.source in FAMILY and priority == "Must See" and row.priority == "Wanted":
            self._write(row, priority=priority)
            self.raised.add(row.name)

    def _row_of(self, group: tuple[str, ...]):
        key = requests.party_key(group, self.offer.student)
        same = [row for row in self.rows if (row.guardian in group if group else not row.guardian)]
        same.sort(key=lambda row: (row.state not in ACTIVE, row.party != key))
        return same[0] if same else None

    def _insert(self, group: tuple[str, ...], priority: str) -> None:
        doc = frappe.new_doc("Conversation Request")
        doc.update({"evening": self.evening.name, "offer": self.offer.name, "student": self.offer.student})
        doc.update({"subject": self.offer.subject, "guardian": group[0] if group else None})
        doc.update({**NOTHING_WISHED, "mode": requests.default_mode(self.evening)})
        doc.update({"source": "Instructor", "priority": priority, "state": "Requested"})
        doc.party = requests.party_key(group, self.offer.student)
        doc.rank = 1 + frappe.db.count(
            "Conversation Request",
            {"evening": self.evening.name, "student": self.offer.student, "state": ("in", ACTIVE)},
        )
        doc.flags.checked = True
        doc.insert(ignore_permissions=True)

    def _withdraw(self, keep: bool) -> None:
        """Withdraw the instructor's own invitations; what families wrote in them is kept."""
        for row in self.rows:
            if keep or row.source != "Instructor" or row.state not in ACTIVE:
                continue
            if row.state == "Placed":
                frappe.throw(
                    _("This conversation has been given a time already. Please ask the school to cancel it.")
                )
            self._write(row, state="Withdrawn")

    def _write(self, row, **values) -> None:
        doc = frappe.get_doc("Conversation Request", row.name)
        doc.update(values)
        if doc.state == "Requested":
            doc.update({"reason": None, "reason_facts": None})
        doc.flags.checked = True
        doc.save(ignore_permissions=True)
        row.update(values)
