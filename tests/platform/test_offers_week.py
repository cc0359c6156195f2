"""The reference week: which lesson groups leave something to choose, choosing, and what follows from it."""

import json

import frappe
import pytest

from ouderavond.api.offers import week as api
from ouderavond.evening import requests
from ouderavond.evening.offering import by_course, journal, week
from tests.platform.processes import at_once
from tests.platform.rights import refused_unless_staff
from tests.platform.school import MANAGER, PLANNER, SUBSTITUTE_GROUP, TWO_INSTRUCTORS, as_user, make_evening


@pytest.fixture
def evening(site, school):
    return make_evening(school)


def _case(evening, group):
    return next(row for row in week.cases(evening) if row["group"] == group)


def _sets(evening, school, group, course) -> set:
    """The sets of instructors (by code) with which a group's students are offered a course."""
    codes = {name: code for code, name in school.instructor.items()}
    students = frappe.get_all("Student Group Student", {"parent": school.group[group]}, pluck="student")
    filters = {"evening": evening.name, "student": ("in", students), "course": course, "offered": 1}
    found = set()
    for name in frappe.get_all("Conversation Offer", filters, pluck="name"):
        rows = frappe.get_all("Conversation Offer Instructor", {"parent": name}, pluck="instructor")
        found.add(tuple(sorted(codes[row] for row in rows)))
    return found


def _undo(evening) -> None:
    """Before the requests open, which is when a change can be taken back."""
    evening.db_set("published", 0, commit=True)
    journal.undo(evening.name, journal.last(evening)["change"])


def _pick(school, group, course, *codes, together=1) -> dict:
    names = [school.instructor[code] for code in codes]
    return {"group": group, "course": school.course[course], "instructors": names, "together": together}


def test_the_cases_say_who_is_regular_who_substitutes_and_how_much_they_taught(evening, school):
    assert {row["group"] for row in week.cases(evening)} == {SUBSTITUTE_GROUP, TWO_INSTRUCTORS}
    case = _case(evening, SUBSTITUTE_GROUP)
    assert [(one["code"], one["role"], one["lessons"]) for one in case["instructors"]] == [
        ("hui", "Regular", 1),
        ("ber", "Substitute", 1),
    ]
    assert case["instructors"][0]["hours"] == pytest.approx(0.83, abs=0.01)
    assert (case["course"], case["chosen"]) == ("Wiskunde", None)
    two = _case(evening, TWO_INSTRUCTORS)
    assert {one["role"] for one in two["instructors"]} == {"Regular"}
    assert case["students"] == frappe.db.count("Student Group Student", {"parent": SUBSTITUTE_GROUP})


def test_only_the_cases_of_the_cells(evening):
    cells = by_course.cells_of([["bk1", "Wiskunde"], ["bk1", "Engels"]])
    assert [row["group"] for row in week.cases(evening, cells)] == [SUBSTITUTE_GROUP]
    assert week.cases(evening, by_course.cells_of([["bk1", "Engels"]])) == []


@pytest.mark.parametrize(
    ("codes", "together", "expected"),
    [
        (["hui"], 1, {("hui",)}),
        (["ber"], 1, {("ber",)}),
        (["ber", "hui"], 1, {("ber", "hui")}),
        (["ber", "hui"], 0, {("ber",), ("hui",)}),
    ],
)
def test_offers_follow_the_choice(evening, school, codes, together, expected):
    week.choose(evening.name, [_pick(school, SUBSTITUTE_GROUP, "wi", *codes, together=together)])
    case = _case(evening, SUBSTITUTE_GROUP)
    assert set(case["chosen"]) == {school.instructor[code] for code in codes}
    assert case["together"] == bool(together)
    by_course.offer(evening.name)
    assert _sets(evening, school, SUBSTITUTE_GROUP, "Wiskunde") == expected


@pytest.mark.parametrize(
    ("everybody", "substitute_group", "two"),
    [
        ("regular", {("hui",)}, {("kok", "pet")}),
        ("substitutes", {("ber",)}, {("kok", "pet")}),
        ("together", {("ber", "hui")}, {("kok", "pet")}),
        ("each", {("ber",), ("hui",)}, {("kok",), ("pet",)}),
    ],
)
def test_for_all_at_once(evening, school, everybody, substitute_group, two):
    week.choose(evening.name, everybody=everybody)
    by_course.offer(evening.name)
    assert _sets(evening, school, SUBSTITUTE_GROUP, "Wiskunde") == substitute_group
    assert _sets(evening, school, TWO_INSTRUCTORS, "Geschiedenis") == two


def test_the_choice_is_kept_with_its_week_and_asked_again_for_another(evening, school):
    week.choose(evening.name, [_pick(school, SUBSTITUTE_GROUP, "wi", "ber")])
    assert frappe.get_all("Reference Week Choice", pluck="week") == [evening.reference_week]
    frappe.db.set_value("Reference Week Choice", {"evening": evening.name}, "week", "2020-W01")
    frappe.db.commit()
    assert _case(evening, SUBSTITUTE_GROUP)["chosen"] is None
    week.choose(evening.name, [_pick(school, SUBSTITUTE_GROUP, "wi", "hui")])
    assert frappe.get_all("Reference Week Choice", pluck="week") == [evening.reference_week]


def test_choosing_is_taken_back(evening, school):
    week.choose(evening.name, [_pick(school, SUBSTITUTE_GROUP, "wi", "ber")])
    week.choose(evening.name, [_pick(school, SUBSTITUTE_GROUP, "wi", "hui")])
    _undo(evening)
    assert _case(evening, SUBSTITUTE_GROUP)["chosen"] == [school.instructor["ber"]]
    _undo(evening)
    assert _case(evening, SUBSTITUTE_GROUP)["chosen"] is None


