"""Courses that yield no conversation: in the package without a lesson group, an instructor or a lesson."""

import frappe
from frappe import _

from ouderavond.evening.offering import missing
from ouderavond.evening.offering.checks.kinds import NOTE, InMemory, Kind, Link, Row, Scope
from ouderavond.evening.offering.report import Skipped


def _missing(scope: Scope) -> InMemory:
    try:
        found = missing.of(scope.evening)
    except frappe.ValidationError as refusal:
        # No reference week yet, or one that is none: the sentence says it.
        frappe.clear_messages()
        return InMemory([Row("week", None, str(refusal))])
    student_of = _enrolled(found) if scope.narrowed else {}
    rows = [_row(scope, number, line, student_of) for number, line in enumerate(found)]
    return InMemory([row for row in rows if row])


def _enrolled(lines: list[Skipped]) -> dict[str, str]:
    """{Program Enrollment: student} of those that lines name."""
    names = {
        name for line in lines for doctype, name, _title in line.items if doctype == "Program Enrollment"
    }
    filters = {"name": ("in", list(names) or [""])}
    return dict(frappe.get_all("Program Enrollment", filters, ["name", "student"], as_list=True))


def _row(scope: Scope, number: int, line: Skipped, student_of: dict[str, str]) -> Row | None:
    items = [Link(*item) for item in line.items]
    if scope.narrowed:
        items = [item for item in items if student_of.get(item.name, item.name) in scope.participants]
        if not items:
            return None
    record = Link(line.doctype, line.name, line.name) if line.doctype and line.name else None
    return Row(str(number), record, line.sentence, "", items, len(items) if scope.narrowed else line.number)


KINDS = (
    Kind(
        "missing",
        NOTE,
        lambda: _("Courses that yield no conversation"),
        lambda: _(
            "In the package but without a lesson group, an instructor or a lesson in the reference week; or "
            "in a lesson group but not in the package."
        ),
        _missing,
        slow=True,
    ),
)
