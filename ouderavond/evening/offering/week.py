"""The reference week's cases: lesson groups where somebody has to say who gives the conversations."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import cint, cstr, escape_html, time_diff_in_seconds

from ouderavond.evening.counts import ASKED, LIVE
from ouderavond.evening.lessons import (
    Choice,
    Lessons,
    check_week,
    choices,
    lessons_of_groups,
    memberships,
    sets_of,
    week_span,
)
from ouderavond.evening.lessons import cases as all_cases
from ouderavond.evening.offer_key import instructors_key
from ouderavond.evening.offering import matrix
from ouderavond.evening.offering.changes import Draft, Edit, perform
from ouderavond.evening.offering.report import Report

# How everything is chosen at once. Where nobody fits (no substitute), a case stays as it is.
EVERYBODY = {
    "regular": lambda case: (case.regular, True),
    "substitutes": lambda case: (case.substitutes, True),
    "together": lambda case: (case.candidates, True),
    "each": lambda case: (case.candidates, False),
}


class Pick(NamedTuple):
    """What somebody chose for the lessons of one course of a group."""

    group: str
    course: str
    choice: Choice


def cases(evening, cells: Iterable[matrix.Cell] | None = None) -> list[dict]:
    """The lesson groups where there is something to choose, for the whole evening (a document) or some cells.

    Returns:
        A dict each: group, course, students (participants), instructors [{name, title, code, role (Regular or
        Substitute), lessons, hours}], usual (who gives it as long as nobody chose), instructors_chosen and
        together (what was chosen, or None).

    Raises:
        frappe.ValidationError: the reference week has no lessons.
    """
    check_week(evening.reference_week)
    found = all_cases(evening)
    members = _members(evening)
    if cells is not None:
        inside = {(place.student, place.course) for place in matrix.places(evening, cells=cells)}
        found = [case for case in found if any((name, case.course) in inside for name in members[case.group])]
    chosen = choices(evening)
    people = _people({name for case in found for name in case.candidates})
    load = _lessons(evening.reference_week, [case.group for case in found])
    return [_as_dict(case, len(members[case.group]), chosen, people, load) for case in found]


def state(evening) -> dict:
    """How far choosing is: {week, refusal (why nothing can be chosen), cases, open (not chosen)}."""
    week = evening.reference_week
    try:
        check_week(week)
    except frappe.ValidationError as error:
        # It is an answer here, not a refusal.
        frappe.clear_last_message()
        return {"week": week, "refusal": str(error), "cases": 0, "open": 0}
    found, chosen = all_cases(evening), choices(evening)
    still_open = [case for case in found if not _choice(case, chosen)]
    return {"week": week, "refusal": None, "cases": len(found), "open": len(still_open)}


def _choice(case: Lessons, chosen: dict) -> Choice | None:
    """What was chosen; nothing where somebody chosen does not teach the group any more."""
    choice = chosen.get((case.group, case.course))
    return choice if choice and set(choice.instructors) <= set(case.candidates) else None


def _as_dict(case: Lessons, students: int, chosen: dict, people: dict, load: dict) -> dict:
    choice = _choice(case, chosen)
    return {
        "group": case.group,
        "course": case.course,
        "students": students,
        "instructors": [
            {
                **people.get(name, {"name": name, "title": name, "code": ""}),
                "role": "Regular" if name in case.regular or not case.regular else "Substitute",
                **load.get((case.group, case.course, name), {"lessons": 0, "hours": 0}),
            }
            for name in sorted(case.candidates, key=lambda name: (name not in case.regular, name))
        ],
        "usual": list(case.usual),
        "chosen": list(choice.instructors) if choice else None,
        "together": choice.together if choice else None,
    }


def _members(evening) -> dict[str, list[str]]:
    found = defaultdict(list)
    for student, group in memberships(evening):
        found[group].append(student)
    return found


def _people(names: set[str]) -> dict[str, dict]:
    rows = frappe.get_all(
        "Instructor",
        {"name": ("in", list(names) or [""])},
        ["name", "instructor_name as title", "ouderavond_code as code"],
    )
    return {row.name: dict(row) for row in rows}


def _lessons(week: str, groups: list[str]) -> dict[tuple, dict]:
    """{(group, course, instructor): lessons and hours in the week}."""
    monday, sunday = week_span(week)
    filters = {"schedule_date": ("between", (monday, sunday)), "student_group": ("in", groups or [""])}
    fields = ["student_group", "course", "instructor", "from_time", "to_time"]
    found: dict[tuple, dict] = {}
    for row in frappe.get_all("Course Schedule", filters, fields):
        place = found.setdefault((row.student_group, row.course, row.instructor), {"lessons": 0, "hours": 0})
        place["lessons"] += 1
        place["hours"] = round(place["hours"] + time_diff_in_seconds(row.to_time, row.from_time) / 3600, 2)
    return found


# Choosing


def choose(
    evening: str,
    picks: list[dict] | None = None,
    everybody: str | None = None,
    *,
    replace: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Keep with the evening who gives the conversations of lesson groups. Commits.

    Offers that were made already stay as they are, unless `replace`: then those of the groups whose choice is
    given are made anew, except where somebody asked already. The report's `more` says how many would be
    replaced (`replaceable`) and how many stay because somebody asked (`asked`).

    Args:
        evening: name of the Parent Evening.
        picks: [{group, course, instructors: [name], together: 0 or 1}].
        everybody: for all cases that `picks` does not name: "regular", "substitutes", "together" (all in one
            conversation) or "each" (one possibility for each).
        replace: also what was offered already.

    Raises:
        frappe.ValidationError: the week has no lessons; a group has nothing to choose; an instructor does not
            teach it; nobody was chosen.
    """

    def work(edit: Edit) -> None:
        check_week(edit.evening.reference_week)
        wanted = _picks(edit.evening, picks or [], everybody)
        _keep(edit, wanted)
        _Replacing(edit, wanted).carry_out(write=replace)

    return perform(evening, "Reference Week", work, dry_run=dry_run, progress=progress)


