"""Reserving a basket of places: all of it in one transaction, or nothing and a sentence for each that failed.

The table is read anew under the locks of everybody concerned, and decides. The unique key of the claims has
the last word, whatever is thought here.
"""

from dataclasses import dataclass, field
from datetime import datetime

import frappe
from frappe import _
from frappe.utils import cint, escape_html

from ouderavond.evening import booking as bookings
from ouderavond.evening import (
    claims,
    conversations_letter,
    grid,
    request_rules,
    requests,
    spans,
    told,
    wording,
)
from ouderavond.evening.bulk import child_row, insert_rows
from ouderavond.evening.reserving import holds, keys, warnings, windows
from ouderavond.evening.reserving.places import CLASH, FREE, HELD, MINE, OTHERS
from ouderavond.evening.reserving.reading import Column
from ouderavond.evening.reserving.table import Table, iso

CHILDREN = ("instructors", "guardians")


@dataclass
class Pick:
    """One wish of a basket: which column, from when, how long, and how."""

    offer: str
    start: datetime
    longer: bool = False
    mode: str | None = None
    remark: str | None = None
    column: Column | None = None
    slots: int = 1


@dataclass
class Refusal:
    """Why a pick cannot be: `taken` by somebody else, or a rule; with a sentence that names nobody else."""

    pick: Pick
    code: str
    sentence: str

    def as_dict(self) -> dict:
        """As the page gets it."""
        return {
            "offer": self.pick.offer,
            "start": iso(self.pick.start),
            "code": self.code,
            "sentence": self.sentence,
        }


@dataclass
class Checked:
    """A basket beside the table: the picks that can be, and those that cannot."""

    picks: list[Pick] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


class _Undo(Exception):
    """Nothing is written: the answer says why. Raised inside the transaction, so that it is rolled back."""

    def __init__(self, answer: dict):
        self.answer = answer


def reserve(
    evening,
    asker: requests.Asker,
    wishes: list[dict],
    key: str,
    *,
    accepted: bool = False,
    hold: str | None = None,
    entry_hold: str | None = None,
) -> dict:
    """Book the places of a basket for an asker: all, or none.

    Args:
        evening: Parent Evening document.
        wishes: dicts of offer, start (ISO text) and optionally longer, mode, remark.
        key: what the page calls this submission; the same again gets the same answer without a second effect.
        accepted: whether warnings have been accepted.
        hold: a hold of the session's user that must still be there; whatever else is held for the user at
            this evening is given up as well.
        entry_hold: a further reference that is held for this asker (a place offered from the waiting list).

    Returns:
        {status: reserved, message, booked}, or {status: refused, message, refused}, or {status: warning,
        message, warnings}.

    Raises:
        frappe.ValidationError: booking is not open, or the hold is not there any more.
    """
    picks = [_pick(wish) for wish in wishes]

    def work() -> dict:
        known = keys.answer(key)
        if known:
            return known
        release = _own_holds(evening.name, hold) + ([entry_hold] if entry_hold else [])
        table = Table(evening, asker, ignore=release)
        _check_window(evening, asker)
        checked = check(table, picks)
        if checked.refusals:
            raise _Undo(_refused(checked.refusals))
        lines = warn(table, checked.picks)
        if lines and not accepted:
            raise _Undo(_warned(lines))
        names = _write(table, checked.picks, release)
        answer = {"status": "reserved", "message": _reserved(len(names)), "booked": names}
        keys.keep(key, answer)
        return answer

    return _run(evening.name, _records(evening, asker, picks), work, picks)


def _run(evening: str, records, work, picks: list[Pick]) -> dict:
    try:
        return claims.transaction(evening, records, work)
    except _Undo as undo:
        return undo.answer
    except claims.TakenError:
        # The database refused what the table thought free: everything is rolled back already.
        frappe.clear_messages()
        sentence = _("One of these times has just been taken. Look again and choose another.")
        return _refused([Refusal(pick, "taken", sentence) for pick in picks])


def _pick(wish: dict) -> Pick:
    return Pick(
        offer=wish["offer"],
        start=grid.minute(wish["start"]),
        longer=bool(wish.get("longer")),
        mode=wish.get("mode") or None,
        remark=(wish.get("remark") or "").strip() or None,
    )


