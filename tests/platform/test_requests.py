"""Requests: the window, the maximum, who may ask for whom, their order, and two who ask at once."""

from datetime import timedelta

import frappe
import pytest

from ouderavond.evening import overview, requests
from ouderavond.evening.offering import by_course
from tests.platform.processes import forking
from tests.platform.school import as_user, forbid_contact, make_evening, mark_separated


@pytest.fixture
def evening(site, school):
    return _with_offers(make_evening(school, maximum_per_student=2))


def _with_offers(evening):
    by_course.offer(evening.name)
    frappe.db.commit()
    return evening


def _offers(evening, school, student):
    filters = {"evening": evening.name, "student": school.student[student]}
    return frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")


def _ask(offer, school, guardian="anna.devries", **wishes):
    name = requests.request(offer, guardian=school.guardian[guardian], **wishes)
    frappe.db.commit()
    return name


def _withdraw(name, school):
    requests.withdraw(name, guardian=school.guardian["anna.devries"])
    frappe.db.commit()


def _change(evening, **values):
    for field, value in values.items():
        evening.db_set(field, value)
    frappe.db.commit()


def _rows(evening, **filters):
    return frappe.get_all(
        "Conversation Request",
        {"evening": evening.name, **filters},
        ["name", "offer", "state", "rank", "party", "guardian", "source"],
        order_by="rank",
    )


def _refusal(action, error=frappe.ValidationError):
    with pytest.raises(error) as refused:
        action()
    frappe.db.rollback()
    return str(refused.value)


def test_a_request_takes_what_is_known_from_the_offer(evening, school):
    offer = _offers(evening, school, "s01")[0]
    name = _ask(offer, school, preference="Early", remark="Rekenen gaat <b>moeizaam</b>.")
    doc = frappe.get_doc("Conversation Request", name)
    assert (doc.evening, doc.student, doc.student_name) == (
        evening.name,
        school.student["s01"],
        "Daan de Vries",
    )
    assert (doc.state, doc.source, doc.rank, doc.mode) == ("Requested", "Guardian", 1, "In Person")
    assert doc.subject == frappe.db.get_value("Conversation Offer", offer, "subject")
    assert set(doc.party.split("|")) == {school.guardian["anna.devries"], school.guardian["bram.devries"]}


def test_asking_again_changes_the_wishes_of_the_one_request(evening, school):
    offer = _offers(evening, school, "s01")[0]
    first = _ask(offer, school, preference="Early", remark="Een")
    second = _ask(offer, school, guardian="bram.devries", remark="Twee")
    assert first == second
    doc = frappe.get_doc("Conversation Request", first)
    assert (doc.preference, doc.remark) == ("Early", "Twee")


def test_the_maximum_counts_what_is_asked_for_one_child_and_says_so(evening, school):
    first, second, third = _offers(evening, school, "s01")[:3]
    _ask(first, school)
    _ask(second, school, guardian="bram.devries")
    said = _refusal(lambda: _ask(third, school))
    assert said == "At most 2 conversations can be requested for Daan de Vries; this would make 3."
    _ask(_offers(evening, school, "s02")[0], school)
    assert len(_rows(evening)) == 3


def test_the_maximum_of_the_household_counts_all_children(evening, school):
    _change(evening, maximum_per_household=2)
    _ask(_offers(evening, school, "s01")[0], school)
    _ask(_offers(evening, school, "s02")[0], school)
    said = _refusal(lambda: _ask(_offers(evening, school, "s03")[0], school))
    assert said == "At most 2 conversations can be requested for all children together; this would make 3."


def test_a_withdrawn_request_makes_room_and_can_be_asked_for_again(evening, school):
    first, second, third = _offers(evening, school, "s01")[:3]
    name = _ask(first, school, remark="Eerst")
    _ask(second, school)
    _withdraw(name, school)
    _ask(third, school)
    assert {row.offer: row.rank for row in _rows(evening, state="Requested")} == {second: 1, third: 2}
    _withdraw(name, school)
    assert "At most 2" in _refusal(lambda: _ask(first, school))
    _withdraw(_rows(evening, offer=third)[0].name, school)
    assert _ask(first, school) == name
    doc = frappe.get_doc("Conversation Request", name)
    assert (doc.state, doc.rank, doc.remark) == ("Requested", 2, "")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"published": 0}, "This evening is not open yet."),
        ({"archived": 1}, "This evening is archived; nothing can be changed any more."),
        ({"schedule_visible": 1}, "The schedule has been published; it is too late for requests."),
        ({"procedure": "Book Directly"}, "At this evening conversations are booked directly, not requested."),
        (
            {"contact_with": "Students"},
            "At this evening the students ask for their conversations themselves.",
        ),
    ],
)
def test_an_evening_that_is_not_open_for_requests_refuses(evening, school, values, sentence):
    offer = _offers(evening, school, "s01")[0]
    _change(evening, **values)
    assert _refusal(lambda: _ask(offer, school)) == sentence


