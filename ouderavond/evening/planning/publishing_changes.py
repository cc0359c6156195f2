"""What differs between what people were told and what is planned now, and publishing all or some of it.

A conversation given to another instructor is two records, one that stands instead of the other; here it is
one change, as it is for the people it concerns.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import frappe
from frappe import _

from ouderavond.evening import claims, publishing, rows, told, wording
from ouderavond.evening.conversations import classes

# What a change can be, in the order in which it is said.
KINDS = ("new", "moved", "instructor", "length", "place", "cancelled")
STAYS = ("name", "student", "student_name", "subject", "student_attends", "sequence", "household")


@dataclass(frozen=True)
class Side:
    """A conversation as people were told of it, or as it is planned."""

    start: datetime
    end: datetime
    room: str | None
    room_name: str | None
    table: str | None
    online: bool
    instructors: tuple[tuple[str, str], ...]

    @property
    def place(self) -> str:
        """Where it is, in words."""
        if self.online:
            return _("Online")
        return ", ".join(part for part in (self.room_name, self.table) if part)

    @property
    def time(self) -> str:
        """From when until when on its date, in words."""
        return f"{wording.time(self.start.time())} – {wording.time(self.end.time())}"

    @property
    def names(self) -> str:
        """With whom it is."""
        return ", ".join(name for _record, name in self.instructors)


@dataclass(frozen=True)
class Change:
    """One conversation that people were not told of as it is.

    `before` is what they were told, None of a new one; `after` what is planned, None of a cancelled one.
    """

    booking: str
    kinds: tuple[str, ...]
    student: str | None
    student_name: str
    student_class: str
    subject: str
    student_attends: bool
    guardians: tuple[tuple[str, str], ...]
    before: Side | None
    after: Side | None
    replaces: str | None = None

    @property
    def side(self) -> Side:
        """The conversation as it is, or, where it is cancelled, as it was."""
        return self.after or self.before

    @property
    def instructors(self) -> dict[str, str]:
        """All whom it concerns, those of before among them, with their names."""
        sides = [side for side in (self.before, self.after) if side]
        return {record: name for side in sides for record, name in side.instructors}

    @property
    def household(self) -> str:
        """Who comes for the student; the student where nobody does."""
        return ", ".join(name for _record, name in self.guardians) or self.student_name

    def as_dict(self) -> dict:
        """For the page: plain values, times in words."""
        return {
            "booking": self.booking,
            "kinds": list(self.kinds),
            "student": self.student_name,
            "class": self.student_class,
            "subject": self.subject,
            "household": self.household,
            "household_key": "|".join(sorted(name for name, _title in self.guardians)) or self.student,
            "instructors": [{"name": name, "title": title} for name, title in self.instructors.items()],
            "dates": sorted({str(side.start.date()) for side in (self.before, self.after) if side}),
            "start": f"{self.side.start:%Y-%m-%dT%H:%M}",
            "before": _shown(self.before, self.after),
            "after": _shown(self.after, self.before),
        }


def _shown(side: Side | None, other: Side | None) -> dict | None:
    if side is None:
        return None
    same_day = other is None or other.start.date() == side.start.date()
    return {
        "start": f"{side.start:%Y-%m-%dT%H:%M}",
        "day": frappe.utils.format_date(side.start.date(), "EEE d MMM"),
        "same_day": same_day,
        "time": side.time,
        "place": side.place,
        "instructors": side.names,
    }


def of(evening, bookings: Iterable[str] | None = None) -> list[Change]:
    """The changes of a Parent Evening document that are not published, in order of time.

    Args:
        bookings: only those of these conversations.
    """
    changed = publishing.untold(evening.name, bookings)
    return _Reading(evening, [row.name for row in changed]).changes()


def chosen(
    changes: Iterable[Change],
    *,
    groups: Iterable[str] = (),
    instructors: Iterable[str] = (),
    dates: Iterable[str] = (),
    bookings: Iterable[str] = (),
) -> list[Change]:
    """Those of some classes, with some instructors, on some dates, or named; all where nothing is said."""
    groups, instructors, dates, bookings = map(set, (groups, instructors, dates, bookings))
    return [
        one
        for one in changes
        if (not groups or one.student_class in groups)
        and (not instructors or instructors & one.instructors.keys())
        and (not dates or dates & set(one.as_dict()["dates"]))
        and (not bookings or one.booking in bookings)
    ]


class _Reading:
    """The records behind some changes, read at once."""

    def __init__(self, evening, names: list[str]):
        self.evening = evening
        fields = [*STAYS, *told.FIELDS, *told.FIELDS.values(), "state", "replaces"]
        found = frappe.get_all("Evening Booking", {"name": ("in", names or [""])}, fields)
        self.rows = {row.name: row.update(academic_year=evening.academic_year) for row in found}
        self.order = [name for name in names if name in self.rows]
        self.instructors = _people("Evening Booking Instructor", "instructor", names)
        self.guardians = _people("Evening Booking Guardian", "guardian", names)
        self.rooms = dict(frappe.get_all("Room", fields=["name", "room_name"], as_list=True))
        self.classes = classes(self.rows.values())

    def changes(self) -> list[Change]:
        """One per conversation; what is replaced belongs to what stands instead."""
        replaced = {row.replaces for row in self.rows.values() if self._stands_instead(row)}
        found = [self._change(self.rows[name]) for name in self.order if name not in replaced]
        return sorted(found, key=lambda one: (one.side.start, one.student_name or "", one.booking))

    def _stands_instead(self, row) -> bool:
        return row.state == "Planned" and row.replaces in self.rows

    def _change(self, row) -> Change:
        old = self.rows[row.replaces] if self._stands_instead(row) else row
        before = self._told(old) if old.published_start else None
        after = self._planned(row) if row.state != "Cancelled" else None
        return Change(
            booking=row.name,
            kinds=kinds(before, after),
            student=row.student,
            student_name=row.student_name or "",
            student_class=self.classes.get((row.student, row.academic_year), ""),
            subject=row.subject or "",
            student_attends=bool(row.student_attends),
            guardians=tuple(self.guardians.get(row.name, ())),
            before=before,
            after=after,
            replaces=old.name if old is not row else None,
        )

    def _told(self, row) -> Side:
        # Conversations of before these fields were kept have the time only.
        end = row.published_end or row.published_start + (row.end - row.start)
        room, table, mode = row.published_room, row.published_table_label, row.published_mode
        return self._side(row, row.published_start, end, room, table, mode)

    def _planned(self, row) -> Side:
        return self._side(row, row.start, row.end, row.room, row.table_label, row.mode)

    def _side(self, row, start, end, room, table, mode) -> Side:
        people = tuple(self.instructors.get(row.name, ()))
        return Side(start, end, room, self.rooms.get(room), table, mode == "Online", people)


def _people(child: str, link: str, names: list[str]) -> dict[str, list[tuple[str, str]]]:
    records = rows.of_parents(child, link, names)
    titles = rows.of_parents(child, f"{link}_name", names)
    return {
        name: [
            (record, title or "") for record, title in zip(records[name], titles[name], strict=True) if record
        ]
        for name in records
    }


def kinds(before: Side | None, after: Side | None) -> tuple[str, ...]:
    """What a change is, one or several of KINDS."""
    if before is None:
        return ("new",)
    if after is None:
        return ("cancelled",)
    differs = {
        "moved": before.start != after.start,
        "instructor": set(before.instructors) != set(after.instructors),
        "length": before.end - before.start != after.end - after.start,
        "place": (before.room, before.table, before.online) != (after.room, after.table, after.online),
    }
    return tuple(name for name in KINDS if differs.get(name))


@dataclass
class Published:
    """What a publication told: its changes, and whether it was the first of the evening."""

    evening: str
    changes: list[Change]
    publication: publishing.Publication
    first: bool
    key: str = field(default_factory=lambda: frappe.generate_hash(length=10))


def publish(evening: str, bookings: Iterable[str] | None = None) -> Published:
    """Publish all changes of an evening, or those of some conversations, and show the schedule. Commits.

    Raises:
        frappe.ValidationError: there is nothing to publish, or the evening itself is not published.
    """
    bookings = None if bookings is None else list(bookings)

    def work() -> Published:
        doc = frappe.get_doc("Parent Evening", evening)
        first = nobody_was_told(evening)
        changes = of(doc, bookings)
        return Published(evening, changes, publishing.publish_within(evening, bookings), first)

    found = claims.transaction(evening, [], work, exclusive=True)
    frappe.db.commit()
    return found


def nobody_was_told(evening: str) -> bool:
    """Whether no conversation of an evening has been published yet."""
    return not frappe.db.exists("Evening Booking", {"evening": evening, "published_start": ("is", "set")})
