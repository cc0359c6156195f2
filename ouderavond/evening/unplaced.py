"""What a run could not place, and why, in sentences for staff."""

import json

import frappe
from frappe import _
from frappe.utils import format_datetime


def rows(run: str) -> list[dict]:
    """A row per conversation without a place, ordered by instructor and student.

    Returns:
        Dicts of request, student, subject, instructors, guardian, priority, reason (a code), sentence, and
        alternatives (sentences).
    """
    document = frappe.db.get_value("Schedule Run Data", run, "schedule")
    if not document:
        return []
    unplaced = json.loads(document)["unplaced"]
    requests = _requests([item["conversation"] for item in unplaced])
    instructors = _instructors({row.offer for row in requests.values()})
    names = _names()
    found = []
    for item in unplaced:
        request = requests.get(item["conversation"])
        if not request:
            continue
        found.append(
            {
                "request": request.name,
                "student": request.student_name,
                "subject": request.subject,
                "guardian": request.guardian_name,
                "priority": request.priority,
                "instructors": ", ".join(instructors.get(request.offer, [])),
                "reason": item["reason"],
                "sentence": sentence(item["reason"], item.get("facts") or {}, names),
                "alternatives": [alternative(option, names) for option in item.get("alternatives") or []],
            }
        )
    return sorted(found, key=lambda row: (row["instructors"], row["student"] or ""))


def _requests(names: list[str]) -> dict:
    fields = ["name", "offer", "student_name", "subject", "guardian_name", "priority"]
    rows_found = frappe.get_all("Conversation Request", {"name": ("in", names or [""])}, fields)
    return {row.name: row for row in rows_found}


def _instructors(offers: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in frappe.get_all(
        "Conversation Offer Instructor",
        {"parent": ("in", list(offers) or [""])},
        ["parent", "instructor_name"],
        order_by="idx",
    ):
        found.setdefault(row.parent, []).append(row.instructor_name)
    return found


def _names() -> dict[str, str]:
    return dict(frappe.get_all("Instructor", fields=["name", "instructor_name"], as_list=True))


def sentence(reason: str, facts: dict, names: dict[str, str]) -> str:
    """A reason code with its facts, in words; other families are never named."""
    if reason == "no_common_time":
        text = _("There is no start among the {0} of this evening at which all who are needed can be there.")
        return text.format(facts.get("starts", 0))
    if reason == "household_full":
        text = _("The household's other conversations and times rule out all {0} possible starts.")
        return text.format(facts.get("starts", 0))
    if reason == "instructor_full":
        return " ".join(_full(item, names) for item in facts.get("instructors", []))
    return {
        "room_full": _("The room has no free time left."),
        "displaces": _("It fits only in the place of other conversations that weigh as much or more."),
        "time_limit": _("No place was found within the time limit. A longer run may find one."),
    }.get(reason, reason)


def _full(item: dict, names: dict[str, str]) -> str:
    name = names.get(item["instructor"], item["instructor"])
    return _("{0} was asked for {1} slots and has {2}, of which {3} are free.").format(
        name, item["asked"], item["available"], item["free"]
    )


def alternative(option: dict, names: dict[str, str]) -> str:
    """What people could decide so that the conversation gets a place, in words."""
    when = format_datetime(option["start"].replace("T", " "), "d MMMM HH:mm")
    moves = len(option.get("moves") or [])
    if option["kind"] == "move":
        return _("Place it on {0} and move {1} conversations.").format(when, moves)
    if option["kind"] == "other_instructor":
        name = names.get(option["instructor"], option["instructor"])
        return _("With {0} instead, on {1}.").format(name, when)
    if option["kind"] == "other_date":
        return _("On another date: {0}.").format(when)
    return _("Online, on {0}.").format(when)
