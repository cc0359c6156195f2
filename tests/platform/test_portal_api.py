"""The calls and the page of the portal, over HTTP, by people who may and people who may not."""

import json
import re
from datetime import datetime, timedelta

import frappe
import pytest

from ouderavond.api import callers
from ouderavond.evening import booking, publishing, requests
from ouderavond.evening.offering import by_course
from tests.platform.school import MANAGER, PLANNER, as_user, forbid_contact, make_evening, mark_separated

GUARDIAN, STUDENT = "ouderavond.api.guardian", "ouderavond.api.student"
CONVERSATIONS = "ouderavond.api.instructor.conversations"
NOT_YOURS = "This conversation is not one that you can ask for."
# Words that stand in what one family wrote and must not reach another.
OF_CARLA, OF_DIRK = "WOORDVANCARLA", "WOORDVANDIRK"


@pytest.fixture
def evening(site, school):
    made = make_evening(school, maximum_per_student=2, longer_conversation=1)
    by_course.offer(made.name)
    frappe.db.commit()
    return made


@pytest.fixture
def separated(evening, school):
    """Carla and Dirk attend separately for s04; each has asked, and has a conversation with a time."""
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    first, second = _offers(evening, school, "s04")[:2]
    start = _start(evening)
    for guardian, offer, remark, minutes in (
        ("carla.bakker", first, OF_CARLA, 0),
        ("dirk.bakker", second, OF_DIRK, 20),
    ):
        asker = school.guardian[guardian]
        asked = requests.request(offer, guardian=asker, remark=remark)
        frappe.db.commit()
        moment = start + timedelta(minutes=minutes)
        booking.book(offer, moment, guardians=[asker], source="Staff", request=asked)
        frappe.db.commit()
    return evening


def _start(evening):
    first = min(frappe.utils.getdate(row.date) for row in evening.dates)
    return datetime.combine(first, datetime.min.time()) + timedelta(hours=18, minutes=30)


def _offers(evening, school, student):
    filters = {"evening": evening.name, "student": school.student[student]}
    return frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")


def _ask(evening, school, student, guardian):
    name = requests.request(_offers(evening, school, student)[0], guardian=school.guardian[guardian])
    frappe.db.commit()
    return name


def _as(web, school, person):
    """Somebody who has the page open, so that their calls carry its token."""
    session = web.session(school.user(person) if person and "@" not in person else person)
    session.open_portal()
    return session


def _said(answer):
    return " ".join(json.loads(row)["message"] for row in json.loads(answer.json()["_server_messages"]))


def test_a_guardian_asks_changes_and_withdraws_over_http(evening, school, web):
    anna = _as(web, school, "anna.devries")
    first, second = _offers(evening, school, "s01")[:2]
    answer = anna.post(f"/api/method/{GUARDIAN}.request", json={"offer": first, "longer": 1, "remark": "Dag"})
    assert answer.status_code == 200, answer.text
    name = answer.json()["message"]["request"]
    wishes = [{"offer": second, "preference": "Early"}, {"offer": first, "remark": "Tot dan"}]
    answer = anna.post(f"/api/method/{GUARDIAN}.save", json={"evening": evening.name, "wishes": wishes})
    assert answer.json()["message"]["message"] == "Saved. 2 conversations are requested."
    (shown,) = anna.get(f"/api/method/{GUARDIAN}.evenings").json()["message"]
    assert [(row["offer"], row["remark"], row["longer"]) for row in shown["requests"]] == [
        (second, "", False),
        (first, "Tot dan", True),
    ]
    assert anna.post(f"/api/method/{GUARDIAN}.withdraw", json={"request": name}).status_code == 200
    (shown,) = anna.get(f"/api/method/{GUARDIAN}.evenings").json()["message"]
    assert [row["offer"] for row in shown["requests"]] == [second]


