"""Somebody's own conversations: on the page, as files and feeds for calendars, by e-mail, and given up."""

import json
from datetime import datetime, timedelta

import frappe
import icalendar
import pytest

from ouderavond.api import conversations as api
from ouderavond.evening import booking, cant_come, conversations_letter, feeds, publishing
from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import moves
from tests.platform.school import MANAGER, PLANNER, as_user, forbid_contact, make_evening, mark_separated

API = "/api/method/ouderavond.api."
WISH = "LIEVERNAHALFNEGEN"
# Who has nothing to do with the conversation about s04 that Carla attends: the other guardian (who attends
# separately), the student, another guardian, an instructor of another class, an instructor who is a guardian
# of another child, a parent's new partner, staff without any link, and nobody at all.
OTHERS = ["dirk.bakker", "s04", "anna.devries", "fon", "els.smit", "olga.bos", PLANNER, None]


@pytest.fixture
def evening(site, school, outgoing_mail):
    """Carla has a conversation about s04 at 18:30, Dirk one at 18:50; they attend separately."""
    made = make_evening(school, schedule_visible=1, maximum_per_student=0)
    by_course.offer(made.name)
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    frappe.db.commit()
    return made


@pytest.fixture
def of_carla(evening, school):
    return _book(evening, school, "s04", "carla.bakker", 0)


@pytest.fixture
def of_dirk(evening, school):
    return _book(evening, school, "s04", "dirk.bakker", 20, offer=1)


def _book(evening, school, student, guardian, minutes, offer=0):
    filters = {"evening": evening.name, "student": school.student[student]}
    offers = frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")
    guardians = [school.guardian[guardian]] if guardian else []
    start = _first(evening) + timedelta(minutes=minutes)
    name = booking.book(offers[offer], start, guardians=guardians, source="Staff")
    frappe.db.commit()
    return name


def _first(evening):
    day = min(frappe.utils.getdate(row.date) for row in evening.dates)
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=18, minutes=30)


def _as(web, school, person):
    session = web.session(school.user(person) if person and "@" not in person else person)
    if person:
        session.open_portal()
    return session


