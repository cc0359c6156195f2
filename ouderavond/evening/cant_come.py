"""Somebody can't come to a conversation that has a time: the time comes free, and staff see the wish.

Possible until the conversation starts, also after the deadline for changes and also for times that the school
made. The wish is read by who asked, by the instructors concerned and by staff.
"""

import frappe
from frappe import _
from frappe.utils import get_datetime, now_datetime

from ouderavond.evening import (
    booking,
    claims,
    conversations,
    conversations_letter,
    grid,
    my_calendar,
    request_rules,
    requests,
    rows,
    wishes,
    wording,
)
from ouderavond.evening.offering import readers
from ouderavond.evening.offering.letters import Letter, Line, Section, speaking, tell

LENGTH = 1000
FIELDS = [
    *("name", "offer", "student", "student_name", "subject", "start", "end", "mode", "source"),
    *("cant_come_at", "cant_come_by", "cant_come_wish", "cant_come_choices"),
]


def say(user: str, role: str, name: str, wish: str = "", ticked: list[str] | None = None) -> str:
    """Give up a conversation of one's own and keep what would suit instead.

    Returns:
        The name of the Parent Evening.

    Raises:
        frappe.PermissionError: it is not a conversation of this user.
        frappe.ValidationError: it has started, or was given up already.
    """
    row = next((row for row in conversations.of(role, user) if row.name == name and row.own), None)
    if not row:
        frappe.throw(_("This conversation is not one of yours."), frappe.PermissionError)
    noted = {
        "cant_come": 1,
        "cant_come_at": now_datetime(),
        "cant_come_by": user,
        "cant_come_wish": request_rules.plain(wish)[:LENGTH],
        "cant_come_choices": ",".join(value for value, _words in wishes.choices() if value in (ticked or [])),
    }

    def work() -> None:
        doc = frappe.get_doc("Evening Booking", name, for_update=True)
        if doc.state == "Cancelled":
            frappe.throw(_("This conversation has been cancelled already."))
        if doc.start <= now_datetime():
            frappe.throw(_("This conversation has started already."))
        doc.update(noted)
        booking.cancel_within(doc)
        guardians = conversations.records_of(role, user)[:1] if role == "guardian" else []
        conversations_letter.changed(doc.evening, guardians, doc.student)

    claims.transaction(row.evening, booking.people_of(frappe.get_doc("Evening Booking", name)), work)
    return row.evening


def tell_instructors(evening: str, name: str) -> None:
    """Write the instructors of a conversation that was given up. After the commit; never raises."""
    tell(evening, lambda doc: _letters(doc, frappe.get_doc("Evening Booking", name)))


def _letters(evening, given_up) -> tuple[list[Letter], list]:
    found = readers.instructors(row.instructor for row in given_up.instructors)
    letters = []
    for reader in found.values():
        with speaking(reader.language):
            letters.append(_letter(evening, given_up, reader))
    return letters, []


def _letter(evening, given_up, reader: readers.Reader) -> Letter:
    when = wording.moment(given_up.start)
    what = f"{when}: {given_up.student_name}, {given_up.subject}"
    letter = Letter(
        address=reader.address,
        about=reader.name,
        language=reader.language,
        subject=_("Can't come: {0}").format(what),
        title=evening.title,
        opening=_("This conversation does not take place at this time; your time is free again."),
        sections=[Section(_("Can't come"), [Line(what, gone=True)])],
    )
    lines = [Line(words) for words in wishes.in_words(given_up)]
    if lines:
        letter.sections.append(Section(_("What would suit instead"), lines))
    letter.closing.append(_("The school sees this too and can give the conversation another time."))
    gone = conversations.cancelled([given_up.name])
    letter.attachments = my_calendar.attachments([], "instructor", reader.address, gone)
    if letter.attachments:
        letter.closing.append(my_calendar.about_cancelled())
    if reader.has_page:
        letter.link, letter.link_label = frappe.utils.get_url("/ouderavond"), _("See my conversations")
    return letter


# What staff see


