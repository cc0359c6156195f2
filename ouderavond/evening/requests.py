"""Conversation requests: who wants which of the offered conversations, with which wishes, in which order.

Every change runs in one transaction under the locks of the guardians and students concerned, reads only after
the locks are held, and is wholly done or wholly refused with a sentence. Who may act for whom comes from the
records (`people.parties`); that the session's user is that guardian or student is checked by `api/`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import frappe
from frappe import _

from ouderavond.evening import claims, messages, request_rules, unavailable
from ouderavond.evening.people import guardian_links, parties

ACTIVE = ("Requested", "Placed", "Not Placed")
WISHES = ("priority", "longer", "preference", "mode", "interpreter_language", "step_free", "remark")
NOTHING_WISHED = {
    "priority": "Wanted",
    "longer": 0,
    "preference": "",
    "mode": None,
    "interpreter_language": "",
    "step_free": 0,
    "remark": "",
}
FIELDS = [
    "name",
    "offer",
    "student",
    "guardian",
    "party",
    "state",
    "source",
    "rank",
    "reason",
    "creation",
    *WISHES,
]


@dataclass(frozen=True)
class Asker:
    """Who asks: a person's Guardian records, or a student; on whose initiative; why an exception is made."""

    source: str
    guardians: tuple[str, ...] = ()
    student: str | None = None
    override_reason: str | None = None

    @property
    def is_staff(self) -> bool:
        """Whether this is somebody of the school, who may make exceptions with a reason."""
        return self.source == "Staff"


def request(
    offer: str,
    *,
    guardian: str | Iterable[str] | None = None,
    student: str | None = None,
    source: str = "Guardian",
    priority: str | None = None,
    rank: int | None = None,
    longer: int | None = None,
    preference: str | None = None,
    mode: str | None = None,
    interpreter_language: str | None = None,
    step_free: int | None = None,
    remark: str | None = None,
    override_reason: str | None = None,
) -> str:
    """Ask for an offered conversation, or change the wishes of a request that is there already.

    Starts a transaction of its own: whatever was written before is rolled back. What is None stays as it is.

    Args:
        guardian: for which guardian (or which records of one person); empty when a student asks.
        student: the student who asks for themselves.
        rank: the place among the asker's requests, 1 being the most important; None: last.
        override_reason: why staff make an exception to the maximum or the deadline.

    Returns:
        The name of the Conversation Request.

    Raises:
        frappe.ValidationError: a rule forbids it; the message says which.
        frappe.PermissionError: the guardian or student is not one of this offer.
    """
    wish = {
        "priority": priority,
        "longer": longer,
        "preference": preference,
        "mode": mode,
        "interpreter_language": interpreter_language,
        "step_free": step_free,
        "remark": remark,
    }
    asker = Asker(source, _as_tuple(guardian), student, override_reason)
    evening = request_rules.evening_of_offer(offer)

    def work():
        change = _Change(evening, asker)
        row = change.ask(offer, wish, rank)
        change.write()
        return row.name

    return claims.transaction(evening, _records(evening, asker, [offer]), work)


def save(
    evening: str,
    wishes: list[dict],
    *,
    guardian: str | Iterable[str] | None = None,
    student: str | None = None,
    source: str = "Guardian",
    times: list | None = None,
) -> list[str]:
    """Make the asker's requests of an evening exactly these, the most important first: all or nothing.

    Args:
        wishes: a dict for each conversation: `offer`, and those of the wishes that change.
        times: the `unavailable.Time`s at which the asker can't come from now on; None: as before.

    Returns:
        The names of the Conversation Requests, in order.
    """
    asker = Asker(source, _as_tuple(guardian), student)
    offers = [wish["offer"] for wish in wishes]

    def work():
        change = _Change(evening, asker)
        change.withdraw_all_but(offers)
        for rank, wish in enumerate(wishes, start=1):
            change.ask(wish["offer"], wish, rank + change.invitations_not_in(offers))
        change.write()
        if times is not None:
            unavailable.replace(change.evening, asker, times)
        return [row.name for row in change.order if row.offer in offers]

    return claims.transaction(evening, _records(evening, asker, offers), work)


def withdraw(
    request: str,
    *,
    guardian: str | Iterable[str] | None = None,
    student: str | None = None,
    source: str = "Guardian",
    override_reason: str | None = None,
) -> None:
    """Withdraw a request until the deadline. Withdrawing what is withdrawn already changes nothing.

    Raises:
        frappe.ValidationError: a rule forbids it; the message says which.
        frappe.PermissionError: it is not a request of this guardian or student.
    """
    asker = Asker(source, _as_tuple(guardian), student, override_reason)
    found = frappe.db.get_value("Conversation Request", request, ["evening", "offer"], as_dict=True)
    if not found:
        request_rules.refuse_request()

    def work():
        change = _Change(found.evening, asker)
        change.withdraw(request)
        change.write()

    records = _records(found.evening, asker, [found.offer], request_rules.refuse_request)
    claims.transaction(found.evening, records, work)


