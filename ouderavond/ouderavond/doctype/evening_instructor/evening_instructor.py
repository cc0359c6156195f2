import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import format_date, getdate, to_timedelta

from ouderavond.evening import archived, versions
from ouderavond.evening.planning import places_change


class EveningInstructor(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        break_after: DF.Int
        date: DF.Date
        evening: DF.Link
        instructor: DF.Link
        instructor_name: DF.Data | None
        maximum_conversations: DF.Int
        present_from: DF.Time | None
        present_until: DF.Time | None
        room: DF.Link | None
        shared_room: DF.Check
        table_label: DF.Data | None

    # end: auto-generated types
    def _set_defaults(self):
        """The platform fills an empty Time with the present one; here empty means as the evening says."""
        empty = [name for name in ("present_from", "present_until") if not self.get(name)]
        super()._set_defaults()
        for name in empty:
            self.set(name, None)

    def validate(self):
        archived.refuse(self.evening)
        self.check_date()
        self.check_presence()
        self.check_room()
        self.refuse_duplicate()

    def on_update(self):
        versions.bump(self.evening)
        effects = places_change.follow(self, self.get_doc_before_save())
        if effects.unfit:
            _say_what_no_longer_fits(effects.unfit)

    def on_trash(self):
        archived.refuse(self.evening)

    def after_delete(self):
        versions.bump(self.evening)
        places_change.follow(None, self)

    def check_date(self):
        """The evening is on this date."""
        if not frappe.db.exists("Parent Evening Date", {"parent": self.evening, "date": self.date}):
            frappe.throw(_("The evening is not on {0}.").format(format_date(self.date)))

    def check_presence(self):
        """Leaves after arriving."""
        if self.present_from and self.present_until:
            if to_timedelta(self.present_until) <= to_timedelta(self.present_from):
                frappe.throw(_("Present Until must be later than Present From."))

    def check_room(self):
        """Two instructors sit in one room only where it is marked as shared by both."""
        if not self.room:
            return
        others = frappe.get_all(
            "Evening Instructor",
            filters={
                "evening": self.evening,
                "date": self.date,
                "room": self.room,
                "instructor": ("!=", self.instructor),
            },
            fields=["instructor_name", "shared_room"],
        )
        if others and not (self.shared_room and all(other.shared_room for other in others)):
            frappe.msgprint(
                _(
                    "{0} is also in room {1} on {2}. Mark the room as shared for both, "
                    "or only one can speak at a time."
                ).format(
                    frappe.utils.escape_html(others[0].instructor_name or ""),
                    frappe.utils.escape_html(self.room),
                    format_date(self.date),
                ),
                title=_("Room Used Twice"),
                indicator="orange",
            )

    def refuse_duplicate(self):
        """One row per evening, instructor and date; the database holds to it too."""
        same = {
            "evening": self.evening,
            "instructor": self.instructor,
            "date": getdate(self.date),
            "name": ("!=", self.name or ""),
        }
        if frappe.db.exists("Evening Instructor", same):
            frappe.throw(
                _("{0} is already there on {1}.").format(
                    frappe.utils.escape_html(self.instructor_name or self.instructor), format_date(self.date)
                ),
                frappe.DuplicateEntryError,
            )


def _say_what_no_longer_fits(unfit: list) -> None:
    """They stay, and the check names them."""
    lines = [f"{row.student_name} ({row.subject}): {row.sentence}" for row in unfit[:10]]
    if len(unfit) > 10:
        lines.append(_("And {0} more.").format(len(unfit) - 10))
    frappe.msgprint(
        "<br>".join(frappe.utils.escape_html(line) for line in lines),
        title=_("Conversations That No Longer Fit"),
        indicator="orange",
    )


def on_doctype_update():
    """The database itself refuses the same instructor twice on a date."""
    frappe.db.add_unique("Evening Instructor", ["evening", "instructor", "date"], "unique_presence")
