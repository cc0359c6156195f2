"""The tab Publish: what people do not know yet, publishing it, and what they are shown beside it."""

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import cint

from ouderavond.api import running
from ouderavond.api.planning.page import evening_of
from ouderavond.evening import publishing, publishing_letters, status
from ouderavond.evening.offering import letters
from ouderavond.evening.online import before_publishing
from ouderavond.evening.planning import publishing_changes
from ouderavond.evening.planning.report import Report

SHOWN = ("show_remarks", "show_reasons", "footnote")
FOOTNOTE_LENGTH = 10_000


@frappe.whitelist(methods=["GET", "POST"])
def read(evening: str) -> dict:
    """What differs from what people were told, a row per conversation, and what is shown to whom."""
    doc = evening_of(evening)
    return {
        "state": _state(doc),
        "shown": {name: doc.get(name) or "" for name in SHOWN},
        "mail": letters.obstacle(doc.name),
        "rows": [one.as_dict() for one in publishing_changes.of(doc)],
    }


def _state(doc) -> dict:
    booking = frappe.qb.DocType("Evening Booking")
    known = (booking.evening == doc.name) & (booking.state == "Published")
    request = frappe.qb.DocType("Conversation Request")
    said = (request.evening == doc.name) & (request.remark.notnull()) & (request.remark != "")
    without = {"evening": doc.name, "state": ("in", publishing_letters.WITHOUT_TIME)}
    return {
        "published": cint(doc.published),
        "visible": cint(doc.schedule_visible),
        "always": doc.procedure == publishing.TOLD_AT_ONCE,
        "first": publishing_changes.nobody_was_told(doc.name),
        "known": frappe.qb.from_(booking).select(Count("*")).where(known).run()[0][0],
        "remarks": frappe.qb.from_(request).select(Count("*")).where(said).run()[0][0],
        "without_time": frappe.db.count("Conversation Request", without),
    }


@frappe.whitelist(methods=["GET", "POST"])
def audience(evening: str, bookings: str | list | None = None) -> dict:
    """Whom publishing would concern, by role, and how many of them cannot be written to.

    Args:
        bookings: only these conversations.
    """
    doc = evening_of(evening)
    names = running.names(bookings)
    changes = publishing_changes.of(doc, names)
    whole = names is None and publishing_changes.nobody_was_told(doc.name)
    found = publishing_letters.audience(doc, changes, whole=whole)
    return {"changes": len(changes), **found.as_dict(), "who": [name for name, _why in found.unreachable]}


@frappe.whitelist(methods=["POST"])
def publish(evening: str, bookings: str | list | None = None, tell: int | bool = 0) -> dict:
    """Publish what people do not know yet: a report.

    Args:
        bookings: only these conversations.
        tell: write to those concerned.
    """
    doc = evening_of(evening)
    names = running.names(bookings)
    if names is not None and not names:
        frappe.throw(_("Choose at least one conversation."))
    before_publishing.require(doc)
    published = publishing_changes.publish(doc.name, names)
    status.refresh(doc.name)
    frappe.db.commit()
    return {"report": _report(published, whole=names is None, tell=bool(int(tell))).as_dict()}


def _report(published: publishing_changes.Published, *, whole: bool, tell: bool) -> Report:
    said = [sentence_of(published.publication)]
    report = Report("Publish")
    if tell:
        told = publishing_letters.tell(published, whole=whole)
        report.told, report.not_told = told.sent, told.not_told
        if told.sent:
            said.append(_("{0} people are told by e-mail.").format(told.sent))
    report.about = " ".join(said)
    return report


def sentence_of(publication: publishing.Publication) -> str:
    """What was published, in figures."""
    if not publication.total:
        return _("The schedule is shown. Everybody knew all of it already.")
    parts = (
        (publication.published, _("{0} new")),
        (publication.changed, _("{0} changed")),
        (publication.cancelled, _("{0} cancelled")),
    )
    figures = ", ".join(text.format(number) for number, text in parts if number)
    return _("Published: {0}.").format(figures)


@frappe.whitelist(methods=["POST"])
def hide(evening: str) -> dict:
    """Hide the schedule; the conversations stay as they are."""
    doc = evening_of(evening)
    publishing.hide(doc.name)
    return {"report": Report("Publish", about=_("Only staff see the schedule now.")).as_dict()}


@frappe.whitelist(methods=["POST"])
def show(evening: str) -> dict:
    """Show the schedule again as people were told of it; what changed since stays unpublished."""
    doc = evening_of(evening)
    publishing.show(doc.name)
    return {
        "report": Report("Publish", about=_("The schedule is shown as people were told of it.")).as_dict()
    }


@frappe.whitelist(methods=["POST"])
def save_shown(
    evening: str,
    show_remarks: int | bool | None = None,
    show_reasons: int | bool | None = None,
    footnote: str | None = None,
) -> dict:
    """What is shown beside the conversations; what is not said stays."""
    doc = evening_of(evening)
    wanted = {"show_remarks": show_remarks, "show_reasons": show_reasons}
    values = {name: int(bool(int(value))) for name, value in wanted.items() if value is not None}
    if footnote is not None:
        values["footnote"] = footnote.strip()
        running.check_length(footnote, FOOTNOTE_LENGTH)
    doc.update(values)
    doc.save(ignore_permissions=True)
    return {"report": Report("Publish", about=_("Saved.")).as_dict()}
