"""Applying a schedule: bookings, claims and requests' states, in one transaction."""

from dataclasses import dataclass
from datetime import datetime

import frappe
from frappe import _
from frappe.utils import get_datetime, now_datetime

from ouderavond.evening import claims, grid, spans, status
from ouderavond.evening.bulk import child_row, insert_rows
from ouderavond.evening.people import parties
from ouderavond.evening.problem import BOOKING_PREFIX, build_problem, fingerprint, is_online

CHILDREN = {"instructors": "Evening Booking Instructor", "guardians": "Evening Booking Guardian"}


@dataclass
class ApplyReport:
    """What applying a schedule did, in numbers of conversations."""

    booked: int = 0
    kept: int = 0
    moved: int = 0
    removed: int = 0
    not_placed: int = 0


def apply_schedule(evening: str, schedule: dict, input_hash: str, run: str | None = None) -> ApplyReport:
    """Make the bookings of a schedule document: all of them, or none.

    Published and pinned bookings stay as they are; planned ones are moved or removed. Commits.

    Args:
        evening: name of the Parent Evening.
        schedule: a document of the format "ouderavond-schedule/1".
        input_hash: the fingerprint of the problem that it was calculated from.
        run: the Schedule Run, kept with the bookings.

    Raises:
        frappe.ValidationError: requests, offers or blocks have changed since; nothing is written.
        claims.TakenError: somebody has a conversation in another evening at that time; nothing is written.
    """

    def work() -> ApplyReport:
        doc = frappe.get_doc("Parent Evening", evening)
        if doc.archived:
            frappe.throw(_("This evening is archived."))
        if fingerprint(build_problem(doc)) != input_hash:
            frappe.throw(
                _("Requests, offers or times have changed since this run. Run the scheduler again."),
                title=_("The Run Is Out of Date"),
            )
        return _Application(doc, schedule, run).write()

    report = claims.transaction(evening, _people(evening), work, exclusive=True)
    status.refresh(evening)
    frappe.db.commit()
    return report


def _people(evening: str) -> list[tuple[str, str]]:
    """Everybody whom a schedule of this evening may concern."""
    instructors = frappe.get_all(
        "Evening Instructor", {"evening": evening}, pluck="instructor", distinct=True
    )
    students = frappe.get_all("Conversation Request", {"evening": evening}, pluck="student", distinct=True)
    groups = parties(frappe.get_doc("Parent Evening", evening), students)
    guardians = {name for parties_of in groups.values() for party in parties_of for name in party}
    records = [("Instructor", name) for name in instructors] + [
        ("Student", name) for name in students if name
    ]
    return records + [("Guardian", name) for name in guardians]


