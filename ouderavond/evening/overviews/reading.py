"""The rows of which overviews are made: conversations as planned or as told, people, places and requests."""

from collections import defaultdict
from functools import cached_property

import frappe
from frappe.utils import getdate

from ouderavond.evening import grid, rows, told
from ouderavond.evening.online import joining
from ouderavond.evening.overviews.choosing import Chosen
from ouderavond.evening.people import parties

LIVE = ("Planned", "Published")


class Facts:
    """One evening with what was chosen; each kind of rows is read when an overview needs it."""

    def __init__(self, evening, chosen: Chosen | None = None):
        self.evening = frappe.get_doc("Parent Evening", evening) if isinstance(evening, str) else evening
        self.chosen = chosen or Chosen()

    # People and places

    @cached_property
    def classes(self) -> dict[str, tuple[str, str]]:
        """The class of each student in the evening's year: (name, title); of several the first."""
        group, member = frappe.qb.DocType("Student Group"), frappe.qb.DocType("Student Group Student")
        found = (
            frappe.qb.from_(member)
            .join(group)
            .on((group.name == member.parent) & (member.parenttype == "Student Group"))
            .select(member.student, group.name, group.student_group_name)
            .where((group.group_based_on == "Batch") & (group.disabled == 0) & (member.active == 1))
            .where(group.academic_year == self.evening.academic_year)
            .orderby(group.name, order=frappe.qb.desc)
        ).run()
        return {student: (name, title or name) for student, name, title in found}

    def class_of(self, student: str | None) -> str:
        """How the class of a student is called, or nothing."""
        return self.classes.get(student, ("", ""))[1]

    @cached_property
    def rooms(self) -> dict[str, str]:
        """How the rooms are called."""
        return _titles("Room", "room_name")

    @cached_property
    def instructors(self) -> dict[str, str]:
        """The names of the instructors."""
        return _titles("Instructor", "instructor_name")

    @cached_property
    def places(self) -> list[frappe._dict]:
        """Who sits where and when, as chosen, by date and name."""
        fields = ["name", "instructor", "instructor_name", "date", "present_from", "present_until"]
        fields += ["room", "shared_room", "table_label", "maximum_conversations"]
        found = frappe.get_all("Evening Instructor", {"evening": self.evening.name}, fields)
        found.sort(key=lambda row: (row.date, (row.instructor_name or "").casefold(), row.name))
        return [row for row in found if self._is_chosen(row.date, [row.instructor], row.room)]

    @cached_property
    def blocks(self) -> list[frappe._dict]:
        """The times at which somebody cannot."""
        fields = ["who_type", "who", "from_time", "to_time", "reason"]
        return frappe.get_all("Evening Block", {"evening": self.evening.name}, fields)

    def place(self, row) -> str:
        """Where a conversation is, in words."""
        if row.mode == "Online":
            return frappe._("Online")
        return ", ".join(filter(None, (self.rooms.get(row.room, row.room), row.table_label)))

    @cached_property
    def guardians(self) -> dict[str, frappe._dict]:
        """The guardians who may be reached about some student: name, telephone, address, account."""
        guardian, user = frappe.qb.DocType("Guardian"), frappe.qb.DocType("User")
        found = (
            frappe.qb.from_(guardian)
            .left_join(user)
            .on(user.name == guardian.user)
            .select(guardian.name, guardian.guardian_name, guardian.email_address, guardian.mobile_number)
            .select(guardian.alternate_number, guardian.user, user.language, user.enabled)
            .select(user.last_login, user.last_active)
        ).run(as_dict=True)
        return {row.name: row for row in found}

    def language_of(self, guardians) -> str:
        """The language in which these people read: of the first who chose one, else the school's."""
        chosen = (self.guardians[name].language for name in guardians if name in self.guardians)
        return next(filter(None, chosen), None) or frappe.get_system_settings("language") or "en"

    # Conversations

    @cached_property
    def planned(self) -> list[frappe._dict]:
        """The conversations as they are planned now, as chosen, by time."""
        return self._described(row for row in self._bookings if row.state in LIVE)

    @cached_property
    def told(self) -> list[frappe._dict]:
        """The conversations as people were told them, or as planned now where that was chosen."""
        if self.chosen.untold:
            return self.planned
        return self._described(told.as_told(row.copy()) for row in self._bookings if _is_known(row))

    @cached_property
    def links(self) -> dict[str, str]:
        """Where the online conversations that people were told are joined, of those that have a link."""
        found = joining.of(row.name for row in self.told if row.mode == "Online")
        return {name: meeting.link for name, meeting in found.items() if meeting.link}

    @cached_property
    def _bookings(self) -> list[frappe._dict]:
        booking = frappe.qb.DocType("Evening Booking")
        names = ("name", "student", "student_name", "subject", "start", "end", "state", "room", "table_label")
        names += ("mode", "request", "student_attends", "pinned", "untold", "cant_come")
        names += tuple(told.FIELDS.values())
        query = frappe.qb.from_(booking).select(*(booking[name] for name in names))
        query = query.where(booking.evening == self.evening.name)
        if self.chosen.student:
            query = query.where(booking.student.isin(self.chosen.student))
        return query.where(booking.state.isin(LIVE) | told.criterion(booking)).run(as_dict=True)

    def _described(self, found) -> list[frappe._dict]:
        found = [frappe._dict(row) for row in found]
        names = [row.name for row in found]
        people = {
            kind: rows.of_parents(f"Evening Booking {kind}", kind.lower(), names)
            for kind in ("Instructor", "Guardian")
        }
        for row in found:
            row.day = row.start.date()
            # Who left the school is an empty row of a past conversation.
            row.instructors = list(filter(None, people["Instructor"][row.name]))
            row.guardians = list(filter(None, people["Guardian"][row.name]))
        found = [row for row in found if self._is_chosen(row.day, row.instructors, row.room)]
        found = [row for row in found if self._has_people(row) and self._has_state(row.state)]
        return sorted(found, key=lambda row: (row.start, self.names_of(row), row.name))

    def names_of(self, row) -> str:
        """The names of the instructors of a conversation."""
        return ", ".join(self.instructors.get(name, name) for name in row.instructors)

    def guardians_of(self, row) -> str:
        """The names of the guardians of a conversation."""
        known = (self.guardians.get(name) for name in row.guardians)
        return ", ".join(one.guardian_name or one.name for one in known if one)

    def _is_chosen(self, day, instructors, room) -> bool:
        chosen = self.chosen
        return (
            (not chosen.date or getdate(day) in chosen.date)
            and (not chosen.instructor or bool(set(instructors) & set(chosen.instructor)))
            and (not chosen.room or room in chosen.room)
        )

    def _has_people(self, row) -> bool:
        chosen = self.chosen
        group = self.classes.get(row.student, ("", ""))[0] if chosen.group else ""
        return (not chosen.group or group in chosen.group) and (
            not chosen.household or bool(self._household.get(row.student, set()) & set(row.guardians))
        )

    @cached_property
    def _household(self) -> dict[str, set[str]]:
        """For each student everybody who attends together with one of the chosen guardians."""
        link = frappe.qb.DocType("Student Guardian")
        of_chosen = link.guardian.isin(self.chosen.household) & (link.parenttype == "Student")
        students = frappe.qb.from_(link).select(link.parent).where(of_chosen).run(pluck=True)
        wanted = set(self.chosen.household)
        groups = parties(self.evening, students)
        return {
            student: wanted.union(*(group for group in found if wanted & set(group)))
            for student, found in groups.items()
        }

    def _has_state(self, state: str) -> bool:
        return not self.chosen.state or state in self.chosen.state

    # Requests

    def requests(self, *states: str) -> list[frappe._dict]:
        """The requests in these states, as chosen, by class and student."""
        fields = ["name", "offer", "student", "student_name", "subject", "guardian_name", "party", "priority"]
        fields += ["state", "reason", "reason_facts", "creation", "source", "preference"]
        filters = {"evening": self.evening.name, "state": ("in", states)}
        if self.chosen.student:
            filters["student"] = ("in", self.chosen.student)
        found = frappe.get_all("Conversation Request", filters, fields)
        sits = rows.of_parents("Conversation Offer Instructor", "instructor", {row.offer for row in found})
        for row in found:
            row.instructors = list(filter(None, sits[row.offer]))
            row.guardians = [name for name in (row.party or "").split("|") if name in self.guardians]
        wanted = set(self.chosen.instructor)
        found = [row for row in found if not wanted or wanted & set(row.instructors)]
        found = [row for row in found if self._has_people(row) and self._has_state(row.state)]
        return sorted(found, key=lambda row: (self.class_of(row.student), row.student_name or "", row.name))

    # Times

    @cached_property
    def dates(self) -> list[grid.EveningDate]:
        """The dates as chosen, with the starts of their slots."""
        return [
            row for row in grid.slots(self.evening) if not self.chosen.date or row.date in self.chosen.date
        ]

    @cached_property
    def taken(self) -> dict[tuple, list[tuple]]:
        """The planned times (start, end) of each instructor and date, of the whole evening."""
        booking, sits = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Evening Booking Instructor")
        query = (
            frappe.qb.from_(booking)
            .join(sits)
            .on((sits.parent == booking.name) & (sits.parenttype == "Evening Booking"))
            .select(sits.instructor, booking.start, booking.end)
            .where((booking.evening == self.evening.name) & booking.state.isin(LIVE))
        )
        found = defaultdict(list)
        for instructor, start, end in query.run():
            found[(instructor, start.date())].append((start, end))
        return found


def _titles(doctype: str, field: str) -> dict[str, str]:
    rows = frappe.get_all(doctype, fields=["name", field], as_list=True)
    return {name: title or name for name, title in rows}


def _is_known(row) -> bool:
    """Whether people know of a conversation, as `told.criterion` asks."""
    return row.state == "Published" or bool(row.state == "Cancelled" and row.untold)