def _records(evening, asker: requests.Asker, picks: list[Pick]) -> list[tuple[str, str]]:
    """Whom to lock: who attends with the asker, the children, and the instructors of what is picked."""
    groups = requests.groups_of(evening, asker)
    records = [("Guardian", name) for party in groups.values() for name in party]
    records += [("Guardian", name) for name in asker.guardians]
    records += [("Student", name) for name in groups]
    offers = [pick.offer for pick in picks]
    return records + [("Instructor", name) for name in _instructors_of(evening.name, offers)]


def _instructors_of(evening: str, offers: list[str]) -> list[str]:
    offer, sits = frappe.qb.DocType("Conversation Offer"), frappe.qb.DocType("Conversation Offer Instructor")
    return (
        frappe.qb.from_(sits)
        .join(offer)
        .on(offer.name == sits.parent)
        .select(sits.instructor)
        .distinct()
        .where((offer.evening == evening) & offer.name.isin(offers or [""]))
    ).run(pluck=True)


def _own_holds(evening: str, hold: str | None) -> list[str]:
    """What is held for the user and given up in this step; a hold that is named must still be there."""
    found = holds.references(evening, frappe.session.user)
    if hold and not any(holds.whole(reference) == hold for reference in found):
        holds.refuse()
    return found


def _check_window(evening, asker: requests.Asker) -> None:
    state = windows.booking_state(evening, asker)
    if state["state"] != "open":
        frappe.throw(state["sentence"] or _("At this evening you cannot book by yourself."))


# What can be


def check(table: Table, picks: list[Pick], *, moving: str | None = None) -> Checked:
    """Put the picks of a basket into the table one after the other; each counts for those after it.

    Args:
        moving: the column (its offer) whose own conversation is being moved, and so is not in the way.
    """
    checked = Checked()
    for pick in picks:
        refusal = _refusal(table, pick, moving)
        if refusal:
            checked.refusals.append(refusal)
            continue
        end = pick.start + table.duration(pick.slots)
        table.places.take(pick.column, pick.start, end)
        pick.column.booking = pick.column.booking or f"basket:{pick.column.offer}"
        checked.picks.append(pick)
    return checked


def _refusal(table: Table, pick: Pick, moving: str | None) -> Refusal | None:
    column = table.by_offer.get(pick.offer)
    if not column:
        return Refusal(pick, "rule", _("This conversation is not one that you can book."))
    pick.column, pick.slots = column, table.slots(column, pick.longer)
    sentence = _broken(table, pick, moving)
    if sentence:
        return Refusal(pick, "rule", sentence)
    state = table.cell(column, pick.start, pick.slots, moving=bool(moving))
    if state in (FREE, HELD):
        return None
    return Refusal(pick, "taken" if state == OTHERS else "rule", _state_sentence(state, pick))


def _broken(table: Table, pick: Pick, moving: str | None) -> str | None:
    """The rule that a pick breaks wherever it is; nothing of it depends on what others booked."""
    column = pick.column
    if moving:
        return None
    if column.booking:
        return _("You have a conversation with {0} about {1} already.").format(
            _people(column), column.student_name
        )
    if column.exists:
        return table.exists_sentence(column)
    if pick.longer and not table.evening.longer_conversation:
        return _("A longer conversation is not possible at this evening.")
    return _over_maximum(table, column)


def _over_maximum(table: Table, column: Column) -> str | None:
    if column.invitation:
        return None
    maximum = cint(table.evening.maximum_per_student)
    if maximum and table.booked(column.student) >= maximum:
        sentence = _("At most {0} conversations can be booked about {1}.")
        return sentence.format(maximum, column.student_name)
    maximum = cint(table.evening.maximum_per_household)
    if maximum and table.booked() >= maximum:
        return _("At most {0} conversations can be booked for all children together.").format(maximum)
    return None


def _state_sentence(state: str, pick: Pick) -> str:
    when, people = wording.time(pick.start.time()), _people(pick.column)
    if state == OTHERS:
        return _("{0} with {1} has just been taken by somebody else.").format(when, people)
    if state in (CLASH, MINE):
        return _("At {0} you have another conversation, or said that you cannot come.").format(when)
    return _("{0} with {1} is not available.").format(when, people)


def _people(column: Column) -> str:
    return ", ".join(column.instructor_names)


