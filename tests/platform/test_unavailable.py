"""Times at which a household can't come: own ones only, and nothing told to anybody else."""

import json
from datetime import datetime, timedelta

import frappe
import pytest

from ouderavond.evening import blocks, booking, claims, problem, requests, unavailable
from ouderavond.evening.offering import by_course
from ouderavond.evening.requests import Asker
from tests.platform.school import make_evening, mark_separated

SAVE = "ouderavond.api.unavailable.save"


@pytest.fixture
def evening(site, school):
    return _offered(make_evening(school, maximum_per_student=2))


@pytest.fixture
def direct(site, school):
    return _offered(make_evening(school, procedure="Book Directly"))


def _offered(evening):
    by_course.offer(evening.name)
    frappe.db.commit()
    return evening


def _at(evening, clock: str, day: int = 0) -> datetime:
    return datetime.fromisoformat(f"{evening.dates[day].date}T{clock}")


def _time(evening, start: str, end: str, day: int = 0) -> unavailable.Time:
    return unavailable.Time(_at(evening, start, day), _at(evening, end, day))


def _json(*times) -> list[dict]:
    return [{"from": f"{time.start:%Y-%m-%dT%H:%M}", "to": f"{time.end:%Y-%m-%dT%H:%M}"} for time in times]


def _guardian(school, name) -> Asker:
    return Asker("Guardian", (school.guardian[name],))


def _offer(evening, school, student) -> str:
    filters = {"evening": evening.name, "student": school.student[student]}
    return frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")[0]


def _book(evening, school, student, guardian, start) -> str:
    party = booking.party_of(evening.name, school.student[student], school.guardian[guardian])
    name = booking.book(_offer(evening, school, student), start, guardians=party, source="Staff")
    frappe.db.commit()
    return name


def _open(web, school, person):
    session = web.session(school.user(person) if person else None)
    if person:
        session.open_portal()
    return session


def _refusal(answer) -> str:
    return " ".join(json.loads(row)["message"] for row in json.loads(answer.json()["_server_messages"]))


def _saved() -> list[tuple]:
    frappe.db.rollback()
    rows = frappe.get_all(
        "Evening Block", ["who_type", "who", "source", "from_time", "to_time"], order_by="from_time"
    )
    return [(row.who_type, row.who, row.source, row.from_time, row.to_time) for row in rows]


def test_a_guardian_says_changes_and_takes_back(evening, school):
    anna = _guardian(school, "anna.devries")
    first, second = _time(evening, "18:30", "19:00"), _time(evening, "18:50", "19:20")
    other = _time(evening, "20:00", "21:00", day=1)
    stored = unavailable.save(evening.name, anna, [other, second, first])
    frappe.db.commit()
    # Those that overlap are one.
    assert stored == [_time(evening, "18:30", "19:20"), other] == unavailable.of(evening.name, anna)
    assert {row[:3] for row in _saved()} == {("Guardian", anna.guardians[0], "Guardian")}
    kept = frappe.db.get_value("Evening Block", {"from_time": other.start})
    unavailable.save(evening.name, anna, [other])
    frappe.db.commit()
    assert unavailable.of(evening.name, anna) == [other]
    assert frappe.db.get_value("Evening Block", {"from_time": other.start}) == kept
    assert frappe.db.count("Booking Claim", {"kind": "Block"}) == 60
    unavailable.save(evening.name, anna, [])
    frappe.db.commit()
    assert (_saved(), frappe.db.count("Booking Claim"), claims.check()) == ([], 0, [])


def test_requests_and_times_are_saved_together_or_not_at_all(evening, school, web):
    anna = _open(web, school, "anna.devries")
    values = {"evening": evening.name, "wishes": [{"offer": _offer(evening, school, "s01")}]}
    times = _json(_time(evening, "18:30", "19:00"))
    call = "/api/method/ouderavond.api.guardian.save"
    assert anna.post(call, json={**values, "times": times}).status_code == 200
    assert len(_saved()) == 1 and frappe.db.count("Conversation Request") == 1
    # Without times they stay as they are.
    assert anna.post(call, json={"evening": evening.name, "wishes": []}).status_code == 200
    assert len(_saved()) == 1
    wrong = _json(_time(evening, "17:00", "19:00"))
    answer = anna.post(call, json={**values, "times": wrong})
    assert answer.status_code == 417 and "is not at a time of this evening" in _refusal(answer)
    assert [row[3] for row in _saved()] == [_at(evening, "18:30")]
    assert frappe.get_all("Conversation Request", pluck="state") == ["Withdrawn"]


