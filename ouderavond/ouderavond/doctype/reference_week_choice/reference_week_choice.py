import frappe
from frappe.model.document import Document


class ReferenceWeekChoice(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        course: DF.Link
        evening: DF.Link
        instructors: DF.SmallText
        student_group: DF.Link
        together: DF.Check
        week: DF.Data
    # end: auto-generated types
    """Which of a lesson group's instructors give the conversations, where the reference week had several."""


def on_doctype_update():
    """One choice per evening, lesson group and course."""
    frappe.db.add_unique(
        "Reference Week Choice", ["evening", "student_group", "course"], "one_choice_per_lesson_group"
    )