def warn(table: Table, picks: list[Pick], leaving: str | None = None) -> list[str]:
    """What the asker should know about these picks, as sentences; call it after `check`."""
    visits = [
        warnings.Visit(
            row.start, row.end, row.mode, row.room, row.subject, tuple(row.instructors), is_new=False
        )
        for row in table.places.bookings.values()
        if row.subject and row.state == "Published" and table.places.attends(row) and row.name != leaving
    ]
    for pick in picks:
        room, _label = table.places.place(pick.column, pick.start.date())
        end = pick.start + table.duration(pick.slots)
        visits.append(
            warnings.Visit(
                pick.start,
                end,
                mode_of(table, pick),
                room,
                pick.column.subject,
                pick.column.instructors,
                is_new=True,
            )
        )
    return warnings.of(table.evening, visits)


def mode_of(table: Table, pick: Pick) -> str:
    """In person or online: the household's choice where there is one, else as the evening says."""
    if table.evening.mode == "Household's Choice" and pick.mode in ("In Person", "Online"):
        return pick.mode
    return requests.default_mode(table.evening)


# Writing


def _write(table: Table, picks: list[Pick], release: list[str]) -> list[str]:
    asked = {}
    for pick in picks:
        asked[pick.offer] = _request(table, pick)
    rows = [_row(table, pick, asked[pick.offer]) for pick in picks]
    insert_rows("Evening Booking", [{k: v for k, v in row.items() if k not in CHILDREN} for row in rows])
    for kind in CHILDREN:
        insert_rows(f"Evening Booking {kind[:-1].title()}", [child for row in rows for child in row[kind]])
    wanted = [
        spans.of_booking(row, table.places.shares_room(pick.column, pick.start.date()))
        for row, pick in zip(rows, picks, strict=True)
    ]
    claims.replace(table.evening.name, release, wanted)
    _mark(table.asker, table.evening.name)
    return [row.name for row in rows]


def _mark(asker: requests.Asker, evening: str) -> None:
    """Who changes their own conversations gets an overview of them once they are done."""
    if asker.source != "Staff":
        conversations_letter.changed(evening, asker.guardians[:1], asker.student)


def _row(table: Table, pick: Pick, request: str | None) -> frappe._dict:
    column, evening = pick.column, table.evening
    party = list(table.groups[column.student])
    mode = mode_of(table, pick)
    room, label = table.places.place(column, pick.start.date()) if mode != "Online" else (None, None)
    name = frappe.generate_hash(length=10)
    instructors = list(zip(column.instructors, column.instructor_names, strict=True))
    names = table.guardian_names
    row = frappe._dict(
        name=name,
        evening=evening.name,
        offer=column.offer,
        request=request,
        student=column.student,
        student_name=column.student_name,
        subject=column.subject[:140],
        start=pick.start,
        end=pick.start + table.duration(pick.slots),
        state="Published",
        room=room,
        table_label=label,
        mode=mode,
        source=table.asker.source,
        remark=_remark(table, pick),
        student_attends=int(table.places.student_attends(column.student)),
        instructors=_children(name, "instructor", instructors),
        guardians=_children(name, "guardian", [(who, names.get(who)) for who in party]),
    )
    told.tell(row)
    return row


def _remark(table: Table, pick: Pick) -> str | None:
    if not pick.remark:
        return None
    if not table.evening.guardian_remarks:
        frappe.throw(_("Remarks are not possible at this evening."))
    if len(pick.remark) > request_rules.REMARK_LENGTH:
        sentence = _("This text is too long; at most {0} characters are possible.")
        frappe.throw(sentence.format(request_rules.REMARK_LENGTH))
    return request_rules.plain(pick.remark) or None


def _children(booking: str, kind: str, people: list[tuple[str, str | None]]) -> list[frappe._dict]:
    return [
        frappe._dict(
            child_row("Evening Booking", booking, f"{kind}s", idx, **{kind: who, f"{kind}_name": title})
        )
        for idx, (who, title) in enumerate(people, 1)
    ]


def _request(table: Table, pick: Pick) -> str | None:
    """The request that this conversation answers, if it was asked for before; it has its place now."""
    asked = [
        row
        for row in table.requests
        if row.offer in pick.column.offers and row.state in ("Requested", "Not Placed")
    ]
    if not asked:
        return None
    names = [row.name for row in asked]
    changed = {"state": "Placed", "reason": None, "reason_facts": None}
    frappe.db.set_value("Conversation Request", {"name": ("in", names)}, changed)
    return names[0]


# Moving and cancelling


