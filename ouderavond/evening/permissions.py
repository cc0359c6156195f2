"""Who sees which records through the platform's own lists, forms, reports and REST.

Guardians and students have no permission on our DocTypes: they come through `api/`. Instructors read what is
their own. Managers and planners see everything their role reads. Of Education's records about students, users
who are only students (or guardians) see no more than their own, while the settings say so.

Every function answers explicitly, since versions of the platform treat None differently: "" allows, "1=0"
refuses. What a condition lists and what a form opens come from one criterion, so they cannot differ.
"""

from collections.abc import Callable

import frappe
from frappe import _
from pypika.terms import Criterion, LiteralValue

from ouderavond.evening import publishing
from ouderavond.evening.people import instructors_of_user
from ouderavond.setup.roles import MANAGER, STAFF_ROLES

EVERYTHING, NOTHING = "", "1=0"
MODULE = "Ouderavond"

# Roles that make nobody more than a student or guardian, whatever they may read.
FAMILY_ROLES = {"Student", "Guardian"}
AUTOMATIC_ROLES = {"All", "Guest", "Desk User"}
ACADEMIC_ROLES = {"Instructor", "Academics User", "Education Manager", "System Manager", *STAFF_ROLES}

# The child tables that instructors could otherwise list as a whole, by the DocType they belong to.
CHILD_TABLES = {
    "Conversation Offer Date": "Conversation Offer",
    "Conversation Offer Instructor": "Conversation Offer",
    "Evening Booking Guardian": "Evening Booking",
    "Evening Booking Instructor": "Evening Booking",
}


def is_staff(user: str | None = None) -> bool:
    """Is this a manager or planner of evenings?"""
    return _has_role(user, set(STAFF_ROLES))


def is_manager(user: str | None = None) -> bool:
    """Is this a manager of evenings?"""
    return _has_role(user, {MANAGER})


def _has_role(user: str | None, roles: set[str]) -> bool:
    user = user or frappe.session.user
    return user == "Administrator" or not roles.isdisjoint(frappe.get_roles(user))


def is_guarded(doctype: str, user: str | None = None) -> bool:
    """May this user see none or only a part of the records of a DocType, whatever the platform checks?"""
    restricted = doctype in (*STUDENT_RECORDS, "User")
    return is_kept_from(doctype, user) or (restricted and _only_own(user, doctype))


def is_kept_from(doctype: str, user: str | None = None) -> bool:
    """Is this one of our DocTypes, and the user not one who sees all of its records?"""
    if frappe.get_meta(doctype).module != MODULE:
        return False
    return not (is_staff(user) and frappe.has_permission(doctype, "read", user=user))


# Our records: everything for staff, the own records for instructors


def offer_conditions(user=None) -> str:
    """Conversation Offers in lists."""
    return _own_only("Conversation Offer", user)


def has_offer_permission(doc, ptype=None, user=None, debug=False) -> bool:
    """A Conversation Offer by itself."""
    return _is_own(doc, user)


def request_conditions(user=None) -> str:
    """Conversation Requests in lists."""
    return _own_only("Conversation Request", user)


def has_request_permission(doc, ptype=None, user=None, debug=False) -> bool:
    """A Conversation Request by itself."""
    return _is_own(doc, user)


def block_conditions(user=None) -> str:
    """Evening Blocks in lists."""
    return _own_only("Evening Block", user)


def has_block_permission(doc, ptype=None, user=None, debug=False) -> bool:
    """An Evening Block by itself."""
    return _is_own(doc, user)


def booking_conditions(user=None) -> str:
    """Evening Bookings in lists."""
    return _own_only("Evening Booking", user)


def has_booking_permission(doc, ptype=None, user=None, debug=False) -> bool:
    """An Evening Booking by itself."""
    return _is_own(doc, user)


def evening_instructor_conditions(user=None) -> str:
    """Evening Instructors in lists."""
    return _own_only("Evening Instructor", user)


def has_evening_instructor_permission(doc, ptype=None, user=None, debug=False) -> bool:
    """An Evening Instructor by itself."""
    return _is_own(doc, user)


def child_conditions(user=None, doctype=None) -> str:
    """Rows of our child tables: those of the records that the user may see."""
    if is_staff(user):
        return EVERYTHING
    parent = CHILD_TABLES.get(doctype)
    criterion = _own(parent, _literals(_instructors(user))) if parent else None
    if criterion is None:
        return NOTHING
    owner, row = frappe.qb.DocType(parent), frappe.qb.DocType(doctype)
    return _sql(row.parent.isin(frappe.qb.from_(owner).select(owner.name).where(criterion)))


def confidential_conditions(user=None) -> str:
    """What only managers may read, whatever else a role or a share allows."""
    return EVERYTHING if is_manager(user) else NOTHING


def has_confidential_permission(doc, ptype=None, user=None, debug=False) -> bool:
    """A confidential record by itself."""
    return is_manager(user)


def staff_only_conditions(user=None) -> str:
    """What all who run evenings may read, and nobody else."""
    return EVERYTHING if is_staff(user) else NOTHING


