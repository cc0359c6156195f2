"""The records of an evening as a problem document for the scheduler (format "ouderavond-problem/1").

The document holds ids of records and times only, no names or texts.
"""

import hashlib
import json
from collections import defaultdict
from datetime import datetime, timedelta
from functools import cached_property

import frappe
from frappe.utils import getdate

from ouderavond.evening import class_dates, grid, spans
from ouderavond.evening.people import household_index, parties, person_keys
from ouderavond.evening.planning.run_options import WEIGHTS, RunOptions
from ouderavond.evening.rows import of_parents

OPEN_STATES = ("Requested", "Placed", "Not Placed")
# A booking without a request (booked by staff, say) takes part as a conversation with this prefix.
BOOKING_PREFIX = "booking:"
# Blocks that concern a student only where they attend.
ATTENDING = "Attending Student"


def build_problem(evening, options: RunOptions | None = None) -> dict:
    """The problem document of a Parent Evening document, from what the database says now.

    Requests that are not withdrawn are its conversations, named after the request. What has a time and may
    not move, by the `options`, stays where it is; what may move says where it was before, or where people
    were told that it is. By default published and pinned conversations stay.
    """
    builder = _Builder(evening, options)
    return _document(builder, builder.conversations())


def build_possible(evening) -> dict:
    """The same document with every offer as a conversation: what may be asked, for the capacity forecast.

    A conversation of a student whose guardians attend separately is there once, with who comes first.
    """
    builder = _Builder(evening)
    return _document(builder, builder.possible())


def _document(builder: "_Builder", conversations: list[dict]) -> dict:
    evening = builder.evening
    instructors = sorted({name for item in conversations for name in item["instructors"]})
    households = sorted({item["household"] for item in conversations})
    return {
        "format": "ouderavond-problem/1",
        "slot_minutes": evening.minutes_per_conversation,
        "pause_minutes": evening.minutes_between or 0,
        "walking_minutes": evening.walking_minutes or 0,
        "travel_minutes": evening.travel_minutes or 0,
        "dates": [
            {"date": str(day.date), "starts": [f"{start:%H:%M}" for start in day.starts]}
            for day in builder.days
        ],
        "rooms": builder.rooms(),
        "instructors": [builder.instructor(name, households) for name in instructors],
        "households": [builder.household(name, households) for name in households],
        "students": builder.students(conversations),
        "conversations": conversations,
        "weights": weights(evening),
    }


def weights(evening) -> dict[str, float]:
    """The weights of an evening, as the problem document names them."""
    return {name: round(float(evening.get(f"weight_{name}") or 0), 3) for name in WEIGHTS}


def fingerprint(problem: dict) -> str:
    """A hash of what a run was calculated from; weights and previous starts do not make it another input."""
    conversations = [
        {key: value for key, value in item.items() if key != "previous"} for item in problem["conversations"]
    ]
    same = {**problem, "weights": None, "conversations": conversations}
    return hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()


def is_online(evening, wish: str | None) -> bool:
    """Whether a conversation is online: as the evening says, or as the household chose."""
    return evening.mode == "Online" or (evening.mode != "In Person" and wish == "Online")


def text(moment: datetime) -> str:
    """A moment as the documents write it."""
    return moment.strftime("%Y-%m-%dT%H:%M")


