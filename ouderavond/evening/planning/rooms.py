"""Giving instructors rooms: their own of the reference week, a list of rooms, or tables in one shared hall.

A proposal is a list of edits, as `places.plan` reads them: whoever asked looks at it and saves it or not.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import frappe
from frappe import _
from frappe.utils import cint, format_date, getdate

from ouderavond.evening.lessons import check_week, week_span
from ouderavond.evening.planning import places
from ouderavond.evening.planning.places import Key

LESSONS, LIST, HALL = "lessons", "list", "hall"


@dataclass
class Proposal:
    """Edits that give rooms, and a sentence per instructor and date for whom there was none."""

    edits: list[dict] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def propose(
    evening,
    source: str,
    *,
    keys: Iterable[Key] | None = None,
    rooms: list[str] | None = None,
    only_empty: bool = True,
    first_table: int = 1,
) -> Proposal:
    """Rooms for the places of an evening.

    Args:
        evening: Parent Evening document.
        source: "lessons": where each had most lessons in the reference week; "list": one of `rooms` each, in
            the order of the instructors' names; "hall": all in the first of `rooms`, at numbered tables.
        keys: only these (instructor, date); None: everybody.
        only_empty: who has a room keeps it.
        first_table: the number of the first table of a hall.

    Raises:
        frappe.ValidationError: no rooms were given, one does not exist, or the reference week has no lessons.
    """
    if source not in (LESSONS, LIST, HALL):
        frappe.throw(_("Choose where the rooms come from."))
    there = places.of_evening(evening.name)
    wanted = set(there if keys is None else keys) & there.keys()
    if only_empty:
        wanted = {key for key in wanted if not there[key].room}
    names = _names({who for who, _day in there})
    order = sorted(wanted, key=lambda key: (key[1], names.get(key[0], key[0]).casefold(), key[0]))
    if source == HALL:
        return _hall(order, there, _known(rooms, 1)[0], max(0, cint(first_table)))
    taken = {(place.room, key[1]) for key, place in there.items() if place.room and key not in wanted}
    choices = _of_lessons(evening, order) if source == LESSONS else _of_list(_known(rooms), order)
    return _given(order, choices, taken, names)


def _names(instructors: set[str]) -> dict[str, str]:
    filters = {"name": ("in", list(instructors) or [""])}
    return dict(frappe.get_all("Instructor", filters, ["name", "instructor_name"], as_list=True))


def _known(rooms: list[str] | None, most: int | None = None) -> list[str]:
    wanted = list(dict.fromkeys(rooms or []))[:most]
    if not wanted:
        frappe.throw(_("Choose at least one room."))
    known = set(frappe.get_all("Room", {"name": ("in", wanted)}, pluck="name"))
    for name in wanted:
        if name not in known:
            frappe.throw(_("There is no room {0}.").format(frappe.utils.escape_html(name)))
    return wanted


def _hall(order: list[Key], there: dict, room: str, first_table: int) -> Proposal:
    """Everybody at a table of their own; the same number on every date where that is possible."""
    used = defaultdict(set)
    for key, place in there.items():
        if place.room == room and key not in order:
            used[key[1]].add(place.table_label)
    numbers: dict[str, int] = {}
    proposal = Proposal()
    for who, day in order:
        number = numbers.get(who) or first_table
        while str(number) in used[day] or (who not in numbers and number in numbers.values()):
            number += 1
        numbers.setdefault(who, number)
        used[day].add(str(number))
        values = {"room": room, "shared_room": 1, "table_label": str(number)}
        proposal.edits.append(_edit((who, day), values))
    return proposal


def _of_list(rooms: list[str], order: list[Key]) -> dict[Key, list[str]]:
    """Who sits on several dates gets one room for all of them: everybody starts looking at another room."""
    people = list(dict.fromkeys(who for who, _day in order))
    at = {who: i for i, who in enumerate(sorted(people, key=people.index))}
    return {key: [*rooms[at[key[0]] :], *rooms[: at[key[0]]]] for key in order}


def _of_lessons(evening, order: list[Key]) -> dict[Key, list[str]]:
    """The rooms in which each taught in the reference week, where they were most of all first."""
    check_week(evening.reference_week)
    monday, sunday = week_span(evening.reference_week)
    filters = {
        "schedule_date": ("between", (monday, sunday)),
        "room": ("is", "set"),
        "instructor": ("in", [who for who, _day in order] or [""]),
    }
    counted: dict[str, Counter] = defaultdict(Counter)
    for who, room in frappe.get_all("Course Schedule", filters, ["instructor", "room"], as_list=True):
        counted[who][room] += 1
    preferred = {who: sorted(found, key=lambda room: (-found[room], room)) for who, found in counted.items()}
    # Who taught in a room most may have it first.
    order.sort(key=lambda key: (key[1], -max(counted[key[0]].values(), default=0)))
    return {key: preferred.get(key[0], []) for key in order}


def _given(order: list[Key], choices: dict, taken: set[tuple[str, date]], names: dict) -> Proposal:
    proposal, before = Proposal(), {}
    for key in order:
        who, day = key
        # The room of the date before, where it is free: people find them where they were.
        wishes = ([before[who]] if who in before else []) + choices[key]
        room = next((name for name in wishes if (name, day) not in taken), None)
        if room:
            taken.add((room, day))
            before.setdefault(who, room)
            proposal.edits.append(_edit(key, {"room": room, "shared_room": 0, "table_label": ""}))
        else:
            said = _("{0}, {1}: no room is left.") if choices[key] else _("{0}, {1}: no lessons in a room.")
            proposal.left.append(said.format(names.get(who, who), format_date(day, "d MMM")))
    return proposal


def _edit(key: Key, values: dict) -> dict:
    return {"instructor": key[0], "date": str(getdate(key[1])), "values": values}
