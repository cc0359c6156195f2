"""Holding what was found: places that are kept free for one user for two minutes, to be accepted or left.

A hold is taken as a basket is reserved: read again under locks, checked by the same rules, all or nothing.
Its claims expire by themselves; accepting it is `basket.reserve`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.query_builder.functions import Max, Min
from frappe.utils import now_datetime

from ouderavond.evening import claims, requests, spans, versions
from ouderavond.evening.reserving import basket, holds, windows
from ouderavond.evening.reserving.basket import Pick, Refusal
from ouderavond.evening.reserving.finding import Found, Wanted, Window, find
from ouderavond.evening.reserving.reading import MINUTE
from ouderavond.evening.reserving.table import Table, iso

# So often is looked again where somebody took a place between finding and holding it.
ATTEMPTS = 3


class RefusedError(Exception):
    """A basket that cannot be held. Raised in the transaction, so that nothing is written."""

    def __init__(self, refusals: list[Refusal]):
        self.refusals = refusals


@dataclass(frozen=True)
class Hold:
    """Places that are held together, until a moment unless it is extended; `picks` in order."""

    reference: str
    expires: datetime
    picks: tuple[Pick, ...]

    def as_dict(self) -> dict:
        """As the page gets it, the same as with the table (`Table.hold`)."""
        return {
            "hold": self.reference,
            "expires": self.expires.strftime("%Y-%m-%dT%H:%M:%S"),
            "seconds": max(0, int((self.expires - now_datetime()).total_seconds())),
            "may_extend": self.expires < holds.latest_end(self.reference),
            "basket": [
                {"offer": pick.column.offer, "start": iso(pick.start), "slots": pick.slots}
                for pick in self.picks
            ],
        }


def find_and_hold(
    evening, asker: requests.Asker, wanted: list[Wanted], window: Window
) -> tuple[Found, Hold | None]:
    """Find the best times there are, and hold them in place of what the user held at this evening before.

    Returns:
        What was found, and what is held of it: all, or None where nothing was found.

    Raises:
        frappe.ValidationError: booking is not open, or a conversation cannot be booked; the message says why.
    """
    check_window(evening, asker)
    for _attempt in range(ATTEMPTS):
        table = Table(evening, asker, ignore=holds.references(evening.name, frappe.session.user))
        found = find(table, wanted, window)
        if not found.picks:
            break
        try:
            held = hold(evening, asker, list(found.picks))
        except (RefusedError, claims.TakenError):
            # Read afresh what has been taken meanwhile.
            frappe.clear_messages()
            frappe.db.rollback()
        else:
            return found, held
    return found, None


def hold(evening, asker: requests.Asker, picks: list[Pick]) -> Hold:
    """Hold places for the session's user, and give up what the user held at this evening before.

    Raises:
        RefusedError, claims.TakenError: one of them is not free; nothing has changed.
    """
    reference, expires = holds.new_reference(frappe.session.user), _in_seconds(holds.SECONDS)

    def work() -> None:
        release = holds.references(evening.name, frappe.session.user)
        table = Table(evening, asker, ignore=release)
        _take(table, picks, release, reference, expires)

    offers = [pick.offer for pick in picks]
    claims.transaction(evening.name, _records(evening, asker, offers), work)
    versions.expect(evening.name, expires)
    return Hold(reference, expires, tuple(sorted(picks, key=lambda pick: pick.start)))


def extend(reference: str, asker: requests.Asker) -> Hold:
    """Hold what is held two minutes longer, at most until ten minutes after it was taken.

    Raises:
        frappe.ValidationError: it is not held for this user any more, or cannot be extended any further.
    """
    name, offers = _known(reference)
    evening = windows.open_evening(name)

    def work() -> Hold:
        check_window(evening, asker)
        rows = [row for row in _rows(reference) if row.expires >= now_datetime()]
        if not rows:
            holds.refuse()
        expires = _longer(reference, rows[0].expires)
        release = [row.reference for row in rows]
        table = Table(evening, asker, ignore=release)
        picks = [_pick(table, row) for row in rows]
        try:
            _take(table, picks, release, reference, expires)
        except RefusedError:
            holds.refuse()
        return Hold(reference, expires, tuple(picks))

    held = claims.transaction(name, _records(evening, asker, offers), work)
    versions.expect(name, held.expires)
    return held


def _longer(reference: str, expires: datetime) -> datetime:
    until = min(expires + timedelta(seconds=holds.SECONDS), holds.latest_end(reference))
    if until <= expires:
        frappe.throw(_("These times cannot be held any longer. Please accept or leave them."))
    return until


def release(reference: str) -> None:
    """Give up what is held for the user. Giving up what is not held any more changes nothing.

    Raises:
        frappe.ValidationError: it is no hold of this user.
    """
    if not holds.is_of(reference, frappe.session.user):
        holds.refuse()
    rows = _rows(reference)
    if rows:
        claims.transaction(
            rows[0].evening,
            [],
            lambda: claims.replace(rows[0].evening, [row.reference for row in rows], []),
        )


def _in_seconds(seconds: int) -> datetime:
    return now_datetime().replace(microsecond=0) + timedelta(seconds=seconds)


def check_window(evening, asker: requests.Asker) -> None:
    """Refuse where this asker cannot book now."""
    state = windows.booking_state(evening, asker)
    if state["state"] != "open":
        frappe.throw(state["sentence"] or _("At this evening you cannot book by yourself."))


def _take(table: Table, picks: list[Pick], release: list[str], reference: str, expires: datetime) -> None:
    checked = basket.check(table, picks)
    if checked.refusals:
        raise RefusedError(checked.refusals)
    wanted = [_span(table, pick, reference, expires) for pick in checked.picks]
    claims.replace(table.evening.name, release, wanted)


def _span(table: Table, pick: Pick, reference: str, expires: datetime) -> spans.Span:
    """What the conversation would claim if it were reserved, as a hold."""
    column, day = pick.column, pick.start.date()
    booking = frappe._dict(
        name=holds.of_conversation(reference, column.offer),
        student=column.student,
        student_attends=table.places.student_attends(column.student),
        instructors=[frappe._dict(instructor=name) for name in column.instructors],
        guardians=[frappe._dict(guardian=name) for name in table.groups[column.student]],
        start=pick.start,
        end=pick.start + table.duration(pick.slots),
        mode=basket.mode_of(table, pick),
        room=table.places.place(column, day)[0],
    )
    span = spans.of_booking(booking, table.places.shares_room(column, day))
    return replace(span, kind="Hold", expires=expires)


def _records(evening, asker: requests.Asker, offers: list[str]) -> list[tuple[str, str]]:
    """The persons to lock: who attends with the asker, the children, and the instructors of what is held."""
    groups = requests.groups_of(evening, asker)
    records = [("Guardian", name) for party in groups.values() for name in party]
    records += [("Guardian", name) for name in asker.guardians]
    records += [("Student", name) for name in groups]
    instructors = frappe.get_all(
        "Conversation Offer Instructor",
        {"parent": ("in", offers or [""]), "parenttype": "Conversation Offer"},
        pluck="instructor",
        distinct=True,
    )
    return records + [("Instructor", name) for name in instructors]


# What is held


def _known(reference: str) -> tuple[str, list[str]]:
    """The evening and offers of a hold of the session's user; refuses all else in the same words."""
    rows = _rows(reference) if holds.is_of(reference, frappe.session.user) else []
    if not rows:
        holds.refuse()
    return rows[0].evening, [holds.offer_of(row.reference) for row in rows]


def _rows(reference: str) -> list[frappe._dict]:
    """The conversations of a hold: reference, evening, start, end, expires."""
    claim = frappe.qb.DocType("Booking Claim")
    rows = (
        frappe.qb.from_(claim)
        .select(claim.reference, claim.evening, Min(claim.tick).as_("start"))
        .select(Max(claim.tick).as_("last"), Min(claim.expires).as_("expires"))
        .where((claim.kind == "Hold") & claim.reference.like(f"{reference}:%"))
        .groupby(claim.reference, claim.evening)
        .orderby(Min(claim.tick))
    ).run(as_dict=True)
    return [row for row in rows if holds.whole(row.reference) == reference]


def _pick(table: Table, row) -> Pick:
    column = table.by_offer.get(holds.offer_of(row.reference))
    if not column:
        holds.refuse()
    return Pick(column.offer, row.start, longer=row.last + MINUTE - row.start > table.duration(column.slots))
