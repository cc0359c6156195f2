"""Education's own calls that tell of any student to any user, closed to those who may not read the record.

Each stands in for Education's function of the same name (`override_whitelisted_methods`), asks the platform
whether the caller may read the record, and then calls it.
"""

import frappe

_DOCTYPES = "education.education.doctype"


def _ask(name: str, **arguments):
    return frappe.call(f"education.education.api.{name}", **arguments)


def _may_read(doctype: str, name: str) -> None:
    frappe.has_permission(doctype, "read", doc=name, throw=True)


@frappe.whitelist()
def get_student_guardians(student: str):
    """A student's guardians."""
    _may_read("Student", student)
    return _ask("get_student_guardians", student=student)


@frappe.whitelist()
def get_current_enrollment(student: str, academic_year: str | None = None):
    """A student's program and class."""
    _may_read("Student", student)
    return _ask("get_current_enrollment", student=student, academic_year=academic_year)


@frappe.whitelist()
def get_result(student: str, assessment_plan: str):
    """A student's mark."""
    _may_read("Student", student)
    return _ask("get_result", student=student, assessment_plan=assessment_plan)


@frappe.whitelist()
def get_student_group_students(student_group: str, include_inactive: int | bool = 0):
    """The names of a group's students."""
    _may_read("Student Group", student_group)
    return _ask("get_student_group_students", student_group=student_group, include_inactive=include_inactive)


@frappe.whitelist()
def get_assessment_students(assessment_plan: str, student_group: str):
    """The marks of a group's students."""
    _may_read("Student Group", student_group)
    return _ask("get_assessment_students", assessment_plan=assessment_plan, student_group=student_group)


@frappe.whitelist()
def collect_fees(fees: str, amt: float):
    """Write how much of a fee has been paid."""
    frappe.has_permission("Fees", "write", doc=fees, throw=True)
    return _ask("collect_fees", fees=fees, amt=amt)


@frappe.whitelist()
def get_students(academic_year: str, group_based_on: str, **more):
    """The names of the students of whom a group could be made."""
    frappe.has_permission("Student Group", "read", throw=True)
    method = f"{_DOCTYPES}.student_group.student_group.get_students"
    return frappe.call(method, academic_year=academic_year, group_based_on=group_based_on, **more)


@frappe.whitelist()
def get_student_groups(student: str):
    """A student's class and lesson groups."""
    _may_read("Student", student)
    method = f"{_DOCTYPES}.student_leave_application.student_leave_application.get_student_groups"
    return frappe.call(method, student=student)


@frappe.whitelist()
def fetch_students(doctype: str, txt: str, searchfield: str, start: int, page_len: int, filters=None):
    """The choices of students for a group."""
    frappe.has_permission("Student Group", "write", throw=True)
    method = f"{_DOCTYPES}.student_group.student_group.fetch_students"
    given = {"txt": txt, "searchfield": searchfield, "start": start, "page_len": page_len}
    return frappe.call(method, doctype=doctype, filters=frappe.parse_json(filters) or {}, **given)


@frappe.whitelist()
def get_student_attendance_records(based_on: str, **more):
    """The names of a group's students, with who was there."""
    frappe.has_permission("Student Attendance Tool", "read", throw=True)
    method = f"{_DOCTYPES}.student_attendance_tool.student_attendance_tool.get_student_attendance_records"
    return frappe.call(method, based_on=based_on, **more)
