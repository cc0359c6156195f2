"""Offering and removing by hand: counted first, warned of the well-known mistake, undone as one."""

import frappe
import pytest

from ouderavond.api.offers import by_hand as calls
from ouderavond.evening import requests
from ouderavond.evening.offering import by_course, by_hand, by_hand_lists, journal
from tests.platform.rights import refused_unless_staff
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening

SCRIPT = "<img src=x onerror=alert(1)>"
LEADER = {"label": "Afdelingsleider", "abbreviation": "afd"}


@pytest.fixture
def evening(site, school):
    return make_evening(school, published=0)


def offer(evening, school, instructors="tea", subjects=(LEADER,), **more):
    students = more.pop("students", {"classes": ["bk1a"]})
    names = [school.instructor[code] for code in instructors.split()]
    return by_hand.offer(evening.name, instructors=names, subjects=list(subjects), students=students, **more)


def of(evening, **filters) -> list:
    fields = ["subject", "course", "abbreviation", "source", "in_package", "instructors_key"]
    return frappe.get_all("Conversation Offer", {"evening": evening.name, **filters}, fields)


def class_of(group: str) -> int:
    return frappe.db.count("Student Group Student", {"parent": group, "active": 1})


def test_a_team_leader_for_a_class(evening, school):
    dry = offer(evening, school, dry_run=True)
    assert dry.created == class_of("bk1a") == dry.more["product"] and not frappe.db.count(
        "Conversation Offer"
    )
    report = offer(evening, school)
    assert report.created == dry.created and report.more["warning"] is None
    [row] = of(evening, student=school.student["s01"])
    assert row == {
        "subject": "Afdelingsleider",
        "course": None,
        "abbreviation": "afd",
        "source": "Manual",
        "in_package": 0,
        "instructors_key": school.instructor["tea"],
    }
    assert offer(evening, school).existing == report.created
    journal.undo(evening.name, report.change)
    assert not of(evening)


def test_each_with_each_or_all_in_one(evening, school):
    french, dutch = {"course": "Frans"}, {"course": "Nederlands"}
    report = offer(
        evening, school, "jan dek", [french, dutch], students={"students": [school.student["s01"]]}
    )
    assert report.created == report.more["product"] == 4
    assert {(row.course, row.in_package) for row in of(evening)} == {("Frans", 0), ("Nederlands", 1)}
    report = offer(
        evening, school, "jan dek", [LEADER], students={"students": [school.student["s01"]]}, together=True
    )
    assert report.created == 1
    both = "\n".join(sorted([school.instructor["jan"], school.instructor["dek"]]))
    assert of(evening, subject="Afdelingsleider")[0].instructors_key == both


def test_programs_classes_and_students_are_one_set(evening, school):
    students = {"programs": ["bk1"], "classes": ["bk1a", "h2a"], "students": [school.student["s01"]]}
    report = offer(evening, school, students=students)
    assert report.created == class_of("bk1a") + class_of("bk1b") + class_of("h2a")


def test_the_well_known_mistake_is_named(evening, school):
    dutch, english, maths = ({"course": course} for course in ("Nederlands", "Engels", "Wiskunde"))
    report = offer(evening, school, "jan dek hui", [dutch, english, maths], dry_run=True)
    assert (
        "By Course" in report.more["warning"] and "3 subjects with each of these 3" in report.more["warning"]
    )
    # Not: one subject, one instructor, labels, or all in one conversation.
    assert not offer(evening, school, "jan dek", [dutch], dry_run=True).more["warning"]
    assert not offer(evening, school, "jan", [dutch, english], dry_run=True).more["warning"]
    assert not offer(evening, school, "tea jan", [LEADER, {"label": "Zorg"}], dry_run=True).more["warning"]
    assert not offer(evening, school, "jan dek", [dutch, english], together=True, dry_run=True).more[
        "warning"
    ]
    # Rob van den Berg teaches two of them.
    frappe.db.set_value(
        "Student Group Instructor", {"parent": "bk1a-ne"}, "instructor", school.instructor["ber"]
    )
    assert not offer(evening, school, "dek ber", [dutch, maths], dry_run=True).more["warning"]
    frappe.db.rollback()


def test_who_does_not_take_part_is_refused_with_a_sentence(evening, school):
    evening.append(
        "participants", {"participant_type": "Student", "participant": school.student["s01"], "left_out": 1}
    )
    evening.save()
    frappe.db.commit()
    report = offer(
        evening, school, students={"students": [school.student["s01"], school.student["s02"], "x"]}
    )
    assert report.created == 1
    assert sorted((row.sentence, row.name) for row in report.skipped if row.name) == [
        ("Daan de Vries does not take part in this evening.", school.student["s01"])
    ]
    assert len(report.skipped) == 2
    with pytest.raises(frappe.ValidationError, match="None of the chosen students takes part"):
        offer(evening, school, students={"students": [school.student["s01"]]})