def test_before_the_window_and_after_the_deadline_the_moment_is_named(evening, school):
    offer = _offers(evening, school, "s01")[0]
    name = _ask(offer, school)
    _change(evening, request_until="2026-03-05 17:00:00")
    said = _refusal(lambda: _ask(offer, school, remark="Toch"))
    assert said == (
        "Conversations could be requested, changed and withdrawn until Thursday, March 5, 2026 at 17:00."
    )
    said = _refusal(lambda: requests.withdraw(name, guardian=school.guardian["anna.devries"]))
    assert "until Thursday, March 5, 2026" in said
    opens = frappe.utils.now_datetime() + timedelta(days=1)
    _change(evening, request_until=None, request_from=opens)
    assert _refusal(lambda: _ask(offer, school)).startswith("Conversations can be requested from ")


def test_what_is_not_offered_or_whose_student_does_not_take_part_is_refused(evening, school):
    offer = _offers(evening, school, "s01")[0]
    subject = frappe.db.get_value("Conversation Offer", offer, "subject")
    frappe.db.set_value("Conversation Offer", offer, "offered", 0)
    frappe.db.commit()
    said = _refusal(lambda: _ask(offer, school))
    assert said == f"The conversation about Daan de Vries with {subject} is not offered."
    other = _offers(evening, school, "s01")[1]
    evening.append(
        "participants", {"participant_type": "Student", "participant": school.student["s01"], "left_out": 1}
    )
    evening.save()
    frappe.db.commit()
    assert _refusal(lambda: _ask(other, school)) == "Daan de Vries does not take part in this evening."


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"longer": 1}, "A longer conversation is not possible at this evening."),
        ({"remark": "Hallo"}, "Remarks are not possible at this evening."),
        ({"mode": "Online"}, "At this evening all conversations are at school."),
        ({"mode": "Telepathy"}, "Telepathy is not a possible choice here."),
        ({"preference": "<script>"}, "&lt;script&gt; is not a possible choice here."),
        ({"priority": "Must See"}, "Only the school can mark a conversation as one that must take place."),
        ({"interpreter_language": "x" * 141}, "This text is too long; at most 140 characters are possible."),
    ],
)
def test_a_wish_that_the_evening_does_not_allow_is_refused(evening, school, wish, sentence):
    _change(evening, guardian_remarks=0)
    assert _refusal(lambda: _ask(_offers(evening, school, "s01")[0], school, **wish)) == sentence


def test_a_wish_that_the_evening_allows_is_kept(evening, school):
    _change(evening, longer_conversation=1, mode="Household's Choice")
    name = _ask(_offers(evening, school, "s01")[0], school, longer=1, mode="Online", step_free=1)
    doc = frappe.get_doc("Conversation Request", name)
    assert (doc.longer, doc.mode, doc.step_free) == (1, "Online", 1)


def test_ranks_stay_one_to_n_over_all_children(evening, school):
    a, b = _offers(evening, school, "s01")[:2]
    c = _offers(evening, school, "s02")[0]
    for offer in (a, b):
        _ask(offer, school)
    _ask(c, school, rank=1)
    assert [row.offer for row in _rows(evening)] == [c, a, b]
    assert [row.rank for row in _rows(evening)] == [1, 2, 3]
    _ask(b, school, rank=2)
    assert [row.offer for row in _rows(evening)] == [c, b, a]


def test_saving_a_form_is_all_or_nothing(evening, school):
    a, b, c = _offers(evening, school, "s01")[:3]
    guardian = school.guardian["anna.devries"]
    requests.save(evening.name, [{"offer": b}, {"offer": a, "preference": "Late"}], guardian=guardian)
    frappe.db.commit()
    assert [row.offer for row in _rows(evening)] == [b, a]
    too_many = [{"offer": offer} for offer in (a, b, c)]
    assert "At most 2" in _refusal(lambda: requests.save(evening.name, too_many, guardian=guardian))
    assert [row.offer for row in _rows(evening)] == [b, a]
    requests.save(evening.name, [{"offer": c}, {"offer": a}], guardian=guardian)
    frappe.db.commit()
    assert [row.offer for row in _rows(evening, state="Requested")] == [c, a]
    assert [row.offer for row in _rows(evening, state="Withdrawn")] == [b]


