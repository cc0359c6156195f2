"""The overview of somebody's conversations by e-mail, with a file for the calendar.

Sent when they ask for it, and once after they reserved, moved or cancelled by themselves and have been quiet
since. It goes to addresses at which nobody else reads along, about what they see on the page.
"""

from itertools import groupby

from frappe import _

from ouderavond.evening import conversations, my_calendar, wording
from ouderavond.evening.offering import readers
from ouderavond.evening.offering.letters import Attachment, Letter, Line, NotTold, Section, speaking
from ouderavond.evening.offering.readers import Families, Reader
from ouderavond.evening.offering.telling import conversation, new_letter

FILE_NAME = "ouderavond.ics"


def letters_to(evening, role: str, records: list[str], found: list) -> tuple[list[Letter], NotTold]:
    """The overview as letters: one for each of the reader's own addresses, with what may go there.

    Args:
        evening: Parent Evening document that gives the letter its title.
        role: in which role the reader sees the conversations.
        records: the reader's own Guardian, Student or Instructor records.
        found: rows of `conversations`, those to be told.
    """
    by_reader: dict[Reader, list] = {}
    for reader, row in _pairs(evening, role, records, found):
        by_reader.setdefault(reader, []).append(row)
    told = {row.name for rows in by_reader.values() for row in rows}
    left_out = [(row.student_name, "") for row in found if row.name not in told]
    return [_letter(evening, role, reader, rows) for reader, rows in by_reader.items()], left_out


def _pairs(evening, role: str, records: list[str], found: list):
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
        letter.attachments = [Attachment(FILE_NAME, my_calendar.ics(rows, role).decode())]
    return letter


def _line(row, role: str) -> Line:
    start, end = wording.time(row.start.time()), wording.time(row.end.time())
    with_whom = row.instructors if role != "instructor" else []
    about = [] if role == "student" else [row.student_name]
    where = _("Online, the link follows") if row.mode == "Online" and not row.link else row.link
    where = where or ", ".join(part for part in (row.room_name, row.table_label) if part)
    parts = [f"{start} – {end} {conversation(row.subject, [*with_whom, *about])}", where]
    return Line(" · ".join(part for part in parts if part), gone=row.state == "Cancelled")


def of_evening(role: str, user: str, evening: str | None) -> list:
    """A user's conversations in a role, of one evening or of all."""
    return [row for row in conversations.of(role, user) if evening in (None, "", row.evening)]