def _picks(evening, picks: list[dict], everybody: str | None) -> list[Pick]:
    known = {(case.group, case.course): case for case in all_cases(evening)}
    found = {}
    for row in picks:
        pick = _pick(row, known)
        found[(pick.group, pick.course)] = pick
    if everybody:
        if everybody not in EVERYBODY:
            frappe.throw(_("{0} is no way to choose for all.").format(escape_html(everybody)))
        for place, case in known.items():
            names, together = EVERYBODY[everybody](case)
            if names and place not in found:
                found[place] = Pick(*place, Choice(tuple(sorted(names)), together))
    return list(found.values())


def _pick(row: dict, known: dict[tuple, Lessons]) -> Pick:
    if not isinstance(row, dict):
        frappe.throw(_("A choice names a group, a course and instructors."))
    group, course = cstr(row.get("group")), cstr(row.get("course"))
    case = known.get((group, course))
    if not case:
        frappe.throw(
            _("There is nothing to choose for {0}, {1} in the reference week.").format(
                escape_html(group), escape_html(course)
            )
        )
    names = row.get("instructors") or ()
    if not isinstance(names, list | tuple):
        frappe.throw(_("A choice names a group, a course and instructors."))
    names = tuple(sorted({cstr(name) for name in names}))
    if not names:
        frappe.throw(_("Choose at least one instructor for {0}.").format(escape_html(group)))
    strangers = set(names) - set(case.candidates)
    if strangers:
        message = _("{0} does not teach {1} in the reference week.")
        frappe.throw(message.format(escape_html(", ".join(sorted(strangers))), escape_html(group)))
    return Pick(group, course, Choice(names, bool(cint(row.get("together", 1)))))


def _keep(edit: Edit, picks: list[Pick]) -> None:
    """Put the choices in the evening's records, instead of those that were there, of whatever week."""
    fields = ["name", "evening", "week", "student_group", "course", "instructors", "together"]
    rows = frappe.get_all("Reference Week Choice", {"evening": edit.evening.name}, fields)
    there = {(row.student_group, row.course): row for row in rows}
    for group, course, choice in picks:
        values = {
            "evening": edit.evening.name,
            "week": edit.evening.reference_week,
            "student_group": group,
            "course": course,
            "instructors": "\n".join(choice.instructors),
            "together": int(choice.together),
        }
        before = there.get((group, course))
        if before and all(before[key] == value for key, value in values.items()):
            continue
        if before:
            edit.records.take("Reference Week Choice", dict(before))
            values["name"] = before.name
        edit.records.put("Reference Week Choice", **values)