def test_a_refusal_over_http_leaves_nothing_and_says_why(evening, school, web):
    anna = _as(web, school, "anna.devries")
    wishes = [{"offer": offer} for offer in _offers(evening, school, "s01")[:3]]
    answer = anna.post(f"/api/method/{GUARDIAN}.save", json={"evening": evening.name, "wishes": wishes})
    assert answer.status_code == 417
    assert _said(answer) == "At most 2 conversations can be requested for Daan de Vries; this would make 3."
    frappe.db.rollback()
    assert not frappe.db.count("Conversation Request")


@pytest.mark.parametrize(
    "wishes", ["[", "{}", "[1]", '[{"offer": 1}]', '[{"offer": "x", "state": "Placed"}]']
)
def test_a_form_that_can_not_be_read_is_refused(evening, school, web, wishes):
    anna = _as(web, school, "anna.devries")
    answer = anna.post(f"/api/method/{GUARDIAN}.save", data={"evening": evening.name, "wishes": wishes})
    assert answer.status_code == 417
    assert _said(answer) == "This form could not be read. Please reload the page and try again."


# Who does not reach s01 (Daan de Vries): another guardian, a student, an instructor of another class, an
# instructor who is a guardian of another child, the new partner of a parent, staff without any link.
STRANGERS = ["carla.bakker", "s02", "fon", "els.smit", "olga.bos", PLANNER]


@pytest.mark.parametrize("person", STRANGERS)
def test_nobody_reaches_somebody_elses_child_as_a_guardian(evening, school, web, person):
    name = _ask(evening, school, "s01", "anna.devries")
    offer = _offers(evening, school, "s01")[1]
    session = _as(web, school, person)
    for call, values in (
        ("request", {"offer": offer}),
        ("withdraw", {"request": name}),
        ("save", {"evening": evening.name, "wishes": [{"offer": offer}]}),
    ):
        answer = session.post(f"/api/method/{GUARDIAN}.{call}", json=values)
        assert answer.status_code == 403, (call, answer.text)
        allowed = (NOT_YOURS, "This request is not one of yours.")
        assert _said(answer) in (*allowed, "Your account is not linked to a parent or guardian.")
    answer = session.get(f"/api/method/{GUARDIAN}.evenings")
    assert "Daan" not in answer.text and name not in answer.text and offer not in answer.text
    frappe.db.rollback()
    assert frappe.get_all("Conversation Request", pluck="state") == ["Requested"]


@pytest.mark.parametrize("person", [*STRANGERS, "anna.devries"])
def test_nobody_acts_as_a_student_but_the_student(evening, school, web, person):
    evening.db_set("contact_with", "Guardians and Students")
    frappe.db.commit()
    offer = _offers(evening, school, "s01")[1]
    session = _as(web, school, person)
    for call, values in (
        ("request", {"offer": offer}),
        ("save", {"evening": evening.name, "wishes": [{"offer": offer}]}),
    ):
        answer = session.post(f"/api/method/{STUDENT}.{call}", json=values)
        assert answer.status_code == 403
        assert _said(answer) in (NOT_YOURS, "Your account is not linked to a student.")
    assert "Daan" not in session.get(f"/api/method/{STUDENT}.evenings").text


def test_a_student_asks_where_the_evening_is_open_to_students(evening, school, web):
    evening.db_set("contact_with", "Students")
    frappe.db.commit()
    daan = _as(web, school, "s01")
    offer = _offers(evening, school, "s01")[0]
    name = daan.post(f"/api/method/{STUDENT}.request", json={"offer": offer}).json()["message"]["request"]
    assert daan.post(f"/api/method/{STUDENT}.withdraw", json={"request": name}).status_code == 200
    wishes = [{"offer": offer, "preference": "Late"}]
    daan.post(f"/api/method/{STUDENT}.save", json={"evening": evening.name, "wishes": wishes})
    (shown,) = daan.get(f"/api/method/{STUDENT}.evenings").json()["message"]
    assert [row["preference"] for row in shown["requests"]] == ["Late"]
    assert "My choices" in daan.get("/ouderavond").text


