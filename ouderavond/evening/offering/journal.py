"""The journal of bulk changes: what the records were before and after, and taking the last change back.

An entry is (DocType, name, values before, values after), None where there was or is no record. The entries of
a change are stored compressed in its Offer Change: they write no Version.
"""

import json
from collections.abc import Callable

import frappe
from frappe import _
from frappe.utils import get_datetime, now, now_datetime

from ouderavond.evening import claims, spans
from ouderavond.evening.bulk import insert_rows
from ouderavond.evening.counts import ASKED, LIVE
from ouderavond.evening.offering import ending, rows, telling
from ouderavond.evening.offering.report import sentence
from ouderavond.evening.offering.rows import Offer
from ouderavond.evening.packed import pack, unpack

# Records that are there or not, and have no life of their own.
SIMPLE = ("Evening Instructor", "Reference Week Choice", "Forbidden Class Date")


class Records:
    """Records beside offers that a change makes or takes away: of the kinds in SIMPLE."""

    def __init__(self):
        self._new: list[tuple[str, dict]] = []
        self._gone: list[tuple[str, dict]] = []

    def __len__(self) -> int:
        """How many records change: one that is taken and put again under its name is one."""
        return len({values["name"] for _kind, values in self._new + self._gone})

    def put(self, doctype: str, **values) -> None:
        """There shall be a record with these values, dates as text."""
        self._new.append((doctype, {"name": frappe.generate_hash(length=10), **values}))

    def take(self, doctype: str, values: dict) -> None:
        """The record with these values, `name` among them, shall be gone."""
        self._gone.append((doctype, values))

    def write(self) -> None:
        """Delete what goes, then insert what comes."""
        for doctype in SIMPLE:
            gone = [values["name"] for kind, values in self._gone if kind == doctype]
            frappe.db.delete(doctype, {"name": ("in", gone or [""])})
            insert_rows(doctype, [values for kind, values in self._new if kind == doctype])

    def entries(self) -> list[tuple]:
        """The journal's entries."""
        gone = [(doctype, values["name"], values, None) for doctype, values in self._gone]
        return gone + [(doctype, values["name"], None, values) for doctype, values in self._new]


def entries_of_offers(new: list[Offer], gone: list[Offer], changed: list[tuple[Offer, Offer]]) -> list[tuple]:
    """The entries of offers that came, went and changed."""
    kind = "Conversation Offer"
    return (
        [(kind, offer.name, offer.as_dict(), None) for offer in gone]
        + [(kind, before.name, before.as_dict(), after.as_dict()) for before, after in changed]
        + [(kind, offer.name, None, offer.as_dict()) for offer in new]
    )


def keep(evening: str, operation: str, figures: dict, entries: list[tuple]) -> str:
    """Write an Offer Change, and return its name."""
    name = frappe.generate_hash(length=10)
    values = {"name": name, "evening": evening, "operation": operation, "figures": json.dumps(figures)}
    insert_rows("Offer Change", [{**values, "records": pack(entries)}])
    return name


# Taking back


def last(evening) -> dict | None:
    """The last change of an evening (a document) that was not taken back: what, who, when, whether it may be.

    Keys change, operation, sentence, by, on, allowed, why_not.
    """
    found = _last(evening.name)
    if not found:
        return None
    refusal = _why_not(evening)
    return {
        "change": found.name,
        "operation": _(found.operation),
        "sentence": sentence(json.loads(found.figures or "{}")),
        "by": frappe.utils.get_fullname(found.owner),
        "on": str(found.creation),
        "allowed": not refusal,
        "why_not": refusal,
    }


def _last(evening: str):
    changes = frappe.get_all(
        "Offer Change",
        {"evening": evening, "undone_on": ("is", "not set")},
        ["name", "operation", "figures", "owner", "creation"],
        order_by="creation desc",
        limit=1,
    )
    return changes[0] if changes else None


def _why_not(evening) -> str | None:
    if evening.archived:
        return _("This evening is archived and can only be read.")
    direct = evening.procedure == "Book Directly"
    opens = evening.booking_from if direct else evening.request_from
    if evening.published and (not opens or get_datetime(opens) <= now_datetime()):
        return _("Guardians can act already; from then on changes are not taken back as a whole.")
    return None


def size_of(change: str) -> int:
    """About how many records a change wrote; 0 where there is no such change."""
    figures = json.loads(frappe.db.get_value("Offer Change", change, "figures") or "{}")
    return sum(number for name, number in figures.items() if name != "existing")


