"""The participants of an evening, in SQL: programs and classes, single students added or left out."""

import frappe
from pypika.terms import Criterion


def participants_query(evening):
    """A query of the names of the enabled students who take part, to run or to use as a subquery.

    `evening` is a Parent Evening document. A row for a single student beats rows for a program or class;
    among those, *left out* wins.
    """
    student = frappe.qb.DocType("Student")
    rows = [(row.participant_type, row.participant, row.left_out) for row in evening.participants]
    added, left_out = _by_type(rows, 0), _by_type(rows, 1)
    groups = _in_any(student, evening, added)
    left_out_groups = _in_any(student, evening, left_out)
    singles_in = student.name.isin(added["Student"] or [""])
    singles_out = student.name.isin(left_out["Student"] or [""])
    takes_part = singles_in | (groups & left_out_groups.negate())
    return (
        frappe.qb.from_(student)
        .select(student.name)
        .where((student.enabled == 1) & takes_part & singles_out.negate())
    )


def student_names(evening) -> list[str]:
    """The names of the participating students, sorted."""
    return sorted(participants_query(evening).run(pluck=True))


def _by_type(rows, left_out: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"Program": [], "Student Group": [], "Student": []}
    for participant_type, participant, is_left_out in rows:
        if bool(is_left_out) == bool(left_out):
            found[participant_type].append(participant)
    return found


def _in_any(student, evening, names: dict[str, list[str]]) -> Criterion:
    enrollment, member = frappe.qb.DocType("Program Enrollment"), frappe.qb.DocType("Student Group Student")
    in_program = (
        frappe.qb.from_(enrollment)
        .select(enrollment.student)
        .where((enrollment.docstatus == 1) & (enrollment.academic_year == evening.academic_year))
        .where(enrollment.program.isin(names["Program"] or [""]))
    )
    in_class = (
        frappe.qb.from_(member)
        .select(member.student)
        .where((member.active == 1) & member.parent.isin(names["Student Group"] or [""]))
    )
    return student.name.isin(in_program) | student.name.isin(in_class)