def has_staff_only_permission(doc, ptype=None, user=None, debug=False) -> bool:
    """A record that is for staff, by itself."""
    return is_staff(user)


def _own_only(doctype: str, user: str | None) -> str:
    if is_staff(user):
        return EVERYTHING
    criterion = _own(doctype, _literals(_instructors(user)))
    return NOTHING if criterion is None else _sql(criterion)


def _is_own(doc, user: str | None) -> bool:
    if is_staff(user):
        return True
    # What the caller sent proves nothing: the stored record decides.
    return _stored(doc, _own(doc.doctype, _instructors(user)))


def _instructors(user: str | None) -> list[str]:
    return instructors_of_user(user or frappe.session.user)


def _own(doctype: str, instructors: list) -> Criterion | None:
    return OWN[doctype](instructors) if instructors else None


def _own_offers(instructors: list) -> Criterion:
    return frappe.qb.DocType("Conversation Offer").name.isin(
        _parents("Conversation Offer Instructor", instructors)
    )


def _own_requests(instructors: list) -> Criterion:
    request = frappe.qb.DocType("Conversation Request")
    return request.offer.isin(_parents("Conversation Offer Instructor", instructors)) & _remark_shown(request)


def _remark_shown(table) -> Criterion:
    """Where an evening keeps remarks from instructors, what has one is read on our own pages, without it."""
    evening = frappe.qb.DocType("Parent Evening")
    shows = frappe.qb.from_(evening).select(evening.name).where(evening.show_remarks == 1)
    return table.remark.isnull() | (table.remark == "") | table.evening.isin(shows)


def _own_bookings(instructors: list) -> Criterion:
    booking, evening = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Parent Evening")
    shown = (
        frappe.qb.from_(evening)
        .select(evening.name)
        .where((evening.published == 1) & publishing.visible_criterion(evening))
    )
    request = frappe.qb.DocType("Conversation Request")
    # A list may also ask for the fields of the request that a conversation answers.
    hidden = frappe.qb.from_(request).select(request.name).where(_remark_shown(request).negate())
    return (
        (booking.state == "Published")
        # What is planned otherwise since it was told is shown by our own pages, as it was told.
        & (booking.untold == 0)
        & booking.evening.isin(shown)
        & _remark_shown(booking)
        & (booking.request.isnull() | booking.request.notin(hidden))
        & booking.name.isin(_parents("Evening Booking Instructor", instructors))
    )


def _own_blocks(instructors: list) -> Criterion:
    block = frappe.qb.DocType("Evening Block")
    return (block.who_type == "Instructor") & block.who.isin(instructors)


def _own_presence(instructors: list) -> Criterion:
    return frappe.qb.DocType("Evening Instructor").instructor.isin(instructors)


def _parents(child: str, instructors: list):
    row = frappe.qb.DocType(child)
    return frappe.qb.from_(row).select(row.parent).where(row.instructor.isin(instructors))


OWN: dict[str, Callable[[list], Criterion]] = {
    "Conversation Offer": _own_offers,
    "Conversation Request": _own_requests,
    "Evening Block": _own_blocks,
    "Evening Booking": _own_bookings,
    "Evening Instructor": _own_presence,
}


# Education's records about students: their own, for users who are only students


def student_conditions(user=None) -> str:
    """Students in lists."""
    return own_student_conditions(user, "Student")


def has_student_permission(doc, ptype=None, user=None, debug=False) -> bool:
    """A Student by itself."""
    return not _only_own(user, "Student") or _stored(doc, _of_user("Student", user or frappe.session.user))


def own_student_conditions(user=None, doctype=None) -> str:
    """Records about students in lists."""
    if not _only_own(user, doctype):
        return EVERYTHING
    return _sql(_of_user(doctype, _literals([user or frappe.session.user])[0]))


def has_own_student_permission(doc, ptype=None, user=None, debug=False) -> bool:
    """A record about a student by itself; a new one may be about oneself."""
    if not _only_own(user, doc.doctype):
        return True
    user = user or frappe.session.user
    about_self = bool(doc.get("student")) and frappe.db.get_value("Student", doc.student, "user") == user
    is_new = not doc.get("name") or not frappe.db.exists(doc.doctype, doc.name)
    return about_self and (is_new or _stored(doc, _of_user(doc.doctype, user)))


def student_child_conditions(user=None, doctype=None) -> str:
    """Rows of records about students in lists: of one's own."""
    parent = STUDENT_CHILDREN.get(doctype)
    if not parent or not _only_own(user, parent):
        return EVERYTHING
    criterion = _of_user(parent, _literals([user or frappe.session.user])[0])
    owner, row = frappe.qb.DocType(parent), frappe.qb.DocType(doctype)
    return _sql(row.parent.isin(frappe.qb.from_(owner).select(owner.name).where(criterion)))


def user_conditions(user=None) -> str:
    """Users in lists: families do not read who else has an account, and their addresses."""
    if not _only_own(user, "User"):
        return EVERYTHING
    return _sql(frappe.qb.DocType("User").name == _literals([user or frappe.session.user])[0])


