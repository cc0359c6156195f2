"""What would suit somebody who can't come: what can be ticked, and the wish in words."""

from frappe import _


def choices() -> list[tuple[str, str]]:
    """What somebody can tick that would suit them: (value, words)."""
    return [
        ("Early", _("Earlier in the evening")),
        ("Late", _("Later in the evening")),
        ("Other Date", _("Another date")),
        ("Phone", _("By telephone")),
        ("Online", _("Online")),
    ]


def in_words(row) -> list[str]:
    """What was ticked with a booking that was given up, and the wish."""
    ticked = (row.cant_come_choices or "").split(",")
    words = [label for value, label in choices() if value in ticked]
    return [*words, *([row.cant_come_wish] if row.cant_come_wish else [])]
