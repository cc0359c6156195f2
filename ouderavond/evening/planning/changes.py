"""Changes of the schedule by staff: each is one transaction, kept with what was before, and can be undone.

The one writer of Schedule Change.
"""

import json
from collections.abc import Callable, Iterable

import frappe
from frappe import _
from frappe.utils import now

from ouderavond.evening import claims
from ouderavond.evening.bulk import insert_rows
from ouderavond.evening.packed import pack, unpack
from ouderavond.evening.planning import report as reports
from ouderavond.evening.planning import snapshots
from ouderavond.evening.planning.edit import Edit
from ouderavond.evening.planning.report import Report
from ouderavond.evening.planning.snapshots import BOOKING

DOCTYPE = "Schedule Change"
RECENT = 30


def perform(
    evening: str,
    operation: str,
    work: Callable[[Edit], dict | None],
    *,
    people: Iterable[tuple[str, str]] = (),
    exclusive: bool = True,
    run: str | None = None,
) -> Report:
    """Carry out one change of an evening's schedule, whole or not at all, and keep what was before.

    Whatever was written before in this transaction is rolled back first. Commits.

    Args:
        evening: name of the Parent Evening.
        operation: which one, as Schedule Change names it.
        work: changes conversations by the Edit it is given, and only the database; may run several times. It
            returns what the report shall say in `more`, or None.
        people: who is claimed or released, where the evening is not locked as a whole.
        exclusive: lock the evening against every other taker.
        run: the Schedule Run that it comes from.

    Raises:
        claims.TakenError: somebody has another conversation; nothing is written.
        frappe.ValidationError: from `work`, or the evening is archived; nothing is written.
    """

    def carry_out() -> Report:
        doc = frappe.get_doc("Parent Evening", evening)
        _refuse_archived(doc)
        edit = Edit(doc)
        more = work(edit)
        return _keep(evening, operation, edit.entries(), run, more or {})

    report = claims.transaction(evening, people, carry_out, exclusive=exclusive)
    frappe.db.commit()
    return report


def _refuse_archived(evening) -> None:
    if evening.archived:
        frappe.throw(_("This evening is archived and can only be read."))


def _keep(evening: str, operation: str, entries: list[list], run: str | None, more: dict) -> Report:
    if not entries:
        return Report(operation, more=more)
    compared = _compared(entries)
    report = Report(operation, reports.figures_of(compared), reports.about_one(compared), more=more)
    report.change = frappe.generate_hash(length=10)
    row = {"name": report.change, "evening": evening, "operation": operation, "run": run}
    insert_rows(DOCTYPE, [{**row, "figures": json.dumps(report.figures), "records": pack(entries)}])
    return report


def _compared(entries: list[list]) -> list[list]:
    return [
        [doctype, name, snapshots.essence(doctype, before), after] for doctype, name, before, after in entries
    ]


# Taking back


def last(evening) -> dict | None:
    """The last change of an evening (a document) that was not taken back, as `recent`, or None."""
    return next(iter(_described(evening, limit=1)), None)


def recent(evening, limit: int = RECENT) -> list[dict]:
    """The latest changes that were not taken back, the last one first.

    Returns:
        Dicts of change, operation, sentence, by, on, run, allowed (whether it may be taken back), why_not.
    """
    return _described(evening, limit)


def _described(evening, limit: int) -> list[dict]:
    found = frappe.get_all(
        DOCTYPE,
        {"evening": evening.name, "undone_on": ("is", "not set")},
        ["name", "operation", "figures", "owner", "creation", "run"],
        order_by="creation desc, name",
        limit=limit,
    )
    refusal = _("This evening is archived and can only be read.") if evening.archived else None
    return [
        {
            "change": row.name,
            "operation": _(row.operation),
            "sentence": _sentence(row),
            "by": frappe.utils.get_fullname(row.owner),
            "on": str(row.creation),
            "run": row.run,
            "allowed": not refusal,
            "why_not": refusal,
        }
        for row in found
    ]


