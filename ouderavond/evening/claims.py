"""How a place is taken. The one writer of Booking Claim, and so what makes a double booking impossible.

A claim is one row per person (or unshared room) and minute, and the database refuses a second one. Whatever
takes, moves or gives up a place runs inside `transaction`: it starts from a fresh snapshot, locks the evening
and the people concerned in a fixed order, and only then reads, checks and writes. A clash rolls everything
back before anybody is answered; deadlocks and lock waits start the whole call again, and who waited too
long is told to come back.
"""

import dataclasses
import random
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.query_builder.functions import Max, Min
from frappe.utils import now_datetime
from pymysql.constants import ER
from pymysql.err import IntegrityError, MySQLError

from ouderavond import busy
from ouderavond.evening import spans as spans_of
from ouderavond.evening import versions
from ouderavond.evening.bulk import insert_values
from ouderavond.evening.people import person_keys
from ouderavond.evening.spans import Span

ATTEMPTS = 5
# Seconds. Whoever waits for an answer waits no longer than this for others' locks, nor for another attempt.
LOCK_WAIT, PATIENCE = 5, 10
MINUTE = timedelta(minutes=1)
# "Record has changed since last read": MariaDB from 11.6 answers a late lock with it.
CHANGED_SINCE_READ = 1020
COLUMNS = ("name", "who", "tick", "kind", "reference", "evening", "expires")
WHO, TICK, REFERENCE = (COLUMNS.index(name) for name in ("who", "tick", "reference"))
# The tables whose rows stand for the persons; rooms are protected by the unique key alone.
LOCKABLE = ("Guardian", "Instructor", "Student")


class TakenError(frappe.ValidationError):
    """Somebody or something has another conversation or a block at that time.

    `who` is a person key (None where it is not known any more), `tick` the minute.
    """

    http_status_code = 409
    who: str | None = None
    tick: datetime | None = None


def transaction(evening: str, records: Iterable[tuple[str, str]], work: Callable, *, exclusive: bool = False):
    """Run `work()` under the locks of an evening and of `records`, and return what it returns.

    Whatever was written before in this transaction is rolled back first: call it before anything else
    is written. `work` must only touch the database, since it may run up to five times. The caller's
    commit (the platform's at the end of a POST) makes it last.

    Args:
        evening: name of the Parent Evening.
        records: the (doctype, name) of every person and room that `work` may claim or release.
        work: reads, checks and writes; called without arguments.
        exclusive: lock the evening against every other taker, for what concerns everybody.

    Raises:
        TakenError: a place was taken; nothing is written.
        frappe.ValidationError: from `work`; nothing is written.
        busy.BusyError: others were in the way all the time; nothing is written.
    """
    records = sorted(set(records))
    patience = _patience()
    for attempt in range(1, ATTEMPTS + 1):
        frappe.db.rollback()
        try:
            _lock(evening, records, exclusive)
            answer = work()
            versions.bump(evening)
            return answer
        except (MySQLError, frappe.QueryDeadlockError, frappe.QueryTimeoutError) as error:
            frappe.db.rollback()
            if not _worth_repeating(error):
                raise
            if attempt == ATTEMPTS or time.monotonic() > patience:
                busy.refuse(error)
            # Those who were in each other's way do not come back at the same moment.
            time.sleep(random.uniform(0, 0.03 * attempt))
        except Exception:
            # A refusal that is answered normally would otherwise be committed with half of the work.
            frappe.db.rollback()
            raise


def _patience() -> float:
    """Until when to try. In the background there is time, and what is done there concerns many."""
    if not getattr(frappe.local, "request", None):
        return float("inf")
    frappe.db.sql("SET SESSION innodb_lock_wait_timeout = %s", (LOCK_WAIT,))
    return time.monotonic() + PATIENCE


