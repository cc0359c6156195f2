"""Dates, times and reasons in words, in the reader's language and format."""

from frappe import _
from frappe.utils import format_date, format_time, get_datetime, get_user_time_format


def day(value) -> str:
    """A date in words: Tuesday 9 February 2027, as the reader's language writes it."""
    return format_date(value, "full")


def time(value) -> str:
    """A time of day in the user's format, without seconds."""
    return format_time(value, get_user_time_format().replace(":ss", ""))


def moment(value) -> str:
    """A date and time in words."""
    value = get_datetime(value)
    return _("{0} at {1}").format(day(value.date()), time(value.time()))


def not_placed(reason: str | None) -> str:
    """Why a request got no time, for the household that asked. Names nobody."""
    sentences = {
        "no_common_time": _("There was no time at which everybody who is needed can be there."),
        "household_full": _("Your other conversations and times left no room for it."),
        "instructor_full": _("There was no free time left in this conversation's timetable."),
        "room_full": _("The room had no free time left."),
        "displaces": _("It would have fitted only in the place of other conversations."),
    }
    return sentences.get(reason) or _("No time could be found for it.")


def without_time(evening, row) -> str:
    """What the household that asked reads beside a request without a time; empty where reasons are not shown.

    Args:
        evening: Parent Evening document.
        row: of a Conversation Request, with state and reason.
    """
    if row.state != "Not Placed":
        return no_time_yet()
    return not_placed(row.reason) if evening.show_reasons else ""


def was(before, *, same_day: bool) -> str:
    """At what time a conversation was before, to be read beside its new one."""
    before = get_datetime(before)
    return _("was {0}").format(time(before.time()) if same_day else moment(before))


def changed(row) -> str:
    """What is marked at a conversation that was published otherwise before; empty where nothing was.

    Args:
        row: of `conversations`, with start, changed_from and replaces.
    """
    before = row.changed_from
    if not before:
        return ""
    if before != row.start:
        when = time(before.time()) if before.date() == row.start.date() else moment(before)
        said = _("New time and instructor, was {0}") if row.replaces else _("New time, was {0}")
        return said.format(when)
    return _("Another instructor than before") if row.replaces else ""


def no_time_yet() -> str:
    """What is said of a request that a published schedule neither placed nor gave up."""
    return _("There is no time for it yet.")
