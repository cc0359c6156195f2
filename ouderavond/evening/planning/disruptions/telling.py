"""Telling those whom a disruption concerns, and nobody else: one letter each, with before and after.

Told once: what was carried out is kept with its run, so that a job that was interrupted goes on, and tells
nobody twice. That somebody is ill is nobody's business: they cannot be there.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict

import frappe
from frappe import _
from frappe.utils import get_datetime, getdate

from ouderavond.evening import (
    conversations,
    conversations_letter,
    link_promises,
    messages,
    publishing_letters,
    status,
    wording,
)
from ouderavond.evening.offering import letters
from ouderavond.evening.offering.letters import Letter, Line, Section, Told, speaking
from ouderavond.evening.offering.readers import Reader
from ouderavond.evening.offering.telling import conversation, new_letter
from ouderavond.evening.planning.disruptions import solving, wishes
from ouderavond.evening.planning.publishing_changes import Change, Side
from ouderavond.evening.publishing_letters import Addressee

EVENT = "Disruption"
AT_ONCE = 10
TIMEOUT = 3600


def as_plain(changes: Iterable[Change]) -> list[dict]:
    """Changes as plain values, to be kept with the run."""
    return json.loads(frappe.as_json([asdict(change) for change in changes]))


def of_plain(rows: list[dict]) -> list[Change]:
    """Changes that were kept."""
    return [
        Change(
            **{
                **row,
                "kinds": tuple(row["kinds"]),
                "guardians": tuple(map(tuple, row["guardians"])),
                "before": _side(row["before"]),
                "after": _side(row["after"]),
            }
        )
        for row in rows
    ]


def _side(row: dict | None) -> Side | None:
    if not row:
        return None
    times = {name: get_datetime(row[name]) for name in ("start", "end")}
    return Side(**{**row, **times, "instructors": tuple(map(tuple, row["instructors"]))})


def concerned(evening, run: str) -> publishing_letters.Audience:
    """Who is to be told of what a run's proposal became, and who cannot be."""
    changes = of_plain(solving.read(run).get("changes") or [])
    return publishing_letters.audience(evening, changes, whole=False)


def tell(evening: str, run: str) -> Told:
    """Write to those concerned who were not written to yet: a few at once, many in the background. Commits.

    Returns:
        how many letters are or will be sent, and who must be told in another way.
    """
    doc = frappe.get_doc("Parent Evening", evening)
    found = concerned(doc, run)
    if not found.addressees:
        return Told(0, found.unreachable)
    if reason := letters.obstacle(evening):
        return Told(0, [(_("Everybody concerned"), reason), *found.unreachable])
    if len(found.addressees) > AT_ONCE:
        frappe.enqueue(send, queue="long", timeout=TIMEOUT, evening=evening, run=run)
        return Told(len(found.addressees), found.unreachable)
    result = send(evening, run)
    return Told(result.sent, [*result.not_told, *found.unreachable])


def send(evening: str, run: str) -> Told:
    """Write to each of those concerned who has not been written to, in a transaction each."""
    result = Told()
    about = solving.read(run)
    for one in concerned(frappe.get_doc("Parent Evening", evening), run).addressees:
        frappe.db.rollback()
        if not messages.once(f"{EVENT} ({one.role})", evening, one.key, run):
            continue
        # Committed with the letter, or not at all.
        sent = letters.tell(evening, lambda doc, one=one: (_compose(doc, one, about), []))
        frappe.db.rollback()
        result.sent += bool(sent.sent)
        result.not_told += sent.not_told
    return result


def was_told(evening: str, run: str) -> set[tuple[str, str]]:
    """(role, key) of everybody who was written to."""
    found = set()
    for role in ("guardian", "student", "instructor"):
        filters = {"event": f"{EVENT} ({role})", "evening": evening, "version": run}
        found |= {(role, key) for key in frappe.get_all(messages.DOCTYPE, filters, pluck="person")}
    return found


# The letter


def _compose(evening, one: Addressee, about: dict) -> list[Letter]:
    found = conversations.READ[one.role](one.records, cancelled=True)
    found = [row for row in found if row.evening == evening.name and (row.own or one.role == "instructor")]
    link_promises.note(evening, one.role, one.records, found)
    by_reader: dict[Reader, list[Change]] = defaultdict(list)
    for reader, change in conversations_letter.pairs(evening, one.role, one.records, one.changes):
        if change not in by_reader[reader]:
            by_reader[reader].append(change)
    calendar = defaultdict(list)
    for reader, row in conversations_letter.pairs(evening, one.role, one.records, found):
        calendar[reader].append(row)
    return [
        _Letter(evening, one, about).to(reader, changes, calendar[reader])
        for reader, changes in by_reader.items()
    ]