def _worth_repeating(error: Exception) -> bool:
    if isinstance(error, frappe.QueryDeadlockError | frappe.QueryTimeoutError):
        return True
    repeatable = (ER.LOCK_DEADLOCK, ER.LOCK_WAIT_TIMEOUT, CHANGED_SINCE_READ)
    return bool(error.args) and error.args[0] in repeatable


def _lock(evening: str, records: list[tuple[str, str]], exclusive: bool) -> None:
    mode = "FOR UPDATE" if exclusive else "LOCK IN SHARE MODE"
    if not frappe.db.sql(f"SELECT name FROM `tabParent Evening` WHERE name = %s {mode}", (evening,)):
        name = frappe.utils.escape_html(evening)
        frappe.throw(_("The evening {0} does not exist.").format(name), frappe.DoesNotExistError)
    for doctype in LOCKABLE:
        names = sorted(name for kind, name in records if kind == doctype)
        if names:
            row = frappe.qb.DocType(doctype)
            frappe.qb.from_(row).select(row.name).where(row.name.isin(names)).orderby(
                row.name
            ).for_update().run()


def replace(
    evening: str, release: Iterable[str], spans: Iterable[Span], *, over_blocks: bool = False
) -> None:
    """Give up the claims of the references in `release`, then take those of `spans`, sorted.

    Call it inside `transaction` only. Expired holds in the way are removed in the same transaction. With
    `over_blocks` (staff who override a block) blocks give way for as long as the booking is there.

    Raises:
        TakenError: one of the minutes is taken.
    """
    versions.bump(evening)
    release, spans = list(release), list(spans)
    given_up = _claimed_times(release)
    if release:
        _delete(frappe.qb.DocType("Booking Claim").reference.isin(release))
    rows = _rows(evening, spans)
    if rows:
        keys = {row[WHO] for row in rows}
        _make_way(keys, rows[0][TICK], rows[-1][TICK], over_blocks)
        with _clash_as_sentence(rows):
            insert_values("Booking Claim", COLUMNS, rows)
    _restore_blocks(given_up)


def replace_rooms(evening: str, references: Iterable[str], spans: Iterable[Span]) -> None:
    """Claim the rooms of bookings anew, of all `references`; what persons are claimed for stays as it is.

    Raises:
        TakenError: a room is taken.
    """
    versions.bump(evening)
    references = list(references)
    if not references:
        return
    claim = frappe.qb.DocType("Booking Claim")
    own = claim.reference.isin(references) & claim.who.like("Room:%")
    given_up = (
        frappe.qb.from_(claim)
        .select(claim.who, Min(claim.tick), Max(claim.tick))
        .where(own)
        .groupby(claim.reference, claim.who)
    ).run()
    _delete(own)
    rooms = [
        dataclasses.replace(span, records=tuple(one for one in span.records if one[0] == "Room"))
        for span in spans
    ]
    rows = _rows(evening, rooms)
    if rows:
        with _clash_as_sentence(rows):
            insert_values("Booking Claim", COLUMNS, rows)
    _restore_blocks(given_up)


def add_block(evening: str, *spans: Span) -> None:
    """Claim the minutes of blocks that nobody has yet; the caller has made sure that no booking has them.

    What is only held for somebody gives way, with everything that is held for the same conversation.
    """
    versions.bump(evening)
    rows = _rows(evening, list(spans))
    if rows:
        _release_holds(rows)
        insert_values("Booking Claim", COLUMNS, rows, ignore_duplicates=True)


def _release_holds(rows: list[tuple]) -> None:
    """Give up the holds that have one of the minutes of these rows."""
    claim = frappe.qb.DocType("Booking Claim")
    held = (
        frappe.qb.from_(claim)
        .select(claim.who, claim.tick, claim.reference)
        .where((claim.kind == "Hold") & claim.who.isin(list({row[WHO] for row in rows})))
        .where(claim.tick[rows[0][TICK] : rows[-1][TICK]])
    ).run()
    wanted = {(row[WHO], row[TICK]) for row in rows}
    references = {reference for who, tick, reference in held if (who, tick) in wanted}
    if references:
        _delete((claim.kind == "Hold") & claim.reference.isin(list(references)))