@pytest.mark.parametrize(
    ("instructors", "subjects", "students", "sentence"),
    [
        ([], [LEADER], {"classes": ["bk1a"]}, "at least one"),
        (["jan"], [], {"classes": ["bk1a"]}, "at least one"),
        (["jan"], [LEADER], {}, "at least one"),
        (["nobody"], [LEADER], {"classes": ["bk1a"]}, "no instructor nobody"),
        (["jan"], [{"course": SCRIPT}], {"classes": ["bk1a"]}, "no course &lt;img"),
        (["jan"], [{"label": "  "}], {"classes": ["bk1a"]}, "needs a name"),
        (["jan"], [{"label": "x" * 141}], {"classes": ["bk1a"]}, "at most 140"),
        (["jan"], [{"label": "x", "abbreviation": "y" * 21}], {"classes": ["bk1a"]}, "at most 20"),
    ],
)
def test_what_is_refused(evening, school, instructors, subjects, students, sentence):
    names = [school.instructor.get(code, code) for code in instructors]
    with pytest.raises(frappe.ValidationError, match=sentence):
        by_hand.offer(evening.name, instructors=names, subjects=subjects, students=students)


def test_who_has_left_is_refused(evening, school):
    frappe.db.set_value("Instructor", school.instructor["tea"], "status", "Left")
    with pytest.raises(frappe.ValidationError, match="Gerda Teammann has left the school"):
        offer(evening, school, dry_run=True)
    frappe.db.rollback()


def test_far_too_many_are_refused(evening, school, monkeypatch):
    monkeypatch.setattr(by_hand, "MOST", 5)
    with pytest.raises(frappe.ValidationError, match="at most 5 at once"):
        offer(evening, school)


def test_labels_are_the_same_in_capitals_and_are_kept_for_later(evening, school):
    offer(evening, school)
    # To the database these are one subject: nothing is made twice and nothing fails.
    for spelling in ("AFDELINGSLEIDER", " afdelings\u00adleider".replace("\u00ad", ""), "Afdelingsleider "):
        report = offer(evening, school, subjects=[{"label": spelling}])
        assert (report.created, report.existing) == (0, class_of("bk1a"))
    # Also where none is there yet.
    counsellors = [{"label": "Coordinator"}, {"label": "Co\u00f6rdinator"}]
    assert offer(evening, school, subjects=counsellors).created == class_of("bk1a")
    changes = frappe.get_all("Offer Change", {"evening": evening.name}, pluck="name")
    assert len(changes) == 2
    by_hand.remove(evening.name, subjects=counsellors[:1])
    # The name of a course means the course.
    offer(evening, school, subjects=[{"label": "nederlands"}], students={"students": [school.student["s01"]]})
    assert of(evening, subject="Nederlands")[0].course == "Nederlands"
    other = make_evening(school, published=0)
    expected = {"name": "Afdelingsleider", "label": "Afdelingsleider", "code": "afd"}
    assert by_hand_lists.labels(evening.name) == [{**expected, "here": 1}]
    assert by_hand_lists.labels(other.name) == [{**expected, "here": 0}]


def test_what_there_is_to_choose_from(evening, school):
    lists = by_hand_lists.of(evening)
    assert {row["name"] for row in lists["instructors"]} == set(school.instructor.values())
    leader = next(row for row in lists["instructors"] if row["code"] == "tea")
    assert leader["about"] == "" and leader["can_be_offered"]
    assert next(row for row in lists["instructors"] if row["code"] == "jan")["about"] == "ne"
    assert len(lists["students"]) == len(school.student)
    daan = next(row for row in lists["students"] if row["code"] == "s01")
    assert (daan["programs"], daan["classes"], daan["can_be_offered"]) == (["bk1"], ["bk1a"], 1)


# Removing


def test_remove_by_any_of_the_three(evening, school):
    by_course.offer(evening.name)
    whole = frappe.db.count("Conversation Offer")
    dutch = len(of(evening, course="Nederlands"))
    report = by_hand.remove(evening.name, subjects=[{"course": "Nederlands"}], dry_run=True)
    assert report.removed == dutch and frappe.db.count("Conversation Offer") == whole
    report = by_hand.remove(
        evening.name,
        instructors=[school.instructor["jan"]],
        subjects=[{"course": "Nederlands"}],
        students={"classes": ["bk1a"]},
    )
    assert report.removed == class_of("bk1a")
    by_hand.remove(evening.name, students={"students": [school.student["s02"]]})
    assert not of(evening, student=school.student["s02"])
    by_hand.remove(evening.name, instructors=[school.instructor["dek"]])
    assert not of(evening, instructors_key=school.instructor["dek"])
    assert of(evening, course="Nederlands")


def test_not_everything_and_not_nothing(evening):
    with pytest.raises(frappe.ValidationError, match="everything at once"):
        by_hand.remove(evening.name)
    with pytest.raises(frappe.ValidationError, match="at least one of each"):
        by_hand.remove(evening.name, instructors=[])


