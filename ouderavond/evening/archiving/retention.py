"""Removing personal remarks once an evening has been over for as long as the settings say.

Counted from the last date. What nobody archived by then is archived first: its figures are kept. A daily job
does it, evening by evening and in small transactions; whatever stops it, the next day's goes on. The log has
numbers only.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

import frappe
from frappe import _
from frappe.query_builder.functions import Max
from frappe.utils import cint, getdate, now_datetime, nowdate

from ouderavond.evening.archiving import closing, personal

SETTINGS = "Ouderavond Settings"


@dataclass
class Due:
    """An evening whose remarks are to be removed on a day, with how many records have some."""

    evening: str
    title: str
    archived: bool
    last: date
    on: date
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """How many records have something to remove."""
        return sum(self.numbers.values())


def days() -> int:
    """After how many days remarks are removed; 0 where they are kept."""
    return cint(frappe.db.get_single_value(SETTINGS, "retention_days", cache=False))


def kind() -> str:
    """What is removed: personal.DELETE or personal.ANONYMISE."""
    said = frappe.db.get_single_value(SETTINGS, "retention_kind", cache=False)
    return personal.ANONYMISE if said == personal.ANONYMISE else personal.DELETE


def coming(*, after: int | None = None, counted: bool = True) -> list[Due]:
    """The evenings that still have remarks to remove, the first one due first; none where remarks are kept.

    Args:
        after: as if the settings said this number of days.
        counted: with the numbers of records.
    """
    after = days() if after is None else after
    if not after:
        return []
    found = [_due(row, after) for row in _evenings()]
    for due in found if counted else []:
        due.numbers = personal.count(due.evening)
    return sorted(found, key=lambda due: (due.on, due.evening))


def due(today: date | None = None) -> list[Due]:
    """Those of `coming` that are to be done today or should have been before, without numbers."""
    today = today or getdate(nowdate())
    return [one for one in coming(counted=False) if one.on <= today]


def day_of(doc) -> date | None:
    """On which day the remarks about a Parent Evening document are removed; None where they are not."""
    after = days()
    if not after or not doc.dates or (doc.anonymised_on and not doc.archived):
        return None
    return max(getdate(row.date) for row in doc.dates) + timedelta(days=after)


def _due(row, after: int) -> Due:
    on = row.last + timedelta(days=after)
    return Due(row.name, row.title, bool(row.archived), row.last, on)


def _evenings() -> list:
    """Evenings with a date whose remarks were never removed, or were written after the last time.

    One that was taken out of the archive after its remarks had gone stays open until somebody archives it.
    """
    evening, day = frappe.qb.DocType("Parent Evening"), frappe.qb.DocType("Parent Evening Date")
    again = (evening.archived == 1) & (evening.archived_on > evening.anonymised_on)
    return (
        frappe.qb.from_(evening)
        .join(day)
        .on((day.parent == evening.name) & (day.parenttype == "Parent Evening"))
        .select(evening.name, evening.title, evening.archived, Max(day.date).as_("last"))
        .where(evening.anonymised_on.isnull() | again)
        .groupby(evening.name)
    ).run(as_dict=True)


def daily() -> int:
    """The job of every day: what is due is removed; what fails is logged and tried the next day.

    Returns:
        How many evenings were done.
    """
    done = 0
    for one in due():
        try:
            remove(one.evening)
            done += 1
        except Exception:
            frappe.db.rollback()
            frappe.log_error(
                title="Ouderavond: the remarks of an evening could not be removed",
                message=frappe.get_traceback(with_context=False),
                reference_doctype="Parent Evening",
                reference_name=one.evening,
            )
            frappe.db.commit()
    return done


def remove(evening: str) -> dict[str, int]:
    """Remove what is personal about an evening, which is archived first if nobody did. Commits.

    Returns:
        How many records had something, by DocType.
    """
    if not frappe.db.get_value("Parent Evening", evening, "archived"):
        closing.archive(evening)
        frappe.db.commit()
    closing.ensure_figures(evening)
    numbers = personal.count(evening)
    personal.remove(evening, kind())
    frappe.db.set_value("Parent Evening", evening, "anonymised_on", now_datetime(), update_modified=False)
    frappe.clear_document_cache("Parent Evening", evening)
    frappe.db.commit()
    frappe.logger("ouderavond").info(f"Retention of {evening}: {sum(numbers.values())} records {numbers}")
    return numbers


def sentences() -> list[str]:
    """What will happen and when, for the settings."""
    after = days()
    if not after:
        return [_("Nothing is removed: personal remarks stay until somebody deletes the evening.")]
    today = getdate(nowdate())
    found = coming()
    said = [_rule(after)]
    overdue = [one for one in found if one.on <= today]
    if overdue:
        said.append(
            _("Tonight: {0} evenings, {1} records with something to remove.").format(
                len(overdue), sum(one.number for one in overdue)
            )
        )
    for one in [one for one in found if one.on > today][:5]:
        said.append(
            _("{0}: {1}, {2} records with something to remove so far.").format(
                frappe.utils.format_date(one.on), one.title, one.number
            )
        )
    return said


def _rule(after: int) -> str:
    if kind() == personal.ANONYMISE:
        return _(
            "{0} days after the last date of an evening it is archived, if nobody did so before. Remarks, "
            "wishes, notes and the names of guardians are removed; figures and conversations stay."
        ).format(after)
    return _(
        "{0} days after the last date of an evening it is archived, if nobody did so before. Remarks, wishes "
        "and notes are removed; figures and conversations stay."
    ).format(after)
