"""The overview of somebody's conversations by e-mail, with a file for the calendar.

Sent when they ask for it, and once after they reserved, moved or cancelled by themselves and have been quiet
since. It goes to addresses at which nobody else reads along, about what they see on the page.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from itertools import groupby

import frappe
from frappe import _

from ouderavond.evening import (
    conversations,
    link_promises,
    messages,
    my_calendar,
    people,
    quiet,
    wording,
)
from ouderavond.evening.offering import readers
from ouderavond.evening.offering.letters import Letter, Line, NotTold, Section, speaking
from ouderavond.evening.offering.readers import Families, Reader
from ouderavond.evening.offering.telling import conversation, new_letter

TOLD = "Overview of conversations"
# Marks, by the role in which somebody changed something.
CHANGED = {"guardian": "Guardian changed conversations", "student": "Student changed conversations"}


def letters_to(
    evening, role: str, records: list[str], found: list, *, promises: bool = True
) -> tuple[list[Letter], NotTold]:
    """The overview as letters: one for each of the reader's own addresses, with what may go there.

    Args:
        evening: Parent Evening document that gives the letter its title.
        role: in which role the reader sees the conversations.
        records: the reader's own Guardian, Student or Instructor records.
        found: rows of `conversations`, those to be told.
        promises: whether to note what the letter says of links.
    """
    if promises:
        link_promises.note(evening, role, records, found)
    by_reader: dict[Reader, list] = {}
    for reader, row in pairs(evening, role, records, found):
        by_reader.setdefault(reader, []).append(row)
    told = {row.name for rows in by_reader.values() for row in rows}
    left_out = [(row.student_name, "") for row in found if row.name not in told]
    return [_letter(evening, role, reader, rows) for reader, rows in by_reader.items()], left_out


def pairs(evening, role: str, records: list[str], found: list):
    """(reader, row) for each of the rows that may go to one of the reader's own addresses."""
    if role == "instructor":
        own = readers.instructors(records)
        reader = next(iter(own.values()), None)
        yield from ((reader, row) for row in found if reader)
        return
    families = Families(evening, {row.student for row in found})
    for row in found:
        reader = _reader(families, role, records, row)
        if reader:
            yield reader, row


def _reader(families: Families, role: str, records: list[str], row) -> Reader | None:
    if role == "student":
        return families.student(row.student)
    own = (families.guardian(row.student, name) for name in records)
    return next((reader for reader in own if reader), None)


def _letter(evening, role: str, reader: Reader, rows: list) -> Letter:
    with speaking(reader.language):
        letter = new_letter(evening, reader, _("Your conversations: {0}"))
        letter.opening = _("These are your conversations:")
        live = [row for row in rows if row.state != "Cancelled"]
        if not live:
            letter.opening = _("You have no conversations with a time now.")
        letter.sections = [
            Section(wording.day(day), [_line(row, role) for row in that_day])
            for day, that_day in groupby(rows, key=lambda row: row.day)
        ]
        if live:
            letter.closing = [_("The file with this e-mail puts them in your calendar.")]
        gone = [row for row in rows if row.state == "Cancelled"]
        letter.attachments = my_calendar.attachments(rows, role, reader.address, gone)
        if gone and letter.attachments:
            letter.closing.append(my_calendar.about_cancelled())
    return letter


def _line(row, role: str) -> Line:
    start, end = wording.time(row.start.time()), wording.time(row.end.time())
    with_whom = row.instructors if role != "instructor" else []
    about = [] if role == "student" else [row.student_name]
    gone = row.state == "Cancelled"
    changed = "" if gone or role == "instructor" else row.changed
    parts = [f"{start} – {end} {conversation(row.subject, [*with_whom, *about])}", _where(row), changed]
    line = Line(" · ".join(part for part in parts if part), gone=gone)
    return joinable(line, row.link)


def _where(row) -> str:
    if row.mode == "Online":
        return online(row.link) if row.state != "Cancelled" else _("Online")
    return ", ".join(part for part in (row.room_name, row.table_label) if part)


def online(link: str | None) -> str:
    """Where an online conversation is, in a letter that has its link or not yet."""
    return _("Online") if link else _("Online, the link follows")


def joinable(line: Line, link: str | None) -> Line:
    """A line with where to join, if that is known."""
    if link:
        line.link, line.link_label = link, _("Join", context="Meeting")
    return line


def of_evening(role: str, user: str, evening: str | None) -> list:
    """A user's conversations in a role, of one evening or of all."""
    return [row for row in conversations.of(role, user) if evening in (None, "", row.evening)]


# After changes of one's own


def changed(evening: str, guardians: Iterable[str], student: str) -> None:
    """Mark that conversations of guardians, or of a student alone, changed: in the changing transaction."""
    records = [("guardian", "Guardian", name) for name in guardians] or [("student", "Student", student)]
    for role, doctype, name in records:
        messages.mark(CHANGED[role], evening, people.person_key(doctype, name))


def tell_quiet(before: datetime | None = None) -> int:
    """Mail their overview to all whose conversations changed and who are done. For the scheduler.

    Returns:
        How many were told.
    """
    return sum(quiet.tell(event, partial(_compose, role), before) for role, event in CHANGED.items())


def _compose(role: str, evening, person: str) -> tuple[list[Letter], NotTold]:
    mine = records(role, person)
    found = conversations.READ[role](mine, cancelled=True) if mine else []
    found = [row for row in found if row.own and row.evening == evening.name]
    event = f"{TOLD} ({role})"
    version = _version(event, evening.name, person, found)
    since = _told_on(event, evening.name, person)
    if not version or not messages.once(event, evening.name, person, version):
        return [], []
    # What was cancelled is told once.
    shown = [row for row in found if row.state != "Cancelled" or not since or row.told_on > since]
    # Who has no address of their own is no reason to try again.
    return letters_to(evening, role, mine, shown)[0], []


def records(role: str, person: str) -> list[str]:
    """The records of a person key in a role."""
    kind, _colon, name = person.partition(":")
    return conversations.records_of(role, name) if kind == "User" else [name]


def _version(event: str, evening: str, person: str, found: list) -> str | None:
    """A name for the state of somebody's conversations, or None where it is the one they were told last.

    Numbered, so that who changes their mind twice is told that it is as it was.
    """
    state = [[row.name, str(row.start), row.state, row.mode, row.room_name] for row in found]
    content = frappe.utils.sha256_hash(frappe.as_json(state))[:40]
    number, _colon, last = (messages.last_version(event, evening, person) or "0:").partition(":")
    return None if last == content or not (found or last) else f"{int(number) + 1}:{content}"


def _told_on(event: str, evening: str, person: str) -> datetime | None:
    filters = {"event": event, "evening": evening, "person": person}
    return frappe.db.get_value(messages.DOCTYPE, filters, "creation", order_by="creation desc")
