"""What staff do with conversations within one change: each checked by the rules, all of them or none.

Staff may override every rule but double booking, with a reason that is kept. Whoever was told of a
conversation knows it as it was until it is published again. What staff place by hand, and nobody was told of,
is pinned: the scheduler leaves it there.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import frappe
from frappe import _

from ouderavond.evening import blocks, booking, claims, grid, publishing, rules, spans, told
from ouderavond.evening.planning import snapshots
from ouderavond.evening.planning.snapshots import BLOCK, BOOKING, REQUEST


@dataclass
class Shift:
    """Where a conversation goes: what is None stays as it is. `slots` is its length in slots."""

    booking: str
    start: datetime | None = None
    instructors: list[str] | None = None
    slots: int | None = None
    mode: str | None = None


class Edit:
    """The hands of one change of an evening; every record that it touches is kept as it was before."""

    def __init__(self, evening):
        self.evening = evening
        self._before: dict[tuple[str, str], dict | None] = {}

    # Keeping

    def keep(self, doctype: str, *names: str) -> None:
        """Remember records as they are, before they are changed by other means than these."""
        new = [name for name in names if (doctype, name) not in self._before]
        found = snapshots.read(doctype, new) if new else {}
        for name in new:
            self._before[doctype, name] = found.get(name)

    def made(self, doctype: str, *names: str) -> None:
        """Remember that records were made by this change."""
        for name in names:
            self._before.setdefault((doctype, name), None)

    def keep_everything(self) -> None:
        """Remember all conversations of the evening, and what became of its requests."""
        for doctype in (BOOKING, REQUEST):
            self.keep(doctype, *frappe.get_all(doctype, {"evening": self.evening.name}, pluck="name"))

    def entries(self) -> list[list]:
        """[doctype, name, values before, what counts of it now] of each record that is not as before."""
        by_kind = defaultdict(list)
        for doctype, name in self._before:
            by_kind[doctype].append(name)
        now = {doctype: snapshots.read(doctype, names) for doctype, names in by_kind.items()}
        found = []
        for (doctype, name), before in self._before.items():
            after = snapshots.essence(doctype, now[doctype].get(name))
            if after != snapshots.essence(doctype, before):
                found.append([doctype, name, before, after])
        return found

    # Conversations

    def book(
        self,
        offer: str,
        start,
        *,
        guardians: list[str],
        request: str | None = None,
        slots: int | None = None,
        mode: str | None = None,
        instructors: list[str] | None = None,
        reason: str | None = None,
        source: str = "Staff",
    ) -> str:
        """Book an offered conversation at `start`; its name.

        Nobody is told yet, except where places are booked directly: there what is booked is known at once.

        Raises:
            claims.TakenError: somebody has another conversation then.
            frappe.ValidationError: a rule is broken, and there is no reason to override it.
        """
        proposal = booking.propose(offer, start, guardians, slots, mode)
        if instructors:
            proposal.instructors[:] = instructors
        booking.check(proposal, reason)
        if request:
            self.keep(REQUEST, request)
        doc = booking.new(proposal, source, request)
        if self.evening.procedure == publishing.TOLD_AT_ONCE:
            doc.state = "Published"
            told.tell(doc)
        else:
            doc.pinned = 1
        self.made(BOOKING, doc.name)
        booking.insert_within(doc, reason)
        return doc.name

    def move(
        self,
        name: str,
        start=None,
        *,
        instructors: list[str] | None = None,
        slots: int | None = None,
        mode: str | None = None,
        reason: str | None = None,
    ) -> str:
        """Give a conversation another time, length, mode or other instructors; the name it has then.

        One that people were told of, and that others hold now, is a new one that `replaces` it.

        Raises:
            claims.TakenError, frappe.ValidationError: as `book`.
        """
        shift = Shift(name, grid.minute(start) if start else None, instructors, slots, mode)
        return self.shift([shift], reason=reason)[0]

    def swap(self, name: str, other: str, *, reason: str | None = None) -> None:
        """Let two conversations change their times.

        Raises:
            claims.TakenError, frappe.ValidationError: as `book`.
        """
        first, second = self._live(name), self._live(other)
        self.shift([Shift(name, second.start), Shift(other, first.start)], reason=reason)

    def shift(self, shifts: Iterable[Shift], *, reason: str | None = None) -> list[str]:
        """Give several conversations other times at once, so that they may take each other's.

        Returns:
            The names that they have then, in the same order.

        Raises:
            claims.TakenError, frappe.ValidationError: as `book`.
        """
        shifts = list(shifts)
        self.keep(BOOKING, *(shift.booking for shift in shifts))
        docs = [self._live(shift.booking) for shift in shifts]
        ignore = tuple(doc.name for doc in docs)
        proposals = [self._proposal(doc, shift, ignore) for doc, shift in zip(docs, shifts, strict=True)]
        for doc, proposal in zip(docs, proposals, strict=True):
            booking.check(proposal, reason, stays=proposal.start == doc.start)
        placed = [self._place(doc, proposal) for doc, proposal in zip(docs, proposals, strict=True)]
        shared = spans.shared_rooms(self.evening.name)
        wanted = [spans.of_booking(doc, (doc.room, doc.start.date()) in shared) for doc in placed]
        claims.replace(self.evening.name, ignore, wanted, over_blocks=bool(reason))
        for doc, instead_of in zip(placed, docs, strict=True):
            if reason:
                doc.override_reason = reason
            self._save(doc, instead_of)
        return [doc.name for doc in placed]

    def _proposal(self, doc, shift: Shift, ignore: tuple[str, ...]) -> rules.Proposal:
        start = shift.start or doc.start
        length = grid.duration(self.evening, shift.slots) if shift.slots else doc.end - doc.start
        if not doc.offer:
            frappe.throw(
                _("What {0} was offered is gone, so this conversation can only be cancelled.").format(
                    frappe.utils.escape_html(doc.student_name or "")
                )
            )
        return rules.Proposal(
            evening=self.evening,
            offer=frappe.get_doc("Conversation Offer", doc.offer),
            start=start,
            end=start + length,
            guardians=[row.guardian for row in doc.guardians if row.guardian],
            mode=shift.mode or doc.mode,
            ignore=ignore,
            instructors=list(shift.instructors or [row.instructor for row in doc.instructors]),
        )

    def _place(self, doc, proposal: rules.Proposal):
        """The document that stands at the new place: the same one, or one that replaces it."""
        others = proposal.instructors != [row.instructor for row in doc.instructors]
        if others and doc.published_start:
            return self._replacement(doc, proposal)
        doc.start, doc.end, doc.mode = proposal.start, proposal.end, proposal.mode
        if others:
            booking.set_instructors(doc, proposal.instructors)
        doc.room, doc.table_label = booking.place(
            self.evening.name, proposal.instructors, doc.mode, doc.start
        )
        return doc

    def _replacement(self, doc, proposal: rules.Proposal):
        new = booking.new(proposal, "Staff", doc.request)
        new.update({"replaces": doc.name, "student_attends": doc.student_attends, "remark": doc.remark})
        self.made(BOOKING, new.name)
        return new

    def _save(self, doc, before) -> None:
        if doc is not before:
            before.state, before.pinned, before.untold = "Cancelled", 0, 1
            booking.save(before)
            doc.pinned = 1
            doc.flags.through_claims = True
            doc.insert(ignore_permissions=True)
            return
        told.keep(doc)
        doc.pinned = doc.pinned or int(not doc.published_start)
        booking.save(doc)

    def cancel(self, name: str, *, reason: str | None = None) -> None:
        """Cancel a conversation; its request waits for a place again."""
        self.keep(BOOKING, name)
        doc = self._live(name)
        if doc.request:
            self.keep(REQUEST, doc.request)
        booking.cancel_within(doc, tell=False)
        if reason:
            doc.add_comment("Info", frappe.utils.escape_html(reason))

    def _live(self, name: str):
        doc = booking.live(name)
        if doc.evening != self.evening.name:
            frappe.throw(_("This conversation is not one of this evening."))
        return doc

    def pin(self, name: str, pinned: bool) -> None:
        """Pin a conversation, so that the scheduler leaves it where it is, or unpin it."""
        self.keep(BOOKING, name)
        doc = self._live(name)
        doc.pinned = int(pinned)
        booking.save(doc)

    # Blocks

    def block(self, who_type: str, who: str | None, from_time, to_time, *, reason: str | None = None) -> str:
        """Block a time; its name. Conversations that lie in it are the caller's to look for."""
        first, last = grid.minute(from_time), grid.minute(to_time)
        doc = blocks.write(self.evening.name, who_type, who, first, last, reason=reason)
        self.made(BLOCK, doc.name)
        return doc.name

    def unblock(self, name: str) -> None:
        """Take a block away."""
        self.keep(BLOCK, name)
        blocks.remove(name)
