"""What happened, and what a proposal comes to, in sentences for staff."""

import frappe
from babel.numbers import format_decimal
from frappe import _
from frappe.utils import format_date

from ouderavond.evening import wording
from ouderavond.evening.planning.disruptions import wishes

# The figures of a proposal, in the order in which they are told.
FIGURES = ("time", "instructor", "room", "online", "stays", "lost", "others")


def title(situation) -> str:
    """The disruption in one line."""
    wish = situation.wish
    days = ", ".join(format_date(day, "d MMM") for day in wish.dates)
    if wish.kind == wishes.ILL:
        return _("{0} is ill ({1})").format(_instructor(wish.instructor), days)
    if wish.kind == wishes.LATER:
        return _later(wish, days)
    if wish.kind == wishes.ROOM:
        return _("Room {0} is closed ({1})").format(_room(wish.room), days)
    return _moved(situation, days)


def _later(wish, days: str) -> str:
    name = _instructor(wish.instructor)
    if wish.present_from and wish.present_until:
        return _("{0} is there from {1} to {2} ({3})").format(
            name, wish.present_from, wish.present_until, days
        )
    if wish.present_from:
        return _("{0} comes at {1} ({2})").format(name, wish.present_from, days)
    return _("{0} leaves at {1} ({2})").format(name, wish.present_until, days)


def _moved(situation, days: str) -> str:
    new = situation.new
    day = format_date(new.date, "d MMM")
    times = f"{new.first:%H:%M} – {new.end:%H:%M}"
    if new.date == situation.old.date:
        return _("{0} is from {1}").format(days, times)
    return _("{0} becomes {1}, {2}").format(days, day, times)


def _instructor(name: str | None) -> str:
    return frappe.db.get_value("Instructor", name, "instructor_name") or name or ""


def _room(name: str | None) -> str:
    return frappe.db.get_value("Room", name, "room_name") or name or ""


def figures(found: dict[str, int]) -> str:
    """The figures of a proposal that are not zero, a sentence each."""
    total = found.get("affected", 0)
    first = _("1 conversation cannot stay as it is.")
    if total != 1:
        first = _("{0} conversations cannot stay as they are.").format(number(total))
    if not total:
        return _("No conversation is concerned.")
    texts = {
        "time": (_("1 gets another time."), _("{0} get another time.")),
        "instructor": (_("1 goes to somebody else."), _("{0} go to somebody else.")),
        "room": (_("1 is in another room."), _("{0} are in another room.")),
        "online": (_("1 is online."), _("{0} are online.")),
        "stays": (_("1 stays at its time."), _("{0} stay at their time.")),
        "lost": (_("1 has no place."), _("{0} have no place.")),
        "others": (
            _("1 other conversation moves, to make room."),
            _("{0} other conversations move, to make room."),
        ),
    }
    parts = [first]
    for name in FIGURES:
        count = found.get(name, 0)
        if count:
            one, many = texts[name]
            parts.append(one if count == 1 else many.format(number(count)))
    return " ".join(parts)


def number(value: int) -> str:
    """A number as the reader's language writes it."""
    return format_decimal(value, locale=(frappe.local.lang or "en").replace("-", "_"))


def when(start, end) -> dict[str, str]:
    """A time in words, for the screen."""
    return {
        "day": wording.day(start.date()),
        "date": format_date(start.date(), "EEE d MMM"),
        "time": f"{start:%H:%M} – {end:%H:%M}",
    }
