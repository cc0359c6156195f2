"""Checking the offers of an evening: what is wrong, how many, which, and mending it in place."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import frappe
from frappe import _

from ouderavond.evening.offering.changes import Edit, perform
from ouderavond.evening.offering.checks import lessons, offers, people, places, time
from ouderavond.evening.offering.checks.kinds import SEVERITIES, Kind, Row, Scope
from ouderavond.evening.offering.report import Report

OPERATION = "Repair"
KINDS = tuple(
    sorted(
        (*people.KINDS, *offers.KINDS, *time.KINDS, *places.KINDS, *lessons.KINDS),
        key=lambda kind: SEVERITIES.index(kind.severity),
    )
)
PAGE = 50


@dataclass
class Finding:
    """One kind of thing that was looked for: how many were found, in how many rows; None: does not apply."""

    kind: Kind
    number: int | None
    lines: int = 0


def overview(scope: Scope, codes: Iterable[str] | None = None) -> list[Finding]:
    """Every kind, or those of some codes, with its number; errors first."""
    kinds = KINDS if codes is None else [kind_of(code) for code in codes]
    return [_finding(kind, kind.find(scope)) for kind in kinds]


def _finding(kind: Kind, source) -> Finding:
    if source is None:
        return Finding(kind, None)
    lines = source.lines()
    return Finding(kind, source.count() if lines else 0, lines)


def worst(findings: list[Finding]) -> str | None:
    """The most serious severity of what was found, None where all is in order."""
    return next((one.kind.severity for one in findings if one.number), None)


def rows(scope: Scope, code: str, start: int = 0, length: int = PAGE) -> list[Row]:
    """A page of the rows of one kind."""
    source = kind_of(code).find(scope)
    return source.page(start, length) if source else []


def every_row(scope: Scope, code: str | None = None) -> Iterator[tuple[Kind, Row]]:
    """All rows, of one kind or of all, read a thousand at a time."""
    for kind in [kind_of(code)] if code else KINDS:
        source = kind.find(scope)
        start = 0
        while source and (page := source.page(start, 1_000)):
            yield from ((kind, row) for row in page)
            start += len(page)


def kind_of(code: str) -> Kind:
    """The kind with a code.

    Raises:
        frappe.ValidationError: there is none.
    """
    for kind in KINDS:
        if kind.code == code:
            return kind
    frappe.throw(_("There is no check {0}.").format(frappe.utils.escape_html(str(code)[:40])))


def repair(
    evening: str,
    code: str,
    how: str,
    keys: list[str] | None = None,
    program: str | None = None,
    group: str | None = None,
    *,
    dry_run: bool = False,
    confirmed: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Mend rows of one kind in place: those of some keys, or all within program and class. Commits.

    Rows that are in order meanwhile are left alone.

    Raises:
        frappe.ValidationError: there is no such check, or no such way to mend it.
    """
    kind = kind_of(code)
    chosen = next((one for one in kind.repairs if one.how == how), None)
    if not chosen:
        frappe.throw(_("This cannot be repaired here."))

    def work(edit: Edit) -> None:
        scope = Scope(edit.evening, program, group)
        source = kind.find(scope)
        found = source.raw(keys) if source else []
        edit.report.more = {"rows": len(found)}
        if found:
            chosen.carry_out(edit, scope, found)

    return perform(evening, OPERATION, work, dry_run=dry_run, confirmed=confirmed, progress=progress)
