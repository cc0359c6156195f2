"""Who is who: persons behind records, the guardians who attend together, and households.

Rights come from rows (`guardian_links`), never from households; a household is a unit for planning only.
"""

from collections import defaultdict
from collections.abc import Iterable

import frappe

# The user behind a record. Instructor has no user field of its own in Education; see `_users`.
PERSON_DOCTYPES = ("Instructor", "Guardian", "Student")


def person_key(doctype: str, name: str) -> str:
    """The key under which a person or room is claimed: records with the same User are one person."""
    return person_keys([(doctype, name)])[(doctype, name)]


def person_keys(records: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Keys of many records at once, as {(doctype, name): "User:…" or "Doctype:name"}."""
    names = defaultdict(set)
    for doctype, name in records:
        names[doctype].add(name)
    keys = {}
    for doctype, wanted in names.items():
        users = _users(doctype, wanted) if doctype in PERSON_DOCTYPES else {}
        for name in wanted:
            user = users.get(name)
            keys[(doctype, name)] = f"User:{user}" if user else f"{doctype}:{name}"
    return keys


def _users(doctype: str, names: set[str]) -> dict[str, str]:
    if doctype != "Instructor":
        record = frappe.qb.DocType(doctype)
        own = record.name.isin(list(names)) & (record.user != "")
        return dict(frappe.qb.from_(record).select(record.name, record.user).where(own).run())
    instructor, employee = frappe.qb.DocType("Instructor"), frappe.qb.DocType("Employee")
    rows = (
        frappe.qb.from_(instructor)
        .left_join(employee)
        .on(employee.name == instructor.employee)
        .select(instructor.name, instructor.ouderavond_user, employee.user_id)
        .where(instructor.name.isin(list(names)))
    ).run()
    return {name: own or from_employee for name, own, from_employee in rows if own or from_employee}


def guardians_of_user(user: str) -> list[str]:
    """The Guardian records whose `user` this is; never found by e-mail."""
    guardian = frappe.qb.DocType("Guardian")
    own = guardian.user == user
    return frappe.qb.from_(guardian).select(guardian.name).where(own).orderby(guardian.name).run(pluck=True)


def students_of_user(user: str) -> list[str]:
    """The enabled Student records whose `user` this is."""
    student = frappe.qb.DocType("Student")
    own = (student.user == user) & (student.enabled == 1)
    return frappe.qb.from_(student).select(student.name).where(own).orderby(student.name).run(pluck=True)


def instructors_of_user(user: str) -> list[str]:
    """The Instructor records of a user, by the app's own field or, where that is empty, by the employee."""
    instructor, employee = frappe.qb.DocType("Instructor"), frappe.qb.DocType("Employee")
    no_user = instructor.ouderavond_user.isnull() | (instructor.ouderavond_user == "")
    return (
        frappe.qb.from_(instructor)
        .left_join(employee)
        .on(employee.name == instructor.employee)
        .select(instructor.name)
        .where((instructor.ouderavond_user == user) | (no_user & (employee.user_id == user)))
        .orderby(instructor.name)
    ).run(pluck=True)


def guardian_links(guardians: Iterable[str]) -> list[frappe._dict]:
    """The students a guardian may reach: own Student Guardian rows, less *contact forbidden*.

    Returns rows {guardian, student}, ordered by student.
    """
    guardians = list(guardians)
    if not guardians:
        return []
    query, link, student = links()
    return (
        query.select(link.guardian, link.parent.as_("student"))
        .distinct()
        .where(link.guardian.isin(guardians) & (student.enabled == 1))
        .orderby(link.parent)
    ).run(as_dict=True)


def links() -> tuple:
    """A query of all rows of Student Guardian less *contact forbidden*, and its tables: link and student."""
    link, student = frappe.qb.DocType("Student Guardian"), frappe.qb.DocType("Student")
    arrangement = frappe.qb.DocType("Guardian Arrangement")
    query = (
        frappe.qb.from_(link)
        .join(student)
        .on(student.name == link.parent)
        .left_join(arrangement)
        .on(
            (arrangement.student == link.parent)
            & (arrangement.guardian == link.guardian)
            & (arrangement.contact_forbidden == 1)
        )
        .where((link.parenttype == "Student") & arrangement.name.isnull())
    )
    return query, link, student


def parties(evening, students: Iterable[str] | None = None) -> dict[str, list[list[str]]]:
    """For each student the groups of guardians who attend together, in the order of the student's rows.

    `evening` is a Parent Evening document. Guardians whose contact is forbidden are in no group; who
    attends separately (if the evening honours that) is a group of their own.
    """
    link, arrangement = frappe.qb.DocType("Student Guardian"), frappe.qb.DocType("Guardian Arrangement")
    query = (
        frappe.qb.from_(link)
        .left_join(arrangement)
        .on((arrangement.student == link.parent) & (arrangement.guardian == link.guardian))
        .select(link.parent, link.guardian, arrangement.attends_separately, arrangement.contact_forbidden)
        .where(link.parenttype == "Student")
        .orderby(link.parent, link.idx)
    )
    if students is not None:
        students = list(students)
        if not students:
            return {}
        query = query.where(link.parent.isin(students))
    apart = evening.separated_guardians == "Attend separately where marked"
    return _grouped(query.run(), apart)


def _grouped(rows, apart: bool) -> dict[str, list[list[str]]]:
    groups: dict[str, list[list[str]]] = defaultdict(list)
    together: dict[str, list[str]] = {}
    for student, guardian, separately, forbidden in rows:
        if forbidden:
            continue
        if separately and apart:
            groups[student].append([guardian])
        elif student in together:
            if guardian not in together[student]:
                together[student].append(guardian)
        else:
            together[student] = [guardian]
            groups[student].append(together[student])
    return dict(groups)


def household_index(evening) -> dict[str, str]:
    """{guardian: household}, closed over guardians who attend together for some student.

    Records with the same User are one person, and so in one household. A household is named after its
    first guardian, so the name is the same as long as its members are.
    """
    from ouderavond.evening.participants import student_names

    households = _Union()
    for groups in parties(evening, student_names(evening)).values():
        for party in groups:
            households.unite(party)
    same_person = defaultdict(list)
    for (_doctype, guardian), key in person_keys(("Guardian", name) for name in households.members()).items():
        same_person[key].append(guardian)
    for members in same_person.values():
        households.unite(members)
    return {guardian: households.leader(guardian) for guardian in households.members()}


class _Union:
    """Disjoint sets of names, each known by its smallest member (Galler and Fischer, 1964)."""

    def __init__(self):
        self._parent: dict[str, str] = {}

    def members(self) -> list[str]:
        return list(self._parent)

    def leader(self, name: str) -> str:
        self._parent.setdefault(name, name)
        while self._parent[name] != name:
            self._parent[name] = self._parent[self._parent[name]]
            name = self._parent[name]
        return name

    def unite(self, names: list[str]) -> None:
        first = min(self.leader(name) for name in names)
        for name in names:
            self._parent[self.leader(name)] = first


def follow_change_of_user(doc, method=None) -> None:
    """Keep the claims of a person whose User changed under the key that the person has from now on."""
    before = doc.get_doc_before_save()
    field = "ouderavond_user" if doc.doctype == "Instructor" else "user"
    if not before or (before.get(field) or None) == (doc.get(field) or None):
        return
    from ouderavond.evening import claims, messages

    messages.follow_record(doc.doctype, doc.name, before.get(field), doc.get(field))
    claims.rewrite_claims_of(doc.doctype, doc.name)