def move(booking: str, asker: requests.Asker, start: str, key: str, *, accepted: bool = False) -> dict:
    """Give an own conversation another start. Answers as `reserve`, with the status `moved`.

    Raises:
        frappe.PermissionError: it is not a conversation of this asker.
        frappe.ValidationError: it cannot be moved any more.
    """
    doc, evening = own_booking(booking, asker)
    first = grid.minute(start)
    pick = Pick(doc.offer, first)

    def work() -> dict:
        known = keys.answer(key)
        if known:
            return known
        row = frappe.get_doc("Evening Booking", booking, for_update=True)
        table = Table(evening, asker, ignore=[booking])
        _check_change(table, row, asker)
        column = table.by_offer.get(row.offer)
        pick.longer = bool(column) and row.end - row.start > table.duration(column.slots)
        pick.mode = row.mode
        checked = check(table, [pick], moving=row.offer)
        if checked.refusals:
            raise _Undo(_refused(checked.refusals))
        lines = warn(table, checked.picks, leaving=booking)
        if lines and not accepted:
            raise _Undo(_warned(lines))
        bookings.move_within(row, first, first + table.duration(pick.slots))
        _mark(asker, row.evening)
        answer = {"status": "moved", "message": _moved(row), "booked": [booking]}
        keys.keep(key, answer)
        return answer

    return _run(evening.name, _all_records(evening, asker, doc), work, [pick])


def cancel(booking: str, asker: requests.Asker) -> dict:
    """Cancel an own conversation. Cancelling what is cancelled already changes nothing.

    Raises:
        frappe.PermissionError: it is not a conversation of this asker.
        frappe.ValidationError: it cannot be cancelled any more.
    """
    doc, evening = own_booking(booking, asker)

    def work() -> dict:
        row = frappe.get_doc("Evening Booking", booking, for_update=True)
        if row.state != "Cancelled" or row.untold:
            _check_change(Table(evening, asker), row, asker)
            bookings.cancel_within(row)
            _mark(asker, row.evening)
        return {"status": "cancelled", "message": _("The conversation has been cancelled.")}

    return _run(evening.name, _all_records(evening, asker, doc), work, [])


def own_booking(name: str, asker: requests.Asker):
    """A conversation that the asker attends, and its evening.

    Raises:
        frappe.PermissionError: there is none; in the same words whatever the cause.
    """
    doc = frappe.get_doc("Evening Booking", name) if frappe.db.exists("Evening Booking", name) else None
    if not doc or doc.state == "Planned" or not _is_own(doc, asker):
        frappe.throw(_("This conversation is not one of yours."), frappe.PermissionError)
    return doc, windows.open_evening(doc.evening)


def _is_own(doc, asker: requests.Asker) -> bool:
    evening = frappe.get_cached_doc("Parent Evening", doc.evening)
    groups = requests.groups_of(evening, asker)
    if doc.student not in groups:
        return False
    if asker.student:
        return bool(doc.student_attends)
    return bool({row.guardian for row in doc.guardians} & set(asker.guardians))


def _check_change(table: Table, row, asker: requests.Asker) -> None:
    if row.state == "Cancelled" and not row.untold:
        frappe.throw(_("This conversation has been cancelled."))
    row.guardian_names = [one.guardian for one in row.guardians]
    why = table.why_not_change(
        frappe._dict(
            name=row.name,
            offer=row.offer,
            student=row.student,
            student_attends=row.student_attends,
            guardians=row.guardian_names,
            pinned=row.pinned,
            untold=row.untold,
            start=row.start,
        )
    )
    if why:
        frappe.throw(escape_html(why))


def _all_records(evening, asker: requests.Asker, doc) -> list[tuple[str, str]]:
    return sorted({*bookings.people_of(doc), *_records(evening, asker, [])})


# Answers


def _refused(refusals: list[Refusal]) -> dict:
    if len(refusals) == 1:
        message = refusals[0].sentence
    else:
        message = _("Nothing has been reserved: {0} of your choices are not possible any more.").format(
            len(refusals)
        )
    return {
        "status": "refused",
        "message": message,
        "refused": [refusal.as_dict() for refusal in refusals],
    }


def _warned(lines: list[str]) -> dict:
    return {
        "status": "warning",
        "message": _("Please look at this before you reserve."),
        "warnings": lines,
    }


def _reserved(count: int) -> str:
    if count == 1:
        return _("Reserved. 1 conversation is yours.")
    return _("Reserved. {0} conversations are yours.").format(count)


def _moved(row) -> str:
    return _("Moved. The conversation is at {0} now.").format(wording.time(row.start.time()))