def party_key(group: Iterable[str], student: str) -> str:
    """The key of who attends together, as stored on a request; a student who asks is a party of one."""
    group = sorted(group)
    if not group:
        return f"Student:{student}"
    key = "|".join(group)
    return key if len(key) <= 140 else frappe.utils.sha256_hash(key)


def groups_of(evening, asker: Asker) -> dict[str, tuple[str, ...]]:
    """The students an asker can ask for, each with the guardians who attend together with the asker."""
    if asker.student:
        return {asker.student: ()}
    students = {row.student for row in guardian_links(asker.guardians)}
    found = {}
    for student, groups in parties(evening, sorted(students)).items():
        for group in groups:
            if set(group) & set(asker.guardians):
                found[student] = tuple(group)
                break
    return found


def rows_of(evening: str, groups: dict[str, tuple[str, ...]], *, locking: bool = False) -> list[frappe._dict]:
    """The requests of these parties in order of importance, withdrawn ones last.

    A request belongs to whoever attends together with the guardian who asked *now*: when guardians are
    marked as attending separately, each keeps what they asked for themselves. With `locking` the rows are
    read as they are at this moment, also where the transaction began earlier.
    """
    table = frappe.qb.DocType("Conversation Request")
    query = (
        frappe.qb.from_(table)
        .select(*(table[field] for field in FIELDS))
        .where((table.evening == evening) & table.student.isin(list(groups) or [""]))
        .orderby(table.rank, table.creation, table.name)
    )
    rows = (query.for_update() if locking else query).run(as_dict=True)
    own = [row for row in rows if _is_of(row, groups[row.student])]
    return sorted(own, key=lambda row: row.state not in ACTIVE)


def _is_of(row, group: tuple[str, ...]) -> bool:
    return row.guardian in group if group else not row.guardian


def _as_tuple(guardian: str | Iterable[str] | None) -> tuple[str, ...]:
    if not guardian:
        return ()
    return (guardian,) if isinstance(guardian, str) else tuple(guardian)


def _records(
    evening: str, asker: Asker, offers: list[str], refuse: Callable[[], None] = request_rules.refuse_offer
) -> list[tuple[str, str]]:
    """The persons to lock: everybody who attends together with the asker, and the students asked about.

    Somebody else's student is refused here, before any rule of the evening could tell something about it.
    """
    separated = frappe.db.get_value("Parent Evening", evening, "separated_guardians")
    groups = groups_of(frappe._dict(separated_guardians=separated), asker)
    students = frappe.get_all("Conversation Offer", {"name": ("in", offers or [""])}, pluck="student")
    if not asker.is_staff and set(students) - set(groups):
        refuse()
    guardians = {guardian for group in groups.values() for guardian in group}
    return [("Guardian", name) for name in guardians] + [("Student", name) for name in set(students)]


class _Change:
    """One change of an asker's requests, under the locks: what is there, and what it becomes."""

    def __init__(self, evening: str, asker: Asker):
        self.asker = asker
        self.evening = frappe.get_doc("Parent Evening", evening)
        self.exceptions = request_rules.check_evening(self.evening, asker)
        self.groups = groups_of(self.evening, asker)
        self.rows = rows_of(evening, self.groups)
        self.order = [row for row in self.rows if row.state in ACTIVE]
        self.counted_before = request_rules.counted(self.order)
        self.ranks_before = {row.name: row.rank for row in self.order}
        self.changed: list[frappe._dict] = []

    def ask(self, offer_name: str, wish: dict, rank: int | None):
        """Add a request, or change the one that is there, and put it at its rank."""
        offer = request_rules.check_offer(offer_name, self.evening, self.asker, self.groups)
        row = self._row(offer)
        is_new = row.state not in ACTIVE
        if is_new:
            row.update(source=self.asker.source, guardian=self._guardian(offer), **NOTHING_WISHED)
        wish = {key: value for key, value in wish.items() if key in WISHES and value is not None}
        wish = request_rules.check_wish(wish, row, self.evening, self.asker)
        changes = {key: value for key, value in wish.items() if value != row.get(key)}
        if is_new or changes or row.state == "Not Placed":
            row.update(changes)
            row.state = "Placed" if row.state == "Placed" else "Requested"
            self.changed.append(row)
        if is_new:
            self.order.append(row)
        if rank:
            self.order.remove(row)
            self.order.insert(max(0, rank - 1), row)
        return row

    def _row(self, offer) -> frappe._dict:
        group = self.groups[offer.student]
        key = party_key(group, offer.student)
        same = [row for row in self.rows if row.offer == offer.name]
        same.sort(key=lambda row: (row.state not in ACTIVE, row.party != key))
        if not same:
            row = frappe._dict(offer=offer.name, student=offer.student, subject=offer.subject, party=key)
            self.rows.append(row)
            return row
        if not any(row.party == key for row in same):
            same[0].party = key
        return same[0]

    def _guardian(self, offer) -> str | None:
        group = self.groups[offer.student]
        return next((name for name in self.asker.guardians if name in group), None)

    def withdraw(self, name: str) -> None:
        """Withdraw one request of the asker."""
        row = next((row for row in self.rows if row.name == name), None)
        if not row:
            request_rules.refuse_request()
        if row.state not in ACTIVE:
            return
        request_rules.check_withdrawal(row, self.asker)
        if not self.asker.is_staff and request_rules.is_wished_by_instructor(row.offer):
            # It goes on as the instructor's invitation, without what the family wished.
            row.update(source="Instructor", **NOTHING_WISHED)
        else:
            row.state = "Withdrawn"
            self.order.remove(row)
        self.changed.append(row)

    def withdraw_all_but(self, offers: list[str]) -> None:
        """Withdraw what is asked for and not among `offers`; what the school asked stays."""
        for row in list(self.order):
            if row.offer not in offers and not request_rules.is_invitation(row):
                self.withdraw(row.name)

    def invitations_not_in(self, offers: list[str]) -> int:
        """How many conversations the school asked for that are not among `offers`; they come first."""
        return sum(1 for row in self.order if row.offer not in offers)

    def write(self) -> None:
        """Check the maxima and write all of it."""
        self.exceptions += request_rules.check_maxima(
            self.evening, self.asker, self.counted_before, request_rules.counted(self.order)
        )
        for rank, row in enumerate(self.order, start=1):
            row.rank = rank
        for row in self.changed:
            self._write(row)
        for row in self.order:
            if row not in self.changed and self.ranks_before.get(row.name) != row.rank:
                frappe.db.set_value("Conversation Request", row.name, "rank", row.rank, update_modified=False)
        messages.changed(self.evening.name, self.asker)

    def _write(self, row: frappe._dict) -> None:
        values = {key: row.get(key) for key in ("party", "state", "rank", "source", "guardian", *WISHES)}
        values |= {"mode": row.mode or default_mode(self.evening), "reason": None, "reason_facts": None}
        if row.name:
            doc = frappe.get_doc("Conversation Request", row.name)
        else:
            doc = frappe.new_doc("Conversation Request")
            values |= {"evening": self.evening.name, "offer": row.offer}
            values |= {"student": row.student, "subject": row.subject}
        if self.exceptions:
            values["override_reason"] = self.asker.override_reason
        doc.update(values)
        doc.flags.checked = True
        doc.save(ignore_permissions=True)
        row.name = doc.name
        if self.exceptions:
            request_rules.note_exceptions(doc, self.exceptions)


