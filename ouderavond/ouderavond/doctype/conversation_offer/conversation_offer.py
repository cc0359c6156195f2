import frappe
from frappe import _
from frappe.model.document import Document

from ouderavond.evening import archived, versions
from ouderavond.evening.offer_key import instructors_key
from ouderavond.evening.participants import participants_query


class ConversationOffer(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        from ouderavond.ouderavond.doctype.conversation_offer_date.conversation_offer_date import (
            ConversationOfferDate,
        )
        from ouderavond.ouderavond.doctype.conversation_offer_instructor.conversation_offer_instructor import (
            ConversationOfferInstructor,
        )

        abbreviation: DF.Data | None
        course: DF.Link | None
        evening: DF.Link
        forbidden_dates: DF.Table[ConversationOfferDate]
        in_package: DF.Check
        instructor_wish: DF.Literal["", "Obligatory", "Wished", "Not Necessary"]
        instructor_wish_raised: DF.SmallText | None
        instructors: DF.Table[ConversationOfferInstructor]
        instructors_key: DF.Data | None
        offered: DF.Check
        remark: DF.SmallText | None
        slots: DF.Int
        source: DF.Literal["Course", "Mentor", "Individual", "File", "Manual"]
        student: DF.Link
        student_name: DF.Data | None
        subject: DF.Data

    # end: auto-generated types
    def validate(self):
        archived.refuse(self.evening)
        self.take_names()
        self.check_instructors()
        self.check_slots()
        self.check_dates()
        self.check_student()
        self.refuse_duplicate()

    def on_update(self):
        versions.bump(self.evening)

    def on_trash(self):
        archived.refuse_with_a_time(self)

    def take_names(self):
        """The subject from the course; the names as the lists show them."""
        if self.course and not self.subject:
            self.subject = frappe.db.get_value("Course", self.course, "course_name")
        self.subject = (self.subject or "").strip()
        if not self.subject:
            frappe.throw(_("Choose a course or fill in a subject."))

    def check_instructors(self):
        """At least one, each of them once."""
        names = [row.instructor for row in self.instructors]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            name = frappe.db.get_value("Instructor", twice, "instructor_name") or twice
            frappe.throw(_("{0} is there twice.").format(frappe.utils.escape_html(name)))
        self.instructors_key = instructors_key(names)

    def check_slots(self):
        """A conversation takes at least one slot."""
        if int(self.slots or 0) < 1:
            frappe.throw(_("A conversation takes at least one slot."))

    def check_dates(self):
        """Forbidden dates are dates of the evening."""
        dates = frappe.get_all("Parent Evening Date", filters={"parent": self.evening}, pluck="date")
        for row in self.forbidden_dates:
            if frappe.utils.getdate(row.date) not in dates:
                frappe.throw(
                    _("Row {0}: the evening is not on {1}.").format(row.idx, frappe.format(row.date, "Date"))
                )

    def check_student(self):
        """Only participants have offers. Those made before stay when the participants change."""
        if not self.is_new():
            return
        evening = frappe.get_cached_doc("Parent Evening", self.evening)
        if not participants_query(evening).where(frappe.qb.DocType("Student").name == self.student).run():
            frappe.throw(
                _("{0} does not take part in {1}.").format(
                    frappe.utils.escape_html(self.student_name or self.student),
                    frappe.utils.escape_html(evening.title),
                )
            )

    def refuse_duplicate(self):
        """One offer per evening, student, subject and set of instructors; the database holds to it too."""
        same = {
            "evening": self.evening,
            "student": self.student,
            "subject": self.subject,
            "instructors_key": self.instructors_key,
            "name": ("!=", self.name or ""),
        }
        if frappe.db.exists("Conversation Offer", same):
            frappe.throw(
                _("{0} has this offer already: {1}, with the same instructors.").format(
                    frappe.utils.escape_html(self.student_name or self.student),
                    frappe.utils.escape_html(self.subject),
                ),
                frappe.DuplicateEntryError,
            )


def on_doctype_update():
    """The database itself refuses the same offer twice, and counts offers without reading them."""
    frappe.db.add_unique(
        "Conversation Offer", ["evening", "student", "subject", "instructors_key"], "unique_offer"
    )
    frappe.db.add_index("Conversation Offer", ["evening", "offered", "student"])
    # What lists filter and sort by, so that they need not read the rows themselves.
    columns = ["evening", "student", "subject", "abbreviation", "offered", "in_package", "slots", "source"]
    frappe.db.add_index("Conversation Offer", columns, "listing")
