"""The rows of the list of possibilities: an offer with all that the columns say about it.

A row is a dict with
    name                    of the Conversation Offer; None for what was never offered
    student, student_name, student_code, first_name, last_name ("Berg, van den"), classes, program, guardians
    subject, course, abbreviation, possibility (what a list shows: abbreviation or else subject)
    instructor_list         the Instructor records; instructors: their codes, instructor_names: as text
    offered, in_package     1 or 0;  slots, remark, source
    requested               how many ask for it, requested_by: who, as text;  booked: its time, or None
    forbidden               dates as text, those of the student's classes among them
"""

from collections.abc import Iterable

import frappe
from frappe.utils import cstr
from pypika.terms import Criterion, Field

from ouderavond.evening.counts import ASKED, LIVE

# So many names stand in one query.
CHUNK = 2_000
OWN = (
    "name",
    "student",
    "student_name",
    "subject",
    "course",
    "abbreviation",
    "offered",
    "slots",
    "remark",
    "source",
    "in_package",
)


def of_offers(evening: str, names: list[str]) -> list[dict]:
    """The rows of these offers, in this order."""
    found: dict[str, dict] = {}
    for done in range(0, len(names), CHUNK):
        rows = _read(names[done : done + CHUNK])
        for row, given in zip(rows, _instructors_of([row["name"] for row in rows]), strict=True):
            row["instructor_list"] = given
        found |= {row["name"]: row for row in complete(evening, rows)}
    return [found[name] for name in names if name in found]


def _read(names: list[str]) -> list[dict]:
    offer = frappe.qb.DocType("Conversation Offer")
    query = frappe.qb.from_(offer).select(*(offer[field] for field in OWN))
    return query.where(among(offer.name, names)).run(as_dict=True)


def _instructors_of(names: list[str]) -> list[list[str]]:
    given = frappe.qb.DocType("Conversation Offer Instructor")
    rows = (
        frappe.qb.from_(given)
        .select(given.parent, given.instructor)
        .where((given.parenttype == "Conversation Offer") & among(given.parent, names))
        .orderby(given.parent, given.idx)
    ).run()
    found = _grouped(rows)
    return [found.get(name, []) for name in names]


def complete(evening: str, rows: list[dict]) -> list[dict]:
    """Add what belongs to the students, instructors and requests to rows that have an offer's own fields.

    Args:
        rows: dicts with OWN and instructor_list; `name` is None for what was never offered.
    """
    names = [row["name"] for row in rows if row["name"]]
    students = {row["student"] for row in rows}
    people = Students(evening, students)
    requests, booked, own_dates = _requests(names), _booked(names), _own_dates(names)
    codes = _codes("Course", {row["course"] for row in rows if row["course"]}, "course_name")
    instructors = _codes("Instructor", {n for row in rows for n in row["instructor_list"]}, "instructor_name")
    for row in rows:
        code = codes.get(row["course"], ("", ""))[0]
        given = [instructors.get(name) or ("", name) for name in row["instructor_list"]]
        asked = requests.get(row["name"], [])
        row |= people.of(row["student"])
        row |= {
            "possibility": row["abbreviation"] or code or row["subject"],
            "instructors": ", ".join(code or name for code, name in given),
            "instructor_names": ", ".join(name for _code, name in given),
            "requested": len(asked),
            "requested_by": ", ".join(asked),
            "booked": booked.get(row["name"]),
            "forbidden": sorted({*own_dates.get(row["name"], ()), *people.dates.get(row["student"], ())}),
        }
    return rows


class Students:
    """What lists say about some students, read at once."""

    def __init__(self, evening: str, students: set[str]):
        names = sorted(students)
        student = frappe.qb.DocType("Student")
        fields = ("name", "student_name", "first_name", "middle_name", "last_name", "ouderavond_code")
        query = frappe.qb.from_(student).select(*(student[field] for field in fields))
        self._rows = {row.name: row for row in query.where(among(student.name, names)).run(as_dict=True)}
        link, query = guardians_query()
        query = query.select(link.parent, link.guardian_name).where(among(link.parent, names))
        self._guardians = _grouped(query.orderby(link.parent, link.idx).run())
        member, query = classes_query(evening)
        query = query.select(member.student, member.parent).where(among(member.student, names))
        self._classes = _grouped(query.orderby(member.student, member.parent).run())
        enrollment, query = programs_query(evening)
        query = query.select(enrollment.student, enrollment.program).where(among(enrollment.student, names))
        self._programs = _grouped(query.orderby(enrollment.student, enrollment.program).run())
        of_class, query = class_dates_query(evening)
        member = frappe.qb.DocType("Student Group Student")
        query = query.select(member.student, of_class.date).where(among(member.student, names))
        self.dates = _grouped((student, cstr(day)) for student, day in query.run())

    def of(self, name: str) -> dict:
        """The fields of a row that a student gives."""
        row = self._rows.get(name) or frappe._dict(first_name="", last_name="")
        family = ", ".join(part for part in (row.last_name, row.middle_name) if part)
        return {
            "student_name": row.student_name or name,
            "student_code": row.ouderavond_code or name,
            "first_name": row.first_name or "",
            "last_name": family,
            "classes": ", ".join(dict.fromkeys(self._classes.get(name, ()))),
            "program": ", ".join(dict.fromkeys(self._programs.get(name, ()))),
            "guardians": ", ".join(dict.fromkeys(self._guardians.get(name, ()))),
        }


