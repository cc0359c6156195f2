"""Departments and locations, where the school keeps them, and the guardians who attend together.

A program and an instructor have a department; a program's location is its own field, an instructor's that of
the employee. Each is a filter of the list of possibilities; `parties` are its groups by household.
"""

from collections.abc import Callable

import frappe
from frappe.query_builder.functions import Count
from frappe.utils import cstr
from pypika import Case
from pypika.functions import DistinctOptionFunction
from pypika.terms import Criterion, Term

from ouderavond.evening.offering.listing_rows import programs_query

# The party of students for whom nobody comes.
NOBODY = "-"


class Joined(DistinctOptionFunction):
    """GROUP_CONCAT without repeats, in the order of the texts."""

    def __init__(self, term: Term, separator: str = ", ", alias: str | None = None):
        super().__init__("GROUP_CONCAT", term, alias=alias)
        self.separator, self._distinct = separator, True

    def get_special_params_sql(self, **kwargs) -> str:
        return f"ORDER BY {self.args[0].get_sql(**kwargs)} SEPARATOR '{self.separator}'"


def instructors_at(name: str, values: list[str] | None = None):
    """The table of instructors, its column for "department" or "location", and a query that joins it."""
    instructor, employee = frappe.qb.DocType("Instructor"), frappe.qb.DocType("Employee")
    query = frappe.qb.from_(instructor)
    if name == "department":
        return instructor, instructor.department, query
    query = query.left_join(employee).on(employee.name == instructor.employee)
    return instructor, employee.branch, query


def program_column(program, name: str):
    """A program's column for "department" or "location"."""
    return program.department if name == "department" else program.ouderavond_branch


def _of_programs(name: str) -> Callable:
    def condition(evening: str, offer, value) -> Criterion:
        enrollment, students = programs_query(evening)
        program = frappe.qb.DocType("Program")
        students = students.join(program).on(program.name == enrollment.program).select(enrollment.student)
        return offer.student.isin(students.where(program_column(program, name).isin(_list(value))))

    return condition


def _of_instructors(name: str) -> Callable:
    def condition(evening: str, offer, value) -> Criterion:
        instructor, column, query = instructors_at(name)
        there = query.select(instructor.name).where(column.isin(_list(value)))
        given = frappe.qb.DocType("Conversation Offer Instructor")
        offers = frappe.qb.from_(given).select(given.parent)
        return offer.name.isin(
            offers.where((given.parenttype == "Conversation Offer") & given.instructor.isin(there))
        )

    return condition


def _of_party(evening: str, offer, value) -> Criterion:
    groups = parties(frappe.get_doc("Parent Evening", evening)).as_("groups")
    students = frappe.qb.from_(groups).select(groups.student)
    if value == NOBODY:
        return offer.student.notin(students)
    return offer.student.isin(students.where(groups.party.isin(_list(value))))


def _list(value) -> list[str]:
    return [cstr(one) for one in (value if isinstance(value, list | tuple) else [value])] or [""]


def parties(evening):
    """A query of (student, party, guardians, people): the groups of guardians who attend together.

    As `people.parties` forms them; `party` is the key of the group, `guardians` their names as text and
    `people` how many they are. `evening` is a Parent Evening document.
    """
    link, query = links()
    query = query.groupby(link.parent)
    if evening.separated_guardians == "Attend separately where marked":
        arrangement = frappe.qb.DocType("Guardian Arrangement")
        query = query.groupby(Case().when(arrangement.attends_separately == 1, link.guardian).else_(""))
    return query.select(
        link.parent.as_("student"),
        Joined(link.guardian, "|", "party"),
        Joined(link.guardian_name, ", ", "guardians"),
        Count(link.guardian).distinct().as_("people"),
    )


def links():
    """Students' guardians less those whose contact is forbidden: (table, query without columns)."""
    link = frappe.qb.DocType("Student Guardian")
    arrangement = frappe.qb.DocType("Guardian Arrangement")
    query = (
        frappe.qb.from_(link)
        .left_join(arrangement)
        .on((arrangement.student == link.parent) & (arrangement.guardian == link.guardian))
        .where((link.parenttype == "Student") & link.guardian.isnotnull())
        .where(arrangement.contact_forbidden.isnull() | (arrangement.contact_forbidden == 0))
    )
    return link, query


FILTERS: dict[str, Callable] = {
    "program_department": _of_programs("department"),
    "program_location": _of_programs("location"),
    "instructor_department": _of_instructors("department"),
    "instructor_location": _of_instructors("location"),
    "party": _of_party,
}


def known() -> dict[str, list[str]]:
    """The values that the school has filled in, by filter; nothing where it keeps none."""
    program = frappe.qb.DocType("Program")
    found = {}
    for name in ("department", "location"):
        column = program_column(program, name)
        found[f"program_{name}"] = _values(frappe.qb.from_(program), column)
        _instructor, column, query = instructors_at(name)
        found[f"instructor_{name}"] = _values(query, column)
    return {name: values for name, values in found.items() if values}


def _values(query, column) -> list[str]:
    rows = query.select(column).distinct().where(column.isnotnull() & (column != "")).orderby(column)
    return rows.run(pluck=True)
