"""Telling somebody something once. The one writer of Evening Message, whose key the database keeps unique.

`once` belongs into the transaction of what it accompanies: both are there together, or neither is.
"""

import frappe

from ouderavond.evening import people
from ouderavond.evening.bulk import insert_values

DOCTYPE = "Evening Message"
KEYS = ("event", "evening", "person", "version")
# Marks: not that somebody was told, but that they are to be, once they are done.
CHANGED = {"Guardian": "Guardian changed requests", "Student": "Student changed requests"}


def once(event: str, evening: str, person: str, version: str = "") -> bool:
    """Whether this is the first time that a person is to be told this; from then on it is not.

    Whoever asks at the same time waits until this transaction ends, and is told no if it was committed. To be
    called within the transaction of the telling, so that what fails is tried again. As with any lock, a
    deadlock may end the transaction instead of an answer.

    Args:
        event: what it is about, a short word.
        person: the key of who is told, by `people.person_key`.
        version: the state of what is told, a short text such as a hash; another one is told again.
    """
    values = (event, evening, person, version or "")
    when, user = frappe.utils.now(), frappe.session.user
    row = (frappe.generate_hash(length=10), *values, when, when, user, user)
    columns = ("name", *KEYS, "creation", "modified", "owner", "modified_by")
    insert_values(DOCTYPE, columns, [row], ignore_duplicates=True)
    # Shared, since those who came too late hold it shared already; and locked, since the transaction may have
    # begun before the other's row came.
    where = " AND ".join(f"`{key}` = %s" for key in KEYS)
    found = frappe.db.sql(f"SELECT name FROM `tab{DOCTYPE}` WHERE {where} LOCK IN SHARE MODE", values)
    return bool(found) and found[0][0] == row[0]


def changed(evening: str, asker) -> None:
    """Mark that an asker has just changed requests or times, in the transaction that changes them."""
    if asker.source not in CHANGED:
        return
    record = ("Student", asker.student) if asker.student else ("Guardian", asker.guardians[0])
    mark(CHANGED[asker.source], evening, people.person_key(*record))


def mark(event: str, evening: str, person: str, when=None) -> None:
    """Note that somebody is to be told, or note again when they last changed it."""
    when = when or frappe.utils.now()
    columns = ("name", *KEYS, "creation", "modified")
    frappe.db.sql(
        f"INSERT INTO `tab{DOCTYPE}` ({', '.join(columns)}) VALUES (%s, %s, %s, %s, '', %s, %s) "
        "ON DUPLICATE KEY UPDATE creation = VALUES(creation), modified = VALUES(modified)",
        (frappe.generate_hash(length=10), event, evening, person, when, when),
    )


def marked(event: str, before) -> list[frappe._dict]:
    """Who is marked since some time, as rows with evening and person, the longest ago first."""
    filters = {"event": event, "creation": ("<=", before)}
    return frappe.get_all(DOCTYPE, filters, ["evening", "person"], order_by="creation, name")


def take_mark(event: str, evening: str, person: str, before) -> bool:
    """Take a mark away if it is still there and no newer. Whoever marks meanwhile waits and marks again."""
    values = {"event": event, "evening": evening, "person": person, "version": ""}
    name = frappe.db.get_value(DOCTYPE, values)
    # Locked by its name alone: a lock on other keys would reach what is written about the same person.
    where = "name = %s AND creation <= %s"
    found = frappe.db.sql(f"SELECT name FROM `tab{DOCTYPE}` WHERE {where} FOR UPDATE", (name, before))
    frappe.db.delete(DOCTYPE, {"name": name if found else ""})
    return bool(found)


def last_version(event: str, evening: str, person: str) -> str | None:
    """What a person was told last of this; None if nothing."""
    filters = {"event": event, "evening": evening, "person": person}
    return frappe.db.get_value(DOCTYPE, filters, "version", order_by="creation desc, name desc")


def follow(old: str, new: str, *, keep: bool = False) -> None:
    """Let what one person key was told count for another; with `keep` also still for the first."""
    if old == new:
        return
    rows = frappe.get_all(DOCTYPE, {"person": old}, ["event", "evening", "version", "creation"])
    columns = ("name", *KEYS, "creation", "modified")
    told = [
        (
            frappe.generate_hash(length=10),
            row.event,
            row.evening,
            new,
            row.version,
            row.creation,
            row.creation,
        )
        for row in rows
    ]
    if told:
        insert_values(DOCTYPE, columns, told, ignore_duplicates=True)
    if not keep:
        forget(old)


def forget(person: str) -> None:
    """Remove what a person was told."""
    frappe.db.delete(DOCTYPE, {"person": person})


def forget_record(doctype: str, name: str) -> None:
    """Remove what somebody was told who leaves, unless other records are of the same person."""
    key = people.person_key(doctype, name)
    if not _has_others(key, doctype, name):
        forget(key)


def follow_record(doctype: str, name: str, old_user: str | None, new_user: str | None) -> None:
    """A record belongs to another user, or to none: what was told follows it to the new person key."""
    old = f"User:{old_user}" if old_user else f"{doctype}:{name}"
    new = f"User:{new_user}" if new_user else f"{doctype}:{name}"
    follow(old, new, keep=_has_others(old, doctype, name))


def _has_others(key: str, doctype: str, name: str) -> bool:
    kind, _colon, user = key.partition(":")
    if kind != "User":
        return False
    records = {("Guardian", record) for record in people.guardians_of_user(user)}
    records |= {("Student", record) for record in people.students_of_user(user)}
    records |= {("Instructor", record) for record in people.instructors_of_user(user)}
    return bool(records - {(doctype, name)})
