"""Archiving closes everything about an evening: nobody acts any more, nothing is sent, and figures are kept.

Windows stay as they are written: every rule refuses an archived evening, and taking it out of the archive
finds them as they were. What was going on ends for good: places held or offered from the waiting list, runs
of the scheduler, the address of the lobby screen.
"""

import frappe
from frappe import _
from frappe.utils import now_datetime

from ouderavond.evening import claims, runs
from ouderavond.evening.archiving import figures
from ouderavond.evening.waiting import entries


def archive(evening: str) -> dict:
    """Archive an evening, once nobody writes its schedule.

    Returns:
        {waiting, holds, runs}: how many of what was going on were ended.

    Raises:
        frappe.ValidationError: it is archived already.
        busy.BusyError: a schedule is being applied, or conversations are being changed, right now.
    """

    def work() -> dict:
        doc = frappe.get_doc("Parent Evening", evening, for_update=True)
        if doc.archived:
            frappe.throw(_("This evening is archived already."))
        ended = close(doc)
        doc.archived, doc.status = 1, "Archived"
        # What an old evening breaks of today's rules is no reason to keep it open.
        doc.flags.ignore_validate = doc.flags.ignore_mandatory = doc.flags.ignore_links = True
        doc.save(ignore_permissions=True)
        return ended

    return claims.transaction(evening, [], work, exclusive=True)


def follow(doc) -> None:
    """Close a Parent Evening document that a save archives; where one opens it, forget that it was archived.

    What was removed after the retention stays removed, and `anonymised_on` goes on to say when.
    """
    before = doc.get_doc_before_save()
    was = bool(before and before.archived)
    if doc.archived and not was and not doc.is_new():
        close(doc)
    elif was and not doc.archived:
        doc.archived_on = None


def ensure_figures(evening: str) -> None:
    """Note the figures of an archived evening that has none, since it was archived before they were kept."""
    doc = frappe.get_doc("Parent Evening", evening)
    if doc.archive_figures and doc.archived_on:
        return
    figures.keep(doc)
    doc.db_set(
        {"archive_figures": doc.archive_figures, "archived_on": doc.archived_on or now_datetime()},
        update_modified=False,
    )


def close(doc) -> dict:
    """End what is going on at an evening and note its figures in the document, under the lock of its row."""
    ended = {
        "waiting": _end_waiting(doc.name),
        "holds": _end_holds(doc.name),
        "runs": _end_runs(doc.name),
    }
    doc.board_token = None
    doc.archived_on = now_datetime()
    figures.keep(doc)
    return ended


def _end_waiting(evening: str) -> int:
    names = [row.name for row in entries.in_line(evening, locking=True)]
    if names:
        claims.replace(evening, names, [])
        entries.close(names, "Passed")
    return len(names)


def _end_holds(evening: str) -> int:
    filters = {"evening": evening, "kind": "Hold"}
    held = frappe.get_all("Booking Claim", filters, pluck="reference", distinct=True)
    if held:
        claims.replace(evening, held, [])
    return len(held)


def _end_runs(evening: str) -> int:
    live = frappe.get_all("Schedule Run", {"evening": evening, "state": ("in", runs.LIVE)}, pluck="name")
    for run in live:
        runs.cancel_run(run)
    return len(live)
