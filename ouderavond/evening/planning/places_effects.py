"""What other places do to the conversations that have a time: who no longer fits, who gets another room."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import frappe
from frappe import _
from frappe.utils import format_date

from ouderavond.evening import grid, people, rows, wording
from ouderavond.evening.planning.places import Key, Place, Plan

ONLINE = "Online"


@dataclass
class Unfit:
    """A conversation that does not fit the places, with the sentence why."""

    booking: str
    student: str
    student_name: str
    subject: str
    instructors: str
    start: str
    state: str
    pinned: int
    sentence: str


@dataclass
class Effects:
    """What a plan does: `unfit` needs a decision, `rooms` are written, `refused` makes it impossible.

    `told` is how many conversations of `rooms` people have been told in another place.
    """

    unfit: list[Unfit] = field(default_factory=list)
    rooms: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    rewritten: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    told: int = 0


def of(plan: Plan) -> Effects:
    """What a plan does to the conversations of its evening."""
    bookings = live_bookings(plan.evening.name)
    effects = Effects()
    before = {row.booking: row for row in unfit(plan.evening, plan.before, bookings)}
    after = unfit(plan.evening, plan.after, bookings)
    effects.unfit = [row for row in after if row.booking not in before]
    _refuse_removals(plan, bookings, effects)
    _rooms(plan, bookings, effects)
    return effects


def live_bookings(evening: str) -> list[frappe._dict]:
    """The conversations of an evening that are not cancelled, each with its instructors in order."""
    found = frappe.get_all(
        "Evening Booking",
        {"evening": evening, "state": ("!=", "Cancelled")},
        [
            *("name", "student", "student_name", "subject", "start", "end", "mode"),
            *("room", "table_label", "state", "pinned"),
        ],
        order_by="start, name",
    )
    names = [row.name for row in found]
    instructors = rows.of_parents("Evening Booking Instructor", "instructor", names)
    titles = rows.of_parents("Evening Booking Instructor", "instructor_name", names)
    for row in found:
        row.instructors = [name for name in instructors[row.name] if name]
        row.titles = [name for name in titles[row.name] if name]
    return found


# Who no longer fits


def unfit(evening, places: dict[Key, Place], bookings: list) -> list[Unfit]:
    """The conversations at a time at which one of their instructors is not there, or is over the maximum."""
    days = {day.date: day for day in grid.slots(evening)}
    found = {row.name: said for row in bookings if (said := _absent(row, places, days))}
    found |= {name: said for name, said in _too_many(places, bookings) if name not in found}
    return [_unfit(row, found[row.name]) for row in bookings if row.name in found]


def _absent(row, places: dict[Key, Place], days: dict) -> str | None:
    day = days.get(row.start.date())
    for instructor, title in zip(row.instructors, row.titles, strict=False):
        place = places.get((instructor, row.start.date()))
        if not place or not day:
            return _("{0} is not there on {1}.").format(title, format_date(row.start, "d MMMM"))
        first = grid.at(day.date, place.present_from) if place.present_from else day.first
        last = grid.at(day.date, place.present_until) if place.present_until else day.end
        if row.start < first or row.end > last:
            said = _("{0} is there from {1} until {2}.")
            return said.format(title, wording.time(first.time()), wording.time(last.time()))
    return None


def _too_many(places: dict[Key, Place], bookings: list) -> Iterable[tuple[str, str]]:
    """Those beyond the maximum: who was told a time first keeps it, then who comes first."""
    by_place = defaultdict(list)
    for row in bookings:
        for instructor, title in zip(row.instructors, row.titles, strict=False):
            by_place[instructor, row.start.date()].append(
                (row.state != "Published", row.start, row.name, title)
            )
    for key, of_place in sorted(by_place.items(), key=lambda item: str(item[0])):
        maximum = places[key].maximum_conversations if key in places else 0
        if maximum and len(of_place) > maximum:
            for _untold, _start, name, title in sorted(of_place)[maximum:]:
                said = _("{0} has {1} conversations on {2}, and the maximum is {3}.")
                yield name, said.format(title, len(of_place), format_date(key[1], "d MMMM"), maximum)


def _unfit(row, sentence: str) -> Unfit:
    return Unfit(
        booking=row.name,
        student=row.student,
        student_name=row.student_name,
        subject=row.subject,
        instructors=", ".join(row.titles),
        start=row.start.strftime("%Y-%m-%dT%H:%M"),
        state=row.state,
        pinned=row.pinned,
        sentence=sentence,
    )


def _refuse_removals(plan: Plan, bookings: list, effects: Effects) -> None:
    gone = set(plan.removed)
    having = {(who, row.start.date()) for row in bookings for who in row.instructors} & gone
    for instructor, day in sorted(having):
        said = _("{0} has conversations on {1} and cannot be removed. Move or cancel them first.")
        effects.refused.append(
            said.format(plan.names.get(instructor, instructor), format_date(day, "d MMMM"))
        )
    effects.unfit = [
        row
        for row in effects.unfit
        if not any((who, date.fromisoformat(row.start[:10])) in having for who in _of(row, bookings))
    ]


def _of(row: Unfit, bookings: list) -> list[str]:
    return next((one.instructors for one in bookings if one.name == row.booking), [])


# Rooms


def _rooms(plan: Plan, bookings: list, effects: Effects) -> None:
    moved = {key for key in plan.touched if _where(plan.before.get(key)) != _where(plan.after.get(key))}
    if not moved:
        return
    for row in bookings:
        key = (row.instructors[0], row.start.date()) if row.instructors else None
        if key in moved and key in plan.after and row.mode != ONLINE:
            place = plan.after[key]
            if (row.room or None, row.table_label or None) != (place.room, place.table_label):
                effects.rooms[row.name] = (place.room, place.table_label)
                effects.told += row.state == "Published"
    touched = {
        (side[key].room, key[1]) for side in (plan.before, plan.after) for key in moved if key in side
    } - {(None, key[1]) for key in moved}
    now = [(row, effects.rooms.get(row.name, (row.room, row.table_label))[0]) for row in bookings]
    effects.rewritten = {
        row.name
        for row, room in now
        if row.name in effects.rooms or {(row.room, row.start.date()), (room, row.start.date())} & touched
    }
    shared = {(place.room, day) for (_who, day), place in plan.after.items() if place.shared_room}
    in_room = defaultdict(list)
    for row, room in now:
        spot = (room, row.start.date())
        if room and row.mode != ONLINE and spot in touched - shared:
            in_room[spot].append(row)
    titles = dict(frappe.get_all("Room", fields=["name", "room_name"], as_list=True))
    for (room, _day), there in sorted(in_room.items()):
        effects.refused += _clashes(titles.get(room) or room, there)
    effects.refused += _taken_elsewhere(plan.evening.name, in_room, titles)
    _warn(plan, touched, shared, titles, effects)


def _where(place: Place | None) -> tuple | None:
    return place and (place.room, place.table_label, place.shared_room)


def _clashes(room: str, there: list) -> list[str]:
    """A sentence where two conversations would be in one room at once."""
    there = sorted(there, key=lambda row: (row.start, row.name))
    for one, other in zip(there, there[1:], strict=False):
        if other.start < one.end:
            said = _(
                "{0} and {1} would both have a conversation in room {2} on {3}. "
                "Mark the room as shared for both, or choose another."
            )
            who = (", ".join(one.titles), ", ".join(other.titles), room, wording.moment(other.start))
            return [said.format(*who)]
    return []


def _taken_elsewhere(evening: str, in_room: dict, titles: dict) -> list[str]:
    """A sentence per room that is blocked, or taken by another evening, at the time of a conversation."""
    if not in_room:
        return []
    keys = people.person_keys(("Room", room) for room, _day in in_room)
    claim = frappe.qb.DocType("Booking Claim")
    taken = (
        frappe.qb.from_(claim)
        .select(claim.who, claim.tick)
        .where(claim.who.isin(sorted(set(keys.values()))))
        .where(claim.tick >= min(row.start for there in in_room.values() for row in there))
        .where(claim.tick < max(row.end for there in in_room.values() for row in there))
        .where((claim.kind == "Block") | ((claim.kind == "Booking") & (claim.evening != evening)))
        .orderby(claim.tick)
    ).run()
    found = {}
    for (room, _day), there in in_room.items():
        for who, tick in taken:
            if who == keys["Room", room] and any(row.start <= tick < row.end for row in there):
                said = _("Room {0} is blocked or taken on {1}.")
                found.setdefault(room, said.format(titles.get(room) or room, wording.moment(tick)))
    return list(found.values())


def _warn(plan: Plan, touched: set, shared: set, titles: dict, effects: Effects) -> None:
    """Rooms that two are given without being shared, and rooms that are shared for some only."""
    sitting = defaultdict(list)
    for (who, day), place in sorted(plan.after.items()):
        if (place.room, day) in touched:
            sitting[place.room, day].append((plan.names.get(who, who), place.shared_room))
    for (room, day), there in sorted(sitting.items()):
        names = ", ".join(name for name, _shared in there[:4])
        title, when = titles.get(room) or room, format_date(day, "d MMMM")
        if len(there) > 1 and (room, day) not in shared:
            said = _("Room {0} on {1} is given to {2} and not shared: only one of them can speak at a time.")
            effects.warnings.append(said.format(title, when, names))
        elif (room, day) in shared and not all(one for _name, one in there):
            said = _("Room {0} on {1} is shared for some and not for others; it counts as shared for all.")
            effects.warnings.append(said.format(title, when))
