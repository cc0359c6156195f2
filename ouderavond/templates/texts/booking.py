"""The sentences of the booking panel: the table, the list, choosing and reserving."""

from frappe import _


def texts() -> dict[str, str]:
    """The sentences of the booking panel, in the reader's language."""
    return {**_cells(), **_refusals(), **_panel(), **_bar(), **_moving()}


def _cells() -> dict[str, str]:
    return {
        # Time, subject, state: "19:10, Wiskunde, free".
        "booking_cell": _("{0}, {1}, {2}"),
        "booking_free": _("free", context="Booking table"),
        "booking_others": _("Others", context="Booking table"),
        "booking_unavailable": _("Not available", context="Booking table"),
        "booking_held": _("Held for me"),
        "booking_clash": _("Clashes", context="Booking table"),
        "booking_clash_with": _("at the same time as {0}, {1}"),
        "booking_chosen": _("chosen", context="Booking table"),
        "booking_mine": _("Mine", context="Booking table"),
        "booking_mine_of": _("booked for {0}"),
    }


def _refusals() -> dict[str, str]:
    return {
        "booking_refused_others": _("{0}, {1} is taken by others."),
        "booking_refused_unavailable": _("{0}, {1} is not available."),
        "booking_refused_clash": _("{0}, {1} is at the same time as another conversation of yours."),
        "booking_refused_mine": _("{0}, {1} is booked by you already."),
        "booking_refused_held": _("{0}, {1} is held for you. Accept it where it was offered to you."),
        "booking_refused_longer": _("There is no room for a longer conversation there."),
        "booking_refused_choice": _("You chose {0} already for {1}, {2}. First take that away."),
        "booking_full_student": _("At most {0} can be booked for {1}. First take one away."),
        "booking_full_household": _(
            "At most {0} can be booked for all children together. First take one away."
        ),
        # Time, subject, child
        "booking_choice": _("{0}, {1} ({2})"),
        "booking_lost_taken": _("{0} has just been taken and is no longer chosen."),
        "booking_lost_clash": _(
            "{0} now clashes with another conversation of yours and is no longer chosen."
        ),
        "booking_lost_booked": _("{0} is booked."),
        "booking_lost_exists": _("This conversation has been booked already: {0} is no longer chosen."),
        "booking_lost_offer": _("A conversation that you chose is no longer offered."),
    }


def _panel() -> dict[str, str]:
    return {
        "booking_loading": _("The table is being loaded…"),
        "booking_nothing": _("No conversations are offered yet. Please look again later."),
        "booking_countdown": _("The table opens by itself in {0}."),
        "booking_opening": _("It opens now. The table is being loaded…"),
        "booking_view": _("Show as"),
        "booking_view_table": _("Table", context="Booking table"),
        "booking_view_list": _("List", context="Booking table"),
        "booking_children": _("Children"),
        "booking_grid": _("{0}, {1}"),
        "booking_day": _("{0}, {1}"),
        "booking_time": _("Time", context="Booking table"),
        "booking_booked_at": _("Booked: {0}"),
        "booking_invitation": _("The school asks for this conversation."),
        "booking_full": _("Full", context="Booking table"),
        "booking_slots": _("Takes {0} places"),
        "booking_no_free": _("No free time"),
        "booking_free_count": _("{0} free times"),
        "booking_free_one": _("1 free time"),
        "booking_chosen_at": _("Chosen: {0}"),
        "booking_other_times": _("Times that can't be chosen"),
        "booking_change": _("Move or cancel"),
        "booking_join": _("Join", context="Meeting"),
        "booking_join_of": _("Join: {0}, {1}"),
        "booking_link_follows": _("Online, the link follows"),
        "booking_tab_chosen": _("{0} chosen"),
        "booking_tab_booked": _("{0} booked"),
        "booking_count_student": _("{0}: {1} of at most {2} conversations."),
        "booking_count_household": _("All children together: {0} of at most {1} conversations."),
        "booking_trouble_offline": _(
            "There is no connection. What you chose stays here; the times may have changed meanwhile."
        ),
        "booking_trouble_expired": _(
            "You are no longer logged in. Log in in another tab; what you chose stays here."
        ),
        "booking_trouble_other_user": _(
            "Somebody else has logged in in this browser. Please reload this page."
        ),
        "booking_trouble_busy": _(
            "It is very busy at the moment. The table goes on by itself; what you chose stays here."
        ),
    }


def _bar() -> dict[str, str]:
    return {
        "booking_bar": _("My choices"),
        "booking_chosen_count": _("{0} chosen, not reserved yet:"),
        # Child, time, subject
        "booking_short": _("{0} {1} {2}"),
        "booking_reserve": _("Reserve"),
        "booking_clear": _("Take all away"),
        "booking_cleared": _("Nothing is chosen any more."),
        "booking_remove": _("Take away"),
        "booking_remove_of": _("Take away: {0}"),
        "booking_longer": _("A longer conversation"),
        "booking_mode": _("Place"),
        "booking_mode_0": _("At school"),
        "booking_mode_1": _("Online"),
        "booking_remark": _("Remark for the instructor and the school"),
        "booking_reserving": _("Reserving…"),
        "booking_unknown": _(
            "There was no answer, so it is not known whether this was reserved. Choose Reserve again: "
            "nothing is booked twice."
        ),
        "booking_busy_reserving": _(
            "It is very busy, so nothing was reserved. Your choices are still here; try again in a moment."
        ),
        "booking_still_chosen": _("Still chosen, and not reserved yet: {0}."),
        "booking_accept": _("Reserve all the same"),
        "booking_back": _("Back"),
        "booking_announce_chosen": _("{0}, {1} is chosen. {2} chosen."),
        "booking_announce_moved": _("{0}, {1} is chosen instead. {2} chosen."),
        "booking_announce_removed": _("Taken away. {0} chosen."),
    }


def _moving() -> dict[str, str]:
    return {
        "booking_move": _("Choose another time"),
        "booking_cancel": _("Cancel this conversation"),
        "booking_move_choose": _("Choose another free time for {0}."),
        "booking_move_stop": _("Leave it where it is"),
        "booking_move_other": _("First choose another time for {0}, or leave it where it is."),
        "booking_move_ask": _("Move {0} to {1}?"),
        "booking_move_do": _("Move", context="Booking table"),
        "booking_move_accept": _("Move all the same"),
        "booking_moving": _("Moving…"),
        "booking_cancel_ask": _("Cancel {0}? The place becomes free for others."),
        "booking_cancel_do": _("Cancel the conversation"),
        "booking_unknown_change": _(
            "There was no answer, so it is not known whether this was done. Look at the table and try "
            "again if needed."
        ),
    }