def test_what_staff_blocked_stays_and_is_not_shown(evening, school):
    anna = _guardian(school, "anna.devries")
    time = _time(evening, "18:30", "19:00")
    blocks.block(evening.name, "Guardian", anna.guardians[0], *time, reason="GEHEIM")
    frappe.db.commit()
    assert unavailable.of(evening.name, anna) == []
    unavailable.save(evening.name, anna, [time])
    unavailable.save(evening.name, anna, [])
    frappe.db.commit()
    assert [row[2] for row in _saved()] == ["Staff"]
    assert claims.check() == []


@pytest.mark.parametrize(
    "times", ["x", "[1]", '[{"from": 1, "to": 2}]', '[{"from": "2026-12-01T18:30"}]', None]
)
def test_a_form_that_can_not_be_read_is_refused(evening, school, web, times):
    anna = _open(web, school, "anna.devries")
    values = {"evening": evening.name, "role": "guardian", "times": times}
    answer = anna.post(f"/api/method/{SAVE}", json=values)
    assert answer.status_code == 417 and not _saved()


def test_a_conversation_in_it_is_named_and_refused(direct, school):
    anna = _guardian(school, "anna.devries")
    direct.db_set("booking_until", frappe.utils.now_datetime() + timedelta(days=3))
    name = _book(direct, school, "s01", "anna.devries", _at(direct, "19:00"))
    frappe.db.set_value("Evening Booking", name, "state", "Published")
    frappe.db.commit()
    with pytest.raises(
        frappe.ValidationError, match=r"conversation about \w+ \(Daan de Vries\) on .* at 19:00"
    ):
        unavailable.save(
            direct.name, anna, [_time(direct, "18:30", "18:40"), _time(direct, "19:00", "20:00")]
        )
    assert not _saved()
    unavailable.save(direct.name, anna, [_time(direct, "18:30", "19:00"), _time(direct, "19:10", "20:00")])
    frappe.db.commit()
    assert len(_saved()) == 2


def test_what_is_planned_and_not_told_can_not_be_found_out(evening, school):
    anna = _guardian(school, "anna.devries")
    _book(evening, school, "s01", "anna.devries", _at(evening, "19:00"))
    said = set()
    for clock in ("18:30", "19:00", "20:00"):
        with pytest.raises(frappe.ValidationError, match="The school is making the schedule now") as refused:
            unavailable.save(evening.name, anna, [_time(evening, clock, "20:10")])
        said.add(str(refused.value))
    assert len(said) == 1 and not _saved()


def test_until_the_deadline_or_while_places_are_booked(evening, direct, school):
    anna = _guardian(school, "anna.devries")
    for one in (evening, direct):
        unavailable.save(one.name, anna, [_time(one, "18:30", "19:00")])
        frappe.db.commit()
    past = frappe.utils.now_datetime() - timedelta(minutes=1)
    evening.db_set("request_until", past)
    direct.db_set("booking_until", past)
    frappe.db.commit()
    sentences = ("could be requested, changed and withdrawn until", "while places can be booked")
    for one, sentence in zip((evening, direct), sentences, strict=True):
        with pytest.raises(frappe.ValidationError, match=sentence):
            unavailable.save(one.name, anna, [])
    assert len(_saved()) == 2