class _Builder:
    """Reads an evening's rows once, in a handful of queries, and hands out the parts of the document."""

    def __init__(self, evening, options: RunOptions | None = None):
        self.evening = evening
        self.options = options or RunOptions()
        self.days = grid.slots(evening)
        self.offers: dict = {}
        self.households = household_index(evening)
        self.presence = self._presence()
        self.blocks = self._blocks()
        self.busy_elsewhere = self._busy_elsewhere()

    def _read_offers(self, names: set[str] | None = None) -> None:
        """Read some offers of the evening, or all: a large school has twenty for each that is requested."""
        filters = {"evening": self.evening.name}
        if names is not None:
            filters["name"] = ("in", sorted(names) or [""])
        rows = frappe.get_all("Conversation Offer", filters, ["name", "student", "slots", "offered"])
        self.offers = {row.name: row for row in rows}
        for row in rows:
            row.instructors, row.forbidden = [], []
        for child, field, into in (
            ("Conversation Offer Instructor", "instructor", "instructors"),
            ("Conversation Offer Date", "date", "forbidden"),
        ):
            self._children(names, child, field, into)

    def _children(self, names: set[str] | None, doctype: str, field: str, into: str) -> None:
        child, offer = frappe.qb.DocType(doctype), frappe.qb.DocType("Conversation Offer")
        query = (
            frappe.qb.from_(child)
            .join(offer)
            .on(offer.name == child.parent)
            .select(child.parent, child[field])
            .where(offer.evening == self.evening.name)
            .orderby(child.parent, child.idx)
        )
        if names is not None:
            query = query.where(child.parent.isin(sorted(names) or [""]))
        for parent, value in query.run():
            self.offers[parent][into].append(value)

    def _presence(self) -> dict:
        fields = ["instructor", "date", "present_from", "present_until", "room", "break_after"]
        fields += ["maximum_conversations"]
        rows = frappe.get_all("Evening Instructor", {"evening": self.evening.name}, fields)
        return {(row.instructor, getdate(row.date)): row for row in rows}

    def _blocks(self) -> dict[tuple[str, str | None], list[list[str]]]:
        found = defaultdict(list)
        first, last = self._span()
        filters = {"from_time": ("<", last), "to_time": (">", first)}
        fields = ["evening", "who_type", "who", "from_time", "to_time", "source"]
        for row in frappe.get_all("Evening Block", filters, fields, order_by="from_time, name"):
            if row.who_type != "Everyone" or row.evening == self.evening.name:
                # What students say of themselves keeps them away, not the conversations about them.
                who_type = ATTENDING if row.source == "Student" else row.who_type
                found[(who_type, row.who or None)].append([text(row.from_time), text(row.to_time)])
        return found

    def _span(self) -> tuple[datetime, datetime]:
        if not self.days:
            now = datetime.now()
            return now, now
        return self.days[0].first, self.days[-1].end

    def _busy_elsewhere(self) -> dict[str, list[list[str]]]:
        """Person key -> times taken by conversations of other evenings on the same dates."""
        first, last = self._span()
        claim = frappe.qb.DocType("Booking Claim")
        rows = (
            frappe.qb.from_(claim)
            .select(claim.who, claim.tick)
            .where((claim.kind == "Booking") & (claim.evening != self.evening.name))
            .where(claim.tick[first:last])
            .orderby(claim.who, claim.tick)
        ).run()
        found: dict[str, list[list[datetime]]] = defaultdict(list)
        for who, tick in rows:
            if found[who] and found[who][-1][1] == tick:
                found[who][-1][1] = tick + timedelta(minutes=1)
            else:
                found[who].append([tick, tick + timedelta(minutes=1)])
        return {who: [[text(start), text(end)] for start, end in times] for who, times in found.items()}

    def conversations(self) -> list[dict]:
        bookings = self._bookings()
        groups = parties(self.evening)
        fields = ["name", "offer", "student", "guardian", "priority", "rank", "longer", "preference", "mode"]
        requests = frappe.get_all(
            "Conversation Request",
            {"evening": self.evening.name, "state": ("in", OPEN_STATES)},
            fields,
            order_by="name",
        )
        self._read_offers({row.offer for row in [*requests, *bookings.values()] if row.offer})
        found = []
        for request in requests:
            offer = self.offers.get(request.offer)
            booking = bookings.pop(request.name, None)
            if offer:
                item = self._conversation(request.name, offer, self._household_of(request, groups), booking)
                item |= self._wishes(request, offer)
                if booking:
                    item |= self._where_it_was(booking, item)
                found.append(item)
        for booking in bookings.values():
            offer = self.offers.get(booking.offer)
            # What it answered has been withdrawn.
            booking.request = None
            if offer:
                found.append(self._without_request(booking, offer))
        return found

    def possible(self) -> list[dict]:
        self._read_offers()
        groups = parties(self.evening)
        found = []
        for name, offer in sorted(self.offers.items()):
            if offer.offered and offer.student and offer.instructors:
                asker = frappe._dict(guardian=None, student=offer.student)
                found.append(self._conversation(name, offer, self._household_of(asker, groups), None))
        return found

    def _bookings(self) -> dict:
        """Live bookings by request, or by their own prefixed name where they have none."""
        fields = ["name", "request", "offer", "student", "start", "end", "state", "pinned", "mode"]
        fields += ["student_attends", "published_start"]
        live = {"evening": self.evening.name, "state": ("!=", "Cancelled")}
        found = frappe.get_all("Evening Booking", live, fields, order_by="name")
        names = [row.name for row in found]
        instructors = of_parents("Evening Booking Instructor", "instructor", names)
        guardians = of_parents("Evening Booking Guardian", "guardian", names)
        for row in found:
            row.instructors = [who for who in instructors[row.name] if who]
            row.guardians = [who for who in guardians[row.name] if who]
        return {row.request or BOOKING_PREFIX + row.name: row for row in found}

    def _household_of(self, request, groups) -> str:
        if request.guardian in self.households:
            return self.households[request.guardian]
        first = next(iter(groups.get(request.student, [])), None)
        if not request.guardian and first:
            return self.households.get(first[0], first[0])
        return request.guardian or f"student:{request.student}"

    def _conversation(self, name: str, offer, household: str, booking) -> dict:
        attends = bool(booking.student_attends) if booking else self.evening.student_attends == "Must"
        # Staff may have given a conversation to others than those who were offered.
        people = (booking and booking.instructors) or offer.instructors
        return {
            "id": name,
            "household": household,
            "student": offer.student,
            "student_attends": attends or household.startswith("student:"),
            "instructors": sorted(set(people)),
            "slots": offer.slots or 1,
            "unavailable": self._forbidden(offer),
        }

    def _forbidden(self, offer) -> list[list[str]]:
        forbidden = {getdate(value) for value in offer.forbidden}
        forbidden |= self._class_dates.get(offer.student, set())
        times = [[text(day.first), text(day.end)] for day in self.days if day.date in forbidden]
        times += self.blocks[("Everyone", None)] + self.blocks[("Student", offer.student)]
        for name in self._blocked_classes.get(offer.student, []):
            times += self.blocks[("Student Group", name)]
        return sorted(times)

    @cached_property
    def _class_dates(self) -> dict[str, set]:
        return class_dates.of_students(self.evening.name)

    @cached_property
    def _blocked_classes(self) -> dict[str, list[str]]:
        """Student -> the blocked classes they are in."""
        names = [who for (who_type, who) in self.blocks if who_type == "Student Group"]
        filters = {"parent": ("in", names or [""]), "active": 1}
        found = defaultdict(list)
        for row in frappe.get_all("Student Group Student", filters, ["student", "parent"], order_by="parent"):
            found[row.student].append(row.parent)
        return found

    def _wishes(self, request, offer) -> dict:
        online = is_online(self.evening, request.mode)
        return {
            "slots": (offer.slots or 1) * (2 if request.longer else 1),
            "priority": "must" if request.priority == "Must See" else "wanted",
            "rank": max(1, int(request.rank or 1)),
            "preference": (request.preference or "none").lower(),
            "mode": "online" if online else "in_person",
        }

    def _where_it_was(self, booking, item: dict) -> dict:
        """Where a conversation stays, or else where people think that it is: moving it from there costs."""
        if not self.options.may_move(booking, item["instructors"]):
            return {"pinned": text(booking.start), "slots": self._slots(booking)}
        told = booking.published_start if booking.state == "Published" else None
        # What staff made longer stays so.
        return {
            "previous": text(told or booking.start),
            "slots": max(item["slots"], self._slots(booking)),
        }

    def _slots(self, booking) -> int:
        step = self.evening.minutes_per_conversation + (self.evening.minutes_between or 0)
        minutes = (booking.end - booking.start).total_seconds() / 60 + (self.evening.minutes_between or 0)
        return max(1, round(minutes / step))

    def _without_request(self, booking, offer) -> dict:
        """A booking that answers no request: nothing else takes its place, whether it may move or not."""
        guardian = next(iter(booking.guardians), None)
        household = self.households.get(guardian, guardian) or f"student:{booking.student}"
        item = {
            **self._conversation(BOOKING_PREFIX + booking.name, offer, household, booking),
            "slots": self._slots(booking),
            "priority": "must",
            "mode": "online" if booking.mode == "Online" else "in_person",
        }
        return item | self._where_it_was(booking, item)

    def rooms(self) -> list[dict]:
        shared = {room for room, _date in spans.shared_rooms(self.evening.name)}
        names = sorted({row.room for row in self.presence.values() if row.room})
        return [{"id": name, "shared": name in shared} for name in names]

    def instructor(self, name: str, households: list[str]) -> dict:
        own = self._own_household(name)
        item = {
            "id": name,
            "rooms": {
                str(day.date): row.room
                for day in self.days
                if (row := self.presence.get((name, day.date))) and row.room
            },
            "unavailable": self._absences(name),
        }
        after = self._break_after(name)
        if after:
            item["break"] = {"after": after, "slots": 1}
        if own in households:
            item["household"] = own
        return item

    def _own_household(self, instructor: str) -> str | None:
        """The household of an instructor who is a guardian too."""
        return self._household_of_key.get(self._key("Instructor", instructor))

    @cached_property
    def _household_of_key(self) -> dict[str, str]:
        return {self._key("Guardian", guardian): name for guardian, name in self.households.items()}

    def _absences(self, name: str) -> list[list[str]]:
        times = list(self.blocks[("Instructor", name)])
        times += self.busy_elsewhere.get(self._key("Instructor", name), [])
        for day in self.days:
            row = self.presence.get((name, day.date))
            first, last = self._presence_on(day, row)
            if row and row.room:
                times += self.blocks[("Room", row.room)]
            if first > day.first:
                times.append([text(day.first), text(min(first, day.end))])
            if last < day.end and last > day.first:
                times.append([text(max(last, day.first)), text(day.end)])
        return sorted(times)

    def _presence_on(self, day, row) -> tuple[datetime, datetime]:
        """From when until when an instructor is there; nobody without a row for the date is.

        A maximum of conversations is kept by letting the instructor leave after that many slots, since the
        problem document knows no maximum.
        """
        if not row:
            return day.end, day.end
        first = grid.at(day.date, row.present_from) if row.present_from is not None else day.first
        last = grid.at(day.date, row.present_until) if row.present_until is not None else day.end
        starts = [start for start in day.starts if start >= first]
        if row.maximum_conversations and len(starts) > row.maximum_conversations:
            last = min(last, starts[row.maximum_conversations])
        return first, last

    def _break_after(self, name: str) -> int:
        own = [
            row.break_after for (who, _date), row in self.presence.items() if who == name and row.break_after
        ]
        return min(own) if own else int(self.evening.break_after or 0)

    def _key(self, doctype: str, name: str) -> str:
        return self._keys.get((doctype, name), f"{doctype}:{name}")

    @cached_property
    def _keys(self) -> dict[tuple[str, str], str]:
        records = [("Instructor", who) for who, _date in self.presence]
        return person_keys(records + [("Guardian", who) for who in self.households])

    @cached_property
    def _members(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for guardian, name in sorted(self.households.items()):
            found[name].append(guardian)
        return found

    def household(self, name: str, households: list[str]) -> dict:
        members = self._members.get(name, [])
        times = []
        for guardian in members:
            times += self.blocks[("Guardian", guardian)]
            times += self.busy_elsewhere.get(self._key("Guardian", guardian), [])
        apart: dict[str, int] = {}
        for other, minutes in self._avoided(members):
            household = self.households.get(other)
            if household in households and household != name:
                apart[household] = max(minutes, apart.get(household, 0))
        item = {"id": name, "unavailable": sorted(times)}
        if apart:
            item["apart"] = [{"household": key, "minutes": minutes} for key, minutes in sorted(apart.items())]
        return item

    def _avoided(self, members: list[str]) -> list[tuple[str, int]]:
        return [pair for member in members for pair in self._pairs[member]]

    @cached_property
    def _pairs(self) -> dict[str, list[tuple[str, int]]]:
        found = defaultdict(list)
        fields = ["guardian", "other_guardian", "minutes"]
        for row in frappe.get_all("Guardians Not To Meet", fields=fields):
            found[row.guardian].append((row.other_guardian, row.minutes))
            found[row.other_guardian].append((row.guardian, row.minutes))
        return found

    def students(self, conversations: list[dict]) -> list[dict]:
        """Students who attend cannot come while they are busy elsewhere."""
        names = sorted({item["student"] for item in conversations})
        keys = person_keys(("Student", name) for name in names)
        return [
            {
                "id": name,
                "unavailable": sorted(
                    self.busy_elsewhere.get(keys[("Student", name)], []) + self.blocks[(ATTENDING, name)]
                ),
            }
            for name in names
        ]
