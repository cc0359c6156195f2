"""Telling people by e-mail what was published: their overview the first time, and later what changed.

Each person gets one letter per publication, in a transaction of its own: a job that is interrupted can be run
again and tells nobody twice. Only those concerned are written to, about what they see on the page.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import frappe
from frappe import _

from ouderavond.evening import (
    conversations,
    conversations_letter,
    link_promises,
    messages,
    my_calendar,
    people,
    wording,
)
from ouderavond.evening.offering import letters, readers
from ouderavond.evening.offering.letters import Letter, Line, NotTold, Section, Told, speaking
from ouderavond.evening.offering.readers import Families, Reader
from ouderavond.evening.offering.telling import conversation, names_of, new_letter
from ouderavond.evening.planning.publishing_changes import Change, Published

EVENT = "Published"
WITHOUT_TIME = ("Requested", "Not Placed")
# More people than these are written to in the background.
AT_ONCE = 10
TIMEOUT = 3600
# Of these a letter says that they changed; what is new or gone says so itself.
CHANGES = ("moved", "instructor", "length", "place")


@dataclass
class Addressee:
    """Somebody whom a publication concerns, in one role, with what is theirs of it.

    `unplaced` are their requests that have no time, told in an overview.
    """

    role: str
    key: str
    records: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unplaced: list = field(default_factory=list)

    def add(self, record: str, *, change: Change | None = None, request=None) -> None:
        """Something concerns this person as one of their records."""
        if record not in self.records:
            self.records.append(record)
        if change and change not in self.changes:
            self.changes.append(change)
        if request and request not in self.unplaced:
            self.unplaced.append(request)


@dataclass
class Audience:
    """Who is to be told of a publication, and who cannot be: (name, why)."""

    addressees: list[Addressee]
    unreachable: NotTold

    def as_dict(self) -> dict[str, int]:
        """Counts, by role."""
        found = {role: 0 for role in ("guardian", "student", "instructor")}
        for one in self.addressees:
            found[one.role] += 1
        return {**found, "unreachable": len(self.unreachable)}


# Who


def audience(evening, changes: Iterable[Change], *, whole: bool) -> Audience:
    """Those concerned by changes of a Parent Evening document.

    Args:
        whole: also those of whom nothing has a time, as the schedule is published for the first time.
    """
    concerned, without = _concerned(changes), _without_time(evening)
    keys = people.person_keys((doctype, name) for _role, doctype, name, _values in concerned + without)
    found: dict[tuple, Addressee] = {}
    for role, doctype, name, values in concerned:
        key = keys[doctype, name]
        found.setdefault((role, key), Addressee(role, key)).add(name, **values)
    for role, doctype, name, values in without:
        key = keys[doctype, name]
        # Who gets an overview reads in it what has no time, too.
        if whole or (role, key) in found:
            found.setdefault((role, key), Addressee(role, key)).add(name, **values)
    return _reachable(evening, list(found.values()))


def _concerned(changes: Iterable[Change]) -> list[tuple]:
    found = []
    for one in changes:
        found += [("guardian", "Guardian", name, {"change": one}) for name, _title in one.guardians]
        if one.student and one.student_attends and not one.guardians:
            found.append(("student", "Student", one.student, {"change": one}))
        found += [("instructor", "Instructor", name, {"change": one}) for name in one.instructors]
    return found


def _without_time(evening) -> list[tuple]:
    filters = {"evening": evening.name, "state": ("in", WITHOUT_TIME), "student": ("is", "set")}
    fields = ["name", "offer", "student", "student_name", "subject", "state", "reason", "guardian", "source"]
    found = frappe.get_all("Conversation Request", filters, fields, order_by="rank, creation, name")
    groups = people.parties(evening, {row.student for row in found})
    concerned = []
    for row in found:
        party = next((one for one in groups.get(row.student, []) if row.guardian in one), [])
        concerned += [("guardian", "Guardian", name, {"request": row}) for name in party]
        if not row.guardian and row.source == "Student":
            concerned.append(("student", "Student", row.student, {"request": row}))
    return concerned


def _reachable(evening, found: list[Addressee]) -> Audience:
    """Those with an address at which nobody else reads along about anything that concerns them."""
    students = {row.student for one in found for row in (*one.changes, *one.unplaced) if row.student}
    families = Families(evening, students)
    staff = readers.instructors(name for one in found if one.role == "instructor" for name in one.records)
    reachable, unreachable = [], {}
    for one in found:
        rows = [row for row in (*one.changes, *one.unplaced) if row.student or one.role == "instructor"]
        if one.role == "instructor":
            reached = any(name in staff for name in one.records)
        elif one.role == "student":
            reached = any(families.student(row.student) for row in rows)
        else:
            reached = any(families.guardian(row.student, name) for row in rows for name in one.records)
        if reached:
            reachable.append(one)
        else:
            unreachable[_name(one)] = _("There is no e-mail address of their own, so nothing was sent.")
    return Audience(reachable, list(unreachable.items()))


def _name(one: Addressee) -> str:
    field_of = {"guardian": "guardian_name", "student": "student_name", "instructor": "instructor_name"}
    return frappe.db.get_value(one.role.title(), one.records[0], field_of[one.role]) or one.records[0]


# Sending


def tell(published: Published, *, whole: bool) -> Told:
    """Write to those whom a publication concerns: a few at once, many in the background. Commits.

    Returns:
        how many letters are or will be sent, and who cannot be told.
    """
    doc = frappe.get_doc("Parent Evening", published.evening)
    found = audience(doc, published.changes, whole=whole and published.first)
    if not found.addressees:
        return Told(0, found.unreachable)
    if reason := letters.obstacle(doc.name):
        return Told(0, [(_("Everybody concerned"), reason), *found.unreachable])
    if len(found.addressees) > AT_ONCE:
        frappe.enqueue(
            send,
            queue="long",
            timeout=TIMEOUT,
            evening=doc.name,
            key=published.key,
            addressees=found.addressees,
        )
        return Told(len(found.addressees), found.unreachable)
    told = send(doc.name, published.key, found.addressees)
    return Told(told.sent, [*told.not_told, *found.unreachable])


def send(evening: str, key: str, addressees: list[Addressee]) -> Told:
    """Write to each of these people who has not been told of this publication yet."""
    told = Told()
    for one in addressees:
        frappe.db.rollback()
        doc = frappe.get_doc("Parent Evening", evening)
        if not messages.once(f"{EVENT} ({one.role})", evening, one.key, key):
            continue
        # Committed with the letter, or not at all.
        result = letters.tell(evening, lambda _doc, doc=doc, one=one: (_compose(doc, one), []))
        frappe.db.rollback()
        told.sent += bool(result.sent)
        told.not_told += result.not_told
    return told


# What


def _compose(evening, one: Addressee) -> list[Letter]:
    found = conversations.READ[one.role](one.records, cancelled=True)
    found = [row for row in found if row.evening == evening.name and (row.own or one.role == "instructor")]
    live = [row for row in found if row.state != "Cancelled"]
    if all(change.before is None for change in one.changes):
        made, _left_out = conversations_letter.letters_to(evening, one.role, one.records, live)
        return _with_unplaced(evening, one, made)
    link_promises.note(evening, one.role, one.records, live)
    by_reader: dict[Reader, list[Change]] = defaultdict(list)
    for reader, change in conversations_letter.pairs(evening, one.role, one.records, one.changes):
        if change not in by_reader[reader]:
            by_reader[reader].append(change)
    calendar = defaultdict(list)
    for reader, row in conversations_letter.pairs(evening, one.role, one.records, found):
        calendar[reader].append(row)
    return [_letter(evening, one, reader, changes, calendar[reader]) for reader, changes in by_reader.items()]


def _letter(evening, one: Addressee, reader: Reader, changes: list[Change], rows: list) -> Letter:
    with speaking(reader.language):
        letter = new_letter(evening, reader, _("Changed conversations: {0}"))
        letter.opening = _("The school has changed conversations of yours. Please note what is new:")
        links = {row.name: row.link for row in rows if row.link}
        seen = [_seen(change, one, links.get(change.booking)) for change in changes]
        sections = (
            (_("Changed"), [line for kind, line in seen if kind == "changed"]),
            (_("New"), [line for kind, line in seen if kind == "new"]),
            (_("These no longer take place"), [line for kind, line in seen if kind == "gone"]),
        )
        letter.sections = [Section(heading, lines) for heading, lines in sections if lines]
        letter.closing = [_("Your other conversations stay as they were.")]
        add_files(letter, rows, one.role, changes)
    return letter


def add_files(letter: Letter, rows: list, role: str, changes: Iterable[Change]) -> None:
    """Put what somebody's calendar needs to a letter about changes, and say so.

    Args:
        rows: of `conversations`, all that are theirs and may go to this address.
    """
    ended = {change.booking for change in changes if change.after is None}
    gone = [row for row in rows if row.state == "Cancelled" and row.name in ended]
    letter.attachments = my_calendar.attachments(rows, role, letter.address, gone)
    if any(row.state != "Cancelled" for row in rows):
        letter.closing.append(_("The file with this e-mail puts them right in your calendar."))
    if any(file.name != my_calendar.FILE_NAME for file in letter.attachments):
        letter.closing.append(my_calendar.about_cancelled())


def _seen(change: Change, one: Addressee, link: str | None = None) -> tuple[str, Line]:
    """A change as this person sees it: to an instructor, what goes to a colleague is gone."""
    before, after = change.before, change.after
    if one.role == "instructor":
        mine = set(one.records)
        before = before if before and mine & dict(before.instructors).keys() else None
        after = after if after and mine & dict(after.instructors).keys() else None
    if after is None:
        return "gone", Line(_when_and_what(change, before, one.role, before.place), gone=True)
    place = conversations_letter.online(link) if after.online else after.place
    text = _when_and_what(change, after, one.role, place)
    link = link if after.online else None
    if before is None:
        return "new", conversations_letter.joinable(Line(text), link)
    line = Line(f"{text} ({'; '.join(_was(change, before, after, one.role))})")
    return "changed", conversations_letter.joinable(line, link)


def _when_and_what(change: Change, side, role: str, place: str) -> str:
    with_whom = [side.names] if role != "instructor" and side.names else []
    about = [] if role == "student" else [change.student_name]
    what = conversation(change.subject, [*with_whom, *about])
    parts = [f"{wording.day(side.start.date())} {side.time}", what, place]
    return " · ".join(part for part in parts if part)


def _was(change: Change, before, after, role: str) -> list[str]:
    said = []
    if before.start != after.start:
        same_day = before.start.date() == after.start.date()
        said.append(wording.was(before.start, same_day=same_day))
    if "instructor" in change.kinds and role != "instructor":
        said.append(_("was with {0}").format(before.names))
    if "length" in change.kinds:
        said.append(_("was {0} minutes").format(int((before.end - before.start).total_seconds() // 60)))
    if "place" in change.kinds and before.place:
        said.append(_("was in {0}").format(before.place))
    return said or [_("changed")]


def _with_unplaced(evening, one: Addressee, made: list[Letter]) -> list[Letter]:
    """The overview with what has no time, for a reader of whom nothing has one a letter of its own."""
    by_reader: dict[Reader, list] = defaultdict(list)
    for reader, row in conversations_letter.pairs(evening, one.role, one.records, one.unplaced):
        if row not in by_reader[reader]:
            by_reader[reader].append(row)
    by_address = {letter.address: letter for letter in made}
    for reader, rows in by_reader.items():
        letter = by_address.get(reader.address) or _without_a_time(evening, reader)
        by_address[reader.address] = letter
        _add_unplaced(evening, letter, rows, one.role)
    return list(by_address.values())


def _without_a_time(evening, reader: Reader) -> Letter:
    with speaking(reader.language):
        letter = new_letter(evening, reader, _("Your conversations: {0}"))
        letter.opening = _("The schedule has been published. You have no conversations with a time.")
    return letter


def _add_unplaced(evening, letter: Letter, rows: list, role: str) -> None:
    with_whom = names_of("Conversation Offer Instructor", {row.offer for row in rows})
    with speaking(letter.language):
        lines = []
        for row in rows:
            about = [] if role == "student" else [row.student_name]
            text = conversation(row.subject, [*with_whom[row.offer], *about])
            why = wording.without_time(evening, row)
            lines.append(Line(f"{text}: {why}" if why else text))
        letter.sections.append(Section(_("Without a time"), lines))
        if evening.footnote:
            letter.closing.insert(0, evening.footnote)