def _claimed_times(references: list[str]) -> list[tuple[str, datetime, datetime]]:
    """(who, first, last) of the claims of references: where blocks may come back once they are given up."""
    if not references:
        return []
    claim = frappe.qb.DocType("Booking Claim")
    return (
        frappe.qb.from_(claim)
        .select(claim.who, Min(claim.tick), Max(claim.tick))
        .where(claim.reference.isin(references))
        .groupby(claim.reference, claim.who)
    ).run()


def _restore_blocks(times: list[tuple[str, datetime, datetime]]) -> None:
    """A block that had given way to a booking, or shared minutes with a block, claims its time again."""
    if not times:
        return
    keys = {who for who, _first, _last in times}
    first, last = min(row[1] for row in times), max(row[2] for row in times)
    for evening, blocks in spans_of.blocks_between(first, last + MINUTE).items():
        rows = [row for row in _rows(evening, blocks) if row[WHO] in keys]
        if rows:
            insert_values("Booking Claim", COLUMNS, rows, ignore_duplicates=True)


def _rows(evening: str, spans: list[Span]) -> list[tuple]:
    """The claims of spans as rows of the table, sorted by minute and person."""
    return [
        (frappe.generate_hash(length=10), key, tick, span.kind, span.reference, evening, span.expires)
        for (tick, key), span in sorted(_wanted(spans).items(), key=lambda item: item[0])
    ]


def _wanted(spans: list[Span], *, strict: bool = True) -> dict[tuple[datetime, str], Span]:
    """Which span has which minute of whom; blocks may share a minute with whatever is there.

    Raises:
        TakenError: if `strict`, two spans want the same minute.
    """
    keys = person_keys(record for span in spans for record in span.records)
    wanted: dict[tuple[datetime, str], Span] = {}
    for span in sorted(spans, key=lambda span: span.kind == "Block"):
        who = {keys[record] for record in span.records}
        for tick in ticks(span.start, span.end):
            for key in who:
                if wanted.setdefault((tick, key), span) is not span and strict and span.kind != "Block":
                    refuse_as_taken(key, tick)
    return wanted


def ticks(start: datetime, end: datetime) -> Iterable[datetime]:
    """The minutes of [start, end), seconds zero."""
    tick = start.replace(second=0, microsecond=0)
    while tick < end:
        yield tick
        tick += MINUTE


def _make_way(keys: set[str], first: datetime, last: datetime, over_blocks: bool) -> None:
    claim = frappe.qb.DocType("Booking Claim")
    gives_way = (claim.kind == "Hold") & (claim.expires < now_datetime())
    if over_blocks:
        gives_way = gives_way | (claim.kind == "Block")
    _delete(gives_way & claim.who.isin(list(keys)) & claim.tick[first:last])


def _delete(these) -> None:
    """Delete claims, found first and then deleted by name.

    A DELETE that looks for them itself locks the gaps between them as well: hundreds who book at once in an
    empty table would all wait for each other there.
    """
    claim = frappe.qb.DocType("Booking Claim")
    names = frappe.qb.from_(claim).select(claim.name).where(these).orderby(claim.name).run(pluck=True)
    if names:
        frappe.qb.from_(claim).delete().where(claim.name.isin(names)).run()


@contextmanager
def _clash_as_sentence(rows: list[tuple]):
    try:
        yield
    except IntegrityError as error:
        if error.args[0] != ER.DUP_ENTRY:
            raise
        frappe.db.rollback()
        refuse_as_taken(*_first_taken(rows))


