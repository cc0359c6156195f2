"""The sentences of Find me times: the form, what is held, and how long."""

from frappe import _


def texts() -> dict[str, str]:
    """The sentences of Find me times, in the reader's language."""
    return {
        "find_title": _("Find me times"),
        "find_about": _(
            "This finds times that follow each other well, and holds them for you for two minutes."
        ),
        "find_full": _("full"),
        "find_nothing": _("Choose none"),
        "find_when": _("When does it suit you?"),
        "find_date": _("Date"),
        "find_any_date": _("Any date"),
        "find_from": _("From", context="Time of day"),
        "find_until": _("Until", context="Time of day"),
        "find_time": _("This is not a time such as 19:30."),
        "find_longer": _("Longer conversations"),
        "find_search": _("Find times"),
        "find_searching": _("Looking for times…"),
        "find_choose": _("Choose at least one conversation."),
        "find_held": _("Proposed times"),
        # Begin and end of a conversation
        "find_span": _("{0} – {1}"),
        "find_what": _("{0}, {1}"),
        "find_booked": _("booked already"),
        "find_between": _("{0} minutes in between"),
        "find_time_left": _("Time left: {0}"),
        "find_held_until": _("These times are held for you for {0}."),
        "find_minute": _("1 minute"),
        "find_minutes": _("{0} minutes"),
        "find_seconds": _("{0} seconds"),
        "find_warning": _("Less than 30 seconds left. Choose “2 minutes longer” if you need more time."),
        "find_last": _("Less than 30 seconds left. This cannot be extended any more."),
        "find_extend": _("2 minutes longer"),
        "find_accept": _("Reserve these times"),
        "find_leave": _("Leave them"),
        "find_left": _("These times are free for others again."),
        "find_over": _("The time is over: these times are no longer held for you."),
        "find_gone": _("These times are not held for you any more."),
        "find_again": _("Look again"),
    }
