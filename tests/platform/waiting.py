"""A small evening whose instructor jan is full, and people who wait for a place with her."""

from datetime import date, datetime, timedelta

import frappe

from ouderavond.evening import booking, requests
from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import moves
from ouderavond.evening.waiting import asking, entries
from tests.platform.school import make_evening

# Students of bk1a, who all have jan for Nederlands, with one of their guardians.
FULL = (("s15", "karin.deboer"), ("s16", "samira.elamrani"), ("s21", "elif.kaya"))


class FullEvening:
    """Three slots on one date, in two weeks; jan has a conversation in each."""

    def __init__(self, school, **overrides):
        self.school = school
        self.date = date.today() + timedelta(days=14)
        now = frappe.utils.now_datetime()
        values = {
            "procedure": "Book Directly",
            "dates": [{"date": self.date, "first_time": "18:30:00", "end_time": "19:00:00"}],
            "booking_from": now - timedelta(days=1),
            "booking_until": now + timedelta(days=13),
            "maximum_per_student": 0,
            "change_until_hours": 0,
            **overrides,
        }
        self.doc = make_evening(school, **values)
        self.name = self.doc.name
        by_course.offer(self.name, courses=["Nederlands", "Engels", "Biologie"])
        self.starts = [self.at(18, 30), self.at(18, 40), self.at(18, 50)]
        self.booked = [
            self.book(student, guardian, start)
            for (student, guardian), start in zip(FULL, self.starts, strict=True)
        ]

    def at(self, hour: int, minute: int) -> datetime:
        """A time on the date of the evening."""
        return datetime.combine(self.date, datetime.min.time()) + timedelta(hours=hour, minutes=minute)

    def offer(self, student: str, instructor: str = "jan") -> str:
        """The offer of a student with an instructor."""
        return frappe.db.sql(
            """select o.name from `tabConversation Offer` o
            join `tabConversation Offer Instructor` i on i.parent = o.name
            where o.evening = %s and o.student = %s and i.instructor = %s order by o.subject""",
            (self.name, self.school.student[student], self.school.instructor[instructor]),
        )[0][0]

    def book(self, student: str, guardian: str, start: datetime, instructor: str = "jan") -> str:
        """Staff book a conversation."""
        party = booking.party_of(self.name, self.school.student[student], self.school.guardian[guardian])
        name = booking.book(
            self.offer(student, instructor), start, guardians=party, source="Staff", override_reason="filled"
        )
        frappe.db.commit()
        return name

    def free(self, number: int = 0) -> datetime:
        """A conversation of jan's is cancelled; returns its time."""
        moves.cancel([self.booked[number]])
        frappe.db.commit()
        return self.starts[number]

    def asker(self, who: str) -> requests.Asker:
        """A guardian by code, or a student (sNN)."""
        if who in self.school.student:
            return requests.Asker("Student", (), self.school.student[who])
        return requests.Asker("Guardian", (self.school.guardian[who],))

    def watch(self, who: str, student: str, earliest=None, latest=None, instructor: str = "jan") -> str:
        """Somebody gets in line."""
        doc = frappe.get_doc("Parent Evening", self.name)
        entry = asking.watch(doc, self.asker(who), self.offer(student, instructor), earliest, latest)
        frappe.db.commit()
        return entry

    def change(self, **values) -> None:
        """Staff change the evening."""
        doc = frappe.get_doc("Parent Evening", self.name)
        doc.update(values)
        doc.save()
        frappe.db.commit()
        self.doc = doc


def entry_of(name: str) -> frappe._dict:
    """An entry as it is stored now."""
    frappe.db.rollback()
    return frappe.db.get_value(entries.DOCTYPE, name, "*", as_dict=True)


def held(name: str) -> dict[str, list[datetime]]:
    """Which minutes are held for an entry, by person."""
    frappe.db.rollback()
    found: dict[str, list[datetime]] = {}
    filters = {"reference": name, "kind": "Hold"}
    for who, tick in frappe.get_all("Booking Claim", filters, ["who", "tick"], order_by="tick", as_list=True):
        found.setdefault(who, []).append(tick)
    return found


def let_expire(name: str) -> None:
    """The time to answer is over."""
    past = frappe.utils.now_datetime() - timedelta(minutes=1)
    frappe.db.set_value(entries.DOCTYPE, name, "expires", past)
    frappe.db.commit()
