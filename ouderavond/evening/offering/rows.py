"""Offers as rows: read with their instructors and dates in three queries, written in bulk."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date

import frappe
from frappe.utils import getdate

from ouderavond.evening.bulk import child_row, clean, insert_rows
from ouderavond.evening.offer_key import instructors_key, subject_key

CHUNK = 2_000
CHILDREN = ("Conversation Offer Instructor", "Conversation Offer Date")


@dataclass(frozen=True)
class Offer:
    """A Conversation Offer as its record says; instructors and forbidden dates in order, without repeats."""

    name: str
    student: str
    student_name: str
    subject: str
    instructors: tuple[str, ...]
    course: str | None = None
    abbreviation: str | None = None
    offered: int = 1
    source: str = "Manual"
    slots: int = 1
    in_package: int = 1
    remark: str | None = None
    forbidden: tuple[date, ...] = ()

    @property
    def instructors_key(self) -> str:
        """The set of instructors as one text."""
        return instructors_key(self.instructors)

    @property
    def key(self) -> tuple[str, str, str]:
        """What there is one offer of in an evening."""
        return self.student, subject_key(self.subject), self.instructors_key

    def with_values(self, **values) -> "Offer":
        """The offer with other values."""
        return replace(self, **values)

    def as_dict(self) -> dict:
        """Plain values, for the journal."""
        values = {name: getattr(self, name) for name in COLUMNS}
        return {**values, "instructors": self.instructors, "forbidden": [str(day) for day in self.forbidden]}

    @classmethod
    def from_dict(cls, values: dict) -> "Offer":
        """The offer of `as_dict`."""
        days = tuple(getdate(day) for day in values["forbidden"])
        return cls(**{**values, "instructors": tuple(values["instructors"]), "forbidden": days})


# The columns of the record itself, which have the names of the fields.
COLUMNS = tuple(f.name for f in fields(Offer) if f.name not in ("instructors", "forbidden"))


def read(
    evening: str, *, names: Iterable[str] | None = None, students: Iterable[str] | None = None
) -> dict[str, Offer]:
    """Offers of an evening by name: all, some, or those of some students."""
    filters = {"evening": evening}
    if names is not None:
        filters["name"] = ("in", list(names) or [""])
    if students is not None:
        filters["student"] = ("in", list(students) or [""])
    found = frappe.get_all("Conversation Offer", filters, list(COLUMNS))
    some = [row.name for row in found] if len(filters) > 1 else None
    instructors = _children(CHILDREN[0], "instructor", evening, some)
    forbidden = _children(CHILDREN[1], "date", evening, some)
    return {
        row.name: Offer(
            **row,
            instructors=tuple(instructors.get(row.name, ())),
            forbidden=tuple(forbidden.get(row.name, ())),
        )
        for row in found
    }


def _children(doctype: str, field: str, evening: str, names: list[str] | None) -> dict[str, list]:
    child, offer = frappe.qb.DocType(doctype), frappe.qb.DocType("Conversation Offer")
    query = (
        frappe.qb.from_(child)
        .select(child.parent, child[field])
        .where((child.parenttype == "Conversation Offer") & child[field].isnotnull())
        .orderby(child.parent, child.idx)
    )
    if names is None:
        query = query.join(offer).on(offer.name == child.parent).where(offer.evening == evening)
    else:
        query = query.where(child.parent.isin(names or [""]))
    found: dict[str, list] = {}
    for parent, value in query.run():
        found.setdefault(parent, []).append(value)
    return found


def insert(evening: str, offers: list[Offer], progress: Callable[[int, int], None] | None = None) -> None:
    """Write new offers."""
    names = instructor_names()
    for done in range(0, len(offers), CHUNK):
        chunk = offers[done : done + CHUNK]
        insert_rows("Conversation Offer", [_record(evening, offer) for offer in chunk])
        _insert_children(chunk, names)
        if progress:
            progress(min(done + CHUNK, len(offers)), len(offers))


def delete(names: list[str]) -> None:
    """Delete offers with their rows."""
    for done in range(0, len(names), CHUNK):
        chunk = names[done : done + CHUNK]
        for child in CHILDREN:
            frappe.db.delete(child, {"parenttype": "Conversation Offer", "parent": ("in", chunk)})
        frappe.db.delete("Conversation Offer", {"name": ("in", chunk)})


def update(evening: str, pairs: list[tuple[Offer, Offer]]) -> None:
    """Write changed offers, given as (before, after): what changed in the same way in one statement."""
    by_change: dict[tuple, list[str]] = {}
    for before, after in pairs:
        changed = [name for name in COLUMNS if getattr(before, name) != getattr(after, name)]
        if before.instructors_key != after.instructors_key:
            changed.append("instructors_key")
        values = tuple((name, getattr(after, name)) for name in changed)
        by_change.setdefault(values, []).append(after.name)
    for values, names in by_change.items():
        # With no values only the rows below changed; the record still counts as modified now.
        written = clean("Conversation Offer", dict(values)) or {"docstatus": 0}
        frappe.db.set_value("Conversation Offer", {"name": ("in", names)}, written)
    renewed = [
        after
        for before, after in pairs
        if before.instructors != after.instructors or before.forbidden != after.forbidden
    ]
    for child in CHILDREN:
        old = {
            "parenttype": "Conversation Offer",
            "parent": ("in", [offer.name for offer in renewed] or [""]),
        }
        frappe.db.delete(child, old)
    _insert_children(renewed, instructor_names())


def instructor_names() -> dict[str, str]:
    """{instructor: name as people know them}."""
    return dict(frappe.get_all("Instructor", fields=["name", "instructor_name"], as_list=True))


def _record(evening: str, offer: Offer) -> dict:
    values = {name: getattr(offer, name) for name in COLUMNS}
    return {**values, "evening": evening, "instructors_key": offer.instructors_key}


def _insert_children(offers: list[Offer], names: dict[str, str]) -> None:
    given = [
        child_row(
            "Conversation Offer",
            offer.name,
            "instructors",
            idx,
            instructor=instructor,
            instructor_name=names.get(instructor),
        )
        for offer in offers
        for idx, instructor in enumerate(offer.instructors, 1)
    ]
    insert_rows(CHILDREN[0], given)
    days = [
        child_row("Conversation Offer", offer.name, "forbidden_dates", idx, date=day)
        for offer in offers
        for idx, day in enumerate(offer.forbidden, 1)
    ]
    insert_rows(CHILDREN[1], days)