def test_separated_guardians_learn_nothing_of_each_other(evening, school, web):
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    time = _time(evening, "18:30", "21:00")
    carla, dirk = _open(web, school, "carla.bakker"), _open(web, school, "dirk.bakker")
    values = {"evening": evening.name, "role": "guardian"}
    assert carla.post(f"/api/method/{SAVE}", json={**values, "times": _json(time)}).status_code == 200
    assert unavailable.of(evening.name, _guardian(school, "dirk.bakker")) == []
    before = dirk.get("/api/method/ouderavond.api.guardian.evenings").json()["message"]
    assert before[0]["times"]["own"] == []
    # The same time is his to say, and his to be booked; saying nothing does not take away hers.
    assert dirk.post(f"/api/method/{SAVE}", json={**values, "times": []}).json()["message"]["times"] == []
    frappe.db.rollback()
    party = [school.guardian["dirk.bakker"]]
    booking.book(_offer(evening, school, "s04"), time.start, guardians=party, source="Staff")
    frappe.db.commit()
    assert len(unavailable.of(evening.name, _guardian(school, "carla.bakker"))) == 1


def test_partners_have_their_own_times_and_neither_sees_the_others(evening, school, web):
    values = {"evening": evening.name, "role": "guardian"}
    times = _json(_time(evening, "18:30", "19:00"))
    assert _open(web, school, "anna.devries").post(f"/api/method/{SAVE}", json={**values, "times": times}).ok
    bram = _open(web, school, "bram.devries")
    assert bram.get("/api/method/ouderavond.api.guardian.evenings").json()["message"][0]["times"]["own"] == []
    assert bram.post(f"/api/method/{SAVE}", json={**values, "times": []}).ok
    assert len(_saved()) == 1
    # A conversation that both attend can't be there.
    requests.request(_offer(evening, school, "s01"), guardian=school.guardian["bram.devries"])
    document = problem.build_problem(evening)
    (household,) = document["households"]
    assert household["unavailable"] == [[row["from"], row["to"]] for row in times]


def test_a_student_says_when_they_can_not_come_and_keeps_nobody_else_away(site, school, web):
    evening = _offered(make_evening(school, contact_with="Guardians and Students"))
    time = _time(evening, "18:30", "21:00")
    daan = _open(web, school, "s01")
    values = {"evening": evening.name, "role": "student", "times": _json(time)}
    assert daan.post(f"/api/method/{SAVE}", json=values).ok
    assert [row[:3] for row in _saved()] == [("Student", school.student["s01"], "Student")]
    # The parents' own conversation about Daan goes on; one that he attends does not.
    offers = frappe.get_all(
        "Conversation Offer",
        {"evening": evening.name, "student": school.student["s01"]},
        pluck="name",
        order_by="subject",
    )
    party = booking.party_of(evening.name, school.student["s01"], school.guardian["anna.devries"])
    booking.book(offers[0], time.start, guardians=party, source="Staff")
    frappe.db.commit()
    requests.request(offers[1], student=school.student["s01"], source="Student")
    document = problem.build_problem(evening)
    assert [row["unavailable"] for row in document["students"]] == [[_pair(time)]]
    assert all(not row["unavailable"] for row in document["conversations"])


def _pair(time) -> list[str]:
    return [f"{time.start:%Y-%m-%dT%H:%M}", f"{time.end:%Y-%m-%dT%H:%M}"]


@pytest.mark.parametrize("person", ["s02", "fon", "planner", None])
def test_nobody_says_so_as_somebody_else(evening, school, web, person):
    session = _open(web, school, person)
    for role in ("guardian", "student", "instructor"):
        values = {"evening": evening.name, "role": role, "times": _json(_time(evening, "18:30", "19:00"))}
        answer = session.post(f"/api/method/{SAVE}", json=values)
        # A student of an evening for guardians is a student, but may not say anything.
        assert answer.status_code in ((403, 417) if (person, role) == ("s02", "student") else (403,))
    assert not _saved()


def test_only_those_who_take_part_and_only_what_is_shown(evening, school):
    time = [_time(evening, "18:30", "19:00")]
    frappe.db.delete("Parent Evening Participant", {"participant": ("in", ("h2", "v3"))})
    frappe.clear_document_cache("Parent Evening", evening.name)
    frappe.db.commit()
    with pytest.raises(frappe.PermissionError, match="is not one of yours"):
        unavailable.save(evening.name, _guardian(school, "rosa.mulder"), time)
    evening.db_set("published", 0)
    frappe.db.commit()
    with pytest.raises(frappe.PermissionError, match="is not one of yours"):
        unavailable.save(evening.name, _guardian(school, "anna.devries"), time)
