"""Carrying a proposal out: one change of the schedule, told to those concerned, that can be undone."""

from datetime import datetime

import frappe
from frappe import _
from frappe.utils import get_datetime, now_datetime

from ouderavond.evening import claims, publishing, spans, status, told
from ouderavond.evening.planning import changes, publishing_changes
from ouderavond.evening.planning.disruptions import document, proposing, situations, solving, telling, wishes
from ouderavond.evening.planning.edit import Edit, Shift
from ouderavond.evening.planning.report import Report
from ouderavond.evening.planning.snapshots import BOOKING, REQUEST

OPERATIONS = {
    wishes.ILL: "Instructor Ill",
    wishes.LATER: "Instructor Later",
    wishes.ROOM: "Room Closed",
    wishes.DATE: "Date Moved",
}
# The steps that a person who waits is told of.
STEPS = 3


def confirm(evening: str, *, run: str, dry_run: bool = False, progress=None) -> Report:
    """Carry out the proposal of a run, whole or not at all, publish just these changes, and tell people.

    Whatever was written before in this transaction is rolled back first. Commits.

    Raises:
        frappe.ValidationError: there is no proposal, it was carried out already, or something has changed
            since it was made; nothing is written.
        claims.TakenError: somebody has taken a place meanwhile; nothing is written.
    """
    about = solving.read(run)
    _check(evening, run, about)
    operation = OPERATIONS[about["wish"]["kind"]]
    if dry_run:
        return Report(operation, about=about["proposal"]["sentence"], dry_run=True)
    tell = progress or (lambda done, total: None)
    tell(0, STEPS)
    report = changes.perform(evening, operation, _Work(evening, run))
    tell(1, STEPS)
    solving.write(run, {**solving.read(run), "change": report.change})
    status.refresh(evening)
    frappe.db.commit()
    tell(2, STEPS)
    result = telling.tell(evening, run)
    report.told, report.not_told = result.sent, result.not_told
    report.about = about["proposal"]["title"]
    tell(STEPS, STEPS)
    return report


def _check(evening: str, run: str, about: dict) -> None:
    if frappe.db.get_value("Schedule Run", run, "evening") != evening:
        frappe.throw(_("This run is not one of this evening."), frappe.DoesNotExistError)
    if not about.get("proposal"):
        frappe.throw(_("There is no proposal yet."))
    if about.get("changes") is not None:
        frappe.throw(_("This has been carried out already."))


class _Work:
    """What is done within the one transaction; called again where others were in the way."""

    def __init__(self, evening: str, run: str):
        self.evening, self.run = evening, run

    def __call__(self, edit: Edit) -> dict:
        # Read under the lock: who confirms at the same time finds it done.
        about = solving.read(self.run)
        _check(self.evening, self.run, about)
        wish = wishes.read(edit.evening, about["wish"])
        rows = about["proposal"]["rows"]
        self._refuse_if_changed(about, wish, rows)
        situation = situations.read(frappe.get_doc("Parent Evening", self.evening), wish)
        situation.write(edit)
        frappe.clear_document_cache("Parent Evening", self.evening)
        edit.evening = frappe.get_doc("Parent Evening", self.evening)
        names = _Rows(edit, rows, about["proposal"]["title"]).write()
        made_known = self._publish([names.get(row["booking"], row["booking"]) for row in rows if row["told"]])
        frappe.db.set_value("Schedule Run", self.run, "applied_on", now_datetime())
        solving.write(self.run, {**about, "changes": telling.as_plain(made_known)})
        return {"run": self.run, "concerned": len(made_known)}

    def _refuse_if_changed(self, about: dict, wish: wishes.Wish, rows: list[dict]) -> None:
        prepared = document.prepare(self.evening, wish)
        now = now_datetime()
        over = any(row["after"] and get_datetime(row["after"]["start"]) <= now for row in rows)
        if prepared.state != about["state"] or over:
            frappe.throw(
                _("Something has changed since this was proposed. Nothing was done: look at a new proposal."),
                title=_("Out of Date"),
            )

    def _publish(self, names: list[str]) -> list[publishing_changes.Change]:
        """Publish those that people had been told of; what nobody knew stays a plan."""
        if not names:
            return []
        doc = frappe.get_doc("Parent Evening", self.evening)
        if not publishing.is_visible(doc):
            # Hidden since this was proposed; who hid it shows it.
            return []
        found = publishing_changes.of(doc, names)
        if found:
            publishing.publish_within(self.evening, names)
        return found


