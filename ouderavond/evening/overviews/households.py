"""Who gets a letter: those who attend together, with what concerns them and nothing of anybody else.

Who may read of a student follows from the rows of today: of what was booked for a guardian whose contact was
forbidden since, nothing is printed.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import frappe

from ouderavond.evening.overviews.reading import Facts
from ouderavond.evening.people import parties

ADDRESS = ("address_line_1", "address_line_2", "pincode", "city", "state")


@dataclass
class Household:
    """People who come together, or a student who comes alone (`own`)."""

    salutation: str
    language: str
    own: bool = False
    address: list[str] = field(default_factory=list)
    conversations: list = field(default_factory=list)
    not_placed: list = field(default_factory=list)


def of(facts: Facts) -> list[Household]:
    """The households with something to read, by name."""
    asked = facts.requests("Not Placed") if _tells_outcomes(facts) else []
    students = {row.student for row in [*facts.told, *asked] if row.student}
    groups = parties(facts.evening, students)
    found: dict[tuple, dict[str, list]] = defaultdict(lambda: {"conversations": [], "not_placed": []})
    for name, rows in (("conversations", facts.told), ("not_placed", asked)):
        for row in rows:
            key = _key(row, groups)
            if key:
                found[key][name].append(row)
    addresses = _Addresses(students)
    made = [_household(facts, key, content, addresses) for key, content in found.items()]
    return sorted(made, key=lambda household: household.salutation.casefold())


def _tells_outcomes(facts: Facts) -> bool:
    """Nobody reads that there is no time before anybody reads of times."""
    return bool(facts.evening.schedule_visible or facts.chosen.untold)


def _key(row, groups) -> tuple[str, ...]:
    """Who reads of a conversation: the group that attends together, or the student."""
    if not row.guardians:
        return ("Student", row.student) if _is_own(row) else ()
    group = next((group for group in groups.get(row.student, []) if set(group) & set(row.guardians)), [])
    return ("Guardian", *sorted(group)) if group else ()


def _is_own(row) -> bool:
    """A conversation or request without guardians is the student's; one who left no trace is nobody's."""
    return bool(row.student) and (row.get("student_attends") or row.get("source") == "Student")


def _household(facts: Facts, key, content, addresses) -> Household:
    kind, *people = key
    students = {row.student for rows in content.values() for row in rows}
    if kind == "Student":
        row = next(row for rows in content.values() for row in rows)
        name, language = row.student_name or people[0], addresses.language(people[0])
        return Household(name, language, True, [name, *addresses.of_student(people[0])], **content)
    names = [facts.guardians[one].guardian_name or one for one in people if one in facts.guardians]
    together = frappe._("{0} and {1}").format(", ".join(names[:-1]), names[-1]) if names[1:] else names[0]
    lines = [*names, *addresses.of_group(people, students)]
    return Household(together, facts.language_of(people), False, lines, **content)


class _Addresses:
    """Where people live, as far as the readers know it themselves.

    The school has one address, the student's. Where the guardians of a student come separately, or contact
    with one of them is forbidden, that may not be the reader's, and another's address is told to nobody.
    """

    def __init__(self, students: set[str]):
        names = sorted(students) or [""]
        student, user = frappe.qb.DocType("Student"), frappe.qb.DocType("User")
        rows = (
            frappe.qb.from_(student)
            .left_join(user)
            .on(user.name == student.user)
            .select(student.name, user.language, *(student[field] for field in ADDRESS))
            .where(student.name.isin(names))
        ).run(as_dict=True)
        self._students = {row.name: row for row in rows}
        link = frappe.qb.DocType("Student Guardian")
        self._guardians = defaultdict(set)
        for name, guardian in (
            frappe.qb.from_(link)
            .select(link.parent, link.guardian)
            .where((link.parenttype == "Student") & link.parent.isin(names))
        ).run():
            self._guardians[name].add(guardian)

    def language(self, student: str) -> str:
        row = self._students.get(student)
        return (row and row.language) or frappe.get_system_settings("language") or "en"

    def of_student(self, student: str) -> list[str]:
        row = self._students.get(student)
        if not row:
            return []
        town = " ".join(filter(None, (row.pincode, row.city)))
        return [line for line in (row.address_line_1, row.address_line_2, town, row.state) if line]

    def of_group(self, people, students) -> list[str]:
        for student in sorted(students):
            if self._guardians[student] <= set(people) and self.of_student(student):
                return self.of_student(student)
        return []
