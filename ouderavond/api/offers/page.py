"""What the page Offers starts with, and taking the last change back."""

import frappe
from frappe import _
from frappe.utils import escape_html, format_date

from ouderavond.api import callers, running
from ouderavond.evening import counts
from ouderavond.evening.offering import journal
from ouderavond.evening.offering.report import Report


@frappe.whitelist(methods=["GET", "POST"])
def start(evening: str) -> dict:
    """The evening, its counts, and the change that can be taken back."""
    callers.staff()
    if not frappe.db.exists("Parent Evening", evening):
        # The name comes from the address, and the platform's own sentence shows it as HTML.
        frappe.throw(
            _("The evening {0} does not exist.").format(escape_html(evening)), frappe.DoesNotExistError
        )
    doc = frappe.get_doc("Parent Evening", evening)
    figures = counts.of(doc)
    return {
        "evening": {
            **{key: doc.get(key) for key in ("name", "title", "reference_week", "procedure", "status")},
            "archived": doc.archived,
            "published": doc.published,
            "dates": [
                {"date": str(row.date), "label": format_date(row.date, "EEE d MMM")} for row in doc.dates
            ],
        },
        "counts": {
            "students": figures.participants,
            "classes": figures.classes,
            "offered": figures.offers,
            "withheld": figures.offers_withheld,
            "instructors": figures.instructors,
            "requested": figures.asked,
            "booked": figures.booked,
        },
        "undo": journal.last(doc),
    }


@frappe.whitelist(methods=["GET", "POST"])
def evenings() -> list[dict]:
    """The evenings that are not archived, the next one first."""
    callers.staff()
    return frappe.get_all(
        "Parent Evening", {"archived": 0}, ["name", "title", "status"], order_by="creation desc"
    )


@frappe.whitelist(methods=["POST"])
def undo(evening: str, change: str) -> dict:
    """Take the last change back, as a whole: a report whose `more` says {restored, kept}, or a job."""
    callers.staff()
    return running.answer(take_back, evening, size=journal.size_of(change), change=change)


def take_back(evening: str, *, change: str, dry_run: bool = False, progress=None) -> Report:
    """`journal.undo` with a report, as the page follows any change; there is no dry run of it."""
    result = journal.undo(evening, change, progress)
    more = {"restored": result["restored"], "kept": result["kept"]}
    return Report("Undo", told=result["told"], not_told=result["not_told"], more=more)