def test_a_student_sees_nothing_of_an_evening_for_guardians(evening, school, web):
    _ask(evening, school, "s01", "anna.devries")
    daan = _as(web, school, "s01")
    assert daan.get(f"/api/method/{STUDENT}.evenings").json()["message"] == []


@pytest.mark.parametrize("method", [f"{GUARDIAN}.evenings", f"{STUDENT}.evenings", CONVERSATIONS])
@pytest.mark.parametrize("person", [None, MANAGER])
def test_without_a_link_there_is_nothing_to_see(evening, school, web, method, person):
    session = web.session(person)
    answer = session.get(f"/api/method/{method}")
    assert answer.status_code == 403
    assert "message" not in answer.json()


def test_contact_forbidden_hides_the_child_everywhere(evening, school, web):
    name = _ask(evening, school, "s07", "rosa.mulder")
    forbid_contact(school, "s07", "pieter.mulder")
    pieter = _as(web, school, "pieter.mulder")
    for path in ("/ouderavond", f"/api/method/{GUARDIAN}.evenings"):
        assert "Quinten" not in pieter.get(path).text
    answer = pieter.post(f"/api/method/{GUARDIAN}.withdraw", json={"request": name})
    assert (answer.status_code, _said(answer)) == (403, "This request is not one of yours.")


def test_of_the_other_separated_guardian_nothing_is_shown(separated, school, web):
    publishing.publish(separated.name)
    frappe.db.commit()
    times = {"carla.bakker": "18:30", "dirk.bakker": "18:50"}
    for person, own, other in (("carla.bakker", OF_CARLA, OF_DIRK), ("dirk.bakker", OF_DIRK, OF_CARLA)):
        session = _as(web, school, person)
        (shown,) = session.get(f"/api/method/{GUARDIAN}.evenings").json()["message"]
        assert [row["remark"] for row in shown["requests"]] == [own]
        assert [row["start"][11:16] for row in shown["conversations"]] == [times[person]]
        page = session.get("/ouderavond").text
        assert times[person] in page and other not in page
        (hidden,) = set(times.values()) - {times[person]}
        assert f">{hidden}<" not in page


def test_nothing_of_the_schedule_shows_before_it_is_published(separated, school, web):
    carla = _as(web, school, "carla.bakker")
    (shown,) = carla.get(f"/api/method/{GUARDIAN}.evenings").json()["message"]
    assert (shown["conversations"], shown["not_placed"]) == ([], [])
    for code in school.instructor:
        with as_user(school.user(code)):
            (seen,) = frappe.call(frappe.get_attr(CONVERSATIONS)) or [{"conversations": []}]
            assert seen["conversations"] == []


def test_guardians_who_attend_together_see_the_same(evening, school, web):
    name = _ask(evening, school, "s01", "anna.devries")
    bram = _as(web, school, "bram.devries")
    (shown,) = bram.get(f"/api/method/{GUARDIAN}.evenings").json()["message"]
    assert [row["request"] for row in shown["requests"]] == [name]


def test_an_instructor_sees_only_own_conversations_with_remark_class_and_guardian(separated, school, web):
    publishing.publish(separated.name)
    frappe.db.commit()
    first = _offers(separated, school, "s04")[0]
    own = frappe.db.get_value("Conversation Offer Instructor", {"parent": first}, "instructor")
    seen = 0
    for code, instructor in school.instructor.items():
        session = web.session(school.user(code))
        evenings = session.get(f"/api/method/{CONVERSATIONS}").json()["message"]
        rows = [row for evening in evenings for row in evening["conversations"]]
        mine = [row for row in rows if row["remark"] == OF_CARLA]
        assert bool(mine) == (instructor == own)
        for row in mine:
            seen += 1
            assert (row["student_name"], row["student_class"]) == ("Gijs Bakker", "bk1a")
            assert row["guardians"] == ["Carla Bakker"]
    assert seen == 1


