"""To whom the school may write, at which address and in which language.

Only rows say so: guardians who stand on the student's own rows and whose contact is not forbidden, the users
of students and instructors. An address that is also that of a guardian of the same student who attends
separately, or whose contact is forbidden, is not used: they would read along.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import frappe
from frappe.utils import validate_email_address

from ouderavond.evening.people import parties


@dataclass(frozen=True)
class Reader:
    """Somebody to whom may be written; `has_page` when they can log in and look."""

    name: str
    address: str
    language: str
    has_page: bool = False


class Families:
    """The guardians and users of some students, read at once."""

    def __init__(self, evening, students: Iterable[str]):
        students = sorted(set(students))
        self._parties = parties(evening, students)
        self._guardians = _guardian_rows(students)
        self._students = _student_rows(students)

    def group(self, student: str, guardian: str | None) -> list[str]:
        """The guardians who attend together with this one for a student; none where contact is forbidden."""
        groups = self._parties.get(student, [])
        return next((group for group in groups if guardian in group), [])

    def guardian(self, student: str, guardian: str) -> Reader | None:
        """A guardian, to be told of one of the student's conversations that this guardian attends."""
        row = self._guardians[student].get(guardian)
        group = self.group(student, guardian)
        if not row or not group:
            return None
        taken = {
            address
            for other in self._guardians[student].values()
            if other.name not in group and not self._same_person(student, row, other)
            for address in _addresses(other.email_address, other.user_email)
        }
        free = [one for one in _addresses(row.email_address, row.user_email) if one not in taken]
        return _reader(row.guardian_name, free, row)

    def _same_person(self, student: str, row, other) -> bool:
        return bool(row.user and row.user == other.user and self.group(student, other.name))

    def student(self, student: str) -> Reader | None:
        """A student, to be told of what they asked for themselves."""
        row = self._students.get(student)
        return _reader(row.student_name, _addresses(row.user_email), row) if row else None

    def names(self, student: str, guardians: Iterable[str]) -> str:
        """The names of guardians of a student, for staff."""
        rows = (self._guardians[student].get(guardian) for guardian in guardians)
        return ", ".join(row.guardian_name for row in rows if row)


def instructors(names: Iterable[str]) -> dict[str, Reader]:
    """Those of these instructors to whom can be written, by record name."""
    instructor, employee = frappe.qb.DocType("Instructor"), frappe.qb.DocType("Employee")
    own, employed = frappe.qb.DocType("User").as_("own"), frappe.qb.DocType("User").as_("employed")
    rows = (
        frappe.qb.from_(instructor)
        .left_join(employee)
        .on(employee.name == instructor.employee)
        .left_join(own)
        .on(own.name == instructor.ouderavond_user)
        .left_join(employed)
        .on(employed.name == employee.user_id)
        .select(instructor.name, instructor.instructor_name, instructor.ouderavond_email)
        .select(own.email.as_("own_email"), own.language, own.enabled)
        .select(employed.email.as_("employed_email"), employee.company_email)
        .select(employed.language.as_("employed_language"), employed.enabled.as_("employed_enabled"))
        .where(instructor.name.isin(sorted(set(names)) or [""]))
    ).run(as_dict=True)
    found = {}
    for row in rows:
        if not row.own_email:
            row.language, row.enabled = row.employed_language, row.employed_enabled
        addresses = _addresses(row.ouderavond_email, row.own_email, row.employed_email, row.company_email)
        found[row.name] = _reader(row.instructor_name, addresses, row)
    return {name: reader for name, reader in found.items() if reader}


def _reader(name: str, addresses: list[str], row) -> Reader | None:
    if not addresses:
        return None
    language = row.language or frappe.get_system_settings("language") or "en"
    return Reader(name or addresses[0], addresses[0], language, bool(row.enabled))


def _addresses(*found: str | None) -> list[str]:
    """The valid addresses among these, in lower case; a field with several is none."""
    addresses = ((one or "").strip().lower() for one in found)
    return [one for one in addresses if one and "," not in one and validate_email_address(one) == one]


def _guardian_rows(students: list[str]) -> dict[str, dict[str, frappe._dict]]:
    link, guardian = frappe.qb.DocType("Student Guardian"), frappe.qb.DocType("Guardian")
    user = frappe.qb.DocType("User")
    rows = (
        frappe.qb.from_(link)
        .join(guardian)
        .on(guardian.name == link.guardian)
        .left_join(user)
        .on(user.name == guardian.user)
        .select(link.parent.as_("student"), guardian.name, guardian.guardian_name, guardian.email_address)
        .select(guardian.user, user.email.as_("user_email"), user.language, user.enabled)
        .where((link.parenttype == "Student") & link.parent.isin(students or [""]))
    ).run(as_dict=True)
    found = defaultdict(dict)
    for row in rows:
        found[row.student][row.name] = row
    return found


def _student_rows(students: list[str]) -> dict[str, frappe._dict]:
    student, user = frappe.qb.DocType("Student"), frappe.qb.DocType("User")
    rows = (
        frappe.qb.from_(student)
        .left_join(user)
        .on(user.name == student.user)
        .select(student.name, student.student_name)
        .select(user.email.as_("user_email"), user.language, user.enabled)
        .where(student.name.isin(students or [""]))
    ).run(as_dict=True)
    return {row.name: row for row in rows}
