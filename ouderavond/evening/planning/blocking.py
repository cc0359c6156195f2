"""Blocking times for instructors, rooms, classes and everyone, many at once, and what lies in them.

A conversation that has a time is never blocked over in silence: staff see which ones lie there and choose
whether they go to other times of the same instructors, are put on the list of what is not placed, or are left
alone, and the time with them. All in one change.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

import frappe
from frappe import _
from frappe.utils import cint, escape_html

from ouderavond.evening import blocks, grid, rows, wording
from ouderavond.evening.planning import changes, moving_away
from ouderavond.evening.planning.edit import Shift
from ouderavond.evening.planning.places_effects import Unfit, live_bookings

KINDS = ("Instructor", "Room", "Student Group", "Everyone")
# What becomes of the conversations in the time: they are moved, put on the list of what is not placed, or
# whoever has one is not blocked.
MOVE, CANCEL, SKIP = "move", "cancel", "skip"
CHOICES = (MOVE, CANCEL, SKIP)
MOST = 5_000
REASON_LENGTH = 140


@dataclass(frozen=True)
class Wanted:
    """A time [start, end) to be blocked for somebody."""

    who_type: str
    who: str | None
    start: datetime
    end: datetime
    reason: str | None = None
    is_break: int = 0

    def row(self) -> dict:
        """The same as the fields of an Evening Block."""
        return {
            "who_type": self.who_type,
            "who": self.who,
            "from_time": self.start,
            "to_time": self.end,
            "reason": self.reason,
            "is_break": self.is_break,
        }


@dataclass
class Hit(Unfit):
    """A conversation in a time that is to be blocked; `to` is where it would go, None: there is no time."""

    to: str | None = None
    to_sentence: str | None = None


@dataclass
class Preview:
    """What blocking would meet: the conversations in it, and how many blocks there would be."""

    blocks: int
    conversations: list[Hit] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def as_dict(self) -> dict:
        """As the API answers it."""
        moved = sum(1 for row in self.conversations if row.to)
        return {
            "blocks": self.blocks,
            "conversations": [asdict(row) for row in self.conversations],
            "refused": self.refused,
            "movable": moved,
            "sentence": self.sentence,
        }

    @property
    def sentence(self) -> str:
        """How many conversations lie there, in words."""
        number = len(self.conversations)
        if not number:
            return _("No conversation lies in this time.")
        if number == 1:
            return _("1 conversation lies in this time.")
        return _("{0} conversations lie in this time.").format(number)


# Reading


def read(evening, kind: str, day: date) -> dict:
    """The grid of a date: who can be blocked, what is blocked, and where conversations are.

    Args:
        evening: Parent Evening document.
        kind: one of KINDS.

    Returns:
        {rows: [{name, title, code, group, from, until}], blocks: [{block, who, from, to, …}], booked: {row:
        [{from, to, title}]}, everyone: the blocks that concern every row}
    """
    if kind not in KINDS:
        frappe.throw(_("Choose who is to be blocked."))
    found = {"Instructor": _instructors, "Room": _rooms, "Student Group": _classes, "Everyone": _everyone}
    there = _blocks(evening.name, day)
    lines = found[kind](evening, day, {row["who"] for row in there if row["who_type"] == kind})
    everyone = [row for row in there if row["who_type"] == "Everyone"]
    return {
        "rows": lines,
        "blocks": [row for row in there if row["who_type"] == kind],
        "everyone": [] if kind == "Everyone" else everyone,
        "booked": _booked(evening, kind, day),
        "break_after": cint(evening.break_after),
        "breaks": frappe.db.count("Evening Block", {"evening": evening.name, "is_break": 1}),
    }


def _blocks(evening: str, day: date) -> list[dict]:
    found = frappe.get_all(
        "Evening Block",
        {"evening": evening, "from_time": (">=", day), "to_time": ("<", frappe.utils.add_days(day, 1))},
        ["name", "who_type", "who", "who_name", "from_time", "to_time", "reason", "source", "is_break"],
        order_by="from_time, name",
    )
    return [
        {
            "block": row.name,
            "who_type": row.who_type,
            "who": row.who or None,
            "who_name": row.who_name,
            "from": f"{row.from_time:%H:%M}",
            "to": f"{row.to_time:%H:%M}",
            "reason": row.reason or "",
            "source": row.source,
            "is_break": row.is_break,
        }
        for row in found
    ]


def _instructors(evening, day: date, blocked: set[str]) -> list[dict]:
    there = frappe.get_all(
        "Evening Instructor",
        {"evening": evening.name, "date": day},
        ["instructor", "present_from", "present_until", "room"],
    )
    places = {row.instructor: row for row in there}
    people = frappe.get_all(
        "Instructor",
        {"name": ("in", [*places, *blocked] or [""])},
        ["name", "instructor_name", "ouderavond_code", "department"],
    )
    span = next((one for one in grid.slots(evening) if one.date == day), None)
    lines = []
    for row in people:
        place = places.get(row.name)
        first, last = _presence(span, place) if span and place else (None, None)
        line = _line(row.name, row.instructor_name, row.ouderavond_code, row.department)
        lines.append({**line, "from": first, "until": last})
    return _sorted(lines)


def _presence(span, place) -> tuple[str, str]:
    first = grid.at(span.date, place.present_from) if place.present_from is not None else span.first
    last = grid.at(span.date, place.present_until) if place.present_until is not None else span.end
    return f"{first:%H:%M}", f"{last:%H:%M}"


def _rooms(evening, day: date, blocked: set[str]) -> list[dict]:
    given = {"evening": evening.name, "date": day, "room": ("is", "set")}
    names = {*frappe.get_all("Evening Instructor", given, pluck="room", distinct=True), *blocked}
    found = frappe.get_all("Room", {"name": ("in", list(names) or [""])}, ["name", "room_name"])
    return _sorted([_line(row.name, row.room_name, "", "") for row in found])


def _classes(evening, day: date, blocked: set[str]) -> list[dict]:
    from ouderavond.evening.offering import classes

    member = classes.members(evening).as_("member")
    found = (
        frappe.qb.from_(member)
        .select(member.student_group, member.program)
        .distinct()
        .orderby(member.student_group)
    ).run()
    programs = dict(found)
    names = frappe.get_all(
        "Student Group", {"name": ("in", [*programs, *blocked] or [""])}, ["name", "student_group_name"]
    )
    return _sorted([_line(row.name, row.student_group_name, "", programs.get(row.name)) for row in names])


def _everyone(evening, day: date, blocked: set[str]) -> list[dict]:
    return [_line("", _("Everyone"), "", "")]


def _line(name: str, title: str | None, code: str | None, group: str | None) -> dict:
    return {"name": name, "title": title or name, "code": code or "", "group": group or ""}


def _sorted(lines: list[dict]) -> list[dict]:
    return sorted(lines, key=lambda line: (line["title"].casefold(), line["name"]))


def _booked(evening, kind: str, day: date) -> dict[str, list[dict]]:
    """Where conversations are, by row; of classes and of everyone how many there are at a time."""
    there = [row for row in live_bookings(evening.name) if row.start.date() == day]
    if kind == "Everyone":
        return {"": _counted(there)}
    if kind == "Student Group":
        groups = _groups_of({row.student for row in there})
        of_class = defaultdict(list)
        for row in there:
            for group in groups.get(row.student, ()):
                of_class[group].append(row)
        return {group: _counted(found) for group, found in of_class.items()}
    found = defaultdict(list)
    for row in there:
        names = row.instructors if kind == "Instructor" else [row.room] if row.mode != "Online" else []
        for name in filter(None, names):
            found[name].append({**_span(row), "title": row.student_name, "booking": row.name})
    return found


def _span(row) -> dict:
    return {"from": f"{row.start:%H:%M}", "to": f"{row.end:%H:%M}"}


def _counted(there: list) -> list[dict]:
    by_time: dict[tuple, int] = defaultdict(int)
    for row in there:
        by_time[f"{row.start:%H:%M}", f"{row.end:%H:%M}"] += 1
    return [
        {"from": first, "to": last, "number": number} for (first, last), number in sorted(by_time.items())
    ]


def _groups_of(students: Iterable[str]) -> dict[str, list[str]]:
    filters = {"student": ("in", list(students) or [""]), "active": 1, "parenttype": "Student Group"}
    found = defaultdict(list)
    for row in frappe.get_all("Student Group Student", filters, ["student", "parent"]):
        found[row.student].append(row.parent)
    return found


# What is to be blocked


def wanted(evening, who_type: str, who: Iterable[str], start, end, reason: str | None = None) -> list[Wanted]:
    """A time to be blocked for several records of a kind, checked.

    Raises:
        frappe.ValidationError: nobody was chosen, one does not exist, or it is no time of the evening.
    """
    if who_type not in KINDS:
        frappe.throw(_("Choose who is to be blocked."))
    first, last = grid.minute(start), grid.minute(end)
    _check_time(evening, first, last)
    names = [None] if who_type == "Everyone" else list(dict.fromkeys(name for name in who if name))
    if not names or len(names) > MOST:
        frappe.throw(_("Choose who is to be blocked."))
    if who_type != "Everyone":
        known = set(frappe.get_all(who_type, {"name": ("in", names)}, pluck="name"))
        for name in names:
            if name not in known:
                said = _("Say who is blocked: {0} {1} does not exist.")
                frappe.throw(said.format(_(who_type), escape_html(str(name)[:REASON_LENGTH])))
    text = (reason or "").strip()[:REASON_LENGTH] or None
    return [Wanted(who_type, name, first, last, text) for name in names]


def _check_time(evening, first: datetime, last: datetime) -> None:
    if last <= first:
        frappe.throw(_("A block ends after it starts."))
    day = next((one for one in grid.slots(evening) if one.date == first.date()), None)
    if not day or last.date() != first.date():
        frappe.throw(_("The block must lie on a date of the evening."))


# What lies there


def preview(evening, wants: list[Wanted], replacing: Iterable[str] = ()) -> Preview:
    """What blocking these times would meet, and where each conversation could go instead.

    Args:
        replacing: blocks that go at the same time (one that is being changed).
    """
    found = Preview(len(wants), *_met(evening, wants))
    places = moving_away.places(evening, [row.booking for row in found.conversations], wants, replacing)
    for row in found.conversations:
        row.to = places.get(row.booking)
        row.to_sentence = wording.moment(row.to) if row.to else None
    return found


def _met(evening, wants: list[Wanted]) -> tuple[list[Hit], list[str]]:
    there = in_time(evening.name, wants)
    names = {row.student for row, _want in there}
    students = dict(
        frappe.get_all(
            "Student", {"name": ("in", list(names) or [""])}, ["name", "student_name"], as_list=True
        )
    )
    hits = [_hit(row, students.get(row.student) or row.student_name) for row, _want in there]
    return hits, _elsewhere(evening, wants)


def _hit(row, student_name: str) -> Hit:
    said = _("{0}: {1}, {2}, with {3}")
    instructors = ", ".join(row.titles)
    return Hit(
        booking=row.name,
        student=row.student,
        student_name=student_name,
        subject=row.subject,
        instructors=instructors,
        start=row.start.strftime("%Y-%m-%dT%H:%M"),
        state=row.state,
        pinned=row.pinned,
        sentence=said.format(wording.moment(row.start), student_name, row.subject, instructors),
    )


def in_time(evening: str, wants: list[Wanted]) -> list[tuple[frappe._dict, list[Wanted]]]:
    """The live conversations of an evening that lie in times to be blocked, each with these times."""
    concerns = Concerns(evening, wants)
    found = []
    for row in live_bookings(evening):
        if met := concerns.of(row, row.start, row.end):
            found.append((row, met))
    return found


class Concerns:
    """Which of some times to be blocked concern a conversation at a time."""

    def __init__(self, evening: str, wants: list[Wanted]):
        self.by_who = defaultdict(list)
        for want in wants:
            self.by_who[want.who_type, want.who].append(want)
        groups = [want.who for want in wants if want.who_type == "Student Group"]
        filters = {"parent": ("in", groups or [""]), "active": 1, "parenttype": "Student Group"}
        self.groups = rows.of_parents("Student Group Student", "parent", [])
        for row in frappe.get_all("Student Group Student", filters, ["student", "parent"]):
            self.groups[row.student].append(row.parent)

    def of(self, row, start: datetime, end: datetime, room: str | None = None) -> list[Wanted]:
        """Those that overlap [start, end); `row` has instructors, student, room and mode."""
        concerned = [("Everyone", None)] + [("Instructor", name) for name in row.instructors]
        concerned += [("Student Group", name) for name in self.groups.get(row.student, ())]
        if row.mode != "Online":
            concerned.append(("Room", room or row.get("room")))
        return [
            want
            for who in concerned
            for want in self.by_who.get(who, ())
            if want.start < end and start < want.end
        ]


def _elsewhere(evening, wants: list[Wanted]) -> list[str]:
    """Conversations of the same instructors or in the same rooms at other evenings: nothing moves those."""
    booking, sits = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Evening Booking Instructor")
    first, last = min(want.start for want in wants), max(want.end for want in wants)
    others = (
        frappe.qb.from_(booking)
        .left_join(sits)
        .on(sits.parent == booking.name)
        .select(booking.start, booking.end, booking.room, booking.mode, booking.evening, sits.instructor)
        .where((booking.evening != evening.name) & (booking.state != "Cancelled"))
        .where((booking.start < last) & (booking.end > first))
    ).run(as_dict=True)
    found = {}
    for row in others:
        for want in wants:
            there = (want.who_type, want.who) in (("Instructor", row.instructor), ("Room", row.room))
            if there and want.start < row.end and row.start < want.end:
                title = blocks.title(want.who_type, want.who)
                evening_title = frappe.db.get_value("Parent Evening", row.evening, "title", cache=True)
                said = _("{0} has a conversation at {1} on {2}.")
                found[want.who] = said.format(title, evening_title, wording.moment(row.start))
    return list(found.values())


# Doing it


def block(
    evening: str,
    wants: list[Wanted],
    *,
    over: str | None = None,
    moves: dict[str, str] | None = None,
    replacing: Iterable[str] = (),
    operation: str = "Block",
):
    """Block times, all of them or none, and do with the conversations in them what was chosen.

    Args:
        evening: name of the Parent Evening.
        wants: as `wanted` makes them.
        over: "move": to the times of `moves`, and what is not among these is put on the list of what is not
            placed; "cancel": all are put there; "skip": whoever has one is not blocked; None: there are none.
        moves: {booking: start}, as the preview showed them.
        replacing: blocks that go at the same time.

    Returns:
        The report of the change.

    Raises:
        frappe.ValidationError: conversations lie there and nothing was chosen (they are named), or one fits
            no longer where the preview put it; nothing is written.
    """
    if over is not None and over not in CHOICES:
        frappe.throw(_("Choose what becomes of the conversations."))
    replacing, moves = list(replacing), moves or {}

    def work(edit) -> None:
        _refuse_all(_elsewhere(edit.evening, wants))
        met = in_time(evening, wants)
        kept = _without_conversations(wants, met) if over == SKIP else wants
        _remove_within(edit, evening, replacing)
        if met and over != SKIP:
            _refuse_unchosen(met, over, moves)
            _make_room(edit, [row for row, _wants in met], moves if over == MOVE else {})
        edit.made("Evening Block", *blocks.write_many(evening, [want.row() for want in kept]))
        _refuse_unchosen(in_time(evening, kept), None, {})

    return changes.perform(evening, operation, work, people=_people(wants), exclusive=True)


def carry_out(
    evening: str, *, as_operation: str = "Block", progress=None, dry_run: bool = False, **arguments
):
    """`block`, as `api.running` calls it, perhaps in a background job."""
    return block(evening, operation=as_operation, **arguments)


def _people(wants: list[Wanted]) -> list[tuple[str, str]]:
    return [(want.who_type, want.who) for want in wants if want.who_type == "Instructor"]


def _refuse_all(sentences: list[str]) -> None:
    if sentences:
        frappe.throw("<br>".join(escape_html(said) for said in sentences[:10]), title=_("Not Possible"))


def _without_conversations(wants: list[Wanted], met: list) -> list[Wanted]:
    hit = {want for _row, those in met for want in those}
    return [want for want in wants if want not in hit]


def _refuse_unchosen(met: list, over: str | None, moves: dict) -> None:
    """Conversations lie there that nobody decided about: since the preview, or there was none."""
    there = {row.name for row, _wants in met}
    if not met or (over == CANCEL) or (over == MOVE and set(moves) <= there):
        return
    said = [_hit(row, row.student_name).sentence for row, _wants in met[:5]]
    more = len(met) - 5
    if more > 0:
        said.append(_("And {0} more.").format(more))
    lead = _("Conversations lie in this time. Choose what becomes of them.")
    frappe.throw("<br>".join(escape_html(line) for line in [lead, *said]), title=_("Not Possible"))


def _make_room(edit, met: list, moves: dict[str, str]) -> None:
    for row in met:
        if row.name not in moves:
            edit.cancel(row.name)
    going = [row.name for row in met if row.name in moves]
    if going:
        edit.shift([Shift(name, grid.minute(moves[name])) for name in going])


def remove(evening: str, names: Iterable[str], operation: str = "Unblock"):
    """Take blocks away, all of them or none; those that are gone already are fine.

    Returns:
        The report of the change.
    """
    names = list(names)

    def work(edit) -> None:
        _remove_within(edit, evening, names)

    return changes.perform(evening, operation, work, exclusive=True)


def _remove_within(edit, evening: str, names: Iterable[str]) -> None:
    found = frappe.get_all(
        "Evening Block", {"name": ("in", list(names) or [""]), "evening": evening}, pluck="name"
    )
    if found:
        edit.keep("Evening Block", *found)
        blocks.remove_many(evening, found)


def change(
    evening: str,
    name: str,
    *,
    start=None,
    end=None,
    reason: str | None = None,
    over: str | None = None,
    moves: dict[str, str] | None = None,
):
    """Give a block another time or reason; what lies in the new time is treated as by `block`.

    Raises:
        frappe.ValidationError: as `block`, or the block is not there any more.
    """
    return block(
        evening,
        changed(evening, name, start=start, end=end, reason=reason),
        over=over,
        moves=moves,
        replacing=[name],
    )


def changed(evening: str, name: str, *, start=None, end=None, reason: str | None = None) -> list[Wanted]:
    """What a block would be after a change; it must be one that staff made.

    Raises:
        frappe.ValidationError: it is not there any more, or somebody blocked the time for themselves.
    """
    row = frappe.db.get_value(
        "Evening Block",
        {"name": name, "evening": evening},
        ["who_type", "who", "from_time", "to_time", "reason", "source", "is_break"],
        as_dict=True,
    )
    if not row:
        frappe.throw(_("This block is not there any more."))
    if row.source != "Staff":
        frappe.throw(
            _("{0} blocked this time themselves. Remove it, and block another.").format(
                escape_html(blocks.title(row.who_type, row.who))
            )
        )
    first, last = grid.minute(start or row.from_time), grid.minute(end or row.to_time)
    _check_time(frappe.get_doc("Parent Evening", evening), first, last)
    text = row.reason if reason is None else reason.strip()[:REASON_LENGTH] or None
    return [Wanted(row.who_type, row.who, first, last, text, row.is_break)]
