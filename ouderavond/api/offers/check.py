"""Checking the offers on the page Offers: what is wrong, its rows, mending it, the list as a file."""

from dataclasses import asdict

import frappe
from frappe import _
from frappe.utils import now_datetime

from ouderavond.api import callers, running
from ouderavond.evening.offering import check, classes, forecast
from ouderavond.evening.offering.checks.kinds import Row, Scope
from ouderavond.evening.offering.export import as_file

MOST_ROWS = 200
# An offer takes the forecast a tenth of a millisecond: from some thousands on it is a job.
OFFERS_PER_ROW = 2


@frappe.whitelist(methods=["GET", "POST"])
def read(evening: str, program: str | None = None, group: str | None = None, slow: int | None = None) -> dict:
    """What is wrong: the kinds with their numbers, errors first; and the programs and classes to choose.

    `slow` 0: only what is counted quickly; 1: only what takes a while; neither: everything.
    """
    callers.staff()
    scope = _scope(evening, program, group)
    codes = [kind.code for kind in check.KINDS if slow is None or kind.slow == bool(slow)]
    found = check.overview(scope, codes)
    return {
        "findings": [_finding(one) for one in found if one.number is not None],
        "programs": _programs(scope.evening),
    }


def _scope(evening: str, program: str | None, group: str | None) -> Scope:
    return Scope(frappe.get_doc("Parent Evening", evening), program or None, group or None)


def _finding(one: check.Finding) -> dict:
    kind = one.kind
    return {
        "code": kind.code,
        "severity": kind.severity,
        "title": kind.title(),
        "explanation": kind.explanation(),
        "number": one.number,
        "lines": one.lines,
        "repairs": [{"how": repair.how, "label": repair.label()} for repair in kind.repairs],
    }


def _programs(evening) -> list[dict]:
    member = classes.members(evening).as_("member")
    rows = (
        frappe.qb.from_(member)
        .select(member.program, member.student_group)
        .distinct()
        .orderby(member.program, member.student_group)
    ).run()
    programs: dict[str, list[str]] = {}
    for program, group in rows:
        programs.setdefault(program or "", []).append(group)
    return [{"name": name, "classes": groups} for name, groups in programs.items()]


@frappe.whitelist(methods=["GET", "POST"])
def rows(
    evening: str,
    code: str,
    start: int = 0,
    length: int = check.PAGE,
    program: str | None = None,
    group: str | None = None,
) -> list[dict]:
    """A page of the rows of one kind, each with links to the records."""
    callers.staff()
    length = max(0, min(length, MOST_ROWS))
    found = check.rows(_scope(evening, program, group), code, max(0, start), length)
    return [asdict(row) for row in found]


@frappe.whitelist(methods=["POST"])
def repair(
    evening: str,
    code: str,
    how: str,
    keys: str | list | None = None,
    program: str | None = None,
    group: str | None = None,
    dry_run: int = 0,
    confirmed: int = 0,
) -> dict:
    """Mend rows in place: those of some keys, or, without keys, all within program and class."""
    callers.staff()
    chosen = running.names(keys)
    kind = check.kind_of(code)
    source = kind.find(_scope(evening, program, group)) if chosen is None else None
    return running.answer(
        check.repair,
        evening,
        len(chosen) if chosen is not None else source.lines() if source else 0,
        dry_run=dry_run,
        code=code,
        how=how,
        keys=chosen,
        program=program or None,
        group=group or None,
        confirmed=bool(confirmed),
    )


@frappe.whitelist(methods=["POST"])
def expect(
    evening: str, asking: float = 0.7, per_student: float = 1.5, most: int = 3, dry_run: int = 1
) -> dict:
    """The capacity forecast from what is offered; in the background where there are many offers.

    It changes nothing, whatever `dry_run` says; the page's way of following a job sends it.
    """
    callers.staff()
    offers = frappe.db.count("Conversation Offer", {"evening": evening, "offered": 1})
    return running.answer(
        forecast.expected,
        evening,
        offers // OFFERS_PER_ROW,
        asking=asking,
        per_student=per_student,
        most=most,
    )


@frappe.whitelist(methods=["GET", "POST"])
def export(
    evening: str,
    code: str | None = None,
    file_type: str = "xlsx",
    program: str | None = None,
    group: str | None = None,
) -> None:
    """The list as a file, xlsx or csv: of one kind, or of everything that is wrong."""
    callers.staff()
    scope = _scope(evening, program, group)
    heads = [_("Severity"), _("What"), _("Record Type"), _("Record"), _("Name"), _("Class"), _("Detail")]
    heads.append(_("See Also"))
    severities = {"error": _("Error"), "warning": _("Warning"), "note": _("Note")}
    lines = [
        [severities[kind.severity], kind.title(), *_cells(row)]
        for kind, row in check.every_row(scope, code or None)
    ]
    content = as_file([heads, *lines], file_type)
    name = f"{evening} {now_datetime():%Y-%m-%d}.{file_type}"
    frappe.response.update(filename=name, filecontent=content, type="binary")


def _cells(row: Row) -> list[str]:
    record = (_(row.record.doctype), row.record.name, row.record.label) if row.record else ("", "", "")
    return [*record, row.classes, row.detail, ", ".join(link.label for link in row.links)]
