"""The parts of every kind of thing that is wrong: what it is, which rows it has, how it is mended."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import frappe
from frappe.query_builder.functions import Count

from ouderavond.evening.offering import classes
from ouderavond.evening.offering.changes import Edit
from ouderavond.evening.participants import participants_query

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)


@dataclass
class Link:
    """A record that a row is about or names."""

    doctype: str
    name: str
    label: str


@dataclass
class Row:
    """One thing that is wrong: the record, a sentence, other records, and by which key it is mended."""

    key: str
    record: Link | None
    detail: str = ""
    classes: str = ""
    links: list[Link] = field(default_factory=list)
    # More than one thing, where rows stand for several.
    number: int = 1


class Source(Protocol):
    """The rows of one kind: counted, and read a page at a time, or those of some keys.

    `count` is how many things are wrong, `lines` how many rows say so.
    """

    def count(self) -> int: ...

    def lines(self) -> int: ...

    def page(self, start: int, length: int) -> list[Row]: ...

    def raw(self, keys: list[str] | None = None) -> list[frappe._dict]: ...


@dataclass(frozen=True)
class Repair:
    """A way to mend rows in place: what the button says, and what it does on an Edit with the raw rows."""

    how: str
    label: Callable[[], str]
    carry_out: Callable[[Edit, "Scope", list[frappe._dict]], None]


@dataclass(frozen=True)
class Kind:
    """One kind of thing that is wrong. `find` answers None where it does not concern the evening.

    What is `slow` takes a second or more in a large school, and is asked for by itself on the page.
    """

    code: str
    severity: str
    title: Callable[[], str]
    explanation: Callable[[], str]
    find: Callable[["Scope"], Source | None]
    repairs: tuple[Repair, ...] = ()
    slow: bool = False


class Scope:
    """What is looked at: an evening, whole or one program or class of it. What is read is read once."""

    def __init__(self, evening, program: str | None = None, group: str | None = None):
        self.evening, self.program, self.group = evening, program, group

    @property
    def narrowed(self) -> bool:
        """Whether only part of the evening is looked at."""
        return bool(self.program or self.group)

    def within(self, query, student):
        """A query with the filters by program and class on its field for the student."""
        if self.program:
            enrollment = frappe.qb.DocType("Program Enrollment")
            enrolled = (
                frappe.qb.from_(enrollment)
                .select(enrollment.student)
                .where((enrollment.docstatus == 1) & (enrollment.program == self.program))
                .where(enrollment.academic_year == self.evening.academic_year)
            )
            query = query.where(student.isin(enrolled))
        if self.group:
            member = frappe.qb.DocType("Student Group Student")
            there = (
                frappe.qb.from_(member)
                .select(member.student)
                .where((member.parent == self.group) & (member.active == 1))
            )
            query = query.where(student.isin(there))
        return query

    @cached_property
    def participants(self) -> set[str]:
        """The participants within the filters."""
        student = frappe.qb.DocType("Student")
        return set(self.within(participants_query(self.evening), student.name).run(pluck=True))

    @cached_property
    def class_of(self) -> dict[str, str]:
        """{student: classes as one text} of the participants."""
        found = defaultdict(list)
        for student, group, _program in classes.members(self.evening).run():
            found[student].append(group)
        return {student: ", ".join(sorted(groups)) for student, groups in found.items()}

    @cached_property
    def instructor_names(self) -> dict[str, str]:
        """{instructor: name}."""
        return dict(frappe.get_all("Instructor", fields=["name", "instructor_name"], as_list=True))

    @cached_property
    def student_names(self) -> dict[str, str]:
        """{student: name}."""
        return dict(frappe.get_all("Student", fields=["name", "student_name"], as_list=True))

    @cached_property
    def guardian_names(self) -> dict[str, str]:
        """{guardian: name}."""
        return dict(frappe.get_all("Guardian", fields=["name", "guardian_name"], as_list=True))

    def student(self, name: str) -> Link:
        """The link to a student."""
        return Link("Student", name, self.student_names.get(name) or name)

    def guardian(self, name: str) -> Link:
        """The link to a guardian."""
        return Link("Guardian", name, self.guardian_names.get(name) or name)

    def instructor(self, name: str) -> Link:
        """The link to an instructor."""
        return Link("Instructor", name, self.instructor_names.get(name) or name)


class InSql:
    """Rows of a query, which has a column `id`; counted and paged by the database.

    `present` makes the Rows of a page, so that what belongs to them is read for these only.
    """

    def __init__(self, query, present: Callable[[list[frappe._dict]], list[Row]], order: Iterable[str] = ()):
        self.found = query.as_("found")
        self.present = present
        self.order = (*order, "id")

    def count(self) -> int:
        return frappe.qb.from_(self.found).select(Count("*")).run()[0][0]

    lines = count

    def page(self, start: int, length: int) -> list[Row]:
        query = frappe.qb.from_(self.found).select("*").limit(length).offset(start)
        for name in self.order:
            query = query.orderby(self.found[name])
        return self.present(query.run(as_dict=True))

    def raw(self, keys: list[str] | None = None) -> list[frappe._dict]:
        query = frappe.qb.from_(self.found).select("*")
        if keys is not None:
            query = query.where(self.found.id.isin(keys or [""]))
        return query.run(as_dict=True)


class InMemory:
    """Rows that a calculation found; `number` of them may stand for several."""

    def __init__(self, rows: list[Row]):
        self.rows = rows

    def count(self) -> int:
        return sum(row.number for row in self.rows)

    def lines(self) -> int:
        return len(self.rows)

    def page(self, start: int, length: int) -> list[Row]:
        return self.rows[start : start + length]

    def raw(self, keys: list[str] | None = None) -> list[frappe._dict]:
        return [frappe._dict(id=row.key) for row in self.rows if keys is None or row.key in keys]
