"""What a guardian, a student and an instructor see of the evenings that concern them.

Everything is read for all evenings and children at once, and only what the asker's own rows give them. Times
and outcomes appear when the schedule has been published: until then a request is just a request.
"""

from collections.abc import Iterable

import frappe
from frappe.utils import cint

from ouderavond.evening import conversations, grid, instructing, publishing, request_form, requests
from ouderavond.evening.participants import participants_query
from ouderavond.evening.people import guardian_links, parties
from ouderavond.evening.reserving import windows

SHOWN = {"published": 1, "archived": 0}

# What only our own pages and letters need of a conversation: when staff touched it, and what is hidden.
INSIDE = (
    *("untold", "told_on", "pinned", "replaces", "request_source", "request_priority"),
    *("booked_remark", "show_remarks", "cant_come_wish", "cant_come_choices", "link_changed_on"),
)


def for_guardian(guardians: list[str]) -> list[dict]:
    """The evenings of a guardian's children, in order of date.

    Args:
        guardians: the Guardian records of one person.
    """
    students = sorted({row.student for row in guardian_links(guardians)})
    evenings = _evenings_of(students)
    asker = requests.Asker("Guardian", tuple(guardians))
    groups = {evening.name: _groups(evening, taking_part, asker) for evening, taking_part in evenings}
    return _overview(evenings, groups, asker, conversations.of_guardian(guardians, cancelled=True))


def for_student(students: list[str]) -> list[dict]:
    """The evenings at which a student takes part and may ask, or attends conversations."""
    evenings = _evenings_of(students)
    asker = requests.Asker("Student", (), students[0] if students else None)
    groups = {evening.name: {student: () for student in taking_part} for evening, taking_part in evenings}
    shown = _overview(evenings, groups, asker, conversations.of_student(students, cancelled=True))
    acts = ("requesting", "booking")
    return [row for row in shown if row["conversations"] or any(row[act]["state"] != "none" for act in acts)]


def for_instructor(instructors: list[str]) -> list[dict]:
    """The evenings at which an instructor sits: where, when, and the conversations once published."""
    places = _places(instructors)
    times = conversations.of_instructor(instructors, cancelled=True)
    # What somebody gave up is shown with their wish; what else was cancelled is not.
    times = [row for row in times if row.state == "Published" or row.cant_come]
    names = {row.evening for row in places} | {row.evening for row in times}
    evenings = [frappe.get_cached_doc("Parent Evening", name) for name in names]
    evenings.sort(key=_first_date)
    instructing.with_own(times, instructors)
    return [_sitting(evening, places, times, instructors) for evening in evenings]


def as_told(evenings: list[dict]) -> list[dict]:
    """The same for other programs: without what staff did and did not publish, and what is not shown."""
    for evening in evenings:
        for row in (*evening["conversations"], *evening.get("gone", ())):
            for name in INSIDE:
                row.pop(name, None)
    return evenings


def _sitting(evening, places: list, times: list, instructors: list[str]) -> dict:
    own_places = [row for row in places if row.evening == evening.name]
    own_times = [row for row in times if row.evening == evening.name]
    return {
        "evening": evening.name,
        "title": evening.title,
        "schedule_visible": publishing.is_visible(evening),
        "dates": _dates(evening),
        "places": own_places,
        "conversations": own_times,
        "minutes": cint(evening.minutes_per_conversation),
        **instructing.part(evening, own_times, own_places, instructors),
    }


def _evenings_of(students: list[str]) -> list[tuple]:
    """The evenings that are shown, each with those of the students who take part, in order of date."""
    if not students:
        return []
    found = []
    table = frappe.qb.DocType("Student")
    for name in frappe.get_all("Parent Evening", filters=SHOWN, pluck="name"):
        evening = frappe.get_cached_doc("Parent Evening", name)
        taking_part = participants_query(evening).where(table.name.isin(students)).run(pluck=True)
        if taking_part:
            found.append((evening, sorted(taking_part)))
    return sorted(found, key=lambda pair: _first_date(pair[0]))


