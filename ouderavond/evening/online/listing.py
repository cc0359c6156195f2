"""The events of an evening as a list for staff, a page at a time."""

import frappe
from frappe.query_builder.functions import Count
from frappe.utils import cstr, now_datetime
from pypika import Order

from ouderavond.evening.offering.listing_rows import literally
from ouderavond.evening.online import rows, sentences, standing

FILTERS = ("standing", "code", "instructor", "search")
# What stands in a row beside its standing, and what is sorted by.
FIELDS = ("name", "booking", "start", "end", "instructor", "account", "online", "link", "code", "detail")
MORE = ("next_attempt", "checked_on", "pending", "unset", "live_key", "provider")


def page(evening: str, filters: dict | None, start: int, length: int, order_by: str | None) -> dict:
    """A page of the events: {rows, total}; without those that were taken away, unless asked for."""
    found = _Listing(evening, {key: cstr((filters or {}).get(key)).strip() for key in FILTERS})
    total = found.query.select(Count("*")).run()[0][0]
    return {"rows": found.rows(start, length, order_by) if total > start else [], "total": total}


class _Listing:
    def __init__(self, evening: str, filters: dict[str, str]):
        self.row, self.booking = frappe.qb.DocType(rows.DOCTYPE), frappe.qb.DocType("Evening Booking")
        self.instructor = frappe.qb.DocType("Instructor")
        self.standing = standing.of(self.row, now_datetime())
        self.query = (
            frappe.qb.from_(self.row)
            .left_join(self.booking)
            .on(self.booking.name == self.row.booking)
            .left_join(self.instructor)
            .on(self.instructor.name == self.row.instructor)
            .where(self.row.evening == evening)
        )
        self._filter(filters)

    def _filter(self, filters: dict[str, str]) -> None:
        wished = filters["standing"]
        if wished in standing.STANDINGS:
            self.query = self.query.where(self.standing == wished)
        else:
            self.query = self.query.where(self.row.state != "Cancelled")
        for key in ("code", "instructor"):
            if filters[key]:
                self.query = self.query.where(self.row[key] == filters[key])
        for word in filters["search"].split():
            pattern = f"%{literally(word)}%"
            texts = (self.booking.student_name, self.booking.subject, self.row.account)
            matches = self.instructor.instructor_name.like(pattern)
            for text in texts:
                matches = matches | text.like(pattern)
            self.query = self.query.where(matches)

    def rows(self, start: int, length: int, order_by: str | None) -> list[dict]:
        query = self.query.select(*(self.row[key] for key in (*FIELDS, *MORE)))
        query = query.select(self.standing.as_("standing"), self.booking.student_name.as_("student"))
        query = query.select(self.booking.subject, self.instructor.instructor_name)
        for term, order in self._orders(order_by):
            query = query.orderby(term, order=order)
        return [_shown(row) for row in query.limit(length).offset(start).run(as_dict=True)]

    def _orders(self, order_by: str | None) -> list[tuple]:
        terms = {
            "start": self.row.start,
            "student": self.booking.student_name,
            "subject": self.booking.subject,
            "instructor_name": self.instructor.instructor_name,
            "account": self.row.account,
            "standing": self.standing,
            "checked_on": self.row.checked_on,
        }
        key, _space, direction = cstr(order_by).partition(" ")
        order = Order.desc if direction == "desc" else Order.asc
        wished = [(terms[key], order)] if key in terms else []
        return [*wished, (self.row.start, Order.asc), (self.row.name, Order.asc)]


def _shown(row) -> dict:
    """A row as staff see it, with why it is not there in words."""
    code = row.code or ("pending" if row.pending and row.standing != "made" else "")
    word = sentences.of_failed if row.standing == "failed" else sentences.sentence
    return {
        **{key: row[key] for key in ("name", "booking", "start", "end", "student", "subject", "standing")},
        **{key: row[key] for key in ("instructor", "account", "link", "next_attempt", "checked_on")},
        "instructor_name": row.instructor_name or row.instructor,
        "online": bool(row.online),
        "taking_away": row.standing == "failed" and not row.live_key,
        "why": "" if row.standing == "gone" else word(code, cstr(row.account), cstr(row.detail)),
    }
