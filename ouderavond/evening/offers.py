"""Making offers: which conversations guardians may ask for."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import frappe
from frappe import _

from ouderavond.evening.bulk import child_row, insert_rows
from ouderavond.evening.lessons import Teaching, check_week, teaching
from ouderavond.evening.offer_key import instructors_key
from ouderavond.evening.participants import participants_query

CHUNK = 2_000


@dataclass
class OfferReport:
    """What making offers did, or would do: offers created, switched on again and there already."""

    created: int = 0
    switched_on: int = 0
    existing: int = 0
    students: int = 0
    instructors: int = 0
    per_course: Counter = field(default_factory=Counter)
    # Course -> students who have it in their package and whom nobody teaches it.
    missing: Counter = field(default_factory=Counter)


def make_offers(
    evening: str,
    programs: list[str] | None = None,
    courses: list[str] | None = None,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> OfferReport:
    """Offer a conversation per participant and course with the instructors of the reference week.

    Offers that exist are left as they are, but offered again where they had been switched off. Commits.

    Args:
        evening: name of the Parent Evening.
        programs: only students of these programs; None for all participants.
        courses: only these courses; None for every course of a student's package.
        dry_run: count, write nothing.
        progress: called with (done, total) while writing.

    Raises:
        frappe.ValidationError: no participants, or no lessons in the reference week.
    """
    doc = frappe.get_doc("Parent Evening", evening)
    if doc.archived:
        frappe.throw(_("This evening is archived."))
    check_week(doc.reference_week)
    students = _students(doc, programs)
    if not students:
        frappe.throw(_("No students take part. Add programs, classes or students to the evening first."))
    packages = _packages(doc)
    wanted = [
        row
        for row in teaching(doc, courses)
        if row.student in students and row.course in packages.get(row.student, {row.course})
    ]
    if not dry_run:
        # Two people who make offers at once wait for each other; the second finds the first one's offers.
        frappe.db.rollback()
        frappe.db.get_value("Parent Evening", evening, "name", for_update=True)
    report = OfferReport(students=len({row.student for row in wanted}))
    report.missing = _missing(packages, students, wanted, courses)
    new, switched_off = _compare(doc.name, wanted, report)
    report.instructors = len({name for row in wanted for name in row.instructors})
    if not dry_run:
        _write(doc, new, students, progress)
        _switch_on(switched_off)
        _fill_instructors(doc, {name for row in wanted for name in row.instructors})
        frappe.db.commit()
    return report


def _students(evening, programs: list[str] | None) -> dict[str, str]:
    """{student: name} of the participants, of some programs only if given."""
    student = frappe.qb.DocType("Student")
    query = (
        frappe.qb.from_(student)
        .select(student.name, student.student_name)
        .where(student.name.isin(participants_query(evening)))
    )
    if programs is not None:
        enrollment = frappe.qb.DocType("Program Enrollment")
        in_programs = (
            frappe.qb.from_(enrollment)
            .select(enrollment.student)
            .where((enrollment.docstatus == 1) & (enrollment.academic_year == evening.academic_year))
            .where(enrollment.program.isin(programs or [""]))
        )
        query = query.where(student.name.isin(in_programs))
    return dict(query.run())


def _packages(evening) -> dict[str, set[str]]:
    """{student: courses of the package}, from submitted enrollments; students without any are absent."""
    enrollment = frappe.qb.DocType("Program Enrollment")
    course = frappe.qb.DocType("Program Enrollment Course")
    rows = (
        frappe.qb.from_(enrollment)
        .join(course)
        .on(course.parent == enrollment.name)
        .select(enrollment.student, course.course)
        .where((enrollment.docstatus == 1) & (enrollment.academic_year == evening.academic_year))
    ).run()
    packages: dict[str, set[str]] = {}
    for student, name in rows:
        packages.setdefault(student, set()).add(name)
    return packages


def _missing(packages, students, wanted: list[Teaching], courses: list[str] | None) -> Counter:
    taught = {(row.student, row.course) for row in wanted}
    return Counter(
        course
        for student, package in packages.items()
        if student in students
        for course in package
        if (courses is None or course in courses) and (student, course) not in taught
    )


def _compare(evening: str, wanted: list[Teaching], report: OfferReport) -> tuple[list[Teaching], list[str]]:
    rows = frappe.get_all(
        "Conversation Offer",
        filters={"evening": evening},
        fields=["name", "student", "course", "instructors_key", "offered"],
    )
    existing = {(row.student, row.course, row.instructors_key): row for row in rows}
    new, switched_off = [], []
    for row in wanted:
        report.per_course[row.course] += 1
        offer = existing.get((row.student, row.course, instructors_key(row.instructors)))
        if not offer:
            new.append(row)
        elif not offer.offered:
            switched_off.append(offer.name)
    report.created, report.switched_on = len(new), len(switched_off)
    report.existing = len(wanted) - len(new) - len(switched_off)
    return new, switched_off


def _write(evening, new: list[Teaching], students: dict[str, str], progress) -> None:
    names = dict(frappe.get_all("Instructor", fields=["name", "instructor_name"], as_list=True))
    for done in range(0, len(new), CHUNK):
        chunk = [_offer(evening.name, row, students[row.student]) for row in new[done : done + CHUNK]]
        insert_rows("Conversation Offer", chunk)
        insert_rows(
            "Conversation Offer Instructor",
            [
                child_row(
                    "Conversation Offer",
                    offer["name"],
                    "instructors",
                    idx,
                    instructor=instructor,
                    instructor_name=names.get(instructor),
                )
                for offer, row in zip(chunk, new[done : done + CHUNK], strict=True)
                for idx, instructor in enumerate(row.instructors, 1)
            ],
        )
        if progress:
            progress(min(done + CHUNK, len(new)), len(new))


def _offer(evening: str, row: Teaching, student_name: str) -> dict:
    return {
        "name": frappe.generate_hash(length=10),
        "evening": evening,
        "student": row.student,
        "student_name": student_name,
        "subject": row.course,
        "course": row.course,
        "offered": 1,
        "source": "Course",
        "slots": 1,
        "in_package": 1,
        "instructors_key": instructors_key(row.instructors),
    }


def _switch_on(names: list[str]) -> None:
    if names:
        frappe.db.set_value("Conversation Offer", {"name": ("in", names)}, "offered", 1)


def _fill_instructors(evening, instructors: set[str]) -> None:
    """An Evening Instructor per date for everybody with offers, where there is none."""
    rows = frappe.get_all(
        "Evening Instructor", {"evening": evening.name}, ["instructor", "date"], as_list=True
    )
    there = set(rows)
    names = dict(frappe.get_all("Instructor", fields=["name", "instructor_name"], as_list=True))
    insert_rows(
        "Evening Instructor",
        [
            {
                "name": frappe.generate_hash(length=10),
                "evening": evening.name,
                "instructor": instructor,
                "instructor_name": names.get(instructor),
                "date": day.date,
            }
            for day in evening.dates
            for instructor in sorted(instructors)
            if (instructor, frappe.utils.getdate(day.date)) not in there
        ],
    )