def _first_taken(rows: list[tuple]) -> tuple[str | None, datetime | None]:
    claim = frappe.qb.DocType("Booking Claim")
    taken = (
        frappe.qb.from_(claim)
        .select(claim.who, claim.tick)
        .where(claim.who.isin(list({row[WHO] for row in rows})))
        .where(claim.tick[rows[0][TICK] : rows[-1][TICK]])
    ).run()
    wanted = {(row[WHO], row[TICK]) for row in rows}
    return min((pair for pair in taken if pair in wanted), key=lambda pair: pair[1], default=(None, None))


def refuse_as_taken(who: str | None, tick: datetime | None) -> None:
    """Raise TakenError with the sentence for staff."""
    try:
        # The names of people and rooms are theirs who wrote them, and the desk shows a refusal as it is.
        frappe.throw(frappe.utils.escape_html(taken_sentence(who, tick)), TakenError, title=_("Taken"))
    except TakenError as error:
        error.who, error.tick = who, tick
        raise


def taken_sentence(who: str | None, tick: datetime | None) -> str:
    """What staff read when a place is taken: who, and when. Guardians only learn the cell."""
    if not who or not tick:
        return _("This place has just been taken. Look again and choose another.")
    when = frappe.utils.format_datetime(tick, "d MMMM HH:mm")
    return _("{0} is not free on {1}: there is another conversation or a block.").format(
        person_title(who), when
    )


def person_title(key: str) -> str:
    """The name behind a person key, for staff."""
    doctype, _sep, name = key.partition(":")
    field = {
        "User": "full_name",
        "Instructor": "instructor_name",
        "Guardian": "guardian_name",
        "Student": "student_name",
        "Room": "room_name",
    }.get(doctype)
    return (field and frappe.db.get_value(doctype, name, field)) or name


def rewrite_claims_of(doctype: str, name: str) -> None:
    """Write the claims of all bookings and blocks of a record again, after the person behind it changed.

    Runs within the transaction of the record's save, so a clash refuses the save.

    Raises:
        TakenError: the new person has another conversation at one of these times.
    """
    for evening, (references, wanted) in spans_of.of_record(doctype, name).items():
        replace(evening, references, wanted)


def follow_user(old: str, new: str) -> None:
    """Claims of a user are under another name of that user from now on. Within the rename's transaction.

    Raises:
        TakenError: the new name has another conversation at one of these times.
    """
    before, after = f"User:{old}", f"User:{new}"
    claim = frappe.qb.DocType("Booking Claim")
    mine = frappe.qb.from_(claim).select(claim.tick, claim.evening).where(claim.who == before).run()
    if not mine:
        return
    taken = set(frappe.qb.from_(claim).select(claim.tick).where(claim.who == after).run(pluck=True))
    twice = min((tick for tick, _evening in mine if tick in taken), default=None)
    if twice:
        refuse_as_taken(after, twice)
    frappe.qb.update(claim).set(claim.who, after).where(claim.who == before).run()
    for evening in {evening for _tick, evening in mine}:
        versions.bump(evening)


def check() -> list[str]:
    """Compare the claims with the bookings and blocks that should have them; a sentence per difference."""
    wanted = {}
    for evening in frappe.get_all("Parent Evening", pluck="name"):
        for (tick, who), span in _wanted(spans_of.of_evening(evening), strict=False).items():
            wanted.setdefault((who, tick), span.reference)
    rows = frappe.get_all(
        "Booking Claim", {"kind": ("!=", "Hold")}, ["who", "tick", "reference"], as_list=True
    )
    found = {(who, tick): reference for who, tick, reference in rows}
    missing = {wanted[place] for place in wanted.keys() - found.keys()}
    extra = {found[place] for place in found.keys() - wanted.keys()}
    lacking = _("{0} lacks claims: somebody else could take its time. Save it again or cancel it.")
    surplus = _("{0} has claims that it should not have: its time looks taken.")
    return [lacking.format(name) for name in sorted(missing)] + [
        surplus.format(name) for name in sorted(extra)
    ]