def is_family(user: str | None = None) -> bool:
    """Is this nobody but a student or guardian?"""
    roles = set(frappe.get_roles(user or frappe.session.user))
    return not roles.isdisjoint(FAMILY_ROLES) and not roles - FAMILY_ROLES - AUTOMATIC_ROLES


# What the platform keeps about records


def trace_conditions(user=None, doctype=None) -> str:
    """Versions, comments and the like in lists: of our records only for who sees all of those."""
    names = frappe.get_all("DocType", {"module": MODULE, "istable": 0}, pluck="name")
    kept = [name for name in names if is_kept_from(name, user)]
    about = frappe.qb.DocType(doctype)[TRACES[doctype]]
    return _sql(about.isnull() | about.notin(_literals(kept))) if kept else EVERYTHING


def has_trace_permission(doc, ptype=None, user=None, debug=False) -> bool:
    """A version, comment or the like by itself."""
    about = doc.get(TRACES[doc.doctype])
    return not (about and frappe.db.exists("DocType", about) and is_kept_from(about, user))


def refuse_mailing(doc, method=None) -> None:
    """Reports about our records are mailed by and for people only who see all of those themselves."""
    report = frappe.db.get_value("Report", doc.report, ["module", "ref_doctype"], as_dict=True)
    if not report or MODULE not in (report.module, frappe.get_meta(report.ref_doctype).module):
        return
    for user in (frappe.session.user, doc.user):
        if not is_staff(user) or is_kept_from(report.ref_doctype, user):
            frappe.throw(_("This report cannot be mailed."), frappe.PermissionError)


def drop_following(doc, method=None) -> None:
    """Nobody follows records of which they do not see all: the platform would mail them every change.

    It may be the platform that follows what somebody made, which must not fail for that.
    """
    if is_guarded(doc.ref_doctype, doc.user):
        frappe.db.delete("Document Follow", {"name": doc.name})


def refuse_following(doc, method=None) -> None:
    """Nor does somebody's following become one of such a record."""
    if not doc.is_new() and is_guarded(doc.ref_doctype, doc.user):
        frappe.throw(_("Changes of this record cannot be followed by e-mail."), frappe.PermissionError)


def _only_own(user: str | None, doctype: str) -> bool:
    """Does the user reach this DocType only as a student or guardian, and does the school restrict that?"""
    user = user or frappe.session.user
    roles = set(frappe.get_roles(user))
    if user == "Administrator" or roles.isdisjoint(FAMILY_ROLES) or not roles.isdisjoint(ACADEMIC_ROLES):
        return False
    readers = {perm.role for perm in frappe.get_meta(doctype).permissions if perm.read and not perm.permlevel}
    return roles.isdisjoint(readers - FAMILY_ROLES - AUTOMATIC_ROLES) and _students_are_restricted()


def _students_are_restricted() -> bool:
    # Read as it is stored: a setting that was never saved restricts.
    row = frappe.qb.DocType("Singles")
    query = frappe.qb.from_(row).select(row.value)
    value = query.where((row.doctype == "Ouderavond Settings") & (row.field == "restrict_students")).run()
    return not value or value[0][0] != "0"


def _of_user(doctype: str, user) -> Criterion:
    student = frappe.qb.DocType("Student")
    if doctype == "Student":
        return student.user == user
    own = frappe.qb.from_(student).select(student.name).where(student.user == user)
    return frappe.qb.DocType(doctype).student.isin(own)


# What Education opens to the role Student as a whole, and the invoices of fees. All but Student have a field
# `student`, through which a list would also tell the fields of that student.
STUDENT_RECORDS = (
    "Student",
    "Assessment Result",
    "Program Enrollment",
    "Sales Invoice",
    "Student Attendance",
    "Student Leave Application",
)


# Their child tables, by the DocType they belong to.
STUDENT_CHILDREN = {
    "Assessment Result Detail": "Assessment Result",
    "Program Enrollment Course": "Program Enrollment",
    "Program Enrollment Fee": "Program Enrollment",
    "Student Guardian": "Student",
    "Student Sibling": "Student",
}


# What the platform keeps about records tells what is in them: which field says about what.
TRACES = {
    "Comment": "reference_doctype",
    "Communication": "reference_doctype",
    "Deleted Document": "deleted_doctype",
    "Version": "ref_doctype",
}


# Criteria as SQL


def _stored(doc, criterion: Criterion | None) -> bool:
    if criterion is None or not doc.get("name"):
        return False
    table = frappe.qb.DocType(doc.doctype)
    return bool(frappe.qb.from_(table).select(table.name).where((table.name == doc.name) & criterion).run())


def _literals(values: list[str]) -> list[LiteralValue]:
    # A condition is text in the platform's own query, so values are escaped as the database wants it.
    return [LiteralValue(frappe.db.escape(value, percent=False)) for value in values]


def _sql(criterion: Criterion) -> str:
    return f"({criterion.get_sql(quote_char='`', with_namespace=True)})"