class _Rows:
    """The conversations of a proposal on their way into the database."""

    def __init__(self, edit: Edit, rows: list[dict], title: str):
        self.edit, self.rows, self.title = edit, rows, title
        self.evening = edit.evening.name

    def write(self) -> dict[str, str]:
        """Write all; {booking: the one that stands instead of it} of those that others hold now."""
        lost = [row for row in self.rows if not row["after"]]
        given = [row for row in self.rows if proposing.INSTRUCTOR in row["what"]]
        moved = [row for row in self.rows if row["after"] and row not in given]
        touched = [row["booking"] for row in self.rows]
        self.edit.keep(BOOKING, *touched)
        # All places come free first, since some take those of others.
        claims.replace(self.evening, touched, [])
        for row in lost:
            self._cancel(row)
        self._move(moved)
        return self._give(given)

    def _cancel(self, row: dict) -> None:
        self.edit.cancel(row["booking"])
        if not row["request"]:
            return
        facts = {"facts": {"starts": 0}, "alternatives": []}
        values = {"state": "Not Placed", "reason": row["code"] or "no_common_time"}
        frappe.db.set_value(REQUEST, row["request"], {**values, "reason_facts": frappe.as_json(facts)})

    def _move(self, rows: list[dict]) -> None:
        """Many at once: the rules were kept by the scheduler, and nothing has changed since."""
        fields = ["name", "state", *told.FIELDS, *told.FIELDS.values()]
        names = [row["booking"] for row in rows]
        found = {one.name: one for one in frappe.get_all(BOOKING, {"name": ("in", names or [""])}, fields)}
        for row in rows:
            booking, after = found[row["booking"]], row["after"]
            booking.update(
                {
                    "start": _moment(after["start"]),
                    "end": _moment(after["end"]),
                    "room": after["room"],
                    "table_label": after["table"],
                    "mode": after["mode"],
                }
            )
            told.keep(booking)
            self._write(booking)
        if names:
            claims.replace(self.evening, [], spans.of_bookings(self.evening, names))

    def _write(self, row) -> None:
        """By one statement: the platform's own way asks the cache for each of hundreds."""
        booking = frappe.qb.DocType(BOOKING)
        query = frappe.qb.update(booking)
        for field in (*told.FIELDS, "untold"):
            query = query.set(booking[field], row[field])
        query = query.set(booking.modified, now_datetime()).set(booking.modified_by, frappe.session.user)
        query.where(booking.name == row.name).run()

    def _give(self, rows: list[dict]) -> dict[str, str]:
        if not rows:
            return {}
        shifts = [
            Shift(
                row["booking"],
                _moment(row["after"]["start"]),
                row["after"]["instructors"],
                mode=row["after"]["mode"],
            )
            for row in rows
        ]
        names = self.edit.shift(shifts, reason=self.title)
        return dict(zip([row["booking"] for row in rows], names, strict=True))


def _moment(text: str) -> datetime:
    return get_datetime(text.replace("T", " "))


def change_of(evening: str, run: str) -> dict | None:
    """The change that a run's proposal became: {change, undone}, or None."""
    filters = {"evening": evening, "name": solving.read(run).get("change") or ""}
    row = frappe.db.get_value("Schedule Change", filters, ["name", "undone_on"], as_dict=True)
    return row and {"change": row.name, "undone": bool(row.undone_on)}


def undo(evening: str, run: str) -> Report:
    """Take back what a run's proposal became; who was told keeps what they were told until it is published.

    Raises:
        frappe.ValidationError: it was not carried out, or was taken back, or something changed since.
    """
    found = change_of(evening, run)
    if not found:
        frappe.throw(_("This has not been carried out."))
    report = changes.undo(evening, found["change"])
    status.refresh(evening)
    frappe.db.commit()
    return report
