"""Who sits where and when at an evening: all instructors and dates at once, edited as in a spreadsheet.

An edit names an instructor and a date and says what changes there, as texts the way people write them. Many
edits are one change: all of it or nothing, with what becomes of the conversations that have a time already.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from datetime import time as clock

import frappe
from frappe import _
from frappe.utils import cint, cstr, format_date, getdate, to_timedelta

from ouderavond.evening import grid

FIELDS = (
    "present_from",
    "present_until",
    "room",
    "shared_room",
    "table_label",
    "break_after",
    "maximum_conversations",
)
MOST_EDITS = 5_000
MOST_NUMBER = 999
TEXT_LENGTH = 140
CLOCK = re.compile(r"^(\d{1,2})(?:\s*[:.uUhH]\s*(\d{2})|(\d{2}))?(?::\d{2})?\s*[uUhH]?$")
YES, NO = (
    ("1", "x", "true", "yes", "ja", "oui", "y", "j", "✓"),
    ("0", "", "-", "false", "no", "nee", "nein", "non", "n"),
)


@dataclass(frozen=True)
class Place:
    """Where and when an instructor sits on a date; times as HH:MM, None: as the evening says."""

    present_from: str | None = None
    present_until: str | None = None
    room: str | None = None
    shared_room: int = 0
    table_label: str | None = None
    break_after: int = 0
    maximum_conversations: int = 0
    name: str | None = None

    def values(self) -> dict:
        """The fields that people edit."""
        return {name: getattr(self, name) for name in FIELDS}


Key = tuple[str, date]


@dataclass
class Problem:
    """Why an edit cannot be carried out: the row, the field where it is one, and a sentence."""

    instructor: str
    date: str
    field: str | None
    sentence: str


@dataclass
class Plan:
    """Edits that were read: the places before and after, and what is wrong with them."""

    evening: object
    before: dict[Key, Place]
    after: dict[Key, Place]
    names: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    @property
    def added(self) -> list[Key]:
        """Rows that come."""
        return sorted(self.after.keys() - self.before.keys())

    @property
    def removed(self) -> list[Key]:
        """Rows that go."""
        return sorted(self.before.keys() - self.after.keys())

    @property
    def changed(self) -> list[Key]:
        """Rows that are there before and after, with other values."""
        both = self.before.keys() & self.after.keys()
        return sorted(key for key in both if self.before[key] != self.after[key])

    @property
    def touched(self) -> list[Key]:
        """All of these."""
        return sorted([*self.added, *self.removed, *self.changed])

    def refuse(self) -> None:
        """Refuse the edits where something is wrong with them.

        Raises:
            frappe.ValidationError: the first ten sentences.
        """
        if self.problems:
            sentences = [frappe.utils.escape_html(problem.sentence) for problem in self.problems]
            more = len(sentences) - 10
            if more > 0:
                sentences = [*sentences[:10], _("And {0} more.").format(more)]
            frappe.throw("<br>".join(sentences), title=_("Not Possible"))


def of_evening(evening: str) -> dict[Key, Place]:
    """{(instructor, date): place} of an evening."""
    rows = frappe.get_all("Evening Instructor", {"evening": evening}, ["name", "instructor", "date", *FIELDS])
    return {key_of(row): place_of(row) for row in rows}


def key_of(row) -> Key:
    """The key of an Evening Instructor, a row or document."""
    return row.instructor, getdate(row.date)


def place_of(row) -> Place:
    """The place that an Evening Instructor, a row or document, gives."""
    return Place(
        present_from=_hours(row.present_from),
        present_until=_hours(row.present_until),
        room=row.room or None,
        shared_room=cint(row.shared_room),
        table_label=row.table_label or None,
        break_after=cint(row.break_after),
        maximum_conversations=cint(row.maximum_conversations),
        name=row.name,
    )


def _hours(value) -> str | None:
    if value is None:
        return None
    minutes = int(to_timedelta(value).total_seconds()) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"


def read(evening) -> dict:
    """All that the grid shows of a Parent Evening document.

    Returns:
        {rows, rooms, break_after}: a row per instructor and date, by name, with its numbers of conversations
        on that date and of offers; the rooms to choose from.
    """
    people = _people(evening.name)
    booked, offers = _booked(evening.name), _offers(evening.name)
    places = of_evening(evening.name)
    rows = []
    for (instructor, day), place in places.items():
        person = people.get(instructor) or frappe._dict(instructor_name=instructor)
        rows.append(
            {
                "instructor": instructor,
                "title": person.instructor_name or instructor,
                "code": person.ouderavond_code or "",
                "department": person.department or "",
                "date": str(day),
                **place.values(),
                "conversations": booked.get((instructor, day), 0),
                "offers": offers.get(instructor, 0),
            }
        )
    rows.sort(key=lambda row: (row["title"].casefold(), row["instructor"], row["date"]))
    return {"rows": rows, "rooms": rooms(), "break_after": cint(evening.break_after)}


def rooms() -> list[dict]:
    """The rooms of the school: {name, title}, by title."""
    found = frappe.get_all("Room", fields=["name", "room_name"])
    rows = [{"name": row.name, "title": row.room_name or row.name} for row in found]
    return sorted(rows, key=lambda row: row["title"].casefold())


def _people(evening: str) -> dict[str, frappe._dict]:
    there = frappe.get_all("Evening Instructor", {"evening": evening}, pluck="instructor", distinct=True)
    fields = ["name", "instructor_name", "ouderavond_code", "department"]
    return {row.name: row for row in frappe.get_all("Instructor", {"name": ("in", there or [""])}, fields)}


def _booked(evening: str) -> dict[Key, int]:
    booking, sits = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Evening Booking Instructor")
    rows = (
        frappe.qb.from_(sits)
        .join(booking)
        .on((booking.name == sits.parent) & (booking.evening == evening) & (booking.state != "Cancelled"))
        .select(sits.instructor, booking.start)
        .where(sits.parenttype == "Evening Booking")
    ).run()
    found: dict[Key, int] = {}
    for instructor, start in rows:
        key = (instructor, start.date())
        found[key] = found.get(key, 0) + 1
    return found


def _offers(evening: str) -> dict[str, int]:
    return dict(
        frappe.db.sql(
            """select sits.instructor, count(*) from `tabConversation Offer Instructor` sits
            join `tabConversation Offer` offer on offer.name = sits.parent
            where offer.evening = %s and offer.offered = 1 group by sits.instructor""",
            (evening,),
        )
    )


# Reading edits


def plan(evening, edits: Iterable[dict]) -> Plan:
    """What edits come to, read against what is in the database now.

    Args:
        evening: Parent Evening document.
        edits: {instructor, date, values: {field: text}} each; with `remove` the row goes. A row that is not
            there is added.

    Raises:
        frappe.ValidationError: the edits are of no known shape, or too many.
    """
    return _Reader(evening, _checked(edits)).read()


def _checked(edits: Iterable[dict]) -> list[dict]:
    edits = list(edits)
    if len(edits) > MOST_EDITS:
        frappe.throw(_("At most {0} rows are changed at once.").format(MOST_EDITS))
    for edit in edits:
        whole = isinstance(edit, dict) and isinstance(edit.get("values") or {}, dict)
        if (
            not whole
            or not {"instructor", "date"} <= set(edit)
            or set(edit.get("values") or {}) - set(FIELDS)
        ):
            frappe.throw(_("This change could not be read. Please reload the page and try again."))
    return edits


class _Reader:
    """Reads edits one after the other; what is wrong with one does not stop the others."""

    def __init__(self, evening, edits: list[dict]):
        before = of_evening(evening.name)
        self.evening, self.edits = evening, edits
        self.days = {day.date: day for day in grid.slots(evening)}
        known = {cstr(edit["instructor"]) for edit in edits} | {who for who, _day in before}
        self.names = dict(
            frappe.get_all(
                "Instructor",
                {"name": ("in", list(known) or [""])},
                ["name", "instructor_name"],
                as_list=True,
            )
        )
        self.plan = Plan(evening, before, dict(before), self.names)

    def read(self) -> Plan:
        for edit in self.edits:
            self._one(edit)
        for key in {*self.plan.added, *self.plan.changed}:
            self._check_presence(key)
        return self.plan

    def _one(self, edit: dict) -> None:
        instructor, day = cstr(edit["instructor"]), self._day(edit)
        if instructor not in self.names:
            self._problem(edit, None, _("{0} is not an instructor of this school.").format(instructor))
        elif day not in self.days:
            said = _("{0}: the evening is not on {1}.").format(self.names[instructor], cstr(edit["date"]))
            self._problem(edit, None, said)
        elif edit.get("remove"):
            self.plan.after.pop((instructor, day), None)
        else:
            place = self.plan.after.get((instructor, day)) or Place()
            self.plan.after[instructor, day] = self._with(edit, place)

    def _day(self, edit: dict) -> date | None:
        try:
            return date.fromisoformat(cstr(edit["date"])[:10])
        except ValueError:
            return None

    def _with(self, edit: dict, place: Place) -> Place:
        found = {}
        for name, value in (edit.get("values") or {}).items():
            try:
                found[name] = self._value(name, value)
            except ValueError as error:
                who = self.names[cstr(edit["instructor"])]
                self._problem(edit, name, f"{who}, {format_date(edit['date'], 'd MMM')}: {error}")
        return replace(place, **found)

    def _value(self, name: str, value):
        if name in ("present_from", "present_until"):
            return as_clock(value)
        if name == "room":
            return self._room(cstr(value).strip())
        if name == "shared_room":
            return as_yes_or_no(value)
        if name == "table_label":
            return cstr(value).strip()[:TEXT_LENGTH] or None
        return as_number(value)

    def _room(self, text: str) -> str | None:
        if not text:
            return None
        found = self._rooms.get(text.casefold(), set())
        if text in found or len(found) == 1:
            return text if text in found else next(iter(found))
        if found:
            raise ValueError(_("several rooms are called {0}.").format(text))
        raise ValueError(_("there is no room {0}.").format(text))

    @property
    def _rooms(self) -> dict[str, set[str]]:
        """Every text by which people call a room, in small letters."""
        if not hasattr(self, "_called"):
            self._called: dict[str, set[str]] = {}
            for row in frappe.get_all("Room", fields=["name", "room_name", "room_number"]):
                for text in (row.name, row.room_name, row.room_number):
                    if text:
                        self._called.setdefault(cstr(text).strip().casefold(), set()).add(row.name)
        return self._called

    def _check_presence(self, key: Key) -> None:
        place, day = self.plan.after[key], self.days[key[1]]
        first = grid.at(day.date, place.present_from) if place.present_from else day.first
        last = grid.at(day.date, place.present_until) if place.present_until else day.end
        edit = {"instructor": key[0], "date": key[1]}
        who = f"{self.names.get(key[0], key[0])}, {format_date(key[1], 'd MMM')}"
        if last <= first:
            self._problem(edit, "present_until", _("{0}: Until must be later than From.").format(who))
        elif first >= day.end or last <= day.first:
            said = _("{0}: these times lie outside the evening. Remove the row if they do not come.")
            self._problem(edit, "present_from", said.format(who))

    def _problem(self, edit: dict, name: str | None, sentence: str) -> None:
        self.plan.problems.append(Problem(cstr(edit["instructor"]), cstr(edit["date"])[:10], name, sentence))


def as_clock(value) -> str | None:
    """A time of day as people write it (18:30, 18.30, 1830, 18u30, 18) as HH:MM; None for an empty one.

    Raises:
        ValueError: it is none; the sentence says so.
    """
    if isinstance(value, clock):
        return f"{value:%H:%M}"
    text = cstr(value).strip()
    if not text:
        return None
    found = CLOCK.match(text)
    hours, minutes = (int(found[1]), int(found[2] or found[3] or 0)) if found else (99, 0)
    if hours > 23 or minutes > 59:
        raise ValueError(_("{0} is not a time such as 18:30.").format(text[:20]))
    return f"{hours:02}:{minutes:02}"


def as_yes_or_no(value) -> int:
    """Yes or no as people tick it: 1 or 0.

    Raises:
        ValueError: it is neither.
    """
    text = cstr(value).strip().casefold()
    if text in YES or text == _("Yes").casefold():
        return 1
    if text in NO or text == _("No").casefold():
        return 0
    raise ValueError(_("{0} is neither yes nor no.").format(text[:20]))


def as_number(value) -> int:
    """A whole number from 0; an empty text is 0.

    Raises:
        ValueError: it is none.
    """
    text = cstr(value).strip().removesuffix(".0")
    if not text:
        return 0
    if not text.isdecimal() or int(text) > MOST_NUMBER:
        raise ValueError(_("{0} is not a whole number from 0 to {1}.").format(text[:20], MOST_NUMBER))
    return int(text)
