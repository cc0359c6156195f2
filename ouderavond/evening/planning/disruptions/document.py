"""The problem that a disruption poses to the scheduler.

The rows are changed as they would be, in a savepoint; the problem is built from them as for any run, and the
savepoint is rolled back. Then it is narrowed down to what has a time now: those affected may go anywhere,
all others stay, or move only where that saves a conversation.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime

import frappe

from ouderavond.evening import grid
from ouderavond.evening.planning.disruptions import situations, wishes
from ouderavond.evening.planning.disruptions.situations import NOTICE, Situation, Treatment
from ouderavond.evening.planning.disruptions.wishes import Wish
from ouderavond.evening.planning.run_options import ALL, RunOptions
from ouderavond.evening.problem import BOOKING_PREFIX, build_problem, text

SAVEPOINT = "ouderavond_looking_ahead"
# A conversation is saved at the price of moving at most three others, a must at almost any; and nobody who
# is not concerned loses one for it: they count as must, of the first rank.
WEIGHTS = {"must": 10_000, "wanted": 1_000, "nothing": 300, "moved": 250}
LAST_RANK = 3
# What the clock alone changes in a conversation of the problem, while the evening goes on.
_OF_THE_CLOCK = ("unavailable", "pinned", "previous", "priority", "rank")


@dataclass
class Prepared:
    """A disruption ready to be solved.

    `documents` names the conversation of each booking; `given_up` are those that are not tried at all.
    """

    situation: Situation
    treatments: dict[str, Treatment]
    problem: dict
    conversations: dict[str, str]
    places: dict[tuple, tuple]
    state: str
    given_up: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether there is anything to look for."""
        affected = {self.conversations.get(row.name) for row in self.situation.affected} - {None}
        return any(item["id"] in affected for item in self.problem["conversations"])


def prepare(evening: str, wish: Wish) -> Prepared:
    """Look ahead: the evening as it would be, and what is to be solved then. Leaves the database alone."""
    # A refusal or a deadlock leaves it to the caller's rollback: the savepoint may be gone by then.
    frappe.db.savepoint(SAVEPOINT)
    situation = situations.read(frappe.get_doc("Parent Evening", evening), wish)
    treatments = situation.treatments()
    situation.write(situations.Recorder())
    _seat(situation, treatments)
    after = frappe.get_doc("Parent Evening", evening)
    problem = build_problem(after, RunOptions(ALL))
    places = _places(evening)
    frappe.db.rollback(save_point=SAVEPOINT)
    frappe.clear_document_cache("Parent Evening", evening)
    return _Narrowing(situation, treatments, problem, places, after).prepared()


def _seat(situation: Situation, treatments: dict[str, Treatment]) -> None:
    """Put the instructors of each conversation where the problem reads them."""
    for row in situation.affected:
        people = treatments[row.name].instructors
        if list(people) == row.instructors:
            continue
        filters = {"parent": row.name, "parenttype": "Evening Booking"}
        sits = frappe.get_all("Evening Booking Instructor", filters, pluck="name", order_by="idx")
        for name, who in zip(sits, people, strict=False):
            frappe.db.set_value("Evening Booking Instructor", name, "instructor", who)
        for name in sits[len(people) :]:
            frappe.db.delete("Evening Booking Instructor", {"name": name})


def _places(evening: str) -> dict[tuple, tuple]:
    """{(instructor, date): (room, table)}."""
    fields = ["instructor", "date", "room", "table_label"]
    found = frappe.get_all("Evening Instructor", {"evening": evening}, fields)
    return {(row.instructor, row.date): (row.room, row.table_label) for row in found}


class _Narrowing:
    """Turns the problem of a whole evening into that of a disruption."""

    def __init__(self, situation: Situation, treatments, problem: dict, places: dict, after):
        self.situation, self.treatments, self.problem = situation, treatments, problem
        self.places, self.days = places, grid.slots(after)
        self.affected = {row.name for row in situation.affected}
        self.starts = {start for day in self.days for start in day.starts}
        self.conversations: dict[str, str] = {}
        self.given_up: list[str] = []

    def prepared(self) -> Prepared:
        items = {item["id"]: item for item in self.problem["conversations"]}
        kept = []
        for row in self.situation.bookings.values():
            item = items.get(row.request) or items.get(BOOKING_PREFIX + row.name)
            if not item:
                continue
            self.conversations[row.name] = item["id"]
            if row.name not in self.affected:
                kept.append(self._other(item, row))
            elif self.treatments[row.name].choice == wishes.CANCEL:
                self.given_up.append(row.name)
            else:
                kept.append(self._freed(item, row))
        self.problem["conversations"] = kept
        self.problem["weights"] = {**self.problem["weights"], **WEIGHTS}
        return Prepared(
            self.situation,
            self.treatments,
            self.problem,
            self.conversations,
            self.places,
            self._state(),
            self.given_up,
        )

    def _freed(self, item: dict, row) -> dict:
        """One that cannot stay as it is: it may go to any time that is not too near."""
        treatment = self.treatments[row.name]
        item = {key: value for key, value in item.items() if key not in ("pinned", "previous")}
        if treatment.prefers in self.starts:
            item["previous"] = text(treatment.prefers)
        if "previous" in item and treatment.choice in (wishes.DATE, wishes.OTHER_ROOM):
            # It only goes along, and loses its place to none of those who have to look for another.
            item["priority"], item["rank"] = "must", 1
        elif item.get("priority") == "must":
            item["rank"] = LAST_RANK
        item["mode"] = "online" if treatment.online or row.mode == "Online" else "in_person"
        item["unavailable"] = sorted(item["unavailable"] + self._too_near())
        return item

    def _other(self, item: dict, row) -> dict:
        """One that is not concerned."""
        item = {key: value for key, value in item.items() if key not in ("pinned", "previous")}
        item["mode"] = "online" if row.mode == "Online" else "in_person"
        fixed = self.situation.wish.nothing_else or row.pinned or row.override_reason
        if fixed or self.situation.is_over(row) or row.start < self.situation.now + NOTICE:
            return {**item, "pinned": text(row.start)}
        item["unavailable"] = sorted(item["unavailable"] + self._too_near())
        return {**item, "previous": text(row.start), "priority": "must", "rank": 1}

    def _too_near(self) -> list[list[str]]:
        until: datetime = self.situation.now + NOTICE
        return [[text(day.first), text(min(day.end, until))] for day in self.days if day.first < until]

    def _state(self) -> str:
        """A name for all that the proposal rests on; when it is another one, something changed meanwhile."""
        rows = [
            [row.name, str(row.start), str(row.end), row.room, row.mode, row.state, row.instructors]
            for row in self.situation.bookings.values()
        ]
        problem = {**self.problem, "weights": None}
        if self.situation.evening.dates and self._too_near():
            # The clock alone is no change: what is too near by now is refused when it is carried out.
            problem["conversations"] = [
                {key: value for key, value in item.items() if key not in _OF_THE_CLOCK}
                for item in problem["conversations"]
            ]
        places = sorted([str(key), str(value)] for key, value in self.places.items())
        return frappe.utils.sha256_hash(json.dumps([rows, problem, places], sort_keys=True, default=str))
