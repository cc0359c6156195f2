"""When guardians and students may book, move and cancel by themselves. Windows are compared as they are."""

from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.utils import cint, get_datetime, now_datetime

from ouderavond.evening import wording

DIRECT = ("Book Directly", "Request, Schedule, then Book")
# Who may not act, where the evening is for the other.
OTHERS = {"Guardian": "Students", "Student": "Guardians"}


def open_evening(name: str):
    """The Parent Evening document of an evening that guardians and students see.

    Raises:
        frappe.PermissionError: there is none, or it is not shown; in the same words.
    """
    shown = {"name": name, "published": 1, "archived": 0}
    if not frappe.db.exists("Parent Evening", shown):
        refuse_evening()
    return frappe.get_cached_doc("Parent Evening", name)


def refuse_evening() -> None:
    """Refuse an evening that is not there for this asker, in the same words whatever the cause."""
    frappe.throw(_("This evening is not one that you can see."), frappe.PermissionError)


def booking_state(evening, asker) -> dict:
    """Whether this asker can book now, and a sentence about from or until when.

    Returns:
        {state: none | before | open | closed, sentence, opens, until}; the moments as ISO texts or None.
        `none` where the evening, as far as this asker can see it, is not one at which they book.
    """
    answer = {"state": "none", "sentence": "", "opens": _iso(evening.booking_from), "until": None}
    if evening.procedure not in DIRECT or evening.contact_with == OTHERS[asker.source]:
        return answer
    if evening.archived or not evening.published:
        return answer
    answer["until"] = _iso(evening.booking_until)
    answer["state"], answer["sentence"] = _now(evening)
    return answer


def _now(evening) -> tuple[str, str]:
    now = now_datetime()
    if evening.procedure != "Book Directly" and not evening.schedule_visible:
        return "before", _("Once the schedule has been published, you can book the places that are left.")
    if evening.booking_from and now < get_datetime(evening.booking_from):
        return "before", _("You can book from {0}.").format(wording.moment(evening.booking_from))
    if evening.booking_until and now > get_datetime(evening.booking_until):
        return "closed", _("You could book until {0}.").format(wording.moment(evening.booking_until))
    if evening.booking_until:
        return "open", _("You can book until {0}.").format(wording.moment(evening.booking_until))
    return "open", _("You can book now.")


def may_change(evening, start: datetime) -> bool:
    """Whether a conversation that starts then can still be moved or cancelled by those who attend it."""
    return now_datetime() + timedelta(hours=cint(evening.change_until_hours)) <= start


def why_fixed(evening, *, start: datetime, pinned: bool, invited: bool) -> str | None:
    """Why those who attend cannot move or cancel a conversation while booking is open; None where they can.

    Args:
        invited: whether the school asked for the conversation.
    """
    if invited:
        return _("The school asks for this conversation; please contact the school if you can't come.")
    if pinned:
        return _("The school has fixed the time of this conversation; please contact the school.")
    return None if may_change(evening, start) else change_sentence(evening)


def change_sentence(evening) -> str:
    """Until when conversations can be moved and cancelled, in words."""
    hours = cint(evening.change_until_hours)
    if not hours:
        return _("You can move or cancel a conversation until it starts.")
    if hours == 1:
        return _("You can move or cancel a conversation until 1 hour before it starts.")
    return _("You can move or cancel a conversation until {0} hours before it starts.").format(hours)


def _iso(moment) -> str | None:
    return get_datetime(moment).strftime("%Y-%m-%dT%H:%M:%S") if moment else None
