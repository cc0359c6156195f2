"""What somebody says has happened, and what they want done about it: read from plain values and checked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

import frappe
from frappe import _
from frappe.utils import cint, cstr, getdate

from ouderavond.evening import grid

ILL, LATER, ROOM, DATE = "ill", "later", "room_closed", "date_moved"
RERUN, SUBSTITUTE, ONLINE, CANCEL, OTHER_ROOM = "rerun", "substitute", "online", "cancel", "room"
CHOICES = {
    ILL: (RERUN, SUBSTITUTE, ONLINE, CANCEL),
    LATER: (RERUN, SUBSTITUTE, ONLINE, CANCEL),
    ROOM: (OTHER_ROOM, ONLINE, RERUN, CANCEL),
    DATE: (RERUN,),
}
# What can be chosen for a single conversation instead of what holds for all.
SINGLE = (RERUN, SUBSTITUTE, CANCEL)
# Where the times of a date change: everybody keeps their place in the order, or their time where it is left.
SHIFT, CLOCK = "shift", "clock"


@dataclass(frozen=True)
class Wish:
    """A disruption and what is to be done. Times are HH:MM, dates YYYY-MM-DD; None: as it is.

    `substitute` None is whoever is free. `alone`: conversations with several instructors go on without the
    one who is missing. `nothing_else`: no other conversation may move. `rooms` are other rooms for single
    instructors, `each` other choices for single bookings.
    """

    kind: str
    choice: str = RERUN
    instructor: str | None = None
    room: str | None = None
    dates: tuple[str, ...] = ()
    present_from: str | None = None
    present_until: str | None = None
    substitute: str | None = None
    alone: bool = True
    nothing_else: bool = False
    to_room: str | None = None
    rooms: Mapping[str, str] = field(default_factory=dict)
    new_date: str | None = None
    first_time: str | None = None
    end_time: str | None = None
    order: str = SHIFT
    each: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)

    def as_dict(self) -> dict:
        """Plain values, from which `read` makes the same wish."""
        return {**asdict(self), "dates": list(self.dates)}

    def days(self) -> list[date]:
        """The dates concerned."""
        return [getdate(day) for day in self.dates]


def read(evening, values: Mapping) -> Wish:
    """The wish that plain values describe.

    Args:
        evening: Parent Evening document.
        values: the fields of a Wish by name; others are refused.

    Raises:
        frappe.ValidationError: something is missing or cannot be; a sentence says what.
    """
    if not isinstance(values, Mapping) or set(values) - set(Wish.__dataclass_fields__):
        _unreadable()
    kind = values.get("kind")
    if kind not in CHOICES:
        frappe.throw(_("Choose what happened."))
    if evening.archived:
        frappe.throw(_("This evening is archived and can only be read."))
    wish = Wish(
        kind=kind,
        choice=_choice(kind, values.get("choice")),
        instructor=_text(values.get("instructor")),
        room=_text(values.get("room")),
        dates=_dates(evening, values.get("dates")),
        present_from=_clock(values.get("present_from")),
        present_until=_clock(values.get("present_until")),
        substitute=_text(values.get("substitute")),
        alone=bool(cint(values.get("alone", 1))),
        nothing_else=bool(cint(values.get("nothing_else"))),
        to_room=_text(values.get("to_room")),
        rooms=_mapping(values.get("rooms")),
        new_date=_new_date(values.get("new_date")),
        first_time=_clock(values.get("first_time")),
        end_time=_clock(values.get("end_time")),
        order=CLOCK if values.get("order") == CLOCK else SHIFT,
        each=_each(values.get("each")),
    )
    CHECKS[kind](evening, wish)
    return wish


def _unreadable() -> None:
    frappe.throw(_("This could not be read. Please reload the page and try again."))


def _text(value) -> str | None:
    if value is not None and not isinstance(value, str):
        _unreadable()
    return cstr(value).strip() or None


def _mapping(value) -> dict[str, str]:
    if not isinstance(value or {}, Mapping):
        _unreadable()
    found = {cstr(key): _text(one) for key, one in (value or {}).items()}
    return {key: one for key, one in found.items() if one}


def _choice(kind: str, value) -> str:
    if value in (None, ""):
        return CHOICES[kind][0]
    if value not in CHOICES[kind]:
        frappe.throw(_("Choose what is to be done."))
    return value


def _each(value) -> dict[str, dict[str, str | None]]:
    if not isinstance(value or {}, Mapping):
        _unreadable()
    found = {}
    for booking, one in (value or {}).items():
        if not isinstance(one, Mapping) or one.get("choice") not in SINGLE:
            _unreadable()
        found[cstr(booking)] = {"choice": one["choice"], "substitute": _text(one.get("substitute"))}
    return found


def _dates(evening, value) -> tuple[str, ...]:
    """Some dates of the evening; none given is all of them."""
    known = [str(day.date) for day in grid.slots(evening)]
    if value is not None and not isinstance(value, list | tuple):
        _unreadable()
    for day in value or ():
        if day not in known:
            said = frappe.utils.escape_html(cstr(day)[:20])
            frappe.throw(_("The evening is not on {0}.").format(said))
    return tuple(day for day in known if not value or day in value)


def _new_date(value) -> str | None:
    if not value:
        return None
    try:
        return str(date.fromisoformat(cstr(value)[:10]))
    except ValueError:
        said = frappe.utils.escape_html(cstr(value)[:20])
        frappe.throw(_("{0} is not a date such as 2027-02-09.").format(said))


def _clock(value) -> str | None:
    if not value:
        return None
    try:
        return f"{datetime.strptime(cstr(value)[:5], '%H:%M'):%H:%M}"
    except ValueError:
        said = frappe.utils.escape_html(cstr(value)[:20])
        frappe.throw(_("{0} is not a time such as 18:30.").format(said))


# What each kind needs


def _check_instructor(evening, wish: Wish) -> None:
    _check_known("Instructor", wish.instructor, _("Choose the instructor."))
    there = {"evening": evening.name, "instructor": wish.instructor, "date": ("in", wish.dates)}
    if not frappe.db.exists("Evening Instructor", there):
        frappe.throw(_("{0} does not take part on that date.").format(_name_of(wish.instructor)))
    for name in {wish.substitute, *(one["substitute"] for one in wish.each.values())} - {None}:
        _check_known("Instructor", name, _("Choose the substitute."))
        if name == wish.instructor:
            frappe.throw(_("The substitute must be somebody else."))


def _check_later(evening, wish: Wish) -> None:
    _check_instructor(evening, wish)
    if len(wish.dates) != 1:
        frappe.throw(_("Choose the date."))
    if not wish.present_from and not wish.present_until:
        frappe.throw(_("Say from when or until when {0} is there.").format(_name_of(wish.instructor)))
    day = next(day for day in grid.slots(evening) if str(day.date) == wish.dates[0])
    first = grid.at(day.date, f"{wish.present_from}:00") if wish.present_from else day.first
    last = grid.at(day.date, f"{wish.present_until}:00") if wish.present_until else day.end
    if last <= first:
        frappe.throw(_("The time until when somebody is there must be later than the time from when."))
    if first >= day.end or last <= day.first:
        frappe.throw(_("At these times nobody is there: choose “instructor ill” instead."))


def _check_room(evening, wish: Wish) -> None:
    _check_known("Room", wish.room, _("Choose the room."))
    there = {"evening": evening.name, "room": wish.room, "date": ("in", wish.dates)}
    if not frappe.db.exists("Evening Instructor", there):
        frappe.throw(_("Nobody sits in this room on that date."))
    if wish.choice != OTHER_ROOM:
        return
    if not wish.to_room and not wish.rooms:
        frappe.throw(_("Choose the other room."))
    for name in {wish.to_room, *wish.rooms.values()} - {None}:
        _check_known("Room", name, _("Choose the other room."))
        if name == wish.room:
            frappe.throw(_("This is the room that is closed."))


def _check_date(evening, wish: Wish) -> None:
    if len(wish.dates) != 1:
        frappe.throw(_("Choose the date that moves."))
    if not wish.new_date and not wish.first_time and not wish.end_time:
        frappe.throw(_("Choose another date, or other times."))
    if wish.new_date and wish.new_date != wish.dates[0]:
        if wish.new_date in {str(day.date) for day in grid.slots(evening)}:
            frappe.throw(_("The evening is on that date already."))
        if getdate(wish.new_date) < getdate():
            frappe.throw(_("That date is in the past."))


CHECKS = {ILL: _check_instructor, LATER: _check_later, ROOM: _check_room, DATE: _check_date}


def _check_known(doctype: str, name: str | None, sentence: str) -> None:
    if not name or not frappe.db.exists(doctype, name):
        frappe.throw(sentence)


def _name_of(instructor: str) -> str:
    name = frappe.db.get_value("Instructor", instructor, "instructor_name") or instructor
    return frappe.utils.escape_html(name)
