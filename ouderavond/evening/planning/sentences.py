"""What is in the way of a conversation, in words for staff, who may read who and what."""

from datetime import date, datetime
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import formatdate

from ouderavond.evening import blocks, wording
from ouderavond.evening.planning import booked
from ouderavond.evening.planning.standing import Standing, Taken

# Each sentence is looked up in the reader's language when it is needed first.
TEXTS = {
    "not_offered": lambda: _("This conversation is not offered."),
    "archived": lambda: _("This evening is archived."),
    "takes_no_part": lambda: _("{0} does not take part in this evening."),
    "has_a_time": lambda: _("This conversation already has a time: {0} {1}."),
    "student_maximum": lambda: _("There are already {0} conversations about {1}; the maximum is {2}."),
    "forbidden": lambda: _("This conversation cannot be on {0}."),
    "class_forbidden": lambda: _("Conversations of class {0} cannot be on {1}."),
    "no_slot": lambda: _("No slot of this evening begins on {0} at {1}."),
    "too_long": lambda: _("There is no room for the whole conversation: this date ends at {0}."),
    "not_to_meet": lambda: _("At that time these guardians would meet {0}, whom they are not to meet."),
    "absent": lambda: _("{0} is not present on {1}."),
    "from": lambda: _("{0} is present from {1} only."),
    "until": lambda: _("{0} is present until {1} only."),
    "maximum": lambda: _("{0} already has {1} conversations on {2}, the maximum."),
    "taken": lambda: _("{0} has a conversation about {1} from {2} to {3}."),
    "elsewhere": lambda: _("{0} has a conversation at another evening, {1}, from {2} to {3}."),
    "room_taken": lambda: _("Room {0} is taken for a conversation about {1} from {2} to {3}."),
    "room_elsewhere": lambda: _("Room {0} is taken for another evening, {1}, from {2} to {3}."),
    "household": lambda: _("{0} has a conversation about {1} with {2} from {3} to {4}."),
    "household_in": lambda: _("{0} has a conversation about {1} with {2} from {3} to {4}, in room {5}."),
    "held": lambda: _("{0} is held from {1} to {2} for somebody who is booking, until {3} at the latest."),
    "blocked": lambda: _("{0} is blocked from {1} to {2}."),
    "blocked_because": lambda: _("{0} is blocked from {1} to {2}: {3}."),
    "walk": lambda: _(
        "There are {0} minutes between this and the conversation about {1} at {2}; {3} are needed."
    ),
    "break": lambda: _("{0} would have {1} conversations in a row; a break is due after {2}."),
}


class Obstacle(NamedTuple):
    """Why a conversation cannot be at a time.

    `double` marks what no reason of staff overrides; `soft` what is only worth knowing.
    """

    sentence: str
    double: bool = False
    soft: bool = False


class Sentences:
    """Obstacles in words. Words and names that are needed often are looked up once."""

    def __init__(self, standing: Standing):
        self.standing = standing
        self._texts: dict[str, str] = {}
        self._times: dict[datetime, str] = {}
        self._titles: dict[tuple[str, str], str] = {}

    def title(self, doctype: str, name: str) -> str:
        """How people call a person or room."""
        known = {"Instructor": self.standing.instructors, "Room": self.standing.rooms}.get(doctype, {})
        if name in known:
            return known[name] or name
        if (doctype, name) not in self._titles:
            self._titles[doctype, name] = blocks.title(doctype, name)
        return self._titles[doctype, name]

    def time(self, moment: datetime) -> str:
        """A time of day."""
        if moment not in self._times:
            self._times[moment] = wording.time(moment)
        return self._times[moment]

    def say(self, name: str, *values) -> Obstacle:
        """One of the sentences; moments and dates among the values are written out."""
        if name not in self._texts:
            self._texts[name] = TEXTS[name]()
        return Obstacle(self._texts[name].format(*map(self._written, values)))

    def never(self, name: str, *values) -> Obstacle:
        """The same, of what no reason of staff overrides."""
        return self.say(name, *values)._replace(double=True)

    def _written(self, value):
        if isinstance(value, datetime):
            return self.time(value)
        return formatdate(value) if isinstance(value, date) else value

    def of_person(self, record: tuple[str, str], row: Taken) -> Obstacle:
        """Why an instructor or a room is not free."""
        if row.kind != "Booking":
            return self._no_conversation(record, row)
        about = self.standing.bookings.get(row.reference)
        room = record[0] == "Room"
        if about:
            values = (self.title(*record), about.student_name, row.start, row.end)
            return self.never("room_taken" if room else "taken", *values)
        values = (self.title(*record), self._evening(row.evening), row.start, row.end)
        return self.never("room_elsewhere" if room else "elsewhere", *values)

    def of_household(self, record: tuple[str, str], row: Taken) -> Obstacle:
        """Why a guardian or the student is not free."""
        about = self.standing.bookings.get(row.reference)
        if row.kind != "Booking" or not about:
            return self.of_person(record, row)
        instructors = self.instructors_of(row.reference)
        own = self.standing.key(*record)
        if own in {self.standing.key("Instructor", name) for name, _title in instructors}:
            # A guardian who teaches here is taken by the conversations as an instructor too.
            return self.of_person(record, row)
        who = _("The household") if record[0] == "Guardian" else self.title(*record)
        names = ", ".join(title for _name, title in instructors)
        values = (who, about.student_name, names, row.start, row.end)
        if about.room:
            return self.never("household_in", *values, self.title("Room", about.room))
        return self.never("household", *values)

    def of_block(self, row) -> Obstacle:
        """A block (a row of `Standing.blocks`)."""
        who = _("Everyone") if row.who_type == "Everyone" else row.who_name or row.who
        if row.reason:
            return self.say("blocked_because", who, row.from_time, row.to_time, row.reason)
        return self.say("blocked", who, row.from_time, row.to_time)

    def _no_conversation(self, record: tuple[str, str], row: Taken) -> Obstacle:
        block = self.standing.blocks.get(row.reference)
        if block:
            return self.of_block(block)
        if row.kind == "Block":
            return self.say("blocked", self.title(*record), row.start, row.end)
        return self.never("held", self.title(*record), row.start, row.end, row.expires)

    def _evening(self, name: str) -> str:
        if ("Parent Evening", name) not in self._titles:
            self._titles["Parent Evening", name] = (
                frappe.db.get_value("Parent Evening", name, "title") or name
            )
        return self._titles["Parent Evening", name]

    def instructors_of(self, booking: str) -> list[tuple[str, str]]:
        """(instructor, name) of a conversation."""
        about = self.standing.bookings[booking]
        if "instructors" not in about:
            given = booked.instructors_of([booking]).get(booking, [])
            about.instructors, about.instructor_names = (
                map(list, zip(*given, strict=True)) if given else ([], [])
            )
        return list(zip(about.instructors, about.instructor_names, strict=True))
