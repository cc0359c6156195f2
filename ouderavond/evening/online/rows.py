"""Evening Meeting: what is known of each event in another system. The one writer of these records.

A row is written before the call, with the key that goes along: whatever happens between the call and its
answer, the next run finds the row and does the same again, to the same effect.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

import frappe
from frappe.utils import now_datetime

from ouderavond.evening.bulk import insert_rows, update_values

DOCTYPE = "Evening Meeting"
FIELDS = (
    *("name", "evening", "booking", "instructor", "account", "provider", "online", "state", "link", "code"),
    *("detail", "attempts", "next_attempt", "uncertain", "pending", "unset", "checked_on", "key", "event_id"),
    *("fingerprint", "start", "end", "live_key"),
)
# Nothing of a failure or of another event is left.
UNTRIED = {"code": None, "detail": None, "attempts": 0, "next_attempt": None}
FRESH = {**UNTRIED, "uncertain": 0, "pending": 0}
# What is written where an event is not there any more, and is not to be.
OVER = {**FRESH, "state": "Cancelled", "live_key": None, "link": None}
# How long what is over is kept, for who asks what happened.
KEPT = timedelta(days=30)
LIVE = ("Wanted", "Made", "Failed", "Cancelling")


def new_key() -> str:
    """A key for an event: 32 hexadecimal digits."""
    return uuid.uuid4().hex


def of_evening(evening: str) -> list[frappe._dict]:
    """The rows of an evening that are not cancelled, the oldest first."""
    filters = {"evening": evening, "state": ("in", LIVE)}
    return frappe.get_all(DOCTYPE, filters, list(FIELDS), order_by="creation, name")


def evenings_with_rows() -> set[str]:
    """The evenings that have events still to come, or to be taken away."""
    row = frappe.qb.DocType(DOCTYPE)
    ahead = (row.end > now_datetime()) | (row.state == "Cancelling")
    query = frappe.qb.from_(row).select(row.evening).distinct().where(row.state.isin(LIVE) & ahead)
    return set(query.run(pluck=True))


def add(evening: str, wanted: Iterable) -> int:
    """Write down events that are to be made, as `wanted.Wanted`; who has no account fails at once."""
    found = []
    for one in wanted:
        reachable = bool(one.account) or one.provider == "Link Template"
        found.append(
            {
                "name": frappe.generate_hash(length=10),
                "evening": evening,
                "booking": one.booking,
                "instructor": one.instructor,
                "account": one.account,
                "provider": one.provider,
                "online": int(one.online),
                "state": "Wanted" if reachable else "Failed",
                "code": None if reachable else "no_account",
                "key": new_key(),
                "start": one.start,
                "end": one.end,
                "fingerprint": one.fingerprint,
                "live_key": one.booking,
            }
        )
    return insert_rows(DOCTYPE, found)


def update(names: Iterable[str], **values) -> None:
    """Write values into rows."""
    names = list(names)
    if "link" in values:
        _note_links(dict.fromkeys(names, values["link"]))
    if names:
        frappe.db.set_value(DOCTYPE, {"name": ("in", names)}, values)


def anew() -> dict:
    """What is written where an event is gone: it is to be made again, as another one."""
    return {**FRESH, "state": "Wanted", "key": new_key(), "event_id": None, "link": None, "checked_on": None}


def write(found: dict[str, dict]) -> None:
    """Write {row: values}, those with the same fields at once."""
    _note_links({name: values["link"] for name, values in found.items() if "link" in values})
    now = now_datetime()
    by_fields = defaultdict(list)
    for name, values in found.items():
        by_fields[tuple(sorted(values))].append((name, now, *(values[field] for field in sorted(values))))
    for fields, changed in by_fields.items():
        update_values(DOCTYPE, ("name", "modified", *fields), changed)


def _note_links(links: dict[str, str | None]) -> None:
    """Count the links that become others: calendars know by it that an event is not what they have."""
    filters = {"name": ("in", list(links) or [""])}
    found = frappe.get_all(DOCTYPE, filters, ["name", "link"])
    changed = [row.name for row in found if (row.link or "") != (links[row.name] or "")]
    if changed:
        row = frappe.qb.DocType(DOCTYPE)
        query = frappe.qb.update(row).set(row.link_changes, row.link_changes + 1)
        query.set(row.link_changed_on, now_datetime()).where(row.name.isin(changed)).run()


def retry(filters: dict) -> int:
    """Let what failed be tried again at once.

    Returns:
        How many rows.
    """
    found = frappe.get_all(DOCTYPE, {**filters, "state": "Failed"}, ["name", "live_key", "event_id"])
    # What failed to be taken away has given the conversation free for another one.
    undone = [row.name for row in found if not row.live_key]
    update(undone, **UNTRIED, state="Cancelling")
    again = {row.name for row in found if row.live_key}
    made = {row.name for row in found if row.live_key and row.event_id}
    update(made, **UNTRIED, state="Made", fingerprint=None)
    update(again - made, **UNTRIED, state="Wanted")
    return len(found)


def hurry(names: Iterable[str]) -> None:
    """Let what waits for its next attempt be tried at once."""
    update(names, next_attempt=None)


def has_any(evening: str) -> bool:
    """Whether an evening has events in calendars."""
    return bool(frappe.db.exists(DOCTYPE, {"evening": evening, "state": ("in", LIVE)}))


def renew(provider: str | None = None) -> int:
    """Let coming events be written anew, of one provider or of all; how many."""
    filters = {"state": "Made", "online": 1, "end": (">", now_datetime())}
    names = frappe.get_all(DOCTYPE, {**filters, **({"provider": provider} if provider else {})}, pluck="name")
    update(names, fingerprint=None)
    return len(names)


def of_deleted_evenings() -> list[str]:
    """What could not be taken away of evenings that are not there any more."""
    row, evening = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType("Parent Evening")
    there = frappe.qb.from_(evening).select(evening.name)
    failed = (row.state == "Failed") & row.live_key.isnull()
    return frappe.qb.from_(row).select(row.name).where(failed & row.evening.notin(there)).run(pluck=True)


def forget_over() -> None:
    """Every day: remove what is known of events that are long over. Commits.

    Not before: how often the link of a conversation changed is counted until then.
    """
    row = frappe.qb.DocType(DOCTYPE)
    frappe.qb.from_(row).delete().where(row.end < now_datetime() - KEPT).run()
    frappe.db.commit()
