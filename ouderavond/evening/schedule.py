"""Applying a schedule: bookings, claims and requests' states, in one transaction.

What a run may not move stays as it is, what it may is written with the time of the schedule. People who were
told a time still see that one until the change is published (`told`).
"""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.utils import get_datetime, now, now_datetime

from ouderavond.evening import claims, grid, spans, status, told
from ouderavond.evening.bulk import child_row, insert_rows
from ouderavond.evening.people import parties
from ouderavond.evening.planning import changes
from ouderavond.evening.planning.run_options import RunOptions
from ouderavond.evening.problem import BOOKING_PREFIX, OPEN_STATES, build_problem, fingerprint, is_online
from ouderavond.evening.rows import of_parents

CHILDREN = {"instructors": "Evening Booking Instructor", "guardians": "Evening Booking Guardian"}
# What is compared to know whether a conversation is planned otherwise than it was.
PLACE = ("start", "end", "room", "table_label", "mode")


@dataclass
class ApplyReport:
    """What applying a schedule did, in numbers of conversations.

    `booked` have their time from it, of which `moved` had another one; `kept` may not move; `removed` lost
    their place, and `not_placed` requests have none. `untold` are changed for people who were told a time.
    """

    booked: int = 0
    kept: int = 0
    moved: int = 0
    removed: int = 0
    not_placed: int = 0
    untold: int = 0
    change: str | None = None

    @property
    def sentence(self) -> str:
        """What it did, in words."""
        parts = (
            (self.booked, _("{0} conversations have a time.")),
            (self.moved, _("{0} of them had another one.")),
            (self.removed, _("{0} lost their time.")),
            (self.not_placed, _("{0} requests were not placed.")),
            (self.untold, _("{0} changes are not published yet.")),
        )
        return " ".join(text.format(number) for number, text in parts if number) or _("Nothing changes.")

    def as_dict(self) -> dict:
        """The report as the API answers it."""
        return {**asdict(self), "operation": "Apply Run", "sentence": self.sentence}


def apply_schedule(
    evening: str,
    schedule: dict,
    input_hash: str,
    run: str | None = None,
    *,
    options: RunOptions | None = None,
) -> ApplyReport:
    """Make the bookings of a schedule document: all of them, or none. Commits.

    Args:
        evening: name of the Parent Evening.
        schedule: a document of the format "ouderavond-schedule/1".
        input_hash: the fingerprint of the problem that it was calculated from.
        run: the Schedule Run, kept with the bookings.
        options: what could move when it was calculated.

    Raises:
        frappe.ValidationError: requests, offers or blocks have changed since; nothing is written.
        claims.TakenError: somebody has a conversation in another evening at that time; nothing is written.
    """
    options, found = options or RunOptions(), []

    def work(edit) -> dict:
        doc = frappe.get_doc("Parent Evening", evening)
        if fingerprint(build_problem(doc, options)) != input_hash:
            frappe.throw(
                _("Requests, offers or times have changed since this run. Run the scheduler again."),
                title=_("The Run Is Out of Date"),
            )
        report = _Application(doc, schedule, run, options, edit).write()
        if run:
            edit.keep("Schedule Run", run)
            frappe.db.set_value("Schedule Run", run, "applied_on", now_datetime())
        # Called again where others were in the way.
        found[:] = [report]
        return asdict(report)

    change = changes.perform(evening, "Apply Run", work, people=_people(evening), run=run)
    found[0].change = change.change
    status.refresh(evening)
    frappe.db.commit()
    return found[0]