def test_an_invitation_by_the_school_stays_and_takes_nothing_off_the_maximum(evening, school):
    a, b, c = _offers(evening, school, "s01")[:3]
    guardian = school.guardian["anna.devries"]
    invited = requests.request(a, guardian=guardian, source="Instructor", priority="Must See")
    frappe.db.commit()
    requests.save(evening.name, [{"offer": b}, {"offer": c}], guardian=guardian)
    frappe.db.commit()
    assert [row.offer for row in _rows(evening, state="Requested")] == [a, b, c]
    said = _refusal(lambda: requests.withdraw(invited, guardian=guardian))
    assert said == "The school asks for this conversation; please contact the school if you can't come."


def test_what_has_a_time_already_can_not_be_withdrawn(evening, school):
    name = _ask(_offers(evening, school, "s01")[0], school)
    frappe.db.set_value("Conversation Request", name, "state", "Placed")
    frappe.db.commit()
    said = _refusal(lambda: requests.withdraw(name, guardian=school.guardian["anna.devries"]))
    assert said == "This conversation has been given a time already and can't be withdrawn here."


def test_staff_make_an_exception_only_with_a_reason_which_is_kept(evening, school):
    a, b, c = _offers(evening, school, "s01")[:3]
    _ask(a, school)
    _ask(b, school)
    staff = {"guardian": school.guardian["anna.devries"], "source": "Staff"}
    said = _refusal(lambda: requests.request(c, **staff))
    assert said.endswith("this would make 3. Give a reason to make an exception.")
    name = requests.request(c, **staff, override_reason="Zittenblijven dreigt")
    frappe.db.commit()
    comment = frappe.get_all("Comment", {"reference_name": name, "comment_type": "Comment"}, pluck="content")
    assert len(comment) == 1
    assert "At most 2 conversations" in comment[0] and "Zittenblijven dreigt" in comment[0]
    assert frappe.db.get_value("Conversation Request", name, "override_reason") == "Zittenblijven dreigt"


def test_guardians_who_attend_separately_ask_apart_and_count_apart(evening, school):
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    a, b, c = _offers(evening, school, "s04")[:3]
    for offer in (a, b):
        _ask(offer, school, "carla.bakker")
    _ask(a, school, "dirk.bakker")
    _ask(c, school, "dirk.bakker")
    assert len(_rows(evening, offer=a)) == 2
    mine = _rows(evening, guardian=school.guardian["carla.bakker"])
    said = _refusal(
        lambda: requests.withdraw(mine[0].name, guardian=school.guardian["dirk.bakker"]),
        frappe.PermissionError,
    )
    assert said == "This request is not one of yours."


def test_who_asked_keeps_the_request_when_guardians_separate_afterwards(evening, school):
    a = _offers(evening, school, "s04")[0]
    name = _ask(a, school, "carla.bakker")
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    other = _ask(a, school, "dirk.bakker")
    assert other != name
    assert _ask(a, school, "carla.bakker", remark="Van mij") == name
    assert frappe.db.get_value("Conversation Request", name, "party") == school.guardian["carla.bakker"]


def test_nobody_asks_for_a_child_that_is_not_theirs(evening, school):
    forbid_contact(school, "s07", "pieter.mulder")
    sentence = "This conversation is not one that you can ask for."
    for student, guardian in (("s01", "carla.bakker"), ("s07", "pieter.mulder")):
        offer = _offers(evening, school, student)[0]
        assert _refusal(lambda o=offer, g=guardian: _ask(o, school, g), frappe.PermissionError) == sentence

    def ask_as_s02(student):
        offer = _offers(evening, school, student)[0]
        requests.request(offer, student=school.student["s02"], source="Student")

    assert _refusal(lambda: ask_as_s02("s01"), frappe.PermissionError) == sentence
    said = _refusal(lambda: ask_as_s02("s02"))
    assert said == "At this evening only parents and guardians can ask for conversations."


def test_with_guardians_and_students_the_second_asker_is_told(evening, school):
    _change(evening, contact_with="Guardians and Students")
    offer = _offers(evening, school, "s01")[0]
    _ask(offer, school)
    subject = frappe.db.get_value("Conversation Offer", offer, "subject")
    said = _refusal(lambda: requests.request(offer, student=school.student["s01"], source="Student"))
    assert said == f"A conversation about {subject} has been requested already."


