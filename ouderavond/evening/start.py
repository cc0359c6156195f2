"""The start of the portal page: for each way in which somebody is known here, what can be done until when.

Made of what the page has read anyway; nothing is read for it alone but what waits for an answer.
"""

from datetime import datetime

import frappe
from frappe import _
from frappe.utils import now_datetime

from ouderavond.evening.requests import Asker
from ouderavond.evening.reserving import windows

ASKERS = {"guardian": "Guardian", "student": "Student"}


def of_roles(roles: list[dict]) -> list[dict]:
    """The start of the page.

    Args:
        roles: {role, heading, evenings}, as `overview` gives the evenings.

    Returns:
        {role, heading, evenings, conversations, several} for each role with something to show; `evenings` with
        `lines` of what can be done, `conversations` in order of time with `can_change`, `why_not` and
        `can_say`; of an instructor none, since theirs are read by evening.
    """
    return [_part(part) for part in roles if part["evenings"]]


def _part(part: dict) -> dict:
    role, evenings = part["role"], part["evenings"]
    family = role in ASKERS
    conversations = [_row(row, evening, role) for evening in evenings for row in evening["conversations"]]
    return {
        "role": role,
        "heading": part["heading"],
        "evenings": [{**evening, "lines": _lines(evening, role)} for evening in evenings],
        "conversations": sorted(conversations, key=lambda row: (row["start"], row["name"])) if family else [],
        "several": len([evening for evening in evenings if evening["conversations"]]) > 1,
    }


# What can be done


def _lines(evening: dict, role: str) -> list[dict]:
    """Rows {sentence, label, target}: what is possible until when, and the link to where."""
    if role == "instructor":
        return [_sitting(evening)]
    lines = [_requesting(evening, role), _booking(evening, role), _schedule(evening, role)]
    return [line for line in lines if line]


def _line(sentence: str, label: str, target: str) -> dict:
    return {"sentence": sentence, "label": label, "target": target}


def _section(evening: dict, role: str) -> str:
    return f"oa-{role}-{evening['evening']}"


def _requesting(evening: dict, role: str) -> dict | None:
    state, sentence = evening["requesting"]["state"], evening["requesting"]["sentence"]
    if state == "none" or not sentence:
        return None
    label = _("Request conversations") if state == "open" else ""
    return _line(sentence, label, _section(evening, role))


def _booking(evening: dict, role: str) -> dict | None:
    state, sentence = evening["booking"]["state"], evening["booking"]["sentence"]
    if state == "none":
        return None
    return _line(sentence, _("Book times") if state == "open" else "", _section(evening, role))


def _schedule(evening: dict, role: str) -> dict | None:
    if evening["conversations"]:
        return _line(_conversations(len(evening["conversations"])), _("My conversations"), f"oa-mine-{role}")
    if not evening["schedule_visible"] or evening["booking"]["state"] in ("open", "before"):
        return None
    said = _("The schedule has been published. You have no conversations at this evening.")
    return _line(said, _("More"), _section(evening, role))


def _conversations(number: int) -> str:
    if number == 1:
        return _("You have 1 conversation with a time.")
    return _("You have {0} conversations with a time.").format(number)


def _sitting(evening: dict) -> dict:
    target = f"oa-i-{evening['evening']}"
    if evening["conversations"]:
        return _line(_conversations(len(evening["conversations"])), _("My conversations"), target)
    if evening["schedule_visible"]:
        return _line(_("You have no conversations at this evening."), "", target)
    return _line(_("Your conversations are shown here once the schedule has been published."), "", target)


# Conversations


def _row(row: dict, evening: dict, role: str) -> dict:
    own = row["own"] and row["start"] > now_datetime()
    why_not = _why_not_change(row, evening, role) if own else None
    return {
        **row,
        "title": evening["title"],
        "site": next((day["place"] for day in evening["dates"] if day["date"] == row["day"]), None),
        "can_change": own and why_not is None,
        "why_not": why_not or "",
        "can_say": own,
    }


def _why_not_change(row: dict, evening: dict, role: str) -> str | None:
    """Why a conversation cannot be moved or cancelled, in a sentence, empty where that goes without saying."""
    if evening["booking"]["state"] != "open":
        return evening["booking"]["sentence"] if evening["booking"]["state"] == "closed" else ""
    if row["request"] in {asked["request"] for asked in evening["requests"] if asked["invitation"]}:
        return _("The school asks for this conversation.")
    if row["pinned"]:
        return _("The school has fixed the time of this conversation.")
    document = frappe.get_cached_doc("Parent Evening", evening["evening"])
    return None if windows.may_change(document, row["start"]) else windows.change_sentence(document)


def can_still_say(start: datetime) -> bool:
    """Whether somebody can still say that they can't come."""
    return now_datetime() < start


def asker_of(role: str, records: list[str]) -> Asker:
    """Somebody as who asks for conversations."""
    if role == "guardian":
        return Asker("Guardian", tuple(records))
    return Asker("Student", (), records[0])
