"""The start of the portal page: for each way in which somebody is known here, what can be done until when.

Made of what the page has read anyway; only places offered from the waiting list are looked for.
"""

from collections import Counter

import frappe
from frappe import _
from frappe.utils import now_datetime

from ouderavond.evening import conversations, grid, request_rules, waiting
from ouderavond.evening.requests import Asker
from ouderavond.evening.reserving import windows


def of_roles(roles: list[dict]) -> list[dict]:
    """The start of the page.

    Args:
        roles: {role, records, heading, evenings}, as `overview` gives the evenings.

    Returns:
        {role, heading, evenings, offered, conversations, several} for each role with something to show:
        `evenings` with `lines` of what can be done, and conversations as `part` gives them.
    """
    return [_of_role(role) for role in roles if role["evenings"]]


def _of_role(role: dict) -> dict:
    found = [row for evening in role["evenings"] for row in evening["conversations"]]
    evenings = [{**evening, "lines": _lines(evening, role["role"])} for evening in role["evenings"]]
    return {
        "heading": role["heading"],
        "evenings": evenings,
        "offered": _offered(role),
        **part(role["role"], role["records"], found),
    }


def _offered(role: dict) -> list[dict]:
    """The places from the waiting list that are offered now."""
    if role["role"] == "instructor":
        return []
    shown = [evening["evening"] for evening in role["evenings"]]
    return waiting.for_start(_asker(role["role"], role["records"]), shown)


def part(role: str, records: list[str], found: list | None = None) -> dict:
    """Somebody's conversations in a role, in order of time, with what can be done with each.

    Args:
        found: rows of `conversations`, where they have been read already.

    Returns:
        {role, conversations, several}: the rows with `can_change`, `why_not` and `can_say`; of an instructor
        none, since theirs are read by evening.
    """
    if role == "instructor":
        return {"role": role, "conversations": [], "several": False}
    if found is None:
        found = conversations.READ[role](records)
    asker = _asker(role, records)
    evenings = {row.evening: frappe.get_cached_doc("Parent Evening", row.evening) for row in found}
    places = {(doc.name, day.date): day.place for doc in evenings.values() for day in grid.slots(doc)}
    rows = [_row(row, evenings[row.evening], asker, places) for row in found]
    rows.sort(key=lambda row: (row["start"], row["name"]))
    return {"role": role, "conversations": rows, "several": len(evenings) > 1}


def _asker(role: str, records: list[str]) -> Asker:
    return Asker("Guardian", tuple(records)) if role == "guardian" else Asker("Student", (), records[0])


# What can be done


def _lines(evening: dict, role: str) -> list[dict]:
    """Rows {sentence, label, target}: what is possible until when, and the link to where.

    The one that counts conversations has `counts`: the page keeps it in step with `counted`.
    """
    if role == "instructor":
        return [_sitting(evening)]
    lines = [_requesting(evening, role), _booking(evening, role), _schedule(evening, role), _change(evening)]
    return [line for line in lines if line]


def _line(sentence: str, label: str, target: str) -> dict:
    return {"sentence": sentence, "label": label, "target": target}


def _requesting(evening: dict, role: str) -> dict | None:
    state, sentence = evening["requesting"]["state"], evening["requesting"]["sentence"]
    if state == "none" or not sentence or evening["schedule_visible"]:
        return None
    label = _("Request conversations") if state == "open" else ""
    return _line(sentence, label, f"oa-{role}-{evening['evening']}")


def _booking(evening: dict, role: str) -> dict | None:
    state, sentence = evening["booking"]["state"], evening["booking"]["sentence"]
    if state == "none":
        return None
    label = _("Book conversations") if state == "open" else ""
    return _line(sentence, label, f"oa-booking-{role}-{evening['evening']}")


def _schedule(evening: dict, role: str) -> dict | None:
    number = len(evening["conversations"])
    if number:
        return {**_line(_with_a_time(number), _("My conversations"), f"oa-mine-{role}"), "counts": True}
    if not evening["schedule_visible"] or evening["booking"]["state"] in ("open", "before"):
        return None
    said = _("The schedule has been published. You have no conversations with a time at this evening.")
    return _line(said, _("Read more"), f"oa-{role}-{evening['evening']}")


def _change(evening: dict) -> dict | None:
    if evening["booking"]["state"] != "open" or not any(row.own for row in evening["conversations"]):
        return None
    document = frappe.get_cached_doc("Parent Evening", evening["evening"])
    return _line(windows.change_sentence(document), "", "")


def counted(rows: list[dict]) -> dict[str, str]:
    """{evening: how many conversations there are}, of the rows of `part`."""
    numbers = Counter(row["evening"] for row in rows)
    return {evening: _with_a_time(number) for evening, number in numbers.items()}


def _with_a_time(number: int) -> str:
    if number == 1:
        return _("You have 1 conversation with a time.")
    return _("You have {0} conversations with a time.").format(number)


def _sitting(evening: dict) -> dict:
    target = f"oa-i-{evening['evening']}"
    number = len([row for row in evening["conversations"] if row.state == "Published"])
    if number:
        return _line(_with_a_time(number), _("My conversations"), target)
    if evening["schedule_visible"]:
        return _line(_("You have no conversations at this evening."), "", target)
    return _line(_("Your conversations are shown here once the schedule has been published."), "", target)


# Conversations


def _row(row, evening, asker: Asker, places: dict) -> dict:
    coming = row.own and row.start > now_datetime()
    why_not = _why_not_change(row, evening, asker) if coming else ""
    return {
        **row,
        "title": evening.title,
        "site": places.get((evening.name, row.day)),
        "link_follows": bool(evening.meeting_provider),
        "can_change": coming and why_not is None,
        "why_not": why_not or "",
        "can_say": coming,
    }


def _why_not_change(row, evening, asker: Asker) -> str | None:
    """Why a conversation cannot be moved or cancelled: a sentence, or nothing where that is no question.

    `reserving.table` decides; this spares the page to read the table.
    """
    booking = windows.booking_state(evening, asker)
    if booking["state"] != "open":
        return booking["sentence"] if booking["state"] == "closed" else ""
    asked = frappe._dict(source=row.request_source, priority=row.request_priority)
    invited = bool(row.request_source) and request_rules.is_invitation(asked)
    return windows.why_fixed(evening, start=row.start, pinned=bool(row.pinned), invited=invited)