class _Among(Criterion):
    """A field is one of many names, as one parameter; one for each takes longer than the query."""

    def __init__(self, field: Field, names: list[str]):
        super().__init__()
        self.field, self.names = field, names or [""]

    def get_sql(self, *, param_wrapper=None, **kwargs) -> str:
        return f"{self.field.get_sql(**kwargs)} IN {param_wrapper.get_sql(self.names)}"


def among(field: Field, names: Iterable[str]) -> Criterion:
    """The condition that a field is one of many names."""
    return _Among(field, list(names))


def literally(text: str) -> str:
    """A text for LIKE, in which nothing stands for something else."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _grouped(rows: Iterable[tuple]) -> dict[str, list]:
    found: dict[str, list] = {}
    for key, value in rows:
        found.setdefault(key, []).append(value)
    return found


def _codes(doctype: str, names: set[str], name_field: str) -> dict[str, tuple[str, str]]:
    """{record: (timetable code, name)}."""
    table = frappe.qb.DocType(doctype)
    query = frappe.qb.from_(table).select(table.name, table.ouderavond_code, table[name_field])
    rows = query.where(among(table.name, sorted(names))).run()
    return {name: (code or "", title or name) for name, code, title in rows}


def _requests(offers: list[str]) -> dict[str, list[str]]:
    """{offer: who asks for it}."""
    request = frappe.qb.DocType("Conversation Request")
    rows = (
        frappe.qb.from_(request)
        .select(request.offer, request.guardian_name, request.student_name)
        .where(among(request.offer, offers) & request.state.isin(ASKED))
        .orderby(request.offer, request.creation)
    ).run()
    return _grouped((offer, guardian or student or "") for offer, guardian, student in rows)


def _booked(offers: list[str]) -> dict[str, str]:
    """{offer: its first time}."""
    booking = frappe.qb.DocType("Evening Booking")
    rows = (
        frappe.qb.from_(booking)
        .select(booking.offer, booking.start)
        .where(among(booking.offer, offers) & booking.state.isin(LIVE))
        .orderby(booking.start)
    ).run()
    return {offer: cstr(start) for offer, start in reversed(rows)}


def _own_dates(offers: list[str]) -> dict[str, list[str]]:
    day = frappe.qb.DocType("Conversation Offer Date")
    rows = (
        frappe.qb.from_(day)
        .select(day.parent, day.date)
        .where((day.parenttype == "Conversation Offer") & among(day.parent, offers))
    ).run()
    return _grouped((offer, cstr(date)) for offer, date in rows if date)


# Where classes, programs, guardians and dates stand: (table, query without columns)


def academic_year(evening: str):
    """A query of the evening's year, to compare with."""
    table = frappe.qb.DocType("Parent Evening")
    return frappe.qb.from_(table).select(table.academic_year).where(table.name == evening)


def classes_query(evening: str):
    """The memberships of classes in the evening's year."""
    member, group = frappe.qb.DocType("Student Group Student"), frappe.qb.DocType("Student Group")
    query = (
        frappe.qb.from_(group)
        .join(member)
        .on((member.parent == group.name) & (member.parenttype == "Student Group"))
        .where((group.group_based_on == "Batch") & (group.disabled == 0) & (member.active == 1))
        .where(group.academic_year == academic_year(evening))
    )
    return member, query


def programs_query(evening: str):
    """The enrolments that count in the evening's year."""
    enrollment = frappe.qb.DocType("Program Enrollment")
    query = frappe.qb.from_(enrollment).where(enrollment.docstatus == 1)
    return enrollment, query.where(enrollment.academic_year == academic_year(evening))


def guardians_query():
    """The guardians who stand on students' rows, less those whose contact is forbidden."""
    link, arrangement = frappe.qb.DocType("Student Guardian"), frappe.qb.DocType("Guardian Arrangement")
    query = (
        frappe.qb.from_(link)
        .left_join(arrangement)
        .on(
            (arrangement.student == link.parent)
            & (arrangement.guardian == link.guardian)
            & (arrangement.contact_forbidden == 1)
        )
        .where((link.parenttype == "Student") & arrangement.name.isnull())
    )
    return link, query


def class_dates_query(evening: str):
    """The dates on which classes may not come, joined with the classes' members."""
    forbidden = frappe.qb.DocType("Forbidden Class Date")
    member = frappe.qb.DocType("Student Group Student")
    query = (
        frappe.qb.from_(forbidden)
        .join(member)
        .on((member.parent == forbidden.student_group) & (member.active == 1))
        .where(forbidden.evening == evening)
    )
    return forbidden, query
