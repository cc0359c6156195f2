"""Where online conversations are joined: on pages, in calendars and letters, and by whom."""

import email
from datetime import date, datetime, timedelta

import frappe
import icalendar
import pytest

from ouderavond.api import conversations as api
from ouderavond.api import feeds as files
from ouderavond.evening import (
    booking,
    cant_come,
    conversations,
    feeds,
    identity,
    links_letter,
    messages,
    my_calendar,
    publishing_letters,
)
from ouderavond.evening.offering import by_course
from ouderavond.evening.online import job, joining, rows
from ouderavond.evening.overviews import choosing, kinds
from ouderavond.evening.overviews.reading import Facts
from ouderavond.evening.planning import moves, publishing_changes
from tests.platform.school import PLANNER, as_user, make_evening, mark_separated

API = "/api/method/ouderavond.api."
TEMPLATE = "https://meet.school.example/ouders-{room}"
LINK = "https://meet.school.example/ouders-"
FOLLOWS = "Online, the link follows"
CARLA = "carla.bakker"
# The other guardian, who attends apart; the child; another guardian; an instructor of another class; staff
# without any link; and nobody at all.
OTHERS = ["dirk.bakker", "s04", "anna.devries", "fon", PLANNER, None]


@pytest.fixture
def evening(site, school, outgoing_mail):
    """Booking is open, online; Carla and Dirk attend apart."""
    made = _online(school)
    mark_separated(school, "s04", CARLA, "dirk.bakker")
    frappe.db.set_single_value("Ouderavond Settings", "link_template", TEMPLATE)
    identity.confirm()
    frappe.db.commit()
    return made


def _online(school, **values):
    made = make_evening(
        school,
        schedule_visible=1,
        maximum_per_student=0,
        procedure="Book Directly",
        booking_from="2020-01-01 00:00:00",
        mode="Online",
        meeting_provider="Link Template",
        **values,
    )
    by_course.offer(made.name)
    frappe.db.commit()
    return made


def _book(evening, school, student="s04", guardian=CARLA, minutes=0, mode="Online", day=0):
    filters = {"evening": evening.name, "student": school.student[student]}
    offer = frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")[0]
    date_of = sorted(frappe.utils.getdate(row.date) for row in evening.dates)[day]
    start = datetime.combine(date_of, datetime.min.time()) + timedelta(hours=18, minutes=30 + minutes)
    party = [school.guardian[guardian]]
    name = booking.book(offer, start, guardians=party, source="Staff", mode=mode)
    frappe.db.commit()
    return name


def _make_links():
    frappe.db.commit()
    job.synchronise(patience=0)
    frappe.db.rollback()


def _as(web, school, person):
    return web.session(school.user(person) if person and "@" not in person else person)


def _user_of_instructor(name):
    instructor = frappe.db.get_value("Evening Booking Instructor", {"parent": name}, "instructor")
    return frappe.db.get_value("Instructor", instructor, "ouderavond_user")


def _event(answer):
    (event,) = icalendar.Calendar.from_ical(getattr(answer, "content", answer)).walk("VEVENT")
    return event


def _html(session, role="guardian", evening=None):
    call = "instructor.read" if role == "instructor" else "conversations.read"
    values = {"evening": evening} if role == "instructor" else {"role": role}
    return session.get(f"{API}{call}", params=values).json()["message"]["html"]


