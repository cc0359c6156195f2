"""The form for requests: what can be asked for until when, and what was asked for with which wishes."""

from collections import defaultdict
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import cint, get_datetime, now_datetime

from ouderavond.evening import grid, inviting, photos, request_rules, requests, unavailable, wording

# Wishes that the form asks for once, for all conversations together.
COMMON = ("mode", "preference", "interpreter_language", "step_free")


def rules(evening) -> dict:
    """What an evening allows."""
    return {
        "maximum_per_student": cint(evening.maximum_per_student),
        "maximum_per_household": cint(evening.maximum_per_household),
        "longer": bool(evening.longer_conversation),
        "remarks": bool(evening.guardian_remarks),
        "mode_choice": evening.mode == "Household's Choice",
        "minutes": cint(evening.minutes_per_conversation),
    }


def state(evening, asker) -> dict:
    """Whether requests are possible now, and a sentence about until or from when."""
    only = {"Guardian": "Students", "Student": "Guardians"}[asker.source]
    if evening.procedure == "Book Directly" or evening.contact_with == only:
        return {"state": "none", "sentence": ""}
    if evening.schedule_visible:
        return {"state": "closed", "sentence": ""}
    now = now_datetime()
    if evening.request_from and now < get_datetime(evening.request_from):
        opens = _("You can request conversations from {0}.").format(wording.moment(evening.request_from))
        return {"state": "before", "sentence": opens}
    if not evening.request_until:
        return {"state": "open", "sentence": _("You can request, change and withdraw conversations now.")}
    deadline = wording.moment(evening.request_until)
    if now > get_datetime(evening.request_until):
        return {"state": "closed", "sentence": _("Requests could be made until {0}.").format(deadline)}
    sentence = _("You can request, change and withdraw conversations until {0}.")
    return {"state": "open", "sentence": sentence.format(deadline)}


def times(evening, asker) -> dict:
    """The times at which the asker can't come, and the moments between which a time can be chosen."""
    dates = [
        {"date": day.date, "from": day.starts, "to": [*day.starts[1:], day.end]}
        for day in grid.slots(evening)
        if day.starts
    ]
    own = [{"from": time.start, "to": time.end} for time in unavailable.of(evening.name, asker)]
    return {"dates": dates, "own": own}


def offers(evenings: list, students: Iterable[str], asker) -> list[frappe._dict]:
    """The offers of these students, in order of subject, with the names and photographs of their instructors.

    `exists` tells of one that the student, or for a student the guardians, asked for already.
    """
    found = frappe.get_all(
        "Conversation Offer",
        filters={
            "evening": ("in", [evening.name for evening in evenings] or [""]),
            "student": ("in", list(students) or [""]),
        },
        fields=["name", "evening", "student", "subject", "offered", "slots", "instructor_wish"],
        order_by="subject, name",
    )
    people = _instructors([row.name for row in found])
    photo = photos.urls(record for given in people.values() for record, _name in given)
    of_both = {evening.name for evening in evenings if evening.contact_with == "Guardians and Students"}
    asked = _asked_by_others([row.name for row in found if row.evening in of_both], asker)
    for row in found:
        row.instructors = [name for _record, name in people[row.name]]
        row.photos = [photo[record] for record, _name in people[row.name] if photo.get(record)]
        row.exists = row.name in asked
    return found


def _instructors(offers: list[str]) -> dict[str, list[tuple[str, str]]]:
    """(record, name) of the instructors of each offer."""
    found = defaultdict(list)
    rows = frappe.get_all(
        "Conversation Offer Instructor",
        filters={"parent": ("in", offers or [""])},
        fields=["parent", "instructor", "instructor_name"],
        order_by="idx",
    )
    for row in rows:
        found[row.parent].append((row.instructor, row.instructor_name))
    return found


def _asked_by_others(offers: list[str], asker) -> set[str]:
    """What a student's guardians asked for, or for guardians the student."""
    other = ("is", "set") if asker.student else ("is", "not set")
    filters = {"offer": ("in", offers or [""]), "state": ("!=", "Withdrawn"), "guardian": other}
    return set(frappe.get_all("Conversation Request", filters, pluck="offer"))


def children(offers: list, chosen: dict[str, dict], names: dict[str, str]) -> list[dict]:
    """The offers by student. What the school asks for is not among them: there is nothing to choose."""
    found = {}
    for offer in offers:
        request = chosen.get(offer.name)
        child = found.setdefault(
            offer.student,
            {"student": offer.student, "name": names.get(offer.student), "chosen": 0, "offers": []},
        )
        if request["invitation"] if request else not offer.offered:
            continue
        child["chosen"] += bool(request)
        child["offers"].append(
            {
                "offer": offer.name,
                "subject": offer.subject,
                "instructors": offer.instructors,
                "photos": offer.photos,
                "offered": bool(offer.offered),
                "chosen": bool(request),
                "exists": offer.exists,
                "not_necessary": offer.instructor_wish == inviting.NOT_NECESSARY,
            }
        )
    shown = [child for child in found.values() if child["offers"]]
    return sorted(shown, key=lambda child: (child["name"] or "", child["student"]))


def requested(row, offer, names: dict[str, str], evening) -> dict:
    """A request with its wishes."""
    return {
        "request": row.name,
        "offer": row.offer,
        "student": row.student,
        "student_name": names.get(row.student),
        "subject": offer.subject,
        "instructors": offer.instructors,
        "photos": offer.photos,
        "invitation": request_rules.is_invitation(row),
        "invited_by": _invited_by(row, offer),
        "longer": bool(row.longer),
        "preference": row.preference or "",
        "mode": row.mode,
        "interpreter_language": row.interpreter_language or "",
        "step_free": bool(row.step_free),
        "remark": row.remark or "",
        "not_placed": wording.without_time(evening, row) if evening.schedule_visible else "",
    }


def _invited_by(row, offer) -> str:
    if not request_rules.is_invitation(row):
        return ""
    if row.source != "Instructor" or not offer.instructors:
        return _("The school asks for this conversation.")
    asks, ask = _("{0} asks for this conversation."), _("{0} ask for this conversation.")
    return (asks if len(offer.instructors) == 1 else ask).format(", ".join(offer.instructors))


def common(asked: list[dict], evening) -> dict:
    """The wishes that hold for all of an asker's requests; None where they differ."""
    nothing = requests.NOTHING_WISHED | {"mode": requests.default_mode(evening), "step_free": False}
    found = {}
    for key in COMMON:
        values = {row[key] for row in asked} or {nothing[key]}
        found[key] = values.pop() if len(values) == 1 else None
    return found
