"""What is checked on the form of an evening about its meetings."""

import frappe
from frappe import _
from frappe.utils import cint

from ouderavond.evening.online import before_publishing, testing
from ouderavond.evening.online.wanted import WITHOUT_CALENDAR

# What makes an evening one that needs another system.
FIELDS = ("meeting_provider", "mode", "in_person_in_calendar")


def check(evening) -> None:
    """Refuse what cannot be, and warn of what cannot work yet.

    Raises:
        frappe.ValidationError: the fields contradict each other, or the evening is to be published untested.
    """
    if cint(evening.in_person_in_calendar):
        _check_calendar(evening)
    before = evening.get_doc_before_save()
    if before and cint(evening.published) and not cint(before.published):
        before_publishing.require(evening)
    elif before_publishing.needs(evening) and any(evening.has_value_changed(field) for field in FIELDS):
        _warn(evening)


def _check_calendar(evening) -> None:
    if evening.meeting_provider == WITHOUT_CALENDAR:
        frappe.throw(
            _(
                "Link Template only makes links and knows no calendars. Choose Microsoft Teams or Google "
                "Meet to put in-person conversations into the instructors' calendars, or leave that off."
            )
        )
    if not evening.meeting_provider:
        frappe.throw(
            _(
                "Choose Microsoft Teams or Google Meet under Online Meetings By: it says in whose "
                "calendars the in-person conversations are put."
            )
        )


def _warn(evening) -> None:
    lacking = testing.missing(evening.meeting_provider)
    if lacking:
        said = testing.not_filled_in(evening.meeting_provider, lacking)
    elif cint(evening.published) and before_publishing.is_due(evening):
        said = _(
            "People see this evening already: press Test Online Meetings to find out whether all is well."
        )
    else:
        return
    frappe.msgprint(said, title=_("Online Meetings"), indicator="orange")