def test_the_link_comes_to_those_who_meet_and_to_nobody_else(evening, school, web):
    name = _book(evening, school)
    long_ago = frappe.utils.add_to_date(None, hours=-1)
    frappe.db.set_value("Evening Booking", name, "told_on", long_ago, update_modified=False)
    carla, jan = _as(web, school, CARLA), _as(web, school, _user_of_instructor(name))
    table = {"evening": evening.name, "role": "guardian"}
    address = feeds.subscribe(school.user(CARLA), "guardian")
    address = address[address.index("/api/") :]
    frappe.db.commit()

    before = carla.get(f"{API}table.read", params=table)
    assert [row["link"] for row in before.json()["message"]["mine"]] == [None]
    for html in (_html(carla), _html(jan, "instructor", evening.name)):
        assert FOLLOWS in html and "oa-join" not in html
    assert "data-link-follows" in _html(carla)
    feed = carla.get(address)
    event = _event(feed)
    assert FOLLOWS in event["DESCRIPTION"] and "CONFERENCE" not in event

    _make_links()
    link = joining.of([name])[name].link
    assert link.startswith(LINK) and len(link) > len(LINK) + 20
    # What was read before has changed for who asks again, without anything else having changed.
    after = carla.get(f"{API}table.read", params=table, headers={"If-None-Match": before.headers["ETag"]})
    assert [row["link"] for row in after.json()["message"]["mine"]] == [link]
    student = frappe.db.get_value("Evening Booking", name, ["student_name", "subject"], as_dict=True)
    for html, about in (
        (_html(carla), student.subject),
        (_html(jan, "instructor", evening.name), student.student_name),
    ):
        assert f'href="{link}" target="_blank" rel="noopener noreferrer"' in html
        assert f'aria-label="Join: {about}, 18:30"' in html and FOLLOWS not in html
    assert link in carla.get("/ouderavond").text and link in jan.get("/ouderavond").text

    later = carla.get(address, headers={"If-None-Match": feed.headers["ETag"]})
    assert later.status_code == 200 and later.headers["ETag"] != feed.headers["ETag"]
    known = carla.get(address, headers={"If-None-Match": later.headers["ETag"]})
    assert (known.status_code, known.content) == (304, b"")
    changed = _event(later)
    assert (changed["UID"], changed["URL"], changed["LOCATION"]) == (event["UID"], link, link)
    assert changed["CONFERENCE"] == link and changed["SEQUENCE"] > event["SEQUENCE"]
    assert changed["DTSTAMP"].dt > event["DTSTAMP"].dt and changed["DTSTAMP"] == changed["LAST-MODIFIED"]

    for person in OTHERS:
        _finds_nothing(_as(web, school, person), evening, name, link)

    moves.cancel([name])
    # People do not know it yet, and may still meet.
    assert link in _html(carla) and _event(carla.get(address))["STATUS"] == "CONFIRMED"
    publishing_changes.publish(evening.name)
    gone = carla.get(address)
    assert _event(gone)["STATUS"] == "CANCELLED" and _event(gone)["SEQUENCE"] > changed["SEQUENCE"]
    for text in (gone.text, carla.get("/ouderavond").text):
        assert link not in text.replace("\r\n ", "")
    assert carla.get(f"{API}table.read", params=table).json()["message"]["mine"] == []


def _finds_nothing(session, evening, name, link):
    # What the page is made of, and the files.
    paths = [(f"{API}table.read", {"role": "guardian", "evening": evening.name})]
    paths.append((f"{API}instructor.read", {"evening": evening.name}))
    for role in ("guardian", "student", "instructor"):
        paths.append((f"{API}feeds.conversation", {"role": role, "booking": name}))
    paths += [(f"{API}conversations.read", {"role": role}) for role in ("guardian", "student")]
    for path, values in paths:
        text = session.get(path, params=values).text.replace("\r\n ", "")
        assert link not in text and link.rsplit("-", 1)[1] not in text, (path, values)


def test_only_addresses_of_the_web_become_links(evening, school):
    for good in ("https://meet.example/a?b=c#d", "http://10.0.0.1:8443/x", "https://bücher.example/é"):
        assert joining.is_link(good), good
    bad = ["javascript:alert(1)", "data:text/html,x", "//meet.example/x", "https:///x", "https://a b", ""]
    bad += ["https://x.example/\nX", "mailto:a@b.example", "HTTPS", "https://" + "x" * 3000, None]
    for text in bad:
        assert not joining.is_link(text), text
    name = _book(evening, school)
    _make_links()
    frappe.db.set_value("Evening Meeting", {"live_key": name}, "link", "javascript:alert(1)")
    with as_user(school.user(CARLA)):
        html = api.read("guardian")["html"]
        raw = files.conversation(name, "guardian").get_data()
    assert FOLLOWS in html and "javascript" not in html and b"javascript" not in raw
    # In person there is none, whatever else is known.
    frappe.db.set_value("Evening Meeting", {"live_key": name}, "link", f"{LINK}x")
    frappe.db.set_value("Evening Booking", name, "mode", "In Person")
    with as_user(school.user(CARLA)):
        assert LINK not in api.read("guardian")["html"]
        assert LINK.encode() not in files.conversation(name, "guardian").get_data()


def test_a_household_gets_everything_in_one_file_across_a_change_of_the_clock(site, school, monkeypatch):
    year = date.today().year + 1
    days = (date(year, 3, 8), date(year, 4, 20))
    dates = [{"date": day, "first_time": "18:30:00", "end_time": "21:00:00"} for day in days]
    first = _online(school, title="Één; twee, drie", dates=dates)
    second = _online(school, dates=[dates[0]])
    names = [
        _book(first, school, "s01", "anna.devries"),
        _book(first, school, "s02", "anna.devries", day=1),
        _book(second, school, "s03", "anna.devries", minutes=40),
    ]
    with as_user(school.user("anna.devries")):
        whole = files.evening("guardian").get_data()
        one = files.conversation(names[0], "guardian").get_data()
        monkeypatch.setattr(my_calendar, "get_system_timezone", lambda: "America/New_York")
        elsewhere = files.evening("guardian").get_data()
    assert _event(one)["UID"].startswith(names[0])
    made = icalendar.Calendar.from_ical(whole)
    events = {str(event["UID"]).split("@")[0]: event for event in made.walk("VEVENT")}
    assert set(events) == set(names) and "METHOD" not in made
    assert "Één; twee, drie" in events[names[0]]["DESCRIPTION"]
    for raw, zone in ((whole, frappe.utils.get_system_timezone()), (elsewhere, "America/New_York")):
        (rules,) = icalendar.Calendar.from_ical(raw).walk("VTIMEZONE")
        assert rules["TZID"] == zone
        offsets = {
            event["DTSTART"].dt.replace(tzinfo=rules.to_tz()).utcoffset()
            for event in icalendar.Calendar.from_ical(raw).walk("VEVENT")
        }
        assert len(offsets) == (1 if zone == "Asia/Kolkata" else 2)