def test_conversations_with_somebody_else_too_can_stay(evening, school):
    student = {"students": [school.student["s01"]]}
    offer(evening, school, "jan dek", students=student, together=True)
    offer(evening, school, "jan", students=student)
    jan = [school.instructor["jan"]]
    report = by_hand.remove(evening.name, instructors=jan, with_others=False, dry_run=True)
    assert (report.removed, report.more["with_others"]) == (1, 1)
    assert by_hand.remove(evening.name, instructors=jan, dry_run=True).removed == 2


def test_what_was_requested_is_named_first(evening, school):
    offer(evening, school)
    evening.db_set("published", 1)
    frappe.db.commit()
    name = frappe.db.get_value("Conversation Offer", {"student": school.student["s01"]})
    requests.request(name, guardian=school.guardian["anna.devries"])
    frappe.db.commit()
    leader = [school.instructor["tea"]]
    report = by_hand.remove(evening.name, instructors=leader)
    assert report.needs_confirmation and report.concerned[0].student_name == "Daan de Vries"
    assert len(of(evening, offered=1)) == class_of("bk1a")
    report = by_hand.remove(evening.name, instructors=leader, confirmed=True)
    assert report.withdrawn == 1 and not of(evening, offered=1)


def test_offers_of_who_takes_part_no_longer_can_be_removed(evening, school):
    offer(evening, school)
    evening.append(
        "participants", {"participant_type": "Student", "participant": school.student["s01"], "left_out": 1}
    )
    evening.save()
    frappe.db.commit()
    daan = next(row for row in by_hand_lists.of(evening)["students"] if row["code"] == "s01")
    assert not daan["can_be_offered"]
    assert by_hand.remove(evening.name, students={"students": [school.student["s01"]]}).removed == 1


# The calls


@pytest.mark.parametrize("who", ["anna.devries", "jan", "s01", None])
def test_nobody_but_staff_may_call(evening, school, who):
    arguments = ([school.instructor["tea"]], [LEADER], {"classes": ["bk1a"]})
    refused_unless_staff(
        school,
        who,
        lambda: calls.choices(evening.name),
        lambda: calls.offer(evening.name, *arguments),
        lambda: calls.remove(evening.name, *arguments),
    )
    assert not frappe.db.count("Conversation Offer")


@pytest.mark.parametrize("user", [PLANNER, MANAGER])
def test_staff_may(evening, school, user):
    arguments = [
        frappe.as_json(value) for value in ([school.instructor["tea"]], [LEADER], {"classes": ["bk1a"]})
    ]
    with as_user(user):
        assert len(calls.choices(evening.name)["instructors"]) == len(school.instructor)
        assert calls.offer(evening.name, *arguments, dry_run=1)["report"]["created"] == class_of("bk1a")
        assert calls.offer(evening.name, *arguments)["report"]["created"] == class_of("bk1a")
        # An empty list is not the same as none, which means all.
        for nothing in ("[]", []):
            with pytest.raises(frappe.ValidationError, match="at least one of each"):
                calls.remove(evening.name, instructors=nothing)
        with pytest.raises(frappe.ValidationError, match="everything at once"):
            calls.remove(evening.name)
        with pytest.raises(frappe.ValidationError, match="lists of programs"):
            calls.remove(evening.name, students={"classes": "bk1a"})
        assert calls.remove(evening.name, instructors=arguments[0])["report"]["removed"] == class_of("bk1a")


def test_what_writes_takes_post_only(site):
    allowed = frappe.allowed_http_methods_for_whitelisted_func
    assert allowed[calls.offer] == ["POST"] and allowed[calls.remove] == ["POST"]


def test_many_go_in_the_background(evening, school, jobs_at_once, monkeypatch):
    monkeypatch.setattr("ouderavond.api.running.MANY", 5)
    arguments = ([school.instructor["tea"]], [LEADER], {"programs": ["bk1", "h2", "v3"]})
    with as_user(PLANNER):
        assert "job" in calls.offer(evening.name, *arguments)
        assert len(of(evening)) == len(school.student)
        assert "job" in calls.remove(evening.name, instructors=[school.instructor["tea"]])
        assert not of(evening)


def test_a_subject_of_script_is_kept_without_the_script(evening, school):
    report = offer(evening, school, subjects=[{"label": SCRIPT}])
    assert report.created and "onerror" not in of(evening)[0].subject


# The commands


def test_the_commands(evening, school, run):
    options = ("--instructor", "tea", "--label", "Afdelingsleider=afd", "--class", "bk1a")
    dry = run("offers", "hand", *options, "--dry-run")
    assert dry.returncode == 0 and "would be made" in dry.stdout, dry.stderr
    assert run("offers", "hand", *options).returncode == 0
    assert len(of(evening, abbreviation="afd")) == class_of("bk1a")
    unknown = run("offers", "hand", "--instructor", "zz", *options[2:])
    assert unknown.returncode == 1 and "zz is not one" in unknown.stderr
    assert run("offers", "remove-hand").returncode == 1
    done = run("offers", "remove-hand", "--instructor", "tea")
    assert done.returncode == 0 and "offers removed" in done.stdout
    assert not of(evening)
