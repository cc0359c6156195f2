from functools import partial

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import format_date, get_datetime, getdate, now_datetime

from ouderavond.evening import grid, removal, status
from ouderavond.evening.archiving import closing
from ouderavond.evening.lessons import week_span
from ouderavond.evening.online import choosing, waking
from ouderavond.setup.roles import MANAGER

REQUESTS = ("Request and Schedule", "Request, Schedule, then Book")
BOOKS = ("Book Directly", "Request, Schedule, then Book")

# What matters more has the larger weight: the order in which the defaults stand.
ORDERED_WEIGHTS = ("weight_must", "weight_wanted", "weight_moved", "weight_date", "weight_waiting")
WEIGHTS = (
    *ORDERED_WEIGHTS,
    "weight_nothing",
    "weight_preference",
    "weight_break",
    "weight_instructor_waiting",
)

# What is noted at archiving and at removing names, and the secret address of the waiting room's screen.
NOTED = ("archived_on", "archive_figures", "anonymised_on", "board_token")

# What a new evening takes from the settings where its own field is empty, and what holds without settings.
DEFAULTS = {"minutes_per_conversation": 10, "maximum_per_student": 2}


class ParentEvening(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        from ouderavond.ouderavond.doctype.parent_evening_date.parent_evening_date import ParentEveningDate
        from ouderavond.ouderavond.doctype.parent_evening_participant.parent_evening_participant import (
            ParentEveningParticipant,
        )

        academic_term: DF.Link | None
        academic_year: DF.Link
        anonymised_on: DF.Datetime | None
        archive_figures: DF.JSON | None
        archived: DF.Check
        archived_on: DF.Datetime | None
        board_token: DF.Data | None
        booking_from: DF.Datetime | None
        booking_until: DF.Datetime | None
        break_after: DF.Int
        change_until_hours: DF.Int
        contact_with: DF.Literal["Guardians", "Students", "Guardians and Students"]
        dates: DF.Table[ParentEveningDate]
        explanation: DF.SmallText | None
        footnote: DF.SmallText | None
        guardian_remarks: DF.Check
        guardians_see_student_bookings: DF.Check
        in_person_in_calendar: DF.Check
        instructor_remarks: DF.Check
        instructors_may_block: DF.Check
        instructors_may_invite: DF.Check
        longer_conversation: DF.Check
        maximum_per_household: DF.Int
        maximum_per_student: DF.Int
        meeting_provider: DF.Literal["", "Microsoft Teams", "Google Meet", "Link Template"]
        minutes_between: DF.Int
        minutes_per_conversation: DF.Int
        mode: DF.Literal["In Person", "Online", "Household's Choice"]
        participants: DF.Table[ParentEveningParticipant]
        procedure: DF.Literal["Request and Schedule", "Book Directly", "Request, Schedule, then Book"]
        published: DF.Check
        reference_week: DF.Data | None
        request_from: DF.Datetime | None
        request_until: DF.Datetime | None
        schedule_visible: DF.Check
        separated_guardians: DF.Literal["Attend together", "Attend separately where marked"]
        show_reasons: DF.Check
        show_remarks: DF.Check
        status: DF.Literal[
            "Draft",
            "Announced",
            "Requesting",
            "To Schedule",
            "Scheduled",
            "Booking",
            "Published",
            "Today",
            "Held",
            "Archived",
        ]
        student_attends: DF.Literal["No", "May", "Must"]
        title: DF.Data
        travel_minutes: DF.Int
        walking_minutes: DF.Int
        weight_break: DF.Float
        weight_date: DF.Float
        weight_instructor_waiting: DF.Float
        weight_moved: DF.Float
        weight_must: DF.Float
        weight_nothing: DF.Float
        weight_preference: DF.Float
        weight_waiting: DF.Float
        weight_wanted: DF.Float

    # end: auto-generated types
    def before_insert(self):
        for fieldname, value in defaults_for_a_new_evening().items():
            if self.get(fieldname) is None:
                self.set(fieldname, value)

    def validate(self):
        self.refuse_change_when_archived()
        self.keep_what_is_noted()
        closing.follow(self)
        self.check_dates()
        self.check_slots()
        self.check_year()
        self.check_request_window()
        self.check_booking_window()
        self.check_participants()
        self.check_weights()
        self.check_reference_week()
        self.keep_bookings_on_the_grid()
        choosing.check(self)
        self.status = status.derive(self, now_datetime(), status.live_bookings(self.name))

    def on_update(self):
        # Another provider, title or place: what stands in the calendars follows.
        frappe.db.after_commit.add(partial(waking.wake, self.name))

    def on_trash(self):
        removal.refuse_if_told(self)
        removal.remove_rows(self.name)

    def refuse_change_when_archived(self):
        """An archived evening is read only; only a manager takes it out of the archive."""
        before = self.get_doc_before_save()
        if not before or not before.archived:
            return
        if self.archived:
            frappe.throw(_("{0} is archived and can only be read.").format(_quoted(self.title)))
        if MANAGER not in frappe.get_roles():
            frappe.throw(
                _("Only an Ouderavond Manager takes an evening out of the archive."), frappe.PermissionError
            )

    def keep_what_is_noted(self):
        """What only the program writes, and past this, is no form's or other program's to change."""
        before = self.get_doc_before_save() or {}
        for fieldname in NOTED:
            self.set(fieldname, before.get(fieldname))

    def check_dates(self):
        """Every date once, in order, and ending after it begins."""
        previous = None
        for row in self.dates:
            day = getdate(row.date)
            if previous and day == previous:
                frappe.throw(_("Row {0}: {1} is there twice.").format(row.idx, format_date(day)))
            if previous and day < previous:
                frappe.throw(
                    _("Row {0}: {1} comes before the date above it. Put the dates in order.").format(
                        row.idx, format_date(day)
                    )
                )
            if grid.at(day, row.end_time) <= grid.at(day, row.first_time):
                frappe.throw(_("Row {0}: the end time must be later than the first time.").format(row.idx))
            previous = day

    def check_slots(self):
        """At least one whole slot on every date."""
        if int(self.minutes_per_conversation or 0) <= 0:
            frappe.throw(_("Minutes per Conversation must be at least 1."))
        for row, evening_date in zip(self.dates, grid.slots(self), strict=True):
            if not evening_date.starts:
                frappe.throw(
                    _(
                        "Row {0}: between {1} and {2} there is no room for a conversation of {3} minutes."
                    ).format(
                        row.idx,
                        evening_date.first.strftime("%H:%M"),
                        evening_date.end.strftime("%H:%M"),
                        self.minutes_per_conversation,
                    )
                )

    def check_year(self):
        """The dates and the term lie within the academic year."""
        start, end = frappe.db.get_value(
            "Academic Year", self.academic_year, ["year_start_date", "year_end_date"]
        ) or (None, None)
        for row in self.dates:
            day = getdate(row.date)
            if (start and day < start) or (end and day > end):
                frappe.throw(
                    _("Row {0}: {1} does not lie in the academic year {2} ({3} to {4}).").format(
                        row.idx, format_date(day), self.academic_year, format_date(start), format_date(end)
                    )
                )
        if self.academic_term:
            year = frappe.db.get_value("Academic Term", self.academic_term, "academic_year")
            if year != self.academic_year:
                frappe.throw(
                    _("The term {0} does not belong to the academic year {1}.").format(
                        self.academic_term, self.academic_year
                    )
                )

    def check_request_window(self):
        """Requests open before they close, and close before the evening begins."""
        if self.procedure not in REQUESTS:
            return
        if self.published and not self.request_until:
            frappe.throw(_("Fill in the deadline for requests before you publish the evening."))
        if not self.request_until:
            return
        if self.request_from and get_datetime(self.request_from) >= get_datetime(self.request_until):
            frappe.throw(_("The deadline must be later than the moment from which requests are possible."))
        if get_datetime(self.request_until) >= grid.slots(self)[0].first:
            frappe.throw(_("The deadline must be before the first conversation."))

    def check_booking_window(self):
        """Booking opens before it closes, closes before the evening ends, and comes after the requests."""
        if self.procedure not in BOOKS:
            return
        opens = self.booking_from and get_datetime(self.booking_from)
        closes = self.booking_until and get_datetime(self.booking_until)
        if opens and closes and opens >= closes:
            frappe.throw(_("Booking Until must be later than Booking From."))
        if closes and closes > grid.slots(self)[-1].end:
            frappe.throw(_("Booking Until must be before the end of the last date."))
        deadline = self.procedure in REQUESTS and self.request_until and get_datetime(self.request_until)
        if deadline and opens and opens < deadline:
            frappe.throw(
                _("Direct booking begins after the deadline for requests: Booking From is too early.")
            )

    def check_participants(self):
        """Everybody once, and classes of this year."""
        seen = set()
        for row in self.participants:
            key = (row.participant_type, row.participant)
            if key in seen:
                frappe.throw(_("Row {0}: {1} is there twice.").format(row.idx, _quoted(row.participant)))
            seen.add(key)
        classes = [row.participant for row in self.participants if row.participant_type == "Student Group"]
        other = classes and frappe.get_all(
            "Student Group",
            filters={"name": ("in", classes), "academic_year": ("!=", self.academic_year)},
            fields=["name", "academic_year"],
            limit=1,
        )
        if other:
            frappe.throw(
                _("The class {0} belongs to the academic year {1}, the evening to {2}.").format(
                    _quoted(other[0].name), other[0].academic_year, self.academic_year
                )
            )

    def check_weights(self):
        """At most three decimals, as the scheduler demands; a warning where the usual order is broken."""
        for fieldname in WEIGHTS:
            value = float(self.get(fieldname) or 0)
            if abs(value - round(value, 3)) > 1e-9:
                frappe.throw(_("{0}: at most three decimals.").format(_(self.meta.get_label(fieldname))))
        if not any(self.has_value_changed(fieldname) for fieldname in ORDERED_WEIGHTS):
            return
        for more, less in zip(ORDERED_WEIGHTS, ORDERED_WEIGHTS[1:], strict=False):
            if float(self.get(more) or 0) <= float(self.get(less) or 0):
                labels = [_(self.meta.get_label(fieldname)) for fieldname in (more, less)]
                frappe.msgprint(
                    _(
                        "The weight {0} is not larger than the weight {1}. "
                        "The schedule may trade the one for the other."
                    ).format(*map(_quoted, labels)),
                    title=_("Unusual Weights"),
                    indicator="orange",
                )

    def check_reference_week(self):
        """A week that exists; a warning where it has no lessons, since offers are made from them."""
        if not self.reference_week:
            return
        monday, sunday = week_span(self.reference_week.strip().upper())
        self.reference_week = f"{monday:%G-W%V}"
        if not self.has_value_changed("reference_week"):
            return
        if not frappe.db.exists("Course Schedule", {"schedule_date": ("between", (monday, sunday))}):
            frappe.msgprint(
                _("There are no lessons in week {0}, so no offers can be made from it.").format(
                    self.reference_week
                ),
                title=_("No Lessons"),
                indicator="orange",
            )

    def keep_bookings_on_the_grid(self):
        """Other dates or minutes are refused while conversations stand at times that would vanish."""
        before = self.get_doc_before_save()
        if not before or grid.slots(before) == grid.slots(self):
            return
        off = status.bookings_off_the_grid(self) - status.bookings_off_the_grid(before)
        if off:
            frappe.throw(
                _(
                    "{0} booked conversations would no longer be in a slot. "
                    "Move or cancel them first, or leave dates and minutes as they are."
                ).format(len(off))
                if len(off) > 1
                else _(
                    "One booked conversation would no longer be in a slot. "
                    "Move or cancel it first, or leave dates and minutes as they are."
                )
            )


def defaults_for_a_new_evening() -> dict[str, int | str]:
    """The school's defaults from Ouderavond Settings."""
    settings = frappe.db.get_singles_dict("Ouderavond Settings")
    found = {fieldname: int(settings.get(fieldname) or value) for fieldname, value in DEFAULTS.items()}
    return {**found, "meeting_provider": settings.get("default_meeting_provider") or ""}


def _quoted(text: str) -> str:
    return f"“{frappe.utils.escape_html(text or '')}”"