def undo(evening: str, change: str, progress: Callable[[int, int], None] | None = None) -> dict:
    """Take the last change of an evening back, as a whole. Commits.

    Records that have been changed since by another way stay as they are. Households whose requests were
    withdrawn, and are not any more, get the usual confirmation.

    Args:
        change: name of the Offer Change that is meant; refused unless it still is the last one.
        progress: called with (done, total) while offers are written back.

    Returns:
        {restored, kept, told, not_told}: how many records are as before, how many stay, how many people were
        told, and (who, why) of those who could not be.

    Raises:
        frappe.ValidationError: it is not the last change (any more), or guardians can act already.
        claims.TakenError: the place of a conversation that was cancelled has been taken.
    """

    def work() -> _Undoing:
        doc = frappe.get_doc("Parent Evening", evening)
        refusal = _why_not(doc)
        if refusal:
            frappe.throw(refusal)
        found = _last(evening)
        if not found or found.name != change:
            frappe.throw(
                _("Something else has been changed since, or this has been undone already. Look at it again.")
            )
        entries = unpack(frappe.db.get_value("Offer Change", change, "records"))
        undoing = _Undoing(evening, entries, found.creation, progress)
        undoing.carry_out()
        undone = {"undone_on": now(), "undone_by": frappe.session.user}
        frappe.db.set_value("Offer Change", change, undone, update_modified=False)
        return undoing

    undone = claims.transaction(evening, [], work, exclusive=True)
    frappe.db.commit()
    result = {"restored": undone.restored, "kept": undone.kept, "told": 0, "not_told": []}
    if undone.requests:
        told = telling.told_requests(evening, undone.requests)
        result |= {"told": told.sent, "not_told": told.not_told}
    return result