def _first_date(evening) -> tuple:
    return (min((str(row.date) for row in evening.dates), default=""), evening.name)


def _groups(evening, students: list[str], asker: requests.Asker) -> dict[str, tuple[str, ...]]:
    own = set(asker.guardians)
    groups = parties(evening, students)
    return {
        student: tuple(next(group for group in groups[student] if own & set(group)))
        for student in students
        if any(own & set(group) for group in groups.get(student, []))
    }


def _overview(evenings, groups, asker, timed) -> list[dict]:
    students = {student for mine in groups.values() for student in mine}
    names = _names("Student", "student_name", students)
    offers = request_form.offers([evening for evening, _students in evenings], students, asker)
    found = []
    for evening, _students in evenings:
        own = groups[evening.name]
        own_offers = [row for row in offers if row.evening == evening.name and row.student in own]
        asked = requests.rows_of(evening.name, own)
        all_times = [row for row in timed if row.evening == evening.name]
        times = [row for row in all_times if row.state != "Cancelled"]
        shown = _evening(evening, asker, names, own_offers, asked, times)
        found.append({**shown, "gone": _gone(all_times)})
    return found


def _gone(times: list) -> list:
    """Own conversations that the school cancelled after they had been told, and that have no other time."""
    live = [row for row in times if row.state != "Cancelled"]
    again = {row.replaces for row in live} | {row.offer for row in live if row.own}
    return [
        row
        for row in times
        if row.state == "Cancelled" and row.changed_from and row.own and not again & {row.name, row.offer}
    ]


def _evening(evening, asker, names, offers, requested, times) -> dict:
    asked = [row for row in requested if row.state in requests.ACTIVE]
    by_offer = {offer.name: offer for offer in offers}
    asked = [
        request_form.requested(row, by_offer[row.offer], names, evening)
        for row in asked
        if row.offer in by_offer
    ]
    chosen = {row["offer"]: row for row in asked}
    timed = {row.request for row in times if row.own}
    return {
        "evening": evening.name,
        "title": evening.title,
        "explanation": evening.explanation,
        "dates": _dates(evening),
        "requesting": request_form.state(evening, asker),
        "booking": windows.booking_state(evening, asker),
        "rules": request_form.rules(evening),
        "children": request_form.children(offers, chosen, names),
        "requests": asked,
        "common": request_form.common(asked, evening),
        "times": request_form.times(evening, asker),
        "schedule_visible": publishing.is_visible(evening),
        "conversations": times,
        "not_placed": [row for row in asked if evening.schedule_visible and row["request"] not in timed],
        "footnote": evening.footnote,
    }


def _dates(evening) -> list[dict]:
    return [
        {"date": row.date, "start": row.first, "end": row.end, "place": row.place}
        for row in grid.slots(evening)
    ]


def _names(doctype: str, field: str, names: Iterable[str]) -> dict[str, str]:
    filters = {"name": ("in", list(names) or [""])}
    return dict(frappe.get_all(doctype, filters=filters, fields=["name", field], as_list=True))


def _places(instructors: list[str]) -> list:
    """Where and when instructors sit, at evenings that are shown."""
    sits, evening = frappe.qb.DocType("Evening Instructor"), frappe.qb.DocType("Parent Evening")
    room = frappe.qb.DocType("Room")
    return (
        frappe.qb.from_(sits)
        .join(evening)
        .on(evening.name == sits.evening)
        .left_join(room)
        .on(room.name == sits.room)
        .select(
            sits.evening, sits.date, sits.present_from, sits.present_until, sits.table_label, room.room_name
        )
        .where(sits.instructor.isin(instructors or [""]))
        .where((evening.published == 1) & (evening.archived == 0))
        .orderby(sits.date)
    ).run(as_dict=True)
