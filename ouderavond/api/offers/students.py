"""Per student: the panes from program to student, a student's possibilities, and requests for who phoned."""

import json
from dataclasses import asdict

import frappe
from frappe import _

from ouderavond.api import callers, running
from ouderavond.evening.offering import phoned, student_panes
from ouderavond.evening.offering import students as per_student
from ouderavond.evening.offering.students import Possible

# What stands in a row as text, besides its list of instructors.
TEXTS = ("offer", "student", "subject", "course")
MOST_ROWS = 5_000


@frappe.whitelist(methods=["GET", "POST"])
def programs(evening: str) -> list[dict]:
    """The programs of the participants, with the number of classes."""
    callers.staff()
    return student_panes.programs(evening)


@frappe.whitelist(methods=["GET", "POST"])
def classes(evening: str, program: str | None = None) -> list[dict]:
    """The classes of a program ("" for none), or of all, with the number of students."""
    callers.staff()
    return student_panes.classes(evening, program)


@frappe.whitelist(methods=["GET", "POST"])
def students(
    evening: str, program: str | None = None, group: str | None = None, search: str | None = None
) -> list[dict]:
    """The students of a class ("" for none), or those whose name or number is searched for."""
    callers.staff()
    return student_panes.students(evening, program=program, group=group, search=search)


@frappe.whitelist(methods=["GET", "POST"])
def possibilities(evening: str, student: str) -> dict:
    """Every possibility of a student, and the student as the pane shows them."""
    callers.staff()
    found = student_panes.students(evening, names=[student])
    return {
        "student": found[0] if found else None,
        "rows": per_student.possibilities(evening, student),
    }


@frappe.whitelist(methods=["POST"])
def switch(
    evening: str,
    rows: str | list,
    offered: int | bool,
    dry_run: int | bool = 0,
    confirmed: int | bool = 0,
) -> dict:
    """Offer possibilities, or do not offer them any more.

    Args:
        rows: {offer} of what there is, {student, subject, course, instructors} of what was never offered;
            both where a row has both.
    """
    callers.staff()
    wanted = [_possible(row) for row in _rows(rows)]
    return running.answer(
        per_student.switch,
        evening,
        len(wanted),
        dry_run=dry_run,
        rows=wanted,
        offered=bool(int(offered)),
        confirmed=bool(int(confirmed)),
    )


@frappe.whitelist(methods=["GET", "POST"])
def asking(evening: str, row: str | dict) -> dict:
    """Who can ask for a possibility, what they have asked, and what would be an exception."""
    callers.staff()
    return phoned.asking(evening, _one(row))


@frappe.whitelist(methods=["POST"])
def request(
    evening: str,
    row: str | dict,
    guardian: str | None = None,
    longer: int | None = None,
    preference: str | None = None,
    mode: str | None = None,
    remark: str | None = None,
    override_reason: str | None = None,
    offer_first: int | bool = 0,
) -> dict:
    """Ask for a possibility on behalf of a household that phoned, and confirm it to them."""
    callers.staff()
    wishes = {"longer": longer, "preference": preference, "mode": mode, "remark": remark}
    answer = phoned.request(
        evening,
        _one(row),
        guardian=guardian or None,
        wishes=wishes,
        override_reason=override_reason,
        offer_first=bool(int(offer_first)),
    )
    return asdict(answer)


@frappe.whitelist(methods=["POST"])
def withdraw(evening: str, request: str, override_reason: str | None = None) -> dict:
    """Withdraw a request of a household that phoned, and confirm it to them."""
    callers.staff()
    return asdict(phoned.withdraw(evening, request, override_reason=override_reason))


def _rows(value: str | list) -> list[dict]:
    rows = running.parsed(value) or []
    if not rows or len(rows) > MOST_ROWS:
        frappe.throw(_("Choose at least one possibility, and at most {0}.").format(MOST_ROWS))
    return rows


def _one(value: str | dict) -> Possible:
    try:
        row = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        row = None
    return _possible(row)


def _possible(row) -> Possible:
    """A row as it arrives, checked for its shape.

    Raises:
        frappe.ValidationError: it is something else.
    """
    if not isinstance(row, dict):
        _refuse()
    values = {key: row.get(key) or "" for key in TEXTS}
    instructors = row.get("instructors") or []
    texts = isinstance(instructors, list) and all(
        isinstance(text, str) for text in (*values.values(), *instructors)
    )
    if not texts or not (values["offer"] or values["student"]):
        _refuse()
    return Possible(
        values["offer"] or None,
        values["student"],
        values["subject"],
        values["course"] or None,
        tuple(dict.fromkeys(instructors)),
    )


def _refuse() -> None:
    frappe.throw(_("A possibility could not be read. Reload the page and try again."))