def _events(answer) -> dict[str, str]:
    """{booking: status} of an answered calendar."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/calendar")
    events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    return {str(event["UID"]).split("@")[0]: str(event["STATUS"]) for event in events}


def _personal(web, address, **headers):
    """What a calendar gets at an address, without being logged in."""
    path = address[address.index("/api/") :]
    return web.session(None).get(path, headers=headers)


def _sent():
    rows = frappe.get_all("Email Queue", ["name", "message"], order_by="creation")
    names = [row.name for row in rows]
    to = frappe.get_all("Email Queue Recipient", {"parent": ("in", names or [""])}, pluck="recipient")
    return to, "".join(row.message for row in rows)


# Calendars


def test_a_guardian_takes_conversations_into_a_calendar(evening, of_carla, of_dirk, school, web):
    carla = _as(web, school, "carla.bakker")
    answer = carla.get(f"{API}feeds.conversation", params={"booking": of_carla, "role": "guardian"})
    assert _events(answer) == {of_carla: "CONFIRMED"}
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Bakker" not in answer.text
    all_of_them = carla.get(f"{API}feeds.evening", params={"role": "guardian", "evening": evening.name})
    assert _events(all_of_them) == {of_carla: "CONFIRMED"}
    assert _events(carla.get(f"{API}feeds.evening", params={"role": "guardian", "evening": "X"})) == {}


def test_a_feed_follows_and_says_what_was_cancelled(evening, of_carla, school, web):
    carla = _as(web, school, "carla.bakker")
    made = carla.post(f"{API}feeds.subscribe", json={"role": "guardian"}).json()["message"]
    first = _personal(web, made["address"])
    assert _events(first) == {of_carla: "CONFIRMED"}
    assert "private" in first.headers["Cache-Control"] and "public" not in first.headers["Cache-Control"]
    again = _personal(web, made["address"], **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    moves.move(of_carla, _first(evening) + timedelta(minutes=40))
    publishing.publish(evening.name)
    moved = _personal(web, made["address"], **{"If-None-Match": first.headers["ETag"]})
    (event,) = icalendar.Calendar.from_ical(moved.content).walk("VEVENT")
    assert event["DTSTART"].dt.strftime("%H:%M") == "19:10" and event["SEQUENCE"] == 1
    moves.cancel([of_carla])
    assert _events(_personal(web, made["address"])) == {of_carla: "CONFIRMED"}
    publishing.publish(evening.name)
    assert _events(_personal(web, made["address"])) == {of_carla: "CANCELLED"}
    frappe.db.rollback()
    row = frappe.get_last_doc("Calendar Feed")
    token = made["address"].split("=")[1]
    assert row.last_used and token not in frappe.as_json(row.as_dict()) and len(token) >= 43


def test_a_feed_ends_when_it_is_renewed_stopped_or_its_person_may_not_read(evening, of_carla, school, web):
    carla = _as(web, school, "carla.bakker")

    def subscribe():
        return carla.post(f"{API}feeds.subscribe", json={"role": "guardian"}).json()["message"]["address"]

    old, new = subscribe(), subscribe()
    assert _personal(web, old).status_code == 404
    assert _events(_personal(web, new)) == {of_carla: "CONFIRMED"}
    user = school.user("carla.bakker")
    frappe.db.set_value("User", user, "enabled", 0)
    frappe.db.commit()
    try:
        assert _personal(web, new).status_code == 404
    finally:
        frappe.db.set_value("User", user, "enabled", 1)
        frappe.db.commit()
    evening.db_set("schedule_visible", 0)
    frappe.db.commit()
    assert _events(_personal(web, new)) == {}
    evening.db_set("schedule_visible", 1)
    frappe.db.delete("Guardian Arrangement", {"guardian": school.guardian["carla.bakker"]})
    frappe.db.commit()
    assert _events(_personal(web, new)) == {of_carla: "CONFIRMED"}
    forbid_contact(school, "s04", "carla.bakker")
    assert _events(_personal(web, new)) == {}
    carla.post(f"{API}feeds.revoke", json={"role": "guardian"})
    assert _personal(web, new).status_code == 404
    assert carla.post(f"{API}feeds.subscribe", json={"role": "instructor"}).status_code == 403


def test_readings_of_a_feed_and_guesses_are_limited(evening, of_carla, school, web, monkeypatch):
    address = feeds.subscribe(school.user("carla.bakker"), "guardian")
    frappe.db.commit()
    name = frappe.db.get_value("Calendar Feed", {}, "name")
    frappe.cache.set(frappe.cache.make_key(f"ouderavond_feed:{name}"), 120, ex=60)
    limited = _personal(web, address)
    assert limited.status_code == 429 and int(limited.headers["Retry-After"]) > 0
    stray = frappe.cache.make_key("ouderavond_stray:127.0.0.1")
    frappe.cache.delete(stray)
    assert _personal(web, f"{feeds.PATH}?token=nobody").status_code == 404
    assert _personal(web, feeds.PATH).status_code == 404
    frappe.cache.set(stray, 60, ex=60)
    assert _personal(web, f"{feeds.PATH}?token=nobody").status_code == 429
    frappe.cache.delete(stray)


def test_nobody_else_reads_mails_or_gives_up_a_conversation(evening, of_carla, school, web):
    for person in OTHERS:
        _tries_everything(evening, of_carla, person, _as(web, school, person))
    frappe.db.rollback()
    assert frappe.db.get_value("Evening Booking", of_carla, ["state", "cant_come"]) == ("Published", 0)
    assert not frappe.db.count("Email Queue")


def _tries_everything(evening, of_carla, person, session):
    for role in ("guardian", "student", "instructor"):
        asked = {"booking": of_carla, "role": role}
        answers = [
            session.get(f"{API}feeds.conversation", params=asked),
            session.get(f"{API}feeds.evening", params={"role": role, "evening": evening.name}),
            session.get(f"{API}conversations.read", params={"role": role}),
            session.post(f"{API}conversations.mail", json={"role": role, "evening": evening.name}),
            session.post(f"{API}conversations.cant_come", json={**asked, "wish": WISH}),
        ]
        assert answers[0].status_code == 403 and answers[4].status_code == 403
        assert all(of_carla not in answer.text for answer in answers)
        assert answers[3].status_code in (403, 409)
    for call in ("cant_come", "alternatives", "place_again") if person != PLANNER else ():
        values = {"evening": evening.name, "booking_name": of_carla, "start": "2027-01-01 19:00"}
        assert session.post(f"{API}staff.{call}", json=values).status_code == 403


def test_guardians_see_what_a_student_booked_only_if_the_evening_says_so(evening, school, web):
    evening.db_set("contact_with", "Guardians and Students")
    own = _book(evening, school, "s04", None, 60, offer=2)
    carla, student = _as(web, school, "carla.bakker"), _as(web, school, "s04")
    asked = {"role": "guardian"}
    assert _events(carla.get(f"{API}feeds.evening", params=asked)) == {}
    assert _events(student.get(f"{API}feeds.evening", params={"role": "student"})) == {own: "CONFIRMED"}
    evening.db_set("guardians_see_student_bookings", 1)
    frappe.db.commit()
    assert _events(carla.get(f"{API}feeds.evening", params=asked)) == {own: "CONFIRMED"}
    # Seen, but not hers to give up.
    html = carla.get(f"{API}conversations.read", params=asked).json()["message"]["html"]
    assert own in html and "cant_come" not in html
    refused = carla.post(f"{API}conversations.cant_come", json={"booking": own, "role": "guardian"})
    assert refused.status_code == 403


# E-mail


def test_my_conversations_by_email_come_to_me_alone_with_a_file(evening, of_carla, of_dirk, school):
    with as_user(school.user("carla.bakker")):
        assert api.mail("guardian", evening.name)["status"] == "sent"
    to, text = _sent()
    assert to == [school.user("carla.bakker")]
    assert "18:30" in text and "18:50" not in text and of_dirk not in text
    assert 'filename="ouderavond.ics"' in text
    frappe.db.delete("Email Queue")
    instructor = frappe.db.get_value("Evening Booking Instructor", {"parent": of_carla}, "instructor")
    user = frappe.db.get_value("Instructor", instructor, "ouderavond_user")
    with as_user(user):
        assert api.mail("instructor")["status"] == "sent"
    to, text = _sent()
    assert to == [user] and "18:30" in text and "18:50" not in text


def test_where_no_email_can_be_sent_this_is_said(evening, of_carla, school, web):
    frappe.db.delete("Singles", {"doctype": "Ouderavond Settings", "field": "confirmed_url"})
    frappe.db.commit()
    carla = _as(web, school, "carla.bakker")
    answer = carla.post(f"{API}conversations.mail", json={"role": "guardian"})
    assert answer.status_code == 409
    assert answer.json()["message"]["message"].startswith("The school's system cannot send e-mail now.")


def test_an_overview_follows_changes_once_they_are_over(evening, of_carla, school):
    soon = frappe.utils.now_datetime() + timedelta(minutes=10)
    conversations_letter.changed(evening.name, [school.guardian["carla.bakker"]], school.student["s04"])
    frappe.db.commit()
    # Not yet: more may come.
    assert conversations_letter.tell_quiet() == 0
    assert conversations_letter.tell_quiet(soon) == 1
    to, text = _sent()
    assert to == [school.user("carla.bakker")] and "18:30" in text
    conversations_letter.changed(evening.name, [school.guardian["carla.bakker"]], school.student["s04"])
    frappe.db.commit()
    # The same state is not told again; another one is.
    assert conversations_letter.tell_quiet(soon) == 0
    with as_user(school.user("carla.bakker")):
        cant_come.say(school.user("carla.bakker"), "guardian", of_carla)
    frappe.db.commit()
    assert conversations_letter.tell_quiet(soon) == 1
    assert "no conversations with a time now" in _sent()[1].replace("=\n", "")


# Can't come


def test_who_cant_come_gives_up_the_time_and_staff_place_it_again(evening, of_carla, of_dirk, school, web):
    with as_user(school.user("carla.bakker")):
        values = {"role": "guardian", "wish": WISH, "choices": ["Late", "Other", "Phone"]}
        assert api.cant_come(of_carla, **values)["status"] == "given_up"
        with pytest.raises(frappe.PermissionError):
            api.cant_come(of_carla, **values)
    row = frappe.get_doc("Evening Booking", of_carla)
    assert (row.state, row.cant_come, row.cant_come_wish) == ("Cancelled", 1, WISH)
    assert (row.cant_come_choices, row.cant_come_by) == ("Late,Phone", school.user("carla.bakker"))
    assert not frappe.db.count("Booking Claim", {"reference": of_carla})
    to, text = _sent()
    assert to == [frappe.db.get_value("Instructor", row.instructors[0].instructor, "ouderavond_user")]
    assert WISH in text
    # The other guardian and the student learn nothing of it.
    for person, role in (("dirk.bakker", "guardian"), ("s04", "student")):
        session = _as(web, school, person)
        for path in ("/ouderavond", f"{API}conversations.read?role={role}", f"{API}{role}.evenings"):
            assert WISH not in session.get(path).text

    planner = _as(web, school, PLANNER)
    (listed,) = planner.get(f"{API}staff.cant_come", params={"evening": evening.name}).json()["message"]
    assert listed["name"] == of_carla and WISH in listed["wishes"]
    times = planner.get(f"{API}staff.alternatives", params={"booking_name": of_carla}).json()["message"]
    starts = [time["start"] for time in times]
    first = _first(evening)
    assert f"{first:%Y-%m-%dT%H:%M}" not in starts and starts == sorted(starts)
    assert [time["fits"] for time in times] == [start[11:] >= "19:40" for start in starts]
    wanted = next(time["start"] for time in times if time["fits"])
    placed = planner.post(f"{API}staff.place_again", json={"booking_name": of_carla, "start": wanted})
    assert placed.status_code == 200, placed.text
    assert planner.get(f"{API}staff.cant_come", params={"evening": evening.name}).json()["message"] == []
    frappe.db.rollback()
    new = frappe.get_doc("Evening Booking", placed.json()["message"])
    assert [one.guardian for one in new.guardians] == [school.guardian["carla.bakker"]]
    taken = planner.post(f"{API}staff.place_again", json={"booking_name": of_carla, "start": wanted})
    assert taken.status_code >= 400


def test_nobody_can_say_it_after_the_conversation_has_started(evening, of_carla, school, web):
    past = frappe.utils.now_datetime() - timedelta(minutes=5)
    frappe.db.set_value("Evening Booking", of_carla, {"start": past, "end": past + timedelta(minutes=10)})
    frappe.db.commit()
    carla = _as(web, school, "carla.bakker")
    answer = carla.post(f"{API}conversations.cant_come", json={"booking": of_carla, "role": "guardian"})
    said = json.loads(json.loads(answer.json()["_server_messages"])[0])["message"]
    assert answer.status_code == 417 and said == "This conversation has started already."


def test_staff_place_by_command(evening, of_carla, school, run):
    with as_user(school.user("carla.bakker")):
        cant_come.say(school.user("carla.bakker"), "guardian", of_carla, WISH)
    frappe.db.commit()
    assert WISH in run("cant-come", "--evening", evening.name).stdout
    start = cant_come.alternatives(of_carla)[0]["start"]
    done = run("cant-come", "--booking", of_carla, "--start", start)
    assert frappe.db.get_value("Evening Booking", done.stdout.strip(), "state") == "Published"


def test_the_wish_and_the_addresses_go_with_whoever_leaves(evening, of_carla, school):
    user = school.user("carla.bakker")
    feeds.subscribe(user, "guardian")
    with as_user(user):
        cant_come.say(user, "guardian", of_carla, WISH)
    frappe.db.commit()
    frappe.delete_doc("Guardian", school.guardian["carla.bakker"], force=True)
    row = frappe.get_doc("Evening Booking", of_carla)
    assert not row.cant_come_wish and not row.cant_come_by
    assert not frappe.get_all("Version", {"docname": of_carla, "data": ("like", f"%{WISH}%")})
    frappe.delete_doc("User", user, force=True)
    assert not frappe.db.count("Calendar Feed")
    # The school's own records stay for the other tests.
    frappe.db.rollback()
    assert frappe.db.exists("Guardian", school.guardian["carla.bakker"]) and frappe.db.exists("User", user)


def test_managers_alone_read_who_has_a_feed(evening, school, web):
    feeds.subscribe(school.user("carla.bakker"), "guardian")
    frappe.db.commit()
    for person, status in ((MANAGER, 200), ("carla.bakker", 403), (PLANNER, 403)):
        answer = _as(web, school, person).get("/api/resource/Calendar Feed")
        assert answer.status_code == status
        assert "token_hash" not in answer.text
