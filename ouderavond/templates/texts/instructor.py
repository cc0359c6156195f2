"""The sentences of the script of an instructor's evening, and of who waits for a conversation."""

from frappe import _


def texts() -> dict[str, str]:
    """What is said of students, notes, taps and delays, in the reader's language."""
    return {**_students(), **_notes(), **_taps(), **_waiting()}


def _students() -> dict[str, str]:
    return {
        "i_search": _("Search by name"),
        "i_class": _("Class"),
        "i_all_classes": _("All classes"),
        "i_show": _("Show"),
        "i_show_all": _("All students"),
        "i_show_asked": _("Only what was asked"),
        "i_show_said": _("Only what I said"),
        "i_explanation": _(
            "Say of a conversation that it is obligatory, wished or not necessary. "
            "Tap it again to take it back."
        ),
        "i_obligatory": _("Obligatory"),
        "i_wished": _("Wished"),
        "i_not_necessary": _("Not necessary"),
        "i_counts": _("Asked: {0}"),
        "i_counts_told": _("Asked: {0} · With a time: {1} · Without a time: {2}"),
        "i_shown": _("{0} shown"),
        "i_nobody": _("Nobody fits this search."),
        "i_no_students": _("No conversations with you are offered yet."),
        "i_not_offered": _("Not offered"),
        "i_with": _("With {0}"),
        "i_must": _("must take place"),
        "i_of": _("{0}, {1}"),
        "i_answer": _("{0}: {1}"),
        "i_again": _("Try again"),
    }


def _notes() -> dict[str, str]:
    return {
        "i_note_unsaved": _("Not saved yet."),
        "i_note_saving": _("Saving…"),
        "i_note_later": _("There is no connection. Your note is kept on this device and saved later."),
    }


def _taps() -> dict[str, str]:
    return {
        "i_next": _("Next", context="Conversation"),
        "i_now": _("Now", context="Conversation"),
        "i_start": _("Started", context="Conversation"),
        "i_finish": _("Finished", context="Conversation"),
        "i_no_show": _("Did not come"),
        "i_undo": _("Undo", context="Conversation"),
        "i_started_at": _("Started at {0}"),
        "i_finished_at": _("Finished at {0}"),
        "i_was_no_show": _("Did not come"),
        "i_more": _("Started or did not come"),
        "i_named": _("{0}, {1}"),
        "i_on_time": _("You run on time."),
        "i_late_1": _("You run 1 minute late. The families who wait for you see it."),
        "i_late": _("You run {0} minutes late. The families who wait for you see it."),
        "i_unknown": _("The families who wait for you see no delay, since nothing was tapped for a while."),
        "i_waits": _("There is no connection. {0} taps are kept on this device and sent later."),
        "i_waits_1": _("There is no connection. 1 tap is kept on this device and sent later."),
        "i_expired": _("You are no longer logged in. Log in in another tab; what you tapped is kept."),
    }


def _waiting() -> dict[str, str]:
    return {
        "live_title": _("Today"),
        "live_on_time": _("{0}, {1}: on time"),
        "live_late": _("{0}, {1}: expected at about {2}, {3} minutes later"),
        "live_late_1": _("{0}, {1}: expected at about {2}, 1 minute later"),
        "live_unknown": _("{0}, {1}: not known whether it is on time"),
        "live_busy": _("{0}, {1}: has started"),
        "live_offline": _("There is no connection, so this may have changed since {0}."),
    }