class _Letter:
    """One letter to somebody whom it concerns."""

    def __init__(self, evening, one: Addressee, about: dict):
        self.evening, self.one = evening, one
        self.wish = wishes.Wish(**{**about["wish"], "dates": tuple(about["wish"]["dates"])})
        self.affected = {row["booking"] for row in about["proposal"]["rows"] if row["affected"]}

    def to(self, reader: Reader, changes: list[Change], rows: list) -> Letter:
        """The letter to one of the person's addresses, with what may go there."""
        with speaking(reader.language):
            letter = new_letter(self.evening, reader, _("Changed conversations: {0}"))
            letter.opening = self._opening(changes)
            self.links = {row.name: row.link for row in rows if row.link}
            seen = [self._seen(change) for change in sorted(changes, key=lambda one: one.side.start)]
            sections = (
                (_("Changed"), [line for kind, line in seen if kind == "changed"]),
                (_("New"), [line for kind, line in seen if kind == "new"]),
                (_("These no longer take place"), [line for kind, line in seen if kind == "gone"]),
            )
            letter.sections = [Section(heading, lines) for heading, lines in sections if lines]
            letter.closing = list(self._closing(reader, {kind for kind, _line in seen}))
            publishing_letters.add_files(letter, rows, self.one.role, changes)
        return letter

    def _opening(self, changes: list[Change]) -> str:
        mine = {change.replaces or change.booking for change in changes}
        cause = self._cause() if mine & self.affected else ""
        said = _("The school has had to change conversations of yours. Please note what is new:")
        return f"{cause} {said}".strip()

    def _cause(self) -> str:
        days = ", ".join(wording.day(day) for day in self.wish.dates)
        if self.wish.kind == wishes.ROOM:
            room = frappe.db.get_value("Room", self.wish.room, "room_name") or self.wish.room
            return _("Room {0} cannot be used on {1}.").format(room, days)
        if self.wish.kind == wishes.DATE:
            return self._new_date(days)
        name = frappe.db.get_value("Instructor", self.wish.instructor, "instructor_name")
        if self.one.role == "instructor" and self.wish.instructor in self.one.records:
            return ""
        if self.wish.kind == wishes.LATER:
            return _("{0} cannot be there all the time on {1}.").format(name, days)
        return _("{0} cannot be there on {1}.").format(name, days)

    def _new_date(self, days: str) -> str:
        new = getdate(self.wish.new_date or self.wish.dates[0])
        if str(new) == self.wish.dates[0]:
            return _("The times of {0} have changed.").format(days)
        return _("What was planned for {0} is on {1} instead.").format(days, wording.day(new))

    def _seen(self, change: Change) -> tuple[str, Line]:
        """A change as this person sees it: to an instructor, what goes to a colleague is gone."""
        before, after = change.before, change.after
        if self.one.role == "instructor":
            mine = set(self.one.records)
            before = before if before and mine & dict(before.instructors).keys() else None
            after = after if after and mine & dict(after.instructors).keys() else None
        if after is None:
            return "gone", Line(self._line(change, before), gone=True)
        if before is None:
            return "new", self._joinable(change, self._line(change, after))
        text = _("{0} (before: {1})").format(
            self._line(change, after), difference(before, after, self.one.role != "instructor")
        )
        return "changed", self._joinable(change, text)

    def _joinable(self, change: Change, text: str) -> Line:
        link = self.links.get(change.booking) if change.after and change.after.online else None
        return conversations_letter.joinable(Line(text), link)

    def _line(self, change: Change, side: Side) -> str:
        with_whom = [side.names] if self.one.role != "instructor" and side.names else []
        about = [] if self.one.role == "student" else [change.student_name]
        what = conversation(change.subject, [*with_whom, *about])
        place = self._place(change, side)
        parts = [f"{wording.day(side.start.date())}, {side.time}", what, place]
        return " · ".join(part for part in parts if part)

    def _place(self, change: Change, side: Side) -> str:
        if side.online and side is change.after:
            return conversations_letter.online(self.links.get(change.booking))
        return side.place

    def _closing(self, reader: Reader, kinds: set[str]) -> Iterable[str]:
        if self.one.role == "instructor":
            yield _("Your other conversations stay as they were.")
            return
        if "gone" in kinds:
            yield _("The school will contact you about what no longer takes place.")
            if reader.has_page and status.booking_is_open(self.evening, frappe.utils.now_datetime()):
                yield _("You can also choose another free time yourself on your page.")
        if kinds & {"changed", "new"}:
            if reader.has_page:
                yield _("If a time does not suit you, say so on your page, or call the school.")
            else:
                yield _("If a time does not suit you, please call the school.")
        yield _("Your other conversations stay as they were.")


def difference(before: Side, after: Side, with_whom: bool = True) -> str:
    """What was otherwise before, in words."""
    found = []
    if before.start.date() != after.start.date():
        found.append(wording.day(before.start.date()))
    if (before.start, before.end) != (after.start, after.end):
        found.append(before.time)
    if before.names != after.names and with_whom:
        found.append(before.names)
    if before.place != after.place and before.place:
        found.append(before.place)
    return ", ".join(found) or before.time