class _Application:
    """One schedule on its way into the database; the rows are read once and written in bulk."""

    def __init__(self, evening, schedule: dict, run: str | None):
        self.evening, self.schedule, self.run = evening, schedule, run
        self.requests = self._by_name(
            "Conversation Request", ["offer", "student", "guardian", "longer", "mode"]
        )
        self.offers = self._by_name("Conversation Offer", ["student", "student_name", "subject", "slots"])
        self.instructors = self._offer_instructors()
        self.places = self._places()
        self.shared = spans.shared_rooms(evening.name)
        self.parties = parties(evening, {row.student for row in self.requests.values()})
        self.guardian_names = dict(frappe.get_all("Guardian", fields=["name", "guardian_name"], as_list=True))

    def _by_name(self, doctype: str, fields: list[str]) -> dict:
        rows = frappe.get_all(doctype, {"evening": self.evening.name}, ["name", *fields])
        return {row.name: row for row in rows}

    def _offer_instructors(self) -> dict[str, list[tuple[str, str]]]:
        child, offer = (
            frappe.qb.DocType("Conversation Offer Instructor"),
            frappe.qb.DocType("Conversation Offer"),
        )
        rows = (
            frappe.qb.from_(child)
            .join(offer)
            .on(offer.name == child.parent)
            .select(child.parent, child.instructor, child.instructor_name)
            .where(offer.evening == self.evening.name)
            .orderby(child.parent, child.instructor)
        ).run()
        found: dict[str, list[tuple[str, str]]] = {}
        for parent, instructor, name in rows:
            found.setdefault(parent, []).append((instructor, name))
        return found

    def _places(self) -> dict:
        fields = ["instructor", "date", "room", "table_label"]
        rows = frappe.get_all("Evening Instructor", {"evening": self.evening.name}, fields)
        return {(row.instructor, row.date): (row.room, row.table_label) for row in rows}

    def write(self) -> ApplyReport:
        report = ApplyReport()
        starts = {item["conversation"]: get_datetime(item["start"]) for item in self.schedule["placements"]}
        current = {
            row.request: row
            for row in frappe.get_all(
                "Evening Booking",
                {"evening": self.evening.name, "state": ("!=", "Cancelled"), "request": ("is", "set")},
                ["name", "request", "start", "state", "pinned"],
            )
        }
        fixed = {name for name, row in current.items() if row.pinned or row.state == "Published"}
        planned = {name: row for name, row in current.items() if name not in fixed}
        report.kept = len(fixed)
        docs = [
            self._booking(name, start, planned.get(name))
            for name, start in sorted(starts.items())
            if name not in fixed and not name.startswith(BOOKING_PREFIX)
        ]
        self._count(report, docs, planned)
        self._replace(docs, planned)
        self._tell_requests(set(starts), report)
        return report

    def _count(self, report: ApplyReport, docs: list, planned: dict) -> None:
        report.booked = len(docs)
        report.removed = len(planned.keys() - {doc.request for doc in docs})
        report.moved = sum(
            1 for doc in docs if doc.request in planned and planned[doc.request].start != doc.start
        )

    def _replace(self, docs: list, planned: dict) -> None:
        """Write the planned bookings anew; a request keeps the name of its booking, and so its identity."""
        old = [row.name for row in planned.values()]
        if old:
            for doctype in CHILDREN.values():
                frappe.db.delete(doctype, {"parent": ("in", old), "parenttype": "Evening Booking"})
            frappe.db.delete("Evening Booking", {"name": ("in", old)})
        insert_rows("Evening Booking", [_without_children(doc) for doc in docs])
        for field, doctype in CHILDREN.items():
            insert_rows(doctype, [row for doc in docs for row in doc[field]])
        wanted = [spans.of_booking(doc, (doc.room, doc.start.date()) in self.shared) for doc in docs]
        claims.replace(self.evening.name, old, wanted)

    def _booking(self, request_name: str, start: datetime, planned):
        request = self.requests[request_name]
        offer = self.offers[request.offer]
        slots = (offer.slots or 1) * (2 if request.longer else 1)
        name = planned.name if planned else frappe.generate_hash(length=10)
        people = self.instructors.get(request.offer, [])
        guardians = self._party(request)
        online = is_online(self.evening, request.mode)
        place = self.places.get((people[0][0], start.date())) if people and not online else None
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
                "room": place[0] if place else None,
                "table_label": place[1] if place else None,
                "mode": "Online" if online else "In Person",
                "offer": offer.name,
                "request": request_name,
                "source": "Scheduler",
                "run": self.run,
                "student_attends": int(self.evening.student_attends == "Must" or not guardians),
                "instructors": _rows(name, "instructor", people),
                "guardians": _rows(
                    name, "guardian", [(who, self.guardian_names.get(who)) for who in guardians]
                ),
            }
        )

    def _party(self, request) -> list[str]:
        groups = self.parties.get(request.student, [])
        for party in groups:
            if request.guardian in party:
                return party
        if request.guardian:
            return [request.guardian]
        return groups[0] if groups and self.evening.contact_with != "Students" else []

    def _tell_requests(self, placed: set[str], report: ApplyReport) -> None:
        names = [name for name in placed if name in self.requests]
        if names:
            changed = {"state": "Placed", "reason": None, "reason_facts": None}
            frappe.db.set_value("Conversation Request", {"name": ("in", names)}, changed)
        for item in self.schedule["unplaced"]:
            if item["conversation"] in self.requests:
                report.not_placed += 1
                facts = {"facts": item.get("facts") or {}, "alternatives": item.get("alternatives") or []}
                changed = {
                    "state": "Not Placed",
                    "reason": item["reason"],
                    "reason_facts": frappe.as_json(facts),
                }
                frappe.db.set_value("Conversation Request", item["conversation"], changed)


def _rows(booking: str, kind: str, people: list[tuple[str, str | None]]) -> list[frappe._dict]:
    return [
        frappe._dict(
            child_row("Evening Booking", booking, f"{kind}s", idx, **{kind: who, f"{kind}_name": title})
        )
        for idx, (who, title) in enumerate(people, 1)
    ]


def _without_children(booking: dict) -> dict:
    return {key: value for key, value in booking.items() if key not in CHILDREN}


def mark_applied(run: str) -> None:
    """Remember when a run was applied."""
    frappe.db.set_value("Schedule Run", run, "applied_on", now_datetime())