def default_mode(evening) -> str:
    """In person, unless the whole evening is online."""
    return "Online" if evening.mode == "Online" else "In Person"


def complete(doc) -> None:
    """Fill in and check a Conversation Request that staff enter or change on its own form.

    Runs within the platform's save, so the rows are read with locks instead of in a new transaction.
    """
    evening = frappe.get_doc("Parent Evening", request_rules.evening_of_offer(doc.offer))
    offer = frappe.db.get_value("Conversation Offer", doc.offer, ["student", "subject"], as_dict=True)
    doc.evening, doc.student, doc.subject = evening.name, offer.student, offer.subject
    doc.guardian = doc.guardian or _only_guardian(evening, doc.student)
    asker = Asker(
        "Staff", _as_tuple(doc.guardian), None if doc.guardian else doc.student, doc.override_reason or None
    )
    _check_form(doc, evening, asker)


def _only_guardian(evening, student: str) -> str | None:
    """The first of the guardians, where they all attend together; students may ask for themselves."""
    if evening.contact_with == "Students":
        return None
    groups = parties(evening, [student]).get(student, [])
    if len(groups) != 1:
        frappe.throw(_("Choose the guardian for whom this conversation is requested."))
    return groups[0][0]


def _check_form(doc, evening, asker: Asker) -> None:
    for doctype, name in sorted([("Student", doc.student), *(("Guardian", g) for g in asker.guardians)]):
        frappe.db.get_value(doctype, name, "name", for_update=True)
    groups = groups_of(evening, asker)
    if doc.student not in groups:
        request_rules.refuse_offer()
    exceptions = []
    if doc.is_new():
        exceptions = request_rules.check_evening(evening, asker)
        request_rules.check_offer(doc.offer, evening, asker, groups)
    elif evening.archived:
        request_rules.refuse_archived()
    before = doc.get_doc_before_save() or frappe._dict(NOTHING_WISHED)
    wish = {key: doc.get(key) for key in WISHES if doc.get(key) is not None}
    if not doc.is_new() or doc.mode != "In Person":
        request_rules.check_wish(wish, before, evening, asker)
    else:
        doc.mode = default_mode(evening)
    doc.party = party_key(groups[doc.student], doc.student)
    rows = [row for row in rows_of(evening.name, groups, locking=True) if row.state in ACTIVE]
    others = [row for row in rows if row.name != doc.name]
    if any(row.offer == doc.offer for row in others):
        frappe.throw(_("This conversation has been requested already."))
    counted = request_rules.counted([*others, doc] if doc.state in ACTIVE else others)
    exceptions += request_rules.check_maxima(evening, asker, request_rules.counted(rows), counted)
    if doc.is_new():
        doc.rank = len(others) + 1
    doc.flags.exceptions = exceptions