class _Replacing:
    """Offers of the groups that have other instructors than the choice says."""

    def __init__(self, edit: Edit, picks: list[Pick]):
        self.edit = edit
        self.members = _members(edit.evening)
        lessons = lessons_of_groups(edit.evening, {pick.group for pick in picks})
        self.wanted: dict[tuple[str, str], list[tuple]] = {}
        self.teaches: dict[tuple[str, str], set[str]] = {}
        self.group_of: dict[tuple[str, str], str] = {}
        for group, course, choice in picks:
            case = lessons[group][course]
            for student in self.members[group]:
                self.wanted[(student, course)] = sets_of(case, choice)
                self.teaches[(student, course)] = set(case.candidates)
                self.group_of[(student, course)] = group

    def carry_out(self, *, write: bool) -> None:
        """Count the students whose offers could be replaced, and replace them with `write`."""
        there = self._there()
        outdated = {place: self._unwanted(place, offers) for place, offers in there.items()}
        asked = _asked([offer.name for offers in outdated.values() for offer in offers])
        held = {place for place, offers in outdated.items() if any(offer.name in asked for offer in offers)}
        free = {
            place: offers
            for place, offers in outdated.items()
            if place not in held and (offers or len(there[place]) < len(self.wanted[place]))
        }
        self.edit.report.more = {"replaceable": len(free), "asked": len(held)}
        if write:
            self._replace(free)
            self._tell_held(held)

    def _there(self) -> dict[tuple[str, str], list]:
        """{(student, course): offers by the lessons of the group}."""
        found = defaultdict(list)
        students = {student for student, _course in self.wanted}
        for offer in self.edit.offers(students=students).values() if students else ():
            place = (offer.student, offer.course)
            if offer.offered and offer.source == "Course" and place in self.wanted:
                if set(offer.instructors) <= self.teaches[place]:
                    found[place].append(offer)
        return found

    def _unwanted(self, place: tuple[str, str], offers: list) -> list:
        keys = {instructors_key(names) for names in self.wanted[place]}
        return [offer for offer in offers if offer.instructors_key not in keys]

    def _replace(self, free: dict[tuple[str, str], list]) -> None:
        one_for_one = {
            place: offers[0].name
            for place, offers in free.items()
            if len(offers) == len(self.wanted[place]) == 1
        }
        self._swap(one_for_one)
        others = [place for place in free if place not in one_for_one]
        self.edit.remove([offer.name for place in others for offer in free[place]])
        self.edit.add(
            Draft(student, course, names, course=course)
            for student, course in others
            for names in self.wanted[(student, course)]
        )

    def _swap(self, offers: dict[tuple[str, str], str]) -> None:
        """Give offers other instructors; their remark, dates and length stay."""
        by_set: dict[tuple, list[str]] = defaultdict(list)
        for place, name in offers.items():
            by_set[self.wanted[place][0]].append(name)
        for instructors, names in by_set.items():
            self.edit.update(names, instructors=instructors)

    def _tell_held(self, held: set[tuple[str, str]]) -> None:
        by_group = defaultdict(int)
        for place in held:
            by_group[self.group_of[place]] += 1
        for group, number in sorted(by_group.items()):
            sentence = _("{0}: requested or booked already, so the offer stays with the instructors it has.")
            self.edit.skip("asked", sentence.format(group), number, doctype="Student Group", name=group)


def _asked(offers: list[str]) -> set[str]:
    """Those of the offers that somebody asks for now, or that have a time."""
    found: set[str] = set()
    for doctype, states in (("Conversation Request", ASKED), ("Evening Booking", LIVE)):
        filters = {"offer": ("in", offers or [""]), "state": ("in", states)}
        found |= set(frappe.get_all(doctype, filters, pluck="offer", distinct=True))
    return found