def test_offers_that_are_there_stay_unless_they_are_replaced(evening, school):
    by_course.offer(evening.name)
    pick = _pick(school, SUBSTITUTE_GROUP, "wi", "ber", "hui", together=0)
    students = frappe.db.count("Student Group Student", {"parent": SUBSTITUTE_GROUP})
    report = week.choose(evening.name, [pick])
    assert report.more == {"replaceable": students, "asked": 0}
    assert _sets(evening, school, SUBSTITUTE_GROUP, "Wiskunde") == {("hui",)}
    week.choose(evening.name, [pick], replace=True)
    assert _sets(evening, school, SUBSTITUTE_GROUP, "Wiskunde") == {("hui",), ("ber",)}
    _undo(evening)
    assert _sets(evening, school, SUBSTITUTE_GROUP, "Wiskunde") == {("hui",)}


def test_an_offer_that_is_replaced_by_one_other_keeps_its_remark(evening, school):
    by_course.offer(evening.name)
    filters = {"evening": evening.name, "course": "Wiskunde", "student": school.student["s01"]}
    frappe.db.set_value("Conversation Offer", filters, "remark", "About the test")
    frappe.db.commit()
    week.choose(evening.name, [_pick(school, SUBSTITUTE_GROUP, "wi", "ber")], replace=True)
    assert _sets(evening, school, SUBSTITUTE_GROUP, "Wiskunde") == {("ber",)}
    assert frappe.db.get_value("Conversation Offer", filters, "remark") == "About the test"


def test_what_somebody_asked_for_is_not_replaced(evening, school):
    by_course.offer(evening.name)
    filters = {"student": school.student["s01"], "course": "Wiskunde"}
    offer = frappe.db.get_value("Conversation Offer", filters)
    frappe.db.commit()
    requests.request(offer, guardian=school.guardian["anna.devries"])
    frappe.db.commit()
    report = week.choose(evening.name, [_pick(school, SUBSTITUTE_GROUP, "wi", "ber")], replace=True)
    assert report.more["asked"] == 1 and not report.withdrawn
    assert [(row.code, row.name) for row in report.skipped] == [("asked", SUBSTITUTE_GROUP)]
    assert _sets(evening, school, SUBSTITUTE_GROUP, "Wiskunde") == {("ber",), ("hui",)}
    assert frappe.db.get_value("Conversation Offer", offer, "offered") == 1


def test_what_cannot_be_chosen_is_refused(evening, school):
    refusals = {
        "nothing to choose": _pick(school, "bk1a-ne", "ne", "jan"),
        "at least one instructor": _pick(school, SUBSTITUTE_GROUP, "wi"),
        "does not teach": _pick(school, SUBSTITUTE_GROUP, "wi", "jan"),
    }
    for sentence, pick in refusals.items():
        with pytest.raises(frappe.ValidationError, match=sentence):
            week.choose(evening.name, [pick])
    with pytest.raises(frappe.ValidationError, match="no way to choose"):
        week.choose(evening.name, everybody="whoever")


def test_a_week_without_lessons_is_refused(evening):
    evening.db_set("reference_week", "2019-W30", commit=True)
    for call in (lambda: week.cases(evening), lambda: week.choose(evening.name, everybody="regular")):
        with pytest.raises(frappe.ValidationError, match="no lessons in the reference week 2019-W30"):
            call()
    frappe.clear_messages()
    assert "no lessons" in week.state(evening)["refusal"]
    assert not frappe.message_log, "an answer is not shown as a refusal"


def _choose(name: str, group: str, course: str, instructor: str) -> int:
    pick = {"group": group, "course": course, "instructors": [instructor], "together": 1}
    return week.choose(name, [pick]).changed


def test_two_secretaries_at_once_lose_nothing(evening, school, bench_site):
    results = at_once(
        bench_site,
        _choose,
        [
            (evening.name, SUBSTITUTE_GROUP, "Wiskunde", school.instructor["ber"]),
            (evening.name, TWO_INSTRUCTORS, "Geschiedenis", school.instructor["pet"]),
        ],
    )
    frappe.db.rollback()
    assert results == [1, 1]
    chosen = {row["group"]: row["chosen"] for row in week.cases(evening)}
    assert chosen == {
        SUBSTITUTE_GROUP: [school.instructor["ber"]],
        TWO_INSTRUCTORS: [school.instructor["pet"]],
    }


@pytest.mark.parametrize("name", ["state", "cases", "choose"])
@pytest.mark.parametrize("who", ["anna.devries", "jan", "s01", None])
def test_nobody_but_staff_may_call(evening, school, name, who):
    refused_unless_staff(school, who, lambda: getattr(api, name)(evening.name))


@pytest.mark.parametrize("user", [PLANNER, MANAGER])
def test_staff_choose_with_lists_as_json(evening, school, user):
    with as_user(user):
        assert api.state(evening.name) == {
            "week": evening.reference_week,
            "refusal": None,
            "cases": 2,
            "open": 2,
        }
        assert len(api.cases(evening.name, cells='[["bk1", "Wiskunde"]]')) == 1
        choices = json.dumps([_pick(school, SUBSTITUTE_GROUP, "wi", "ber")])
        assert api.choose(evening.name, choices=choices, dry_run=1)["report"]["changed"] == 1
        assert not frappe.db.count("Reference Week Choice")
        assert api.choose(evening.name, choices=choices)["report"]["change"]
        assert api.choose(evening.name, everybody="regular")["report"]["changed"] == 2
        assert api.cases(evening.name, cells='[["bk1", "Wiskunde"]]')[0]["chosen"] == [
            school.instructor["hui"]
        ]
