"""Telling people by e-mail when staff act for them: the usual confirmation, and what no longer takes place.

Call these after the change has been committed; they read from the records what has become of it, never raise,
and commit. Both return `Told(sent, not_told)`: the number of letters handed to the platform's queue, and
(name, sentence) of those who must be told in another way.

    told_requests(evening, requests)    requests made, changed or withdrawn for a household that phoned
    told_removed(evening, concerned)    what went with offers: the report's rows, collected before

Everybody reads of their own conversations only. An evening that guardians cannot see yet is no reason to be
silent: whoever asked by telephone gets the confirmation, without the link to a page that shows nothing.
Planned times, which nobody was told, are not mentioned.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import frappe
from frappe import _
from frappe.utils import get_datetime, get_url, now_datetime

from ouderavond.evening import conversations, my_calendar, people, wording
from ouderavond.evening.offering import readers
from ouderavond.evening.offering.letters import Letter, Line, NotTold, Section, Told, speaking, tell
from ouderavond.evening.offering.readers import Families, Reader
from ouderavond.evening.offering.report import Concerned
from ouderavond.evening.request_rules import is_invitation
from ouderavond.evening.requests import ACTIVE

__all__ = ["Told", "told_removed", "told_requests"]

REQUEST_FIELDS = [
    "name",
    "offer",
    "student",
    "student_name",
    "subject",
    "state",
    "guardian",
    "guardian_name",
    "source",
    "priority",
    "rank",
]
BOOKING_FIELDS = ["name", "student", "student_name", "subject"]


def told_requests(evening: str, requests: Iterable[str]) -> Told:
    """Confirm to the households that asked what is requested for this evening now.

    Args:
        requests: names of the Conversation Requests that staff made, changed or withdrew for them. Each
            guardian of these requests' parties, or the student who asked, gets one letter with all that is
            theirs at this evening; of what is withdrawn only those among `requests` are named.
    """
    names = sorted(set(requests))
    return tell(evening, lambda doc: _confirmations(doc, names))


def told_removed(evening: str, concerned: Iterable[Concerned]) -> Told:
    """Tell households, and instructors of published conversations, what no longer takes place.

    Args:
        concerned: what was active before, with `published_start` where people knew the time. Only what is
            Withdrawn or Cancelled by now is told; of what is requested still, that it is.
    """
    rows = list(concerned)
    return tell(evening, lambda doc: _cancellations(doc, rows))


# The usual confirmation


def _confirmations(evening, names: list[str]) -> tuple[list[Letter], NotTold]:
    changed = _requests({"evening": evening.name, "name": ("in", names or [""])})
    families = Families(evening, {row.student for row in changed})
    askers = {name for row in changed for name in families.group(row.student, row.guardian)}
    students = {row.student for row in changed} | {row.student for row in people.guardian_links(askers)}
    families = Families(evening, students)
    rows = _requests({"evening": evening.name, "student": ("in", sorted(students) or [""])})
    rows = [row for row in rows if row.state in ACTIVE or row.name in set(names)]
    post = _Post()
    for row in rows:
        for reader in _askers(families, row, askers):
            post.add(reader, row)
    mine = {address: rows for address, rows in post.rows.items() if any(row.name in names for row in rows)}
    told = {row.name for rows in mine.values() for row in rows}
    not_told = _nobody(families, [(row, [row.guardian]) for row in changed if row.name not in told])
    with_whom = names_of("Conversation Offer Instructor", {row.offer for row in rows})
    letters = [_confirmation(evening, post.readers[one], rows, with_whom) for one, rows in mine.items()]
    return letters, not_told


def _askers(families: Families, row, only: set[str] | None = None) -> list[Reader]:
    """Those to whom a request belongs: who attends together with the guardian who asked, or the student."""
    if not row.guardian:
        found = [families.student(row.student)]
    else:
        group = families.group(row.student, row.guardian)
        found = [families.guardian(row.student, name) for name in group if only is None or name in only]
    return [reader for reader in found if reader]


def _confirmation(evening, reader: Reader, rows: list, with_whom: dict[str, list[str]]) -> Letter:
    with speaking(reader.language):
        active = [row for row in rows if row.state in ACTIVE]
        number = {row.name: place for place, row in enumerate(active, start=1)}
        by_child = defaultdict(list)
        for row in [*active, *(row for row in rows if row.state not in ACTIVE)]:
            by_child[(row.student_name or "", row.student)].append(_asked(row, number, with_whom[row.offer]))
        letter = new_letter(evening, reader, _("Your requests for {0}"))
        letter.opening = _("The school has noted what you asked for. These conversations are requested now:")
        if not active:
            letter.opening = _("The school has noted what you asked for. No conversations are requested now.")
        letter.sections = [Section(name, lines) for (name, _student), lines in sorted(by_child.items())]
        if len(active) > 1:
            letter.closing.append(_("The numbers are the order in which the conversations matter to you."))
        letter.closing += [
            *until_when(evening, by_student=not rows[0].guardian),
            _("Please contact the school if something is not right."),
        ]
    return letter


def _asked(row, number: dict[str, int], with_whom: list[str]) -> Line:
    text = conversation(row.subject, with_whom)
    if row.name not in number:
        return Line(_("{0} (withdrawn)").format(text), gone=True)
    if is_invitation(row):
        text = _("{0} (asked for by the school)").format(text)
    return Line(f"{number[row.name]}. {text}")


def until_when(evening, by_student: bool) -> list[str]:
    """The deadline, for those who can change their requests themselves."""
    others = "Guardians" if by_student else "Students"
    if not evening.published or evening.schedule_visible or evening.contact_with == others:
        return []
    opens, closes = evening.request_from, evening.request_until
    if opens and now_datetime() < get_datetime(opens):
        return [_("You can request conversations from {0}.").format(wording.moment(opens))]
    if not closes:
        return [_("You can request, change and withdraw conversations now.")]
    sentence = _("You can request, change and withdraw conversations until {0}.")
    if now_datetime() > get_datetime(closes):
        sentence = _("Requests could be made until {0}.")
    return [sentence.format(wording.moment(closes))]


# What no longer takes place


@dataclass(frozen=True)
class _Gone:
    """A conversation that no longer takes place; `start` for those who had been told the time.

    `still_asked`: only the time is gone, the request waits for another. `booking` is empty without a time.
    """

    student_name: str
    subject: str
    with_whom: tuple[str, ...]
    start: datetime | None = None
    still_asked: bool = False
    booking: str = ""


@dataclass
class _Removed:
    """The rows behind what no longer takes place, read at once."""

    requests: dict[str, frappe._dict]
    bookings: dict[str, frappe._dict]
    offer_names: dict[str, list[str]]
    booking_names: dict[str, list[str]]
    attending: dict[str, list[str]]
    sitting: dict[str, list[str]]

    def withdrawn(self, one: Concerned) -> frappe._dict | None:
        """The request of a row, where it was withdrawn."""
        request = self.requests.get(one.request)
        return request if request and request.state == "Withdrawn" else None

    def concerned_by(self, one: Concerned) -> list[tuple]:
        """(row, guardians) of the household that is to hear of a row; empty where nobody is."""
        booking, request = self.bookings.get(one.booking), self.withdrawn(one)
        if booking:
            return [(booking, self.attending[booking.name])]
        return [(request, [request.guardian])] if request else []


def _cancellations(evening, concerned: list[Concerned]) -> tuple[list[Letter], NotTold]:
    data = _read_removed(evening.name, concerned)
    families = Families(evening, {row.student for row in (*data.requests.values(), *data.bookings.values())})
    households, unreachable = _Post(), []
    for one in concerned:
        found = _households(families, data, one)
        for reader, gone in found:
            households.add(reader, gone)
        if not found:
            unreachable += data.concerned_by(one)
    sitting, missed = _instructors(data, concerned)
    cancelled = conversations.cancelled(data.bookings) if data.bookings else []
    letters = [
        _to_household(evening, households.readers[a], rows, cancelled) for a, rows in households.rows.items()
    ]
    letters += [
        _to_instructor(evening, sitting.readers[a], rows, cancelled) for a, rows in sitting.rows.items()
    ]
    return letters, [*_nobody(families, unreachable), *missed]


def _read_removed(evening: str, concerned: list[Concerned]) -> _Removed:
    asked = [one.request for one in concerned if one.request]
    requests = _requests({"evening": evening, "name": ("in", asked or [""])})
    published = [one.booking for one in concerned if one.booking and one.published_start]
    filters = {"evening": evening, "name": ("in", published or [""]), "state": "Cancelled"}
    bookings = frappe.get_all("Evening Booking", filters, BOOKING_FIELDS)
    names = {row.name for row in bookings}
    return _Removed(
        requests={row.name: row for row in requests},
        bookings={row.name: row for row in bookings},
        offer_names=names_of("Conversation Offer Instructor", {row.offer for row in requests}),
        booking_names=names_of("Evening Booking Instructor", names),
        attending=names_of("Evening Booking Guardian", names, "guardian"),
        sitting=names_of("Evening Booking Instructor", names, "instructor"),
    )


def _households(families, data: _Removed, one: Concerned) -> list[tuple[Reader, _Gone]]:
    """Who is told of one conversation: with its time who attends it, without who asked for it."""
    booking, request = data.bookings.get(one.booking), data.withdrawn(one)
    found = _attending(families, data, one) if booking else []
    if request:
        gone = _Gone(request.student_name, request.subject, tuple(data.offer_names[request.offer]))
        told = {reader.address for reader, _gone in found}
        found += [(reader, gone) for reader in _askers(families, request) if reader.address not in told]
    return found


def _attending(families, data: _Removed, one: Concerned) -> list[tuple[Reader, _Gone]]:
    booking = data.bookings[one.booking]
    gone = _Gone(
        booking.student_name,
        booking.subject,
        tuple(data.booking_names[booking.name]),
        get_datetime(one.published_start),
        bool(data.requests.get(one.request) and not data.withdrawn(one)),
        booking.name,
    )
    attending = data.attending[booking.name]
    ours = [families.guardian(booking.student, name) for name in attending]
    if not attending:
        ours = [families.student(booking.student)]
    return [(reader, gone) for reader in ours if reader]


def _instructors(data: _Removed, concerned: list[Concerned]) -> tuple["_Post", NotTold]:
    """What instructors are told of: conversations whose time had been published."""
    post, missed = _Post(), {}
    known = readers.instructors(name for names in data.sitting.values() for name in names)
    for one in concerned:
        booking = data.bookings.get(one.booking)
        for name, label in zip(
            data.sitting[booking.name] if booking else [],
            data.booking_names[booking.name] if booking else [],
            strict=True,
        ):
            if name in known:
                start = get_datetime(one.published_start)
                gone = _Gone(booking.student_name, booking.subject, (), start, booking=booking.name)
                post.add(known[name], gone)
            else:
                missed[name] = (label or name, _("No e-mail address is known."))
    return post, list(missed.values())


def _to_household(evening, reader: Reader, rows: list[_Gone], cancelled: list) -> Letter:
    with speaking(reader.language):
        letter = new_letter(evening, reader, _("{0}: conversations that no longer take place"))
        letter.opening = _("The school has changed what it offers. These conversations no longer take place:")
        by_child = defaultdict(list)
        for row in sorted(_once(rows), key=lambda row: (row.student_name, row.start or datetime.max)):
            text = conversation(row.subject, row.with_whom)
            if row.start:
                text = f"{text}, {wording.moment(row.start)}"
            if row.still_asked:
                text = _("{0} (your request stays)").format(text)
            by_child[row.student_name].append(Line(text))
        letter.sections = [Section(name, lines) for name, lines in by_child.items()]
        letter.closing = [_("Please contact the school if you have questions.")]
        _add_files(letter, rows, "guardian", cancelled)
    return letter


def _add_files(letter: Letter, rows: list[_Gone], role: str, cancelled: list) -> None:
    """What takes the conversations out of the reader's calendar, in order of time."""
    ended = {row.booking for row in rows}
    gone = [row for row in cancelled if row.name in ended]
    letter.attachments = my_calendar.attachments([], role, letter.address, gone)
    if letter.attachments:
        letter.closing.append(my_calendar.about_cancelled())


