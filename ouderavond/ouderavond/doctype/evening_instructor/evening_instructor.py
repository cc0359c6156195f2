import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import format_date, getdate, to_timedelta

from ouderavond.evening import claims, versions


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
        self.check_date()
        self.check_presence()
        self.check_room()
        self.refuse_duplicate()

    def on_update(self):
        versions.bump(self.evening)
        before = self.get_doc_before_save()
        was = (before.room, before.shared_room, before.date) if before else (None, 0, None)
        if was != (self.room, self.shared_room, self.date):
            _rewrite_claims({was[0], self.room})

    def after_delete(self):
        versions.bump(self.evening)
        _rewrite_claims({self.room})

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


def _rewrite_claims(rooms: set) -> None:
    """A room that is shared from now on, or no longer, is claimed accordingly."""
    for room in filter(None, rooms):
        claims.rewrite_claims_of("Room", room)


def on_doctype_update():
    """The database itself refuses the same instructor twice on a date."""
    frappe.db.add_unique("Evening Instructor", ["evening", "instructor", "date"], "unique_presence")