def _mail():
    """[(recipient, text, [calendars])] of what is queued; it is forgotten then."""
    found = []
    for name in frappe.get_all("Email Queue", pluck="name", order_by="creation"):
        row = frappe.get_doc("Email Queue", name)
        parts = list(email.message_from_string(row.message).walk())
        text = "".join(
            part.get_payload(decode=True).decode() for part in parts if part.get_content_type() == "text/html"
        )
        calendars = [
            icalendar.Calendar.from_ical(part.get_payload(decode=True))
            for part in parts
            if part.get_content_type() == "text/calendar"
        ]
        found.append((row.recipients[0].recipient, text, calendars))
    frappe.db.delete("Email Queue")
    frappe.db.commit()
    return found


def test_letters_carry_links_and_files_and_a_link_that_was_promised_follows(evening, school, jobs_at_once):
    name = _book(evening, school)
    user = school.user(CARLA)
    soon = frappe.utils.now_datetime() + timedelta(minutes=30)
    with as_user(user):
        assert api.mail("guardian", evening.name)["status"] == "sent"
    ((to, text, (calendar,)),) = _mail()
    assert to == user and FOLLOWS in text and _event(calendar.to_ical())["STATUS"] == "CONFIRMED"
    # Nothing yet to tell; and it is looked at again.
    assert links_letter.tell_due(soon) == 0 and not _mail()
    assert frappe.db.count(messages.DOCTYPE, {"event": "Links promised to guardian"}) == 1

    _make_links()
    link = joining.of([name])[name].link
    assert links_letter.tell_due(soon) == 1 and links_letter.tell_due(soon) == 0
    # On paper too, for who reads nothing else.
    (sheet,) = kinds.printed(Facts(evening.name, choosing.read({})), "household")
    assert sum(link in line for line in sheet.closing) == 1
    ((to, text, (calendar,)),) = _mail()
    assert to == user and f'href="{link}"' in text and FOLLOWS not in text
    assert _event(calendar.to_ical())["URL"] == link
    # Who is told of the link anyway is not told again.
    with as_user(user):
        api.mail("guardian", evening.name)
    assert f'href="{link}"' in _mail()[0][1]
    assert links_letter.tell_due(soon) == 0

    # Where it becomes another one, what was sent leads nowhere.
    other = f"{LINK}other"
    rows.update([frappe.db.get_value("Evening Meeting", {"live_key": name})], link=other)
    frappe.db.commit()
    soon += timedelta(minutes=1)
    assert links_letter.tell_due(soon) == 1 and links_letter.tell_due(soon) == 0
    assert f'href="{other}"' in _mail()[0][1]

    moves.cancel([name])
    published = publishing_changes.publish(evening.name)
    publishing_letters.tell(published, whole=True)
    sent = {to: (text, calendars) for to, text, calendars in _mail()}
    assert set(sent) == {user, _user_of_instructor(name)}
    for to, (text, (calendar,)) in sent.items():
        event = _event(calendar.to_ical())
        assert calendar["METHOD"] == "CANCEL" and event["STATUS"] == "CANCELLED"
        assert event["ATTENDEE"] == f"mailto:{to}" and event["ORGANIZER"].startswith("mailto:")
        assert event["UID"].startswith(name) and event["SEQUENCE"] >= 2
        assert link not in text and link not in calendar.to_ical().decode()


def test_who_cant_come_takes_it_out_of_the_instructors_calendar(evening, school):
    name = _book(evening, school)
    with as_user(school.user(CARLA)):
        cant_come.say(school.user(CARLA), "guardian", name)
    frappe.db.commit()
    cant_come.tell_instructors(evening.name, name)
    ((to, _text, (calendar,)),) = _mail()
    assert to == _user_of_instructor(name) and calendar["METHOD"] == "CANCEL"
    (row,) = conversations.cancelled([name])
    assert (row.name, row.link) == (name, None)