def test_staff_enter_a_request_on_its_form(evening, school):
    a, b, c = _offers(evening, school, "s01")[:3]
    with as_user("planner@school.test"):
        doc = frappe.get_doc({"doctype": "Conversation Request", "offer": a}).insert()
        frappe.db.commit()
        assert (doc.evening, doc.student, doc.source) == (evening.name, school.student["s01"], "Staff")
        assert doc.guardian == school.guardian["anna.devries"]
        assert doc.guardian_name == "Anna de Vries"
        again = frappe.get_doc({"doctype": "Conversation Request", "offer": a})
        assert _refusal(again.insert) == "This conversation has been requested already."
        frappe.get_doc({"doctype": "Conversation Request", "offer": b}).insert()
        third = frappe.get_doc({"doctype": "Conversation Request", "offer": c})
        assert "Give a reason to make an exception." in _refusal(third.insert)
        doc.reload()
        doc.priority = "Must See"
        doc.save()


def test_staff_choose_for_whom_where_guardians_attend_separately(evening, school):
    mark_separated(school, "s04", "carla.bakker")
    doc = frappe.get_doc({"doctype": "Conversation Request", "offer": _offers(evening, school, "s04")[0]})
    assert _refusal(doc.insert) == "Choose the guardian for whom this conversation is requested."


def test_the_database_refuses_a_second_request_of_a_party(evening, school):
    name = _ask(_offers(evening, school, "s01")[0], school)
    doc = frappe.copy_doc(frappe.get_doc("Conversation Request", name))
    doc.party = frappe.db.get_value("Conversation Request", name, "party")
    doc.flags.checked = True
    with pytest.raises(frappe.UniqueValidationError):
        doc.insert()
    frappe.db.rollback()


def _race(site, sites, offer, guardian, start, answers):
    import os

    os.chdir(sites)
    frappe.init(site=site)
    frappe.connect()
    # A snapshot from before the other one asks: what is read later must not come from it.
    frappe.db.sql("select count(*) from `tabConversation Request`")
    start.wait(30)
    try:
        requests.request(offer, guardian=guardian)
        frappe.db.commit()
        answers.put("asked")
    except frappe.ValidationError as refused:
        answers.put(str(refused))
    finally:
        frappe.destroy()


def test_two_who_ask_at_once_do_not_exceed_the_maximum(evening, school, bench_site):
    _change(evening, maximum_per_student=1)
    context = forking()
    offered = _offers(evening, school, "s01")[:4]
    couple = [school.guardian["anna.devries"], school.guardian["bram.devries"]] * 2
    start, answers = context.Barrier(len(offered)), context.Queue()
    processes = [
        context.Process(
            target=_race, args=(bench_site.name, str(bench_site.bench.sites), offer, guardian, start, answers)
        )
        for offer, guardian in zip(offered, couple, strict=True)
    ]
    for process in processes:
        process.start()
    said = sorted(answers.get(timeout=60) for _process in processes)
    for process in processes:
        process.join(30)
    sentence = "At most 1 conversation can be requested for Daan de Vries; this would make 2."
    assert said == [sentence] * 3 + ["asked"]
    frappe.db.rollback()
    assert len(_rows(evening)) == 1


def test_the_overview_shows_the_order_and_what_may_be_chosen(evening, school):
    a, b = _offers(evening, school, "s01")[:2]
    _ask(a, school)
    _ask(b, school, rank=1, preference="Late")
    (shown,) = overview.for_guardian([school.guardian["bram.devries"]])
    assert [row["offer"] for row in shown["requests"]] == [b, a]
    assert {child["name"]: child["chosen"] for child in shown["children"]}["Daan de Vries"] == 2
    assert shown["requesting"]["state"] == "open"
    assert shown["common"]["preference"] is None
    assert not shown["conversations"]


def test_what_has_no_time_when_the_schedule_is_shown_is_said_with_its_reason(evening, school):
    a, b = _offers(evening, school, "s01")[:2]
    _ask(a, school)
    refused = _ask(b, school)
    frappe.db.set_value("Conversation Request", refused, {"state": "Not Placed", "reason": "household_full"})
    (shown,) = overview.for_guardian([school.guardian["anna.devries"]])
    assert shown["not_placed"] == []
    _change(evening, schedule_visible=1)
    (shown,) = overview.for_guardian([school.guardian["anna.devries"]])
    assert [row["not_placed"] for row in shown["not_placed"]] == [
        "There is no time for it yet.",
        "Your other conversations and times left no room for it.",
    ]
