"""Records as they are at a moment: to compare what became of them, and to bring them back."""

from collections import defaultdict
from collections.abc import Iterable

import frappe

from ouderavond.evening import claims, spans, told
from ouderavond.evening.bulk import insert_rows, update_values

BOOKING, REQUEST, BLOCK = "Evening Booking", "Conversation Request", "Evening Block"
PLACE = "Evening Instructor"
CHILDREN = {"instructors": "Evening Booking Instructor", "guardians": "Evening Booking Guardian"}
PEOPLE = {"instructors": "instructor", "guardians": "guardian"}
# What is planned of a conversation. What people were told of it, and what happened in it, is not undone.
PLANNED = (
    *("start", "end", "pinned", "room", "table_label", "mode", "offer", "request", "student_attends"),
    "override_reason",
)
OUTCOME = ("state", "reason", "reason_facts")
# What changes without anybody changing the record.
INCIDENTAL = {
    *("modified", "modified_by", "creation", "owner", "idx", "docstatus"),
    *("_user_tags", "_comments", "_assign", "_liked_by", "_seen", "status"),
}
NOT_TOLD = dict.fromkeys(told.FIELDS.values())
WRITTEN = ("name", *PLANNED, *NOT_TOLD, "state", "untold", "modified", "modified_by")


def read(doctype: str, names: Iterable[str]) -> dict[str, dict]:
    """{name: values} of records as the database has them.

    A conversation comes with its `instructors` and `guardians`. Of a request only its outcome is read: what
    people wished is theirs.
    """
    names = list(names)
    fields = ["name", *OUTCOME] if doctype == REQUEST else ["*"]
    rows = frappe.get_all(doctype, {"name": ("in", names or [""])}, fields)
    found = {row.name: dict(row) for row in rows}
    if doctype == BOOKING:
        for field, child in CHILDREN.items():
            of_parent = defaultdict(list)
            for row in frappe.get_all(child, {"parent": ("in", names or [""])}, ["*"], order_by="idx"):
                of_parent[row.parent].append(dict(row))
            for name, values in found.items():
                values[field] = of_parent[name]
    return found


def essence(doctype: str, values: dict | None) -> dict | None:
    """What of a record counts when it is asked whether it changed; plain texts and numbers."""
    if values is None:
        return None
    if doctype != BOOKING:
        return {key: _plain(value) for key, value in values.items() if key not in INCIDENTAL}
    found = {key: _plain(values.get(key)) for key in PLANNED}
    found["cancelled"] = values["state"] == "Cancelled"
    for field in PEOPLE:
        found[field] = _people(values, field)
    return found


def _plain(value):
    return value if value is None or isinstance(value, int | float | str) else str(value)


def restore(evening: str, entries: list[list]) -> int:
    """Make records what they were before a change, with their claims; within `claims.transaction`.

    Args:
        entries: [doctype, name, values before or None, …] of each record.

    Returns:
        How many records are as before.

    Raises:
        claims.TakenError: the place of a conversation has been taken.
    """
    by_kind = defaultdict(dict)
    for doctype, name, before, *_rest in entries:
        by_kind[doctype][name] = before
    for doctype, wanted in by_kind.items():
        if doctype == BOOKING:
            _bookings(wanted)
        else:
            _plain_records(doctype, wanted)
    bookings, blocks = list({*by_kind[BOOKING], *_in_rooms_of(evening, entries)}), list(by_kind[BLOCK])
    if bookings or blocks:
        due = spans.of_bookings(evening, bookings) + spans.of_blocks({"name": ("in", blocks or [""])})
        claims.replace(evening, bookings + blocks, due)
    frappe.clear_document_cache("Parent Evening", evening)
    return len(entries)


def _in_rooms_of(evening: str, entries: list[list]) -> list[str]:
    """The conversations in rooms that are shared from now on, or no longer: their claims change."""
    rooms: set[str] = set()
    for both in (entry[2:4] for entry in entries if entry[0] == PLACE):
        before, after = ((one["room"], one["shared_room"]) if one else (None, 0) for one in both)
        if before != after and (before[1] or after[1]):
            rooms |= {room for room, _shared in (before, after) if room}
    live = {"evening": evening, "room": ("in", list(rooms)), "state": ("!=", "Cancelled")}
    return frappe.get_all(BOOKING, live, pluck="name") if rooms else []


def _plain_records(doctype: str, wanted: dict[str, dict | None]) -> None:
    there = read(doctype, wanted)
    doomed = [name for name, before in wanted.items() if before is None and name in there]
    frappe.db.delete(doctype, {"name": ("in", doomed or [""])})
    insert_rows(doctype, [before for name, before in wanted.items() if before and name not in there])
    for name, before in wanted.items():
        if before and name in there:
            values = {key: value for key, value in before.items() if key not in INCIDENTAL | {"name"}}
            frappe.db.set_value(doctype, name, values)


def _bookings(wanted: dict[str, dict | None]) -> None:
    there = read(BOOKING, wanted)
    doomed, fresh, changed = [], [], []
    for name, before in wanted.items():
        now = there.get(name)
        if now and before is None and not now["published_start"]:
            doomed.append(name)
        elif now:
            changed.append(_planned(name, now, before))
        if before:
            # Where the same people attend, their rows stay: instructors note things in them.
            fresh += [
                (field, before)
                for field in CHILDREN
                if not now or _people(now, field) != _people(before, field)
            ]
    update_values(BOOKING, WRITTEN, changed)
    _delete(doomed, fresh)
    insert_rows(BOOKING, [_bare(before) for name, before in wanted.items() if before and name not in there])
    for field, child in CHILDREN.items():
        insert_rows(child, [row for of_field, before in fresh if of_field == field for row in before[field]])


def _people(values: dict, field: str) -> list[str]:
    return [row[PEOPLE[field]] for row in values[field]]


def _planned(name: str, now: dict, before: dict | None) -> list:
    """What was planned before, as WRITTEN; who was told of the conversation knows what they were told."""
    row = frappe._dict(now)
    if before:
        row.update({key: before[key] for key in PLANNED})
    if row.state == "Cancelled" and not row.untold:
        # That it was cancelled has been told: it is new to them.
        row.update(NOT_TOLD)
    gone = before is None or before["state"] == "Cancelled"
    row.state = "Cancelled" if gone else "Published" if row.published_start else "Planned"
    row.start, row.end = frappe.utils.get_datetime(row.start), frappe.utils.get_datetime(row.end)
    told.keep(row)
    row.update({"name": name, "modified": frappe.utils.now(), "modified_by": frappe.session.user})
    return [row[key] for key in WRITTEN]


def _delete(doomed: list[str], fresh: list[tuple[str, dict]]) -> None:
    for field, child in CHILDREN.items():
        parents = [*doomed, *(before["name"] for of_field, before in fresh if of_field == field)]
        frappe.db.delete(child, {"parenttype": BOOKING, "parent": ("in", parents or [""])})
    frappe.db.delete(BOOKING, {"name": ("in", doomed or [""])})


def _bare(values: dict) -> dict:
    return {key: value for key, value in values.items() if key not in CHILDREN}
