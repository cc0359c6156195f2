"""What the dialog needs to ask: who sits where, what a disruption would hit, who could take over."""

from collections import defaultdict

import frappe
from frappe.utils import cint, getdate

from ouderavond.evening.offering import letters
from ouderavond.evening.planning.disruptions import (
    applying,
    conversations,
    phones,
    situations,
    solving,
    substitutes,
    telling,
    wishes,
    words,
)


def beginning(evening) -> dict:
    """Who and what can be missing, by date, of a Parent Evening document.

    Returns:
        {instructors: [{instructor, title, code, dates: {date: number of conversations}}],
         rooms: [{room, title, shared, dates: {date: [who sits there]}}], nobody's rooms among them,
         obstacle: why nothing would be e-mailed, or None}
    """
    rows = _sitting(evening.name)
    booked = _booked(evening.name)
    codes = dict(frappe.get_all("Instructor", fields=["name", "ouderavond_code"], as_list=True))
    people: dict[str, dict] = {}
    there: dict[str, dict] = defaultdict(lambda: defaultdict(list))
    shared = {row.room for row in rows if row.shared_room}
    for row in rows:
        title = row.instructor_name or row.instructor
        one = people.setdefault(
            row.instructor,
            {
                "instructor": row.instructor,
                "title": title,
                "code": codes.get(row.instructor) or "",
                "dates": {},
            },
        )
        one["dates"][str(row.date)] = booked.get((row.instructor, getdate(row.date)), 0)
        if row.room:
            there[row.room][str(row.date)].append({"instructor": row.instructor, "title": title})
    rooms = [
        {
            "room": row.name,
            "title": row.room_name or row.name,
            "shared": row.name in shared,
            "dates": there[row.name],
        }
        for row in frappe.get_all("Room", fields=["name", "room_name"], order_by="room_name, name")
    ]
    return {
        "instructors": sorted(people.values(), key=lambda one: one["title"].casefold()),
        "rooms": rooms,
        "obstacle": letters.obstacle(evening.name),
    }


def _sitting(evening: str) -> list[frappe._dict]:
    fields = ["instructor", "instructor_name", "date", "room", "shared_room"]
    return frappe.get_all("Evening Instructor", {"evening": evening}, fields, order_by="date")


def _booked(evening: str) -> dict[tuple, int]:
    found: dict[tuple, int] = defaultdict(int)
    for row in conversations.live(evening).values():
        for name in row.instructors:
            found[name, row.start.date()] += 1
    return found


def hit(evening, values: dict) -> dict:
    """What a wish would hit, and who could take it over; looks for nothing yet.

    Returns:
        {title, number, households, substitutes}: see `substitutes.choices`; none where nobody can.

    Raises:
        frappe.ValidationError: the wish cannot be.
    """
    situation = situations.read(evening, wishes.read(evening, values))
    households = conversations.households(evening, situation.affected)
    can = situation.wish.kind in (wishes.ILL, wishes.LATER)
    return {
        "title": words.title(situation),
        "number": len(situation.affected),
        "households": len(set(households.values())),
        "substitutes": substitutes.choices(situation) if can else [],
    }


def result(evening: str, run: str) -> dict:
    """What became of a proposal that was carried out.

    Returns:
        {run, title, sentence, change, undone, obstacle, people: see `phones.concerned`, waiting: how many
        letters are still on their way}
    """
    about = solving.read(run)
    found = applying.change_of(evening, run) or {}
    obstacle = letters.obstacle(evening)
    people = phones.concerned(evening, run)
    reachable = telling.concerned(frappe.get_doc("Parent Evening", evening), run).addressees
    told = telling.was_told(evening, run)
    waiting = [one for one in reachable if (one.role, one.key) not in told]
    return {
        "run": run,
        "title": about["proposal"]["title"],
        "sentence": about["proposal"]["sentence"],
        "obstacle": obstacle,
        "people": people,
        "letters": len(told),
        "waiting": 0 if obstacle else len(waiting),
        **found,
    }


def recent(evening: str, limit: int = 5) -> list[dict]:
    """What happened last and was carried out: {run, title, on, change, undone}."""
    rows = frappe.get_all(
        "Schedule Run",
        {"evening": evening, "applied_on": ("is", "set"), "options": ("like", '%"disruption"%')},
        ["name", "scenario", "applied_on"],
        order_by="applied_on desc",
        limit=cint(limit),
    )
    return [
        {
            "run": row.name,
            "title": row.scenario,
            "on": str(row.applied_on)[:16],
            **(applying.change_of(evening, row.name) or {}),
        }
        for row in rows
    ]
