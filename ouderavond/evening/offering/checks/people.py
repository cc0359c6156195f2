"""Students and guardians: who cannot be reached, is double, or takes part no longer."""

from collections import defaultdict

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from pypika.terms import Criterion

from ouderavond.evening.counts import ASKED, LIVE
from ouderavond.evening.offering import classes
from ouderavond.evening.offering.changes import Edit
from ouderavond.evening.offering.checks.kinds import ERROR, WARNING, InSql, Kind, Link, Repair, Row, Scope
from ouderavond.evening.participants import participants_query
from ouderavond.evening.permissions import is_manager


def _reachable(scope: Scope):
    """(query, guardian rows): the guardians of participants with whom there may be contact."""
    row, arrangement = frappe.qb.DocType("Student Guardian"), frappe.qb.DocType("Guardian Arrangement")
    query = (
        frappe.qb.from_(row)
        .left_join(arrangement)
        .on(
            (arrangement.student == row.parent)
            & (arrangement.guardian == row.guardian)
            & (arrangement.contact_forbidden == 1)
        )
        .where((row.parenttype == "Student") & arrangement.name.isnull() & row.guardian.isnotnull())
    )
    return query, row


def _with_guardians(scope: Scope) -> bool:
    return scope.evening.contact_with != "Students"


def _no_guardian(scope: Scope) -> InSql | None:
    if not _with_guardians(scope):
        return None
    reachable, row = _reachable(scope)
    student = frappe.qb.DocType("Student")
    query = (
        frappe.qb.from_(student)
        .select(student.name.as_("id"), student.student_name)
        .where(student.name.isin(participants_query(scope.evening)))
        .where(student.name.notin(reachable.select(row.parent)))
    )

    def present(found: list) -> list[Row]:
        detail = _("No guardian whom the school may contact.")
        return [
            Row(one.id, Link("Student", one.id, one.student_name), detail, scope.class_of.get(one.id, ""))
            for one in found
        ]

    return InSql(scope.within(query, student.name), present, ["student_name"])


def _guardians(scope: Scope, condition, detail: str) -> InSql:
    """Guardians of participants for whom something holds, with their children."""
    query, row = _reachable(scope)
    guardian = frappe.qb.DocType("Guardian")
    query = (
        query.join(guardian)
        .on(guardian.name == row.guardian)
        .select(guardian.name.as_("id"), guardian.guardian_name)
        .distinct()
        .where(row.parent.isin(participants_query(scope.evening)) & condition(guardian))
    )

    def present(found: list) -> list[Row]:
        children = _children([one.id for one in found])
        return [
            Row(
                one.id,
                Link("Guardian", one.id, one.guardian_name),
                detail,
                ", ".join(
                    sorted({scope.class_of[name] for name in children[one.id] if name in scope.class_of})
                ),
                [scope.student(name) for name in children[one.id]],
            )
            for one in found
        ]

    return InSql(scope.within(query, row.parent), present, ["guardian_name"])


def _children(guardians: list[str]) -> dict[str, list[str]]:
    found = defaultdict(list)
    filters = {"parenttype": "Student", "guardian": ("in", guardians or [""])}
    for row in frappe.get_all("Student Guardian", filters, ["guardian", "parent"], order_by="parent"):
        found[row.guardian].append(row.parent)
    return found


def _empty(field) -> Criterion:
    return field.isnull() | (field == "")


def _no_email(scope: Scope) -> InSql | None:
    if not _with_guardians(scope):
        return None
    detail = _("No e-mail address.")
    return _guardians(scope, lambda guardian: _empty(guardian.email_address), detail)


def _no_user(scope: Scope) -> InSql | None:
    if not _with_guardians(scope):
        return None
    return _guardians(scope, lambda guardian: _empty(guardian.user), _("No user."))


def _one_user(scope: Scope) -> InSql | None:
    """Two guardians of one student with one user, of whom one attends separately.

    Only for managers: the rows name who is marked as attending separately.
    """
    apart = scope.evening.separated_guardians == "Attend separately where marked"
    if not apart or not _with_guardians(scope) or not is_manager():
        return None
    row, marked = frappe.qb.DocType("Student Guardian"), frappe.qb.DocType("Guardian Arrangement")
    guardian, other_row = (
        frappe.qb.DocType("Guardian"),
        frappe.qb.DocType("Student Guardian").as_("other_row"),
    )
    other = frappe.qb.DocType("Guardian").as_("other")
    query = (
        frappe.qb.from_(row)
        .join(marked)
        .on((marked.student == row.parent) & (marked.guardian == row.guardian))
        .join(guardian)
        .on(guardian.name == row.guardian)
        .join(other_row)
        .on((other_row.parent == row.parent) & (other_row.parenttype == "Student"))
        .join(other)
        .on(
            (other.name == other_row.guardian) & (other.user == guardian.user) & (other.name != guardian.name)
        )
        .select(row.parent.as_("id"), guardian.user)
        .distinct()
        .where((row.parenttype == "Student") & (marked.attends_separately == 1))
        .where((marked.contact_forbidden == 0) & (guardian.user != ""))
        .where(row.parent.isin(participants_query(scope.evening)))
    )

    def present(found: list) -> list[Row]:
        users = [one.user for one in found]
        guardians = defaultdict(list)
        for name, user in frappe.get_all(
            "Guardian", {"user": ("in", users or [""])}, ["name", "user"], as_list=True, order_by="name"
        ):
            guardians[user].append(name)
        return [
            Row(
                one.id,
                scope.student(one.id),
                _("One user, {0}, for guardians who attend separately.").format(one.user),
                scope.class_of.get(one.id, ""),
                [scope.guardian(name) for name in guardians[one.user]],
            )
            for one in found
        ]

    return InSql(scope.within(query, row.parent), present)