def _people(evening: str) -> list[tuple[str, str]]:
    """Everybody whom a schedule of this evening may concern."""
    instructors = frappe.get_all(
        "Evening Instructor", {"evening": evening}, pluck="instructor", distinct=True
    )
    live = {"evening": evening, "state": ("!=", "Cancelled")}
    bookings = frappe.get_all("Evening Booking", live, ["name", "student"])
    students = set(frappe.get_all("Conversation Request", {"evening": evening}, pluck="student"))
    students |= {row.student for row in bookings}
    groups = parties(frappe.get_doc("Parent Evening", evening), students)
    guardians = {name for parties_of in groups.values() for party in parties_of for name in party}
    records = {("Instructor", name) for name in instructors}
    for doctype, field_name in (("Instructor", "instructor"), ("Guardian", "guardian")):
        sitting = of_parents(f"Evening Booking {doctype}", field_name, [row.name for row in bookings])
        records |= {(doctype, name) for names in sitting.values() for name in names if name}
    records |= {("Student", name) for name in students if name}
    return [*records, *(("Guardian", name) for name in guardians)]


@dataclass
class _Writing:
    """What is to be written.

    `rows` of bookings, of which `new` (names) are there for the first time. `changed` need other claims,
    those in `people` other rows of who attends; those `lost` have no place any more.
    """

    rows: list = field(default_factory=list)
    new: set[str] = field(default_factory=set)
    changed: list = field(default_factory=list)
    people: list = field(default_factory=list)
    lost: list = field(default_factory=list)
    moved: int = 0