def _once(rows: list[_Gone]) -> set[_Gone]:
    """Without the requests for conversations that are there with their time."""
    timed = {(row.student_name, row.subject, frozenset(row.with_whom)) for row in rows if row.start}
    return {
        row
        for row in rows
        if row.start or (row.student_name, row.subject, frozenset(row.with_whom)) not in timed
    }


def _to_instructor(evening, reader: Reader, rows: list[_Gone], cancelled: list) -> Letter:
    with speaking(reader.language):
        letter = new_letter(evening, reader, _("{0}: conversations that no longer take place"))
        letter.opening = _("These conversations with you no longer take place:")
        by_day = defaultdict(list)
        for row in sorted(set(rows), key=lambda row: (row.start, row.student_name)):
            text = f"{wording.time(row.start.time())} {conversation(row.student_name, [row.subject])}"
            by_day[wording.day(row.start.date())].append(Line(text))
        letter.sections = [Section(day, lines) for day, lines in by_day.items()]
        _add_files(letter, rows, "instructor", cancelled)
    return letter


# Both


class _Post:
    """Rows by address: who has several records or children gets one letter."""

    def __init__(self):
        self.readers: dict[str, Reader] = {}
        self.rows: dict[str, list] = defaultdict(list)

    def add(self, reader: Reader, row) -> None:
        """Put a row in the letter to a reader."""
        self.readers.setdefault(reader.address, reader)
        if row not in self.rows[reader.address]:
            self.rows[reader.address].append(row)