def _two_classes(scope: Scope) -> InSql:
    member = classes.members(scope.evening).as_("member")
    query = (
        frappe.qb.from_(member)
        .select(member.student.as_("id"))
        .groupby(member.student)
        .having(Count(member.student_group) > 1)
    )

    def present(found: list) -> list[Row]:
        rows = []
        for one in found:
            names = scope.class_of.get(one.id, "")
            links = [Link("Student Group", name, name) for name in names.split(", ")]
            rows.append(
                Row(one.id, scope.student(one.id), _("In {0} classes.").format(len(links)), names, links)
            )
        return rows

    return InSql(scope.within(query, member.student), present)


def _not_taking_part(scope: Scope) -> InSql:
    """Students who left or are no participants, with an offer, a request or a conversation all the same."""
    student = frappe.qb.DocType("Student")
    involved = Criterion.any(
        [
            student.name.isin(_students_of("Conversation Offer", scope, "offered", [1])),
            student.name.isin(_students_of("Conversation Request", scope, "state", ASKED)),
            student.name.isin(_students_of("Evening Booking", scope, "state", LIVE)),
        ]
    )
    query = (
        frappe.qb.from_(student)
        .select(student.name.as_("id"), student.student_name, student.enabled)
        .where(involved & student.name.notin(participants_query(scope.evening)))
    )

    def present(found: list) -> list[Row]:
        names = [one.id for one in found]
        offers = _numbers("Conversation Offer", scope, names, "offered", [1])
        asked = _numbers("Conversation Request", scope, names, "state", ASKED)
        booked = _numbers("Evening Booking", scope, names, "state", LIVE)
        groups = _groups_of(names)
        rows = []
        for one in found:
            text = _("Does not take part, but has {0} offers, {1} requests and {2} conversations.")
            if not one.enabled:
                text = _("Has left (disabled), but has {0} offers, {1} requests and {2} conversations.")
            figures = [numbers.get(one.id, 0) for numbers in (offers, asked, booked)]
            label = Link("Student", one.id, one.student_name)
            rows.append(Row(one.id, label, text.format(*figures), groups.get(one.id, "")))
        return rows

    return InSql(scope.within(query, student.name), present, ["student_name"])


def _students_of(doctype: str, scope: Scope, field: str, values):
    table = frappe.qb.DocType(doctype)
    return (
        frappe.qb.from_(table)
        .select(table.student)
        .where((table.evening == scope.evening.name) & table[field].isin(values) & table.student.isnotnull())
    )


def _numbers(doctype: str, scope: Scope, students: list[str], field: str, values) -> dict[str, int]:
    table = frappe.qb.DocType(doctype)
    return dict(
        frappe.qb.from_(table)
        .select(table.student, Count("*"))
        .where((table.evening == scope.evening.name) & table[field].isin(values))
        .where(table.student.isin(students or [""]))
        .groupby(table.student)
        .run()
    )


def _groups_of(students: list[str]) -> dict[str, str]:
    """The classes of students who take part no longer."""
    group, member = frappe.qb.DocType("Student Group"), frappe.qb.DocType("Student Group Student")
    rows = (
        frappe.qb.from_(member)
        .join(group)
        .on(group.name == member.parent)
        .select(member.student, member.parent)
        .where((group.group_based_on == "Batch") & member.student.isin(students or [""]))
        .orderby(member.parent)
    ).run()
    found = defaultdict(list)
    for student, name in rows:
        found[student].append(name)
    return {student: ", ".join(names) for student, names in found.items()}


def _remove_of_students(edit: Edit, scope: Scope, rows: list) -> None:
    students = {row.id for row in rows}
    offers = edit.offers(students=students)
    edit.report.students = len(students)
    edit.remove([name for name, offer in offers.items() if offer.student in students])


KINDS = (
    Kind(
        "not_taking_part",
        ERROR,
        lambda: _("Students who left or no longer take part"),
        lambda: _(
            "They still have offers, requests or conversations. Removing withdraws and cancels what was "
            "asked for, after asking you, and tells the people concerned."
        ),
        _not_taking_part,
        (Repair("remove", lambda: _("Remove"), _remove_of_students),),
    ),
    Kind(
        "one_user",
        ERROR,
        lambda: _("Guardians with one user who attend separately"),
        lambda: _(
            "To this app one user is one person, who cannot attend apart from themselves. Give each guardian "
            "their own user, or take the mark away."
        ),
        _one_user,
    ),
    Kind(
        "no_guardian",
        WARNING,
        lambda: _("Students without guardians"),
        lambda: _("Nobody can ask for a conversation about them, except staff."),
        _no_guardian,
    ),
    Kind(
        "no_email",
        WARNING,
        lambda: _("Guardians without an e-mail address"),
        lambda: _("They receive no invitation and no times."),
        _no_email,
    ),
    Kind(
        "no_user",
        WARNING,
        lambda: _("Guardians without a user"),
        lambda: _("They cannot log in. Invite them from their record."),
        _no_user,
    ),
    Kind(
        "two_classes",
        WARNING,
        lambda: _("Students in two classes"),
        lambda: _("Both classes count: a date that one of them forbids is forbidden."),
        _two_classes,
    ),
)