def _sentence(row) -> str:
    figures = json.loads(row.figures or "{}")
    if sum(figures.values()) == 1:
        entries = unpack(frappe.db.get_value(DOCTYPE, row.name, "records"))
        return reports.about_one(_compared(entries)) or reports.sentence(figures)
    return reports.sentence(figures)


def undo(evening: str, change: str) -> Report:
    """Take a change back, as a whole: what it touched is planned as it was before. Nobody is told by that.

    Whatever was written before in this transaction is rolled back first. Commits.

    Raises:
        frappe.ValidationError: it was taken back already, something in it has been changed since, or the
            evening is archived; nothing is written.
        claims.TakenError: the place of a conversation has been taken; nothing is written.
    """

    def work() -> Report:
        doc = frappe.get_doc("Parent Evening", evening)
        _refuse_archived(doc)
        entries = unpack(_open_change(evening, change))
        _refuse_if_changed(entries)
        restored = snapshots.restore(evening, entries)
        undone = {"undone_on": now(), "undone_by": frappe.session.user}
        frappe.db.set_value(DOCTYPE, change, undone, update_modified=False)
        return Report("Undo", about=_said(restored), more={"restored": restored, "kept": 0})

    report = claims.transaction(evening, [], work, exclusive=True)
    frappe.db.commit()
    return report


def _said(restored: int) -> str:
    if restored == 1:
        return _("1 record is as it was before.")
    return _("{0} records are as they were before.").format(restored)


def _open_change(evening: str, change: str) -> str:
    filters = {"name": change, "evening": evening}
    row = frappe.db.get_value(DOCTYPE, filters, ["records", "undone_on"], as_dict=True, for_update=True)
    if not row:
        frappe.throw(_("This change is not known any more."), frappe.DoesNotExistError)
    if row.undone_on:
        frappe.throw(_("This change has been undone already."))
    return row.records


def _refuse_if_changed(entries: list[list]) -> None:
    """Only what is still as the change left it is taken back: what others did since is not lost."""
    now_there = {
        doctype: snapshots.read(doctype, [entry[1] for entry in entries if entry[0] == doctype])
        for doctype in {entry[0] for entry in entries}
    }
    changed = [
        (doctype, name)
        for doctype, name, _before, after in entries
        if snapshots.essence(doctype, now_there[doctype].get(name)) != after
    ]
    if not changed:
        return
    students = [name for doctype, name in changed if doctype == BOOKING]
    rows = frappe.get_all(BOOKING, {"name": ("in", students[:5] or [""])}, ["student_name", "subject"])
    listed = ", ".join(f"{row.student_name} ({row.subject})" for row in rows)
    sentence = _("{0} of what this changed has been changed again since: {1}. Undo the later changes first.")
    frappe.throw(sentence.format(len(changed), frappe.utils.escape_html(listed or changed[0][0])))


# The people in it


def forget_student(student: str) -> None:
    """Take a student who leaves out of the journal."""
    _rewrite(student, lambda entries: [entry for entry in entries if not _is_about(entry, student)])


def follow_rename(old: str, new: str) -> None:
    """Let the journal know a Student, Guardian or Instructor by the new name."""
    _rewrite(old, lambda entries: json.loads(json.dumps(entries).replace(json.dumps(old), json.dumps(new))))


def _is_about(entry: list, student: str) -> bool:
    return any(values and values.get("student") == student for values in entry[2:])


def _rewrite(name: str, change: Callable[[list], list]) -> None:
    for journal in frappe.get_all(DOCTYPE, pluck="name"):
        before = unpack(frappe.db.get_value(DOCTYPE, journal, "records"))
        if json.dumps(name) not in json.dumps(before):
            continue
        frappe.db.set_value(DOCTYPE, journal, "records", pack(change(before)), update_modified=False)