class _Undoing:
    """Brings the records of a change back to what they were, except those that were changed since."""

    def __init__(self, evening: str, entries: list[list], made_on, progress: Callable | None = None):
        self.evening = evening
        self.made_on = made_on
        self.progress = progress
        self.by_kind: dict[str, list] = {}
        for doctype, name, before, after in entries:
            self.by_kind.setdefault(doctype, []).append((name, before, after))
        self.restored = self.kept = 0
        self.kept_offers: set[str] = set()
        self.requests: list[str] = []

    def carry_out(self) -> None:
        """Offers first, since requests and conversations stand on them."""
        self._offers(self.by_kind.pop("Conversation Offer", []))
        requests = self.by_kind.pop("Conversation Request", [])
        self.requests = self._states("Conversation Request", requests, self._may_ask_again)
        self._bookings(self.by_kind.pop("Evening Booking", []), {name for name, _before, _after in requests})
        for doctype, entries in self.by_kind.items():
            self._simple(doctype, entries)

    def _offers(self, entries: list[tuple]) -> None:
        there = rows.read(self.evening, names=[name for name, _before, _after in entries])
        asked = ending.ever_asked(name for name, before, _after in entries if not before)
        asked |= self._asked_since([(name, b, a) for name, b, a in entries if b and a])
        doomed, changed, returning = [], [], []
        for name, before, after in entries:
            now_there = there.get(name)
            if now_there != (Offer.from_dict(after) if after else None) or name in asked:
                self.kept_offers.add(name)
            elif not before:
                doomed.append(name)
            elif not after:
                returning.append(Offer.from_dict(before))
            else:
                changed.append((now_there, Offer.from_dict(before)))
        rows.delete(doomed)
        changed = self._without_doubles(changed)
        rows.update(self.evening, changed)
        self._return(returning)
        self.restored += len(doomed) + len(changed)
        self.kept += len(self.kept_offers)

    def _asked_since(self, entries: list[tuple]) -> set[str]:
        """Of offers that were switched on or given others: those that somebody asked for or booked since.

        The change left no conversation with a time on them, and what is switched off nobody asks for.
        """
        on = [name for name, before, after in entries if after["offered"] and not before["offered"]]
        moved = [name for name, before, after in entries if before["instructors"] != after["instructors"]]
        new = {"state": ("in", ASKED), "creation": (">", self.made_on)}
        found: set[str] = set()
        for doctype, names, filters in (
            ("Conversation Request", on, {"state": ("in", ASKED)}),
            ("Conversation Request", moved, new),
            ("Evening Booking", [*on, *moved], {"state": ("in", LIVE)}),
        ):
            filters = {"offer": ("in", names or [""]), **filters}
            found |= set(frappe.get_all(doctype, filters, pluck="offer", distinct=True))
        return found

    def _without_doubles(self, pairs: list[tuple[Offer, Offer]]) -> list[tuple[Offer, Offer]]:
        """Without the offers that another one, made since, would be the same as."""
        students = {before.student for now_there, before in pairs if now_there.key != before.key}
        moving = {now_there.name for now_there, _before in pairs}
        others = rows.read(self.evening, students=students).values() if students else ()
        taken = {offer.key for offer in others if offer.name not in moving}
        double = {before.name for now_there, before in pairs if before.key in taken}
        self.kept_offers |= double
        return [pair for pair in pairs if pair[1].name not in double]

    def _return(self, offers: list[Offer]) -> None:
        """Insert offers that were removed, unless the same was offered anew or somebody in it is gone."""
        students = {offer.student for offer in offers}
        instructors = rows.instructor_names().keys()
        taken = {offer.key for offer in rows.read(self.evening, students=students).values()}
        known = set(frappe.get_all("Student", {"name": ("in", list(students) or [""])}, pluck="name"))
        fit = [
            offer
            for offer in offers
            if offer.key not in taken and offer.student in known and instructors >= set(offer.instructors)
        ]
        rows.insert(self.evening, fit, self.progress)
        self.restored += len(fit)
        self.kept += len(offers) - len(fit)

    def _states(self, doctype: str, entries: list[tuple], fits: Callable[[list], set[str]]) -> list[str]:
        """Give records the values they had, where they still have those of the change and it `fits`."""
        names = [name for name, _before, _after in entries]
        fields = ["name", "state", "offer"] + (["request"] if doctype == "Evening Booking" else [])
        found = frappe.get_all(doctype, {"name": ("in", names or [""])}, fields)
        fitting = fits(found)
        now_there = {row.name: row.state for row in found if row.name in fitting}
        back: dict[tuple, list[str]] = {}
        for name, before, after in entries:
            if now_there.get(name) == after["state"]:
                back.setdefault(tuple(before.items()), []).append(name)
        for values, of_these in back.items():
            frappe.db.set_value(doctype, {"name": ("in", of_these)}, dict(values))
        restored = [name for of_these in back.values() for name in of_these]
        self.restored += len(restored)
        self.kept += len(entries) - len(restored)
        return restored

    def _may_ask_again(self, found: list) -> set[str]:
        """Requests of offers that are offered."""
        filters = {"name": ("in", [row.offer for row in found] or [""]), "offered": 1}
        offered = set(frappe.get_all("Conversation Offer", filters, pluck="name"))
        return {row.name for row in found if row.offer in offered}

    def _bookings(self, entries: list[tuple], requests: set[str]) -> None:
        """Conversations, unless their offer or their request has become something else since."""
        back = self._states(
            "Evening Booking",
            entries,
            lambda found: {
                row.name
                for row in found
                if row.offer not in self.kept_offers
                and (row.request not in requests or row.request in self.requests)
            },
        )
        if back:
            claims.replace(self.evening, [], spans.of_bookings(self.evening, back))

    def _simple(self, doctype: str, entries: list[tuple]) -> None:
        made = [name for name, before, _after in entries if not before]
        if doctype == "Evening Instructor":
            made = self._without_conversations(made)
        frappe.db.delete(doctype, {"name": ("in", made or [""])})
        insert_rows(doctype, [before for _name, before, _after in entries if before])
        self.restored += len([1 for _name, before, _after in entries if before])

    def _without_conversations(self, names: list[str]) -> list[str]:
        """Those Evening Instructors who have no offer left, and have not been edited since."""
        row, offer = frappe.qb.DocType("Evening Instructor"), frappe.qb.DocType("Conversation Offer")
        given = frappe.qb.DocType("Conversation Offer Instructor")
        busy = (
            frappe.qb.from_(given)
            .join(offer)
            .on(offer.name == given.parent)
            .select(given.instructor)
            .where(offer.evening == self.evening)
        )
        return (
            frappe.qb.from_(row)
            .select(row.name)
            .where(row.name.isin(names or [""]) & (row.modified == row.creation) & row.instructor.notin(busy))
        ).run(pluck=True)


def forget_student(student: str) -> None:
    """Take a student who leaves out of the journal."""
    _rewrite(lambda entries: [entry for entry in entries if student not in _students_of(entry)])


def follow_rename(doctype: str, old: str, new: str) -> None:
    """Let the journal know a Student or an Instructor by the new name."""
    link = doctype.lower()

    def renamed(entries: list[list]) -> list[list]:
        return [
            [*entry[:2], *(_renamed(values, link, old, new) for values in entry[2:])] for entry in entries
        ]

    _rewrite(renamed)


def _renamed(values: dict | None, link: str, old: str, new: str) -> dict | None:
    if not values:
        return values
    given = values.get("instructors") if link == "instructor" else None
    changed = {link: new} if values.get(link) == old else {}
    if given and old in given:
        # After a merge the other one may be there already.
        changed["instructors"] = list(dict.fromkeys(new if name == old else name for name in given))
    return {**values, **changed}


def _rewrite(change: Callable[[list[list]], list[list]]) -> None:
    for name in frappe.get_all("Offer Change", pluck="name"):
        before = unpack(frappe.db.get_value("Offer Change", name, "records"))
        after = change(before)
        if after != before:
            frappe.db.set_value("Offer Change", name, "records", pack(after), update_modified=False)


def _students_of(entry: list) -> set:
    return {values.get("student") for values in entry[2:] if values}