def given_up(evening: str) -> list[dict]:
    """What was given up at an evening and has no other time yet, the oldest first."""
    found = frappe.get_all(
        "Evening Booking", {"evening": evening, "cant_come": 1}, FIELDS, order_by="cant_come_at, name"
    )
    names = [row.name for row in found]
    instructors = rows.of_parents("Evening Booking Instructor", "instructor_name", names)
    guardians = rows.of_parents("Evening Booking Guardian", "guardian", names)
    guardian_names = rows.of_parents("Evening Booking Guardian", "guardian_name", names)
    meets = rows.of_parents("Evening Booking Instructor", "instructor", names)
    again = _placed_again(evening, {row.student for row in found if row.student})
    for row in found:
        row.instructors = instructors[row.name]
        row.guardians = guardians[row.name]
        row.who = guardian_names[row.name] or [row.student_name]
        row.wishes = wishes.in_words(row)
        row.when = wording.moment(row.start)
        row.said = wording.moment(row.cant_come_at)
    return [
        row for row in found if not _is_placed(row, again.get((row.student, frozenset(meets[row.name])), []))
    ]


def _placed_again(evening: str, students: set[str]) -> dict[tuple, list[set[str]]]:
    """The guardians of the live conversations, by student and instructors."""
    live = {"evening": evening, "state": ("!=", "Cancelled"), "student": ("in", list(students) or [""])}
    found = frappe.get_all("Evening Booking", live, ["name", "student"])
    names = [row.name for row in found]
    guardians = rows.of_parents("Evening Booking Guardian", "guardian", names)
    instructors = rows.of_parents("Evening Booking Instructor", "instructor", names)
    placed: dict[tuple, list[set[str]]] = {}
    for row in found:
        key = (row.student, frozenset(instructors[row.name]))
        placed.setdefault(key, []).append(set(guardians[row.name]))
    return placed


def _is_placed(row, parties: list[set[str]]) -> bool:
    mine = set(row.guardians)
    return any(party & mine if mine else not party for party in parties)


def alternatives(name: str) -> list[dict]:
    """The times at which a conversation that was given up could be instead, for everybody who met in it.

    Returns:
        {start, label, day, time, fits}: `fits` says that the time suits what was ticked.
    """
    from ouderavond.evening.reserving.table import Table, iso

    doc = _given_up(name)
    evening = frappe.get_doc("Parent Evening", doc.evening)
    table = Table(evening, _household(doc))
    column = table.by_offer.get(doc.offer)
    if not column:
        return []
    middles = {day.date: day.starts[len(day.starts) // 2] for day in table.places.days.values() if day.starts}
    ticked = (doc.cant_come_choices or "").split(",")
    return [
        {
            "start": iso(start),
            "label": wording.moment(start),
            "day": wording.day(start.date()),
            "time": wording.time(start.time()),
            "fits": _fits(start, ticked, middles[start.date()], doc.start),
        }
        for start in table.free_starts(column, _slots(evening, doc))
        if start != doc.start
    ]


def place(name: str, start: str) -> str:
    """Give what was given up another time, by staff. The household and the instructors are told as usual.

    Returns:
        The name of the new Evening Booking.

    Raises:
        claims.TakenError, frappe.ValidationError: as `booking.book`.
    """
    doc = _given_up(name)
    evening = frappe.get_doc("Parent Evening", doc.evening)
    first = next((row.guardian for row in doc.guardians if row.guardian), None)
    guardians = booking.party_of(doc.evening, doc.student, first) if first else []
    placed = booking.book(
        doc.offer,
        start,
        guardians=guardians,
        source="Staff",
        request=doc.request,
        slots=_slots(evening, doc),
        mode=doc.mode,
    )
    conversations_letter.changed(doc.evening, guardians, doc.student)
    return placed


def _given_up(name: str):
    doc = frappe.get_doc("Evening Booking", name)
    if not doc.cant_come or not doc.offer:
        frappe.throw(_("Nobody said of this conversation that they can't come."))
    return doc


def _slots(evening, doc) -> int:
    length = get_datetime(doc.end) - get_datetime(doc.start)
    return next((slots for slots in range(1, 20) if grid.duration(evening, slots) >= length), 1)


def _household(doc) -> requests.Asker:
    """Who gave it up, as somebody for whom staff ask."""
    guardians = tuple(row.guardian for row in doc.guardians if row.guardian)
    if guardians:
        return requests.Asker("Guardian", guardians)
    return requests.Asker("Student", (), doc.student)


def _fits(start, ticked: list[str], middle, given_up) -> bool:
    return (
        ("Early" in ticked and start < middle)
        or ("Late" in ticked and start >= middle)
        or ("Other Date" in ticked and start.date() != given_up.date())
    )
