"""The sentences of calls in general and of the form for requests."""

from frappe import _


def texts() -> dict[str, str]:
    """The sentences of calls and of the form, in the reader's language."""
    return {
        "chosen": _("{0} of {1} chosen"),
        "chosen_without_maximum": _("{0} chosen"),
        "full": _("At most {0} can be chosen for {1}. First take one away."),
        "full_household": _("At most {0} can be chosen for all children together. First take one away."),
        "moved": _("{0} is now number {1} of {2}."),
        "removed": _("{0} is taken away. Save to confirm."),
        "unsaved": _("Not saved yet"),
        "saving": _("Saving…"),
        "busy": _(
            "It is very busy now. Nothing you filled in is lost; it is tried again by itself in {0} seconds."
        ),
        "kept": _("Your choices are kept, also when you log in again in this tab."),
        "restored": _("Your choices from before are back. They are not saved yet."),
        "restored_over_others": _(
            "Your choices from before are back. They are not saved yet; meanwhile other choices were saved, "
            "which these replace when you save."
        ),
        "time_removed": _("The time is taken away. Save to confirm."),
        "offline": _("There is no connection, so nothing was saved. Your choices are still here; try again."),
        "expired": _(
            "You are no longer logged in, so nothing was saved. Log in in another tab, then save here again."
        ),
        "reload": _("This page is too old to save from. Please reload it and choose again."),
        "failed": _("Something went wrong, so nothing was saved. Please try again in a minute."),
    }