def test_who_is_instructor_and_guardian_sees_both_apart(evening, school, web):
    els = _as(web, school, "els.smit")
    page = els.get("/ouderavond").text
    assert "For my children" in page and "Conversations with Me" in page
    assert "Iris" in page and "Daan" not in page


def test_the_page_is_for_who_is_logged_in_and_for_them_only(evening, school, web):
    guest = web.session()
    answer = guest.get("/ouderavond", allow_redirects=False)
    assert answer.status_code in (301, 302)
    assert answer.headers["Location"].endswith("/login?redirect-to=/ouderavond")
    first = _as(web, school, "anna.devries").get("/ouderavond").text
    second = _as(web, school, "carla.bakker").get("/ouderavond").text
    assert "Daan" in first and "Daan" not in second and "Gijs" in second


def test_answers_are_private(evening, school, web):
    anna = _as(web, school, "anna.devries")
    answers = [anna.get("/ouderavond"), anna.get(f"/api/method/{GUARDIAN}.evenings")]
    answers.append(anna.post(f"/api/method/{GUARDIAN}.request", json={"offer": "x"}))
    answers.append(web.session().get(f"/api/method/{GUARDIAN}.evenings"))
    for answer in answers:
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_page_carries_a_token_without_which_nothing_is_written(evening, school, web):
    anna = web.session(school.user("anna.devries"))
    page = anna.open_portal()
    assert re.search(r'frappe\.csrf_token = "[0-9a-f]{20,}"', page.text)
    values = {"offer": _offers(evening, school, "s01")[0]}
    token = anna.headers.pop("X-Frappe-CSRF-Token")
    assert anna.post(f"/api/method/{GUARDIAN}.request", json=values).status_code == 400
    anna.headers["X-Frappe-CSRF-Token"] = token
    assert anna.post(f"/api/method/{GUARDIAN}.request", json=values).status_code == 200


@pytest.mark.parametrize("module", [GUARDIAN, STUDENT])
@pytest.mark.parametrize("call", ["request", "withdraw", "save"])
def test_what_writes_is_not_called_with_get(evening, school, web, module, call):
    person = "anna.devries" if module == GUARDIAN else "s01"
    answer = _as(web, school, person).get(f"/api/method/{module}.{call}")
    assert answer.status_code == 403


def test_what_people_typed_is_shown_and_never_run(evening, school, web):
    word = "<script>alert('x')</script>"
    evening.db_set("explanation", f"{word} {{{{ 7 * 7 }}}}")
    evening.db_set("title", word)
    frappe.db.commit()
    requests.request(
        _offers(evening, school, "s01")[0],
        guardian=school.guardian["anna.devries"],
        remark=f"</textarea>{word}",
    )
    frappe.db.commit()
    page = _as(web, school, "anna.devries").get("/ouderavond").text
    assert word not in page and "</textarea><" not in page.replace("</textarea>\n", "")
    assert "&lt;script&gt;" in page and "{{ 7 * 7 }}" in page


def test_the_arguments_are_checked_for_their_type(evening, school, web):
    anna = _as(web, school, "anna.devries")
    answer = anna.post(f"/api/method/{GUARDIAN}.request", json={"offer": {"name": "x"}})
    assert answer.status_code == 417 and answer.json()["exc_type"] == "FrappeTypeError"


def test_too_many_calls_by_one_user_are_refused_without_touching_others(site, school):
    @callers.limit_per_user(2, 60)
    def counted():
        return True

    frappe.cache.delete_keys("ouderavond_calls:")
    with as_user(school.user("anna.devries")):
        assert counted() and counted()
        with pytest.raises(frappe.RateLimitExceededError, match="That was a lot at once"):
            counted()
    with as_user(school.user("carla.bakker")):
        assert counted()


def test_staff_are_who_has_a_role_of_ours(site, school):
    for user in (MANAGER, PLANNER):
        with as_user(user):
            assert callers.staff() == user
    for user in (school.user("anna.devries"), school.user("jan"), school.user("s01"), "Guest"):
        with as_user(user), pytest.raises(frappe.PermissionError):
            callers.staff()