def new_letter(evening, reader: Reader, subject: str) -> Letter:
    """An e-mail about an evening, still without what it tells; `subject` has a place for its title."""
    letter = Letter(
        address=reader.address,
        about=reader.name,
        language=reader.language,
        subject=subject.format(evening.title),
        title=evening.title,
        when=" · ".join(wording.day(row.date) for row in evening.dates),
    )
    if evening.published and reader.has_page:
        letter.link, letter.link_label = get_url("/ouderavond"), _("See your conversations")
    return letter


def conversation(subject: str, with_whom: Iterable[str]) -> str:
    """A conversation in words, with whom it is."""
    names = ", ".join(with_whom)
    return f"{subject} – {names}" if names else subject


def _nobody(families: Families, rows: list) -> NotTold:
    """The households, given as (row, guardians), of which nobody can be told; each once."""
    reason = _("There is no e-mail address of their own, so nothing was sent.")
    names = [
        families.names(row.student, [name for name in guardians if name])
        or row.guardian_name
        or row.student_name
        for row, guardians in rows
    ]
    return [(name, reason) for name in dict.fromkeys(names)]


def _requests(filters: dict) -> list[frappe._dict]:
    """Requests in the order of importance to those who asked."""
    return frappe.get_all(
        "Conversation Request", filters, REQUEST_FIELDS, order_by="rank asc, creation asc, name asc"
    )


def names_of(child: str, parents: Iterable[str], field: str | None = None) -> dict[str, list[str]]:
    """The names in the rows of a child table, by the record to which they belong."""
    field = field or "instructor_name"
    found = defaultdict(list)
    filters = {"parent": ("in", sorted(parents) or [""])}
    for row in frappe.get_all(child, filters, ["parent", field], order_by="parent, idx"):
        found[row.parent].append(row[field])
    return found
