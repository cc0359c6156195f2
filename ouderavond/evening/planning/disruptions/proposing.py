"""A proposal: for each conversation that would change, how it is and how it would be, and for whom."""

from collections import Counter
from datetime import date, datetime

import frappe
from frappe import _
from frappe.utils import get_datetime

from ouderavond.evening import publishing
from ouderavond.evening.planning.disruptions import conversations, substitutes, wishes, words
from ouderavond.evening.planning.disruptions.document import Prepared
from ouderavond.evening.unplaced import sentence as why

MOST_ALTERNATIVES = 3
# The kinds of change that a conversation can go through; "lost" alone, the others together.
TIME, INSTRUCTOR, ROOM, MODE, LOST = "time", "instructor", "room", "online", "lost"


def proposal(prepared: Prepared, schedule: dict) -> dict:
    """The proposal of a solved disruption, as plain values.

    Returns:
        {title, sentence, figures, rows, notes, proven, told}. A row is {booking, request, student, name,
        class, subject, guardians, attending, household, affected, what, before, after, told, reason,
        alternatives}; `before` and `after` are {start, end, day, date, time, place, room, table, mode,
        instructors, names}.
    """
    return _Proposal(prepared, schedule).as_dict()


class _Proposal:
    def __init__(self, prepared: Prepared, schedule: dict):
        self.prepared, self.situation = prepared, prepared.situation
        self.evening = self.situation.evening
        self.status = schedule.get("status")
        self.starts = {item["conversation"]: get_datetime(item["start"]) for item in schedule["placements"]}
        self.unplaced = {item["conversation"]: item for item in schedule["unplaced"]}
        self.affected = {row.name for row in self.situation.affected}
        self.titles = dict(frappe.get_all("Instructor", fields=["name", "instructor_name"], as_list=True))
        self.rooms = dict(frappe.get_all("Room", fields=["name", "room_name"], as_list=True))
        self.visible = publishing.is_visible(self.evening)
        self.helpers = None

    def as_dict(self) -> dict:
        changed = [row for row in self.situation.bookings.values() if self._what(row)]
        classes = conversations.classes(self.evening, {row.student for row in changed})
        households = conversations.households(self.evening, changed)
        rows = [self._row(row, classes, households) for row in changed]
        figures = self._figures(rows)
        return {
            "title": words.title(self.situation),
            "sentence": words.figures(figures),
            "figures": figures,
            "rows": rows,
            "notes": self._notes(),
            "proven": self.status == "optimal",
            "told": self.visible,
        }

    def _start(self, row) -> datetime | None:
        """When a conversation would be; None: not at all."""
        conversation = self.prepared.conversations.get(row.name)
        if conversation is None:
            # It is no longer offered: nothing plans it, and it stays unless it is the one that cannot.
            return None if row.name in self.affected else row.start
        return self.starts.get(conversation)

    def _what(self, row) -> list[str]:
        start = self._start(row)
        if start is None:
            return [LOST]
        found = [TIME] if start != row.start else []
        if row.name in self.affected or found:
            people, mode = self._people(row), self._mode(row)
            found += [INSTRUCTOR] if list(people) != row.instructors else []
            found += [MODE] if mode != row.mode else []
            place = self._place(people, start.date(), mode)
            if mode != "Online" and place != (row.room, row.table_label):
                found.append(ROOM)
        return found

    def _people(self, row) -> list[str]:
        treatment = self.prepared.treatments.get(row.name)
        return list(treatment.instructors) if treatment else row.instructors

    def _mode(self, row) -> str:
        treatment = self.prepared.treatments.get(row.name)
        return "Online" if treatment and treatment.online else row.mode

    def _place(self, people: list[str], day: date, mode: str) -> tuple[str | None, str | None]:
        if mode == "Online" or not people:
            return None, None
        return self.prepared.places.get((people[0], day)) or (None, None)

    def _row(self, row, classes: dict, households: dict) -> dict:
        what = self._what(row)
        lost = what == [LOST]
        return {
            "booking": row.name,
            "request": row.request,
            "student": row.student,
            "name": row.student_name,
            "class": classes.get(row.student, ""),
            "subject": row.subject,
            "guardians": ", ".join(row.guardian_names),
            "attending": row.guardians,
            "household": households[row.name],
            "affected": row.name in self.affected,
            "what": what,
            "before": self._side(row.start, row.end, row.instructors, row.mode, (row.room, row.table_label)),
            "after": None if lost else self._after(row),
            "told": self.visible and row.state == "Published",
            "code": self._code(row) if lost else None,
            "reason": self._reason(row) if lost else None,
            "alternatives": self._alternatives(row) if lost else [],
        }

    def _after(self, row) -> dict:
        start, people, mode = self._start(row), self._people(row), self._mode(row)
        place = self._place(people, start.date(), mode)
        return self._side(start, start + (row.end - row.start), people, mode, place)

    def _side(self, start, end, people: list[str], mode: str, place: tuple) -> dict:
        room, table = place
        where = ", ".join(part for part in (self.rooms.get(room) or room, table) if part)
        return {
            "start": f"{start:%Y-%m-%dT%H:%M}",
            "end": f"{end:%Y-%m-%dT%H:%M}",
            **words.when(start, end),
            "room": room,
            "table": table,
            "place": _("Online") if mode == "Online" else where,
            "mode": mode,
            "instructors": list(people),
            "names": [self.titles.get(name) or name for name in people],
        }

    def _code(self, row) -> str | None:
        return self.unplaced.get(self.prepared.conversations.get(row.name), {}).get("reason")

    def _reason(self, row) -> str:
        if row.name in self.prepared.given_up:
            return _("You chose to cancel it.")
        conversation = self.prepared.conversations.get(row.name)
        if conversation is None:
            return _("It is no longer offered, so that no other time can be looked for.")
        treatment, item = self.prepared.treatments.get(row.name), self.unplaced.get(conversation)
        said = why(item["reason"], item.get("facts") or {}, self.titles) if item else ""
        return " ".join(part for part in ((treatment and treatment.why) or "", said) if part)

    def _alternatives(self, row) -> list[dict]:
        """Who could take a lost conversation over at its time."""
        if self.situation.wish.kind not in (wishes.ILL, wishes.LATER):
            return []
        self.helpers = self.helpers or substitutes.Candidates(self.situation, self.situation.affected)
        busy = self._engaged(row.start, row.end)
        fit = [name for name in self.helpers.fit(row) if name not in busy]
        return [
            {
                "choice": wishes.SUBSTITUTE,
                "substitute": name,
                "title": self.titles.get(name) or name,
                "relation": self.helpers.relation(name, row),
            }
            for name in fit[:MOST_ALTERNATIVES]
        ]

    def _engaged(self, start: datetime, end: datetime) -> set[str]:
        """The instructors who would have something else at a time by this proposal."""
        found = set()
        for row in self.situation.bookings.values():
            other = self._start(row)
            if other and other < end and start < other + (row.end - row.start):
                found |= set(self._people(row))
        return found

    def _figures(self, rows: list[dict]) -> dict[str, int]:
        found = Counter()
        for row in rows:
            if not row["affected"]:
                found["others"] += 1
                continue
            found["affected"] += 1
            found[_first(row["what"])] += 1
        kept = len(self.affected) - found["affected"]
        if kept:
            found["affected"] += kept
            found["stays"] += kept
        found["households"] = len({row["household"] for row in rows})
        people = {name for row in rows for side in ("before", "after") for name in _people_of(row[side])}
        found["instructors"] = len(people)
        found["told"] = sum(1 for row in rows if row["told"])
        return dict(found)

    def _notes(self) -> list[str]:
        notes = []
        left = getattr(self.situation, "left_behind", lambda: 0)()
        if left:
            notes.append(
                _("{0} times that single people blocked stay on the old date: look there.").format(
                    words.number(left)
                )
            )
        if self.situation.wish.choice == wishes.ONLINE:
            notes.append(_("Links for online conversations are not made here: the letters say they follow."))
        return notes


def _first(what: list[str]) -> str:
    """Under which figure a conversation counts: what matters most to those who come."""
    return next(kind for kind in (LOST, TIME, INSTRUCTOR, MODE, ROOM) if kind in what)


def _people_of(side: dict | None) -> list[str]:
    return side["instructors"] if side else []