class _Application:
    """One schedule on its way into the database; the rows are read once and written in bulk."""

    def __init__(self, evening, schedule: dict, run: str | None, options: RunOptions, edit):
        self.evening, self.schedule, self.run = evening, schedule, run
        self.options, self.edit = options, edit
        fields = ["name", "offer", "student", "guardian", "longer", "mode", "state", "reason"]
        requests = frappe.get_all("Conversation Request", {"evening": evening.name}, fields)
        self.requests = {row.name: row for row in requests}
        asked = ("in", sorted({row.offer for row in requests if row.offer}) or [""])
        fields = ["name", "student", "student_name", "subject", "slots"]
        self.offers = {row.name: row for row in frappe.get_all("Conversation Offer", {"name": asked}, fields)}
        self.instructors = self._offer_instructors(asked)
        self.places = self._places()
        self.shared = spans.shared_rooms(evening.name)
        self.parties = parties(evening, {row.student for row in requests})
        self.guardian_names = dict(frappe.get_all("Guardian", fields=["name", "guardian_name"], as_list=True))

    def _offer_instructors(self, asked: tuple) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for parent, *person in frappe.get_all(
            "Conversation Offer Instructor",
            {"parent": asked},
            ["parent", "instructor", "instructor_name"],
            order_by="parent, instructor",
            as_list=True,
        ):
            found.setdefault(parent, []).append(tuple(person))
        return found

    def _places(self) -> dict:
        fields = ["instructor", "date", "room", "table_label"]
        rows = frappe.get_all("Evening Instructor", {"evening": self.evening.name}, fields)
        return {(row.instructor, row.date): (row.room, row.table_label) for row in rows}

    def write(self) -> ApplyReport:
        starts = {item["conversation"]: get_datetime(item["start"]) for item in self.schedule["placements"]}
        current = self._current()
        movable = {key: row for key, row in current.items() if self._may_move(row)}
        report = ApplyReport(kept=len(current) - len(movable))
        writing = _Writing()
        for key, start in sorted(starts.items()):
            if key in movable:
                self._move(writing, movable[key], self.requests.get(key), start)
            elif key not in current:
                self._add(writing, self._booking(key, start))
        for key in sorted(movable.keys() - starts.keys()):
            self._lose(writing, movable[key])
        self._count(report, writing)
        self._write(writing)
        self._tell_requests(starts.keys(), report)
        return report

    def _current(self) -> dict[str, frappe._dict]:
        """The live bookings with all their fields, as the conversation of a problem that each of them is."""
        live = {"evening": self.evening.name, "state": ("!=", "Cancelled")}
        rows = frappe.get_all("Evening Booking", live, ["*"])
        for kind, doctype in CHILDREN.items():
            people = of_parents(doctype, kind.removesuffix("s"), [row.name for row in rows])
            for row in rows:
                row[kind] = [frappe._dict({kind.removesuffix("s"): who}) for who in people[row.name]]
        open_requests = {name for name, row in self.requests.items() if row.state in OPEN_STATES}
        found = {}
        for row in rows:
            answers = row.request in open_requests
            row.answers = row.request if answers else None
            found[row.answers or BOOKING_PREFIX + row.name] = row
        return found

    def _may_move(self, row) -> bool:
        seen = frappe._dict(state=row.state, pinned=row.pinned, request=row.answers)
        people = [each.instructor for each in row.instructors]
        people = people or [name for name, _title in self.instructors.get(row.offer, [])]
        return self.options.may_move(seen, people)

    def _add(self, writing: _Writing, row) -> None:
        writing.new.add(row.name)
        writing.rows.append(row)
        writing.changed.append(row)

    def _move(self, writing: _Writing, row, request, start: datetime) -> None:
        """Write a booking anew, under its name; who attends is looked up again unless they were told."""
        moves = row.start != start
        if row.state == "Published" and not moves:
            return
        before = frappe._dict(row)
        length = row.end - row.start
        row.start = start
        if request and row.state == "Planned":
            length = max(length, self._as_asked(row, request))
        row.end = start + length
        people = sorted(each.instructor for each in row.instructors if each.instructor)
        row.room, row.table_label = self._place_of(people, start, row.mode)
        row.run = self.run or row.run
        if row.state == "Published":
            told.keep(row)
        writing.rows.append(row)
        others = _guardians(before) != _guardians(row)
        if others:
            writing.people.append(row)
        if others or any((before.get(key) or None) != (row.get(key) or None) for key in PLACE):
            writing.changed.append(row)
            writing.moved += int(moves)

    def _as_asked(self, row, request) -> timedelta:
        """What a booking takes over from its request and offer; how long that takes."""
        offer = self.offers[request.offer]
        guardians = self._party(request)
        row.update({key: offer[key] for key in ("student_name", "subject")})
        row.mode = "Online" if is_online(self.evening, request.mode) else "In Person"
        row.guardians = _rows(row.name, "guardian", self._named(guardians))
        return grid.duration(self.evening, (offer.slots or 1) * (2 if request.longer else 1))

    def _lose(self, writing: _Writing, row) -> None:
        """No place any more: what people were told of is cancelled, and they learn it on publishing."""
        writing.lost.append(row)
        if row.state == "Published":
            row.update({"state": "Cancelled", "pinned": 0})
            told.keep(row)
            writing.rows.append(row)

    def _count(self, report: ApplyReport, writing: _Writing) -> None:
        live = [row for row in writing.rows if row.state != "Cancelled"]
        report.booked = len(live)
        report.moved = writing.moved
        report.removed = len(writing.lost)
        report.untold = sum(bool(row.untold) for row in writing.rows)

    def _write(self, writing: _Writing) -> None:
        """Bookings, their people and their claims. A request keeps the name of its booking."""
        new = writing.new
        gone = [row.name for row in writing.lost if row.state != "Cancelled"]
        old = [*gone, *(row.name for row in writing.rows if row.name not in new)]
        self.edit.keep("Evening Booking", *old)
        if old:
            frappe.db.delete("Evening Booking", {"name": ("in", old)})
        written = {"modified": now(), "modified_by": frappe.session.user}
        rows = [_without_children(row) for row in writing.rows]
        insert_rows("Evening Booking", [row if row["name"] in new else row | written for row in rows])
        self._write_people(writing, gone)
        self.edit.made("Evening Booking", *sorted(new))
        release = [row.name for row in [*writing.changed, *writing.lost] if row.name not in new]
        wanted = [
            spans.of_booking(row, (row.room, row.start.date()) in self.shared) for row in writing.changed
        ]
        claims.replace(self.evening.name, release, wanted)

    def _write_people(self, writing: _Writing, gone: list[str]) -> None:
        """The rows of who attends; those of an instructor hold notes, and stay with the conversation."""
        new = [row for row in writing.changed if row.name in writing.new]
        for kind, again in (("guardians", writing.people), ("instructors", [])):
            if doomed := [*gone, *(row.name for row in again)]:
                frappe.db.delete(CHILDREN[kind], {"parent": ("in", doomed), "parenttype": "Evening Booking"})
            insert_rows(CHILDREN[kind], [person for row in [*again, *new] for person in row[kind]])

    def _booking(self, request_name: str, start: datetime):
        request = self.requests[request_name]
        offer = self.offers[request.offer]
        slots = (offer.slots or 1) * (2 if request.longer else 1)
        name = frappe.generate_hash(length=10)
        people = self.instructors.get(request.offer, [])
        guardians = self._party(request)
        mode = "Online" if is_online(self.evening, request.mode) else "In Person"
        room, table_label = self._place_of([who for who, _title in people], start, mode)
        return frappe._dict(
            {
                "name": name,
                "evening": self.evening.name,
                "student": offer.student,
                "student_name": offer.student_name,
                "subject": offer.subject,
                "start": start,
                "end": start + grid.duration(self.evening, slots),
                "state": "Planned",
                "room": room,
                "table_label": table_label,
                "mode": mode,
                "offer": offer.name,
                "request": request_name,
                "source": "Scheduler",
                "run": self.run,
                "student_attends": int(self.evening.student_attends == "Must" or not guardians),
                "instructors": _rows(name, "instructor", people),
                "guardians": _rows(name, "guardian", self._named(guardians)),
            }
        )

    def _place_of(self, instructors: list[str], start: datetime, mode: str) -> tuple[str | None, str | None]:
        if mode == "Online" or not instructors:
            return None, None
        return self.places.get((instructors[0], start.date()), (None, None))

    def _named(self, guardians: list[str]) -> list[tuple[str, str | None]]:
        return [(who, self.guardian_names.get(who)) for who in guardians]

    def _party(self, request) -> list[str]:
        groups = self.parties.get(request.student, [])
        for party in groups:
            if request.guardian in party:
                return party
        if request.guardian:
            return [request.guardian]
        return groups[0] if groups and self.evening.contact_with != "Students" else []

    def _tell_requests(self, placed, report: ApplyReport) -> None:
        changed = {
            name: {"state": "Placed", "reason": None, "reason_facts": None}
            for name in placed
            if name in self.requests
            and (self.requests[name].state, self.requests[name].reason) != ("Placed", None)
        }
        unplaced = [item for item in self.schedule["unplaced"] if item["conversation"] in self.requests]
        self.edit.keep("Conversation Request", *changed, *(item["conversation"] for item in unplaced))
        if changed:
            same = {"state": "Placed", "reason": None, "reason_facts": None}
            frappe.db.set_value("Conversation Request", {"name": ("in", list(changed))}, same)
        report.not_placed = len(unplaced)
        for item in unplaced:
            self._not_placed(item)

    def _not_placed(self, item: dict) -> None:
        facts = {"facts": item.get("facts") or {}, "alternatives": item.get("alternatives") or []}
        frappe.db.set_value(
            "Conversation Request",
            item["conversation"],
            {"state": "Not Placed", "reason": item["reason"], "reason_facts": frappe.as_json(facts)},
        )


def _guardians(row) -> set[str]:
    return {each.guardian for each in row.guardians}


def _rows(booking: str, kind: str, people: list[tuple[str, str | None]]) -> list[frappe._dict]:
    return [
        frappe._dict(
            child_row("Evening Booking", booking, f"{kind}s", idx, **{kind: who, f"{kind}_name": title})
        )
        for idx, (who, title) in enumerate(people, 1)
    ]


def _without_children(booking: dict) -> dict:
    return {key: value for key, value in booking.items() if key not in CHILDREN and key != "answers"}
