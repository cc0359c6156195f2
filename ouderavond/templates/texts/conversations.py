"""The sentences of the script beside my conversations and my calendar's address."""

from frappe import _


def texts() -> dict[str, str]:
    """What is said when something is sent, given up, made or stopped, in the reader's language."""
    return {
        "mine_working": _("One moment…"),
        "mine_gone": _("{0}: no longer takes place."),
        "mine_offline": _("There is no connection, so nothing was changed. Please try again."),
        "mine_expired": _("You are no longer logged in. Log in in another tab, then try again here."),
        "feed_again": _("Make a new address"),
        "feed_first": _("Make my address"),
        "feed_has": _(
            "You have an address. It was shown once; if you lost it or somebody else has it, make a new one, "
            "and the old one stops working."
        ),
        "feed_copied": _("Copied."),
        "feed_copy_yourself": _("Select the address and copy it."),
    }
