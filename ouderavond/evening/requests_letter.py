"""The overview of what somebody asked for, mailed once they have been done for a while.

Whoever changes requests is marked in the same transaction (`messages.changed`), and told by `quiet`, each
once per state of their requests: by the hash of what the letter is about. It goes to who asked, about what
they see on the page and nothing else.
"""

from datetime import datetime
from functools import partial

import frappe
from frappe import _

from ouderavond.evening import messages, people, quiet, requests, unavailable, wording
from ouderavond.evening.offering.letters import Letter, Line, NotTold, Section, speaking
from ouderavond.evening.offering.readers import Families, Reader
from ouderavond.evening.offering.telling import conversation, names_of, new_letter, until_when
from ouderavond.evening.request_rules import is_invitation

TOLD = "Overview of requests"


def tell_quiet(before: datetime | None = None) -> int:
    """Mail everybody who changed requests and has been quiet since `before`. For the scheduler.

    Returns:
        How many were told.
    """
    told = 0
    for source, event in messages.CHANGED.items():
        told += quiet.tell(event, partial(_letters, source), before)
    return told


def _letters(source: str, evening, person: str) -> tuple[list[Letter], NotTold]:
    return _compose(evening, _asker(source, person), person)


def _asker(source: str, person: str) -> requests.Asker:
    """The guardian or student behind a person key, with all records of the same user."""
    kind, _colon, name = person.partition(":")
    if source == "Student":
        found = people.students_of_user(name) if kind == "User" else [name]
        return requests.Asker(source, (), found[0] if found else None)
    return requests.Asker(source, tuple(people.guardians_of_user(name) if kind == "User" else [name]))


def _compose(evening, asker: requests.Asker, person: str) -> tuple[list[Letter], NotTold]:
    """The letter to an asker about the state of their requests, if they were not told of it before."""
    if evening.procedure == "Book Directly" or not (asker.student or asker.guardians):
        return [], []
    groups = requests.groups_of(evening, asker)
    rows = requests.rows_of(evening.name, groups)
    active = [row for row in rows if row.state in requests.ACTIVE]
    times = unavailable.of(evening.name, asker)
    version = _version(evening, asker, person, active, times, bool(rows))
    by_reader = _readers(evening, asker, groups)
    if not by_reader or not version or not messages.once(_event(asker), evening.name, person, version):
        return [], []
    _name_all(active)
    together = len(by_reader) == 1 and len(next(iter(by_reader.values()))) == len(groups)
    found = []
    for reader, students in by_reader.items():
        own = [row for row in active if row.student in students]
        if own or together or not active:
            found.append(_letter(evening, asker, reader, own, times if together else []))
    return found, []


def _event(asker) -> str:
    return TOLD if asker.source == "Guardian" else f"{TOLD} ({asker.source})"


def _version(evening, asker, person: str, active: list, times: list, asked_ever: bool) -> str | None:
    """A name for the state of the requests, or None if it is what the person was told last.

    Numbered, so that who changes their mind twice is told that it is as it was.
    """
    state = [[row.offer, row.rank, *(row.get(wish) for wish in requests.WISHES)] for row in active]
    content = frappe.utils.sha256_hash(frappe.as_json([state, [list(map(str, time)) for time in times]]))[:40]
    number, _colon, last = (messages.last_version(_event(asker), evening.name, person) or "0:").partition(":")
    nothing = not asked_ever and not times and not last
    return None if nothing or last == content else f"{int(number) + 1}:{content}"


def _readers(evening, asker, groups: dict[str, tuple[str, ...]]) -> dict[Reader, list[str]]:
    """Where the asker may be written to about which students: addresses at which nobody else reads along."""
    families = Families(evening, groups)
    found: dict[Reader, list[str]] = {}
    for student, group in groups.items():
        if asker.student:
            reader = families.student(student)
        else:
            own = next(name for name in asker.guardians if name in group)
            reader = families.guardian(student, own)
        if reader:
            found.setdefault(reader, []).append(student)
    return found


def _name_all(rows: list) -> None:
    with_whom = names_of("Conversation Offer Instructor", {row.offer for row in rows})
    filters = {"name": ("in", [row.student for row in rows] or [""])}
    names = dict(frappe.get_all("Student", filters, ["name", "student_name"], as_list=True))
    filters = {"name": ("in", [row.offer for row in rows] or [""])}
    subjects = dict(frappe.get_all("Conversation Offer", filters, ["name", "subject"], as_list=True))
    for row in rows:
        row.with_whom, row.student_name = with_whom[row.offer], names.get(row.student) or ""
        row.subject = subjects.get(row.offer)


def _letter(evening, asker, reader: Reader, rows: list, times: list) -> Letter:
    with speaking(reader.language):
        letter = new_letter(evening, reader, _("Your requests for {0}"))
        letter.opening = _("These conversations are requested now:")
        if not rows:
            letter.opening = _("No conversations are requested now.")
        letter.sections = _sections(evening, asker, rows)
        if times:
            lines = [_time(time) for time in times]
            letter.sections.append(Section(_("Times at which you can't come"), lines))
        if len(rows) > 1:
            letter.closing.append(_("The numbers are the order in which the conversations matter to you."))
        letter.closing += [*until_when(evening, by_student=bool(asker.student)), _not_you()]
    return letter


def _sections(evening, asker, rows: list) -> list[Section]:
    """What is asked for, by child, with its place in the order of all."""
    by_child: dict[tuple[str, str], list[Line]] = {}
    for number, row in enumerate(rows, start=1):
        parts = [f"{number}. {conversation(row.subject, row.with_whom)}", *_wishes(evening, row)]
        by_child.setdefault((row.student_name, row.student), []).append(Line(" · ".join(parts)))
    return [
        Section(_("Conversations") if asker.student else name, lines)
        for (name, _student), lines in sorted(by_child.items(), key=lambda item: item[0])
    ]


def _wishes(evening, row) -> list[str]:
    said = {
        _("asked for by the school"): is_invitation(row),
        _("longer"): row.longer,
        _("rather early"): row.preference == "Early",
        _("rather late"): row.preference == "Late",
        _("online"): row.mode == "Online" and evening.mode == "Household's Choice",
        _("at school"): row.mode == "In Person" and evening.mode == "Household's Choice",
        _("with an interpreter: {0}").format(row.interpreter_language): row.interpreter_language,
        _("in a room without steps"): row.step_free,
        f"“{row.remark}”": row.remark,
    }
    return [sentence for sentence, holds in said.items() if holds]


def _time(time) -> Line:
    start, end = wording.time(time.start.time()), wording.time(time.end.time())
    return Line(f"{wording.day(time.start.date())}, {start} – {end}")


def _not_you() -> str:
    return _("You get this e-mail because you changed your requests. Contact the school if it was not you.")
