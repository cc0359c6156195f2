"""The conversations with a time that a person may see, in each way in which the school knows them.

The page, the printed overview, letters and calendars all read here, at every reading anew: whoever no longer
reaches a child finds its conversations nowhere.
"""

from collections.abc import Iterable

import frappe
from frappe.query_builder.functions import Coalesce

from ouderavond.evening import people, publishing, rows, told, wishes, wording
from ouderavond.evening.online import joining
from ouderavond.evening.people import guardian_links


def of(role: str, user: str, *, cancelled: bool = False) -> list[frappe._dict]:
    """The published conversations that a user sees in one role, in order of time.

    Args:
        cancelled: also those that had been told and were cancelled since.

    Returns:
        rows with `own` (whether it is the reader's to cancel), names, place and `day`; of an instructor's
        also with whom and what was remarked.
    """
    records = records_of(role, user)
    return READ[role](records, cancelled=cancelled) if records else []


def records_of(role: str, user: str) -> list[str]:
    """The records that make a user a guardian, student or instructor."""
    find = {
        "guardian": people.guardians_of_user,
        "student": people.students_of_user,
        "instructor": people.instructors_of_user,
    }
    return find[role](user)


def of_guardian(guardians: list[str], *, cancelled: bool = False) -> list[frappe._dict]:
    """Those which a guardian attends, and those of the children alone where the evening shows them."""
    students = {row.student for row in guardian_links(guardians)}
    if not students:
        return []
    query = _Query(cancelled)
    attends = frappe.qb.DocType("Evening Booking Guardian")
    with_me = frappe.qb.from_(attends).select(attends.parent).where(attends.guardian.isin(guardians))
    with_any = frappe.qb.from_(attends).select(attends.parent).where(attends.parenttype == "Evening Booking")
    alone = (query.evening.guardians_see_student_bookings == 1) & query.booking.name.notin(with_any)
    found = query.run(
        query.booking.student.isin(sorted(students)) & (query.booking.name.isin(with_me) | alone)
    )
    return _described(found, lambda row, attending: bool(set(guardians) & set(attending)))


def of_student(students: list[str], *, cancelled: bool = False) -> list[frappe._dict]:
    """Those which a student attends; those without a guardian are the student's own."""
    query = _Query(cancelled)
    found = query.run(query.booking.student.isin(students) & (query.booking.student_attends == 1))
    return _described(found, lambda row, attending: not attending)


def of_instructor(instructors: list[str], *, cancelled: bool = False) -> list[frappe._dict]:
    """Those of an instructor, with who comes and what they remarked."""
    query = _Query(cancelled)
    sits = frappe.qb.DocType("Evening Booking Instructor")
    request = query.request
    mine = frappe.qb.from_(sits).select(sits.parent).where(sits.instructor.isin(instructors))
    query.sql = (
        query.sql.select(request.remark, request.interpreter_language, request.step_free)
        .select(query.evening.academic_year, query.evening.show_remarks)
        .select(query.booking.remark.as_("booked_remark"))
        .select(*(query.booking[field] for field in ("cant_come", "cant_come_wish", "cant_come_choices")))
    )
    found = _described(query.run(query.booking.name.isin(mine)), lambda row, attending: False)
    guardians = rows.of_parents("Evening Booking Guardian", "guardian_name", [row.name for row in found])
    in_class = classes(found)
    for row in found:
        row.guardians = guardians[row.name]
        row.student_class = in_class.get((row.student, row.academic_year), "")
        row.wishes = wishes.in_words(row) if row.cant_come else []
        # What was booked directly carries its own.
        row.remark = (row.booked_remark or row.remark) if row.show_remarks else None
    return found


def cancelled(names: Iterable[str]) -> list[frappe._dict]:
    """Those of these conversations that people had been told of and that were cancelled since.

    Who may read them is for the caller to know.
    """
    query = _Query(cancelled=True)
    found = query.run(query.booking.name.isin(list(names) or [""]) & (query.booking.state == "Cancelled"))
    return _described([row for row in found if row.state == "Cancelled"], lambda row, attending: False)


READ = {"guardian": of_guardian, "student": of_student, "instructor": of_instructor}


TOLD = ("start", "end", "mode", "table_label", "state")


class _Query:
    """Told conversations of evenings that are shown."""

    def __init__(self, cancelled: bool):
        booking, evening = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Parent Evening")
        room, student = frappe.qb.DocType("Room"), frappe.qb.DocType("Student")
        request = frappe.qb.DocType("Conversation Request")
        self.booking, self.evening, self.request = booking, evening, request
        state = told.criterion(booking)
        if cancelled:
            state |= (booking.state == "Cancelled") & booking.published_start.notnull()
        fields = (
            *("name", "evening", "offer", "request", "student", "student_name", "student_attends"),
            *("subject", "sequence", "pinned", "untold", "changed_from", "replaces"),
            *("started", "finished", "no_show"),
        )
        self.sql = (
            frappe.qb.from_(booking)
            .join(evening)
            .on(evening.name == booking.evening)
            .left_join(room)
            .on(room.name == told.value(booking, "room"))
            .left_join(student)
            .on(student.name == booking.student)
            .left_join(request)
            .on(request.name == booking.request)
            .select(*(booking[field] for field in fields))
            .select(*(told.column(booking, field) for field in TOLD))
            .select(Coalesce(booking.told_on, booking.creation).as_("told_on"))
            .select(room.room_name, student.first_name)
            .select(request.source.as_("request_source"), request.priority.as_("request_priority"))
            .where((evening.published == 1) & (evening.archived == 0))
            .where(state & publishing.visible_criterion(evening))
            .orderby(told.value(booking, "start"), booking.name)
        )

    def run(self, condition) -> list[frappe._dict]:
        return self.sql.where(condition).run(as_dict=True)


def _described(found: list[frappe._dict], is_own) -> list[frappe._dict]:
    names = [row.name for row in found]
    instructors = rows.of_parents("Evening Booking Instructor", "instructor_name", names)
    guardians = rows.of_parents("Evening Booking Guardian", "guardian", names)
    meetings = joining.of(names)
    for row in found:
        row.instructors = instructors[row.name]
        row.own = is_own(row, guardians[row.name])
        row.day = row.start.date()
        row.changed = wording.changed(row)
        _join(row, meetings.get(row.name, joining.NOTHING))
    return found


def _join(row, meeting: joining.Joining) -> None:
    online = row.mode == "Online" and row.state != "Cancelled"
    row.link = (meeting.link if online else "") or None
    row.link_changes, row.link_changed_on = meeting.changes, meeting.changed_on


def classes(found: Iterable) -> dict[tuple[str, str], str]:
    """The class of each student of rows {student, academic_year}, in that year."""
    found = list(found)
    group, member = frappe.qb.DocType("Student Group"), frappe.qb.DocType("Student Group Student")
    named = (
        frappe.qb.from_(member)
        .join(group)
        .on(group.name == member.parent)
        .select(member.student, group.academic_year, group.student_group_name)
        .where((group.group_based_on == "Batch") & (group.disabled == 0) & (member.active == 1))
        .where(group.academic_year.isin(list({row.academic_year for row in found}) or [""]))
        .where(member.student.isin(list({row.student for row in found}) or [""]))
        .orderby(group.name)
    ).run()
    return {(student, year): name for student, year, name in named}
