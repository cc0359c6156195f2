"""The sentences of the waiting list."""

from frappe import _


def texts() -> dict[str, str]:
    """The sentences of the waiting list, in the reader's language."""
    return {**_waiting(), **_offered()}


def _waiting() -> dict[str, str]:
    return {
        "waiting_title": _("Waiting list"),
        # Subject, instructors
        "waiting_what": _("{0}, {1}"),
        # What a button does, conversation
        "waiting_named": _("{0}: {1}"),
        "waiting_watch": _("Tell me when a place comes free"),
        "waiting_already": _("You are on the waiting list."),
        # Conversation, child
        "waiting_for": _("Wait for a place: {0} ({1})"),
        "waiting_how": _(
            "When a place comes free, it is held for the first in line who can come then. "
            "You get an e-mail and find it here."
        ),
        "waiting_earliest": _("Not before"),
        "waiting_latest": _("Over by"),
        "waiting_any_time": _("Any time"),
        "waiting_get_in_line": _("Get in line"),
        "waiting_cancel": _("Do not wait"),
        "waiting_leave": _("Leave the line"),
    }


def _offered() -> dict[str, str]:
    return {
        "waiting_accept": _("Accept", context="Waiting list"),
        "waiting_decline": _("No thanks"),
        "waiting_accepting": _("Booking…"),
        "waiting_accept_anyway": _("Accept all the same"),
        "waiting_back": _("Back"),
        "waiting_sure": _("Let this place go? It then goes to the next in line, and you leave the line."),
        "waiting_keep": _("Keep it for me"),
        "waiting_let_go": _("Let it go"),
        "waiting_left": _("{0} minutes left"),
        "waiting_left_one": _("1 minute left"),
        "waiting_left_hours": _("{0} h {1} min left"),
        "waiting_over": _("This place is not held for you any more."),
    }
