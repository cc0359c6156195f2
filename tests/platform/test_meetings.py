"""The events in the instructors' calendars follow what people were told, and repair themselves."""

from dataclasses import replace
from datetime import timedelta

import frappe
import pytest

from ouderavond.evening import booking, conversations, grid, identity, publishing
from ouderavond.evening.offering import by_course
from ouderavond.evening.online import accounts, job, joining, providers, rows, waking
from ouderavond.evening.planning import moves
from ouderavond.meetings.protocol import Action
from tests.platform.calendars import Calendars, failing
from tests.platform.school import make_evening

STEP = timedelta(minutes=10)
TEAMS, GOOGLE = "Microsoft Teams", "Google Meet"


@pytest.fixture
def calendars(site, monkeypatch):
    """Both providers' calendars, in memory, on a site that may call out."""
    found = {name: Calendars(name) for name in (TEAMS, GOOGLE)}
    monkeypatch.setattr(providers, "of", lambda name: found[name])
    monkeypatch.setattr(waking, "start", lambda: None)
    identity.confirm()
    frappe.db.commit()
    return found


@pytest.fixture
def teams(calendars):
    return calendars[TEAMS]


@pytest.fixture
def evening(site, school):
    return make_online(school)


def make_online(school, **values):
    values = {"procedure": "Book Directly", "mode": "Online", "meeting_provider": TEAMS, **values}
    if values["procedure"] == "Book Directly":
        values["booking_from"] = "2020-01-01 00:00:00"
    doc = make_evening(school, maximum_per_student=0, **values)
    by_course.offer(doc.name)
    frappe.db.commit()
    return doc


def offer_of(evening, school, student="s01", position=0):
    filters = {"evening": evening.name, "student": school.student[student]}
    return frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")[position]


def book(evening, school, position=0, start=0, guardian="anna.devries", **options):
    party = booking.party_of(evening.name, school.student["s01"], school.guardian[guardian])
    name = booking.book(
        offer_of(evening, school, position=position),
        grid.slots(evening)[0].starts[start],
        guardians=party,
        source="Guardian",
        **options,
    )
    frappe.db.commit()
    return name


def synchronise(**options):
    frappe.db.commit()
    done = job.synchronise(patience=0, **options)
    frappe.db.rollback()
    return done


def row_of(name):
    return frappe.get_doc("Evening Meeting", {"live_key": name})


def organiser_of(name):
    instructor = frappe.get_doc("Evening Booking", name).instructors[0].instructor
    return accounts.of([instructor])[instructor].email


def due_now():
    frappe.db.set_value("Evening Meeting", {"state": ("in", rows.LIVE)}, "next_attempt", None)
    frappe.db.commit()


def states(evening):
    found = frappe.get_all("Evening Meeting", {"evening": evening.name}, pluck="state")
    return {state: found.count(state) for state in set(found)}


def start_of(name):
    return frappe.db.get_value("Evening Booking", name, "start")


def seen(school, name, role="guardian", who="anna.devries"):
    return next(row for row in conversations.of(role, school.user(who)) if row.name == name)


def test_what_is_booked_has_its_event_and_link_and_both_follow(evening, school, teams):
    name = book(evening, school)
    assert seen(school, name).link is None
    assert synchronise().done == {"create": 1}
    (event,) = teams.events.values()
    assert (event.start, seen(school, name).link) == (start_of(name), event.link)
    # By default a calendar tells neither last names nor guardians.
    sent = teams.sent[event.id]
    assert sent.subject.endswith("– Daan") and not sent.attendees
    assert synchronise().done == {}, "what is as it should be is left alone"

    moves.move(name, start_of(name) + 3 * STEP)
    publishing.publish(evening.name)
    assert synchronise().done == {"change": 1}
    (moved,) = teams.events.values()
    assert (moved.id, moved.start) == (event.id, start_of(name))

    moves.cancel([name])
    publishing.publish(evening.name)
    assert synchronise().done == {"cancel": 1}
    assert not teams.events and not joining.of([name])[name].link
    assert states(evening) == {"Cancelled": 1}


def test_calendars_tell_nothing_before_it_is_published(school, teams):
    evening = make_online(school, procedure="Request, Schedule, then Book")
    name = book(evening, school)
    assert synchronise().done == {}
    publishing.publish(evening.name)
    assert synchronise().done == {"create": 1}
    told = start_of(name)
    moves.move(name, told + 2 * STEP)
    assert synchronise().done == {}
    assert {one.start for one in teams.events.values()} == {told}
    publishing.publish(evening.name)
    synchronise()
    assert {one.start for one in teams.events.values()} == {told + 2 * STEP}
    # Hidden again, everything stays where it is: links that were given out go on working.
    publishing.hide(evening.name)
    other = book(evening, school, 1, 6)
    publishing.publish(evening.name)
    publishing.hide(evening.name)
    assert synchronise(look=True).done == {} and len(teams.events) == 1, "nobody is told of it"
    frappe.db.set_value("Parent Evening", evening.name, "published", 0)
    assert synchronise(look=True).done == {} and len(teams.events) == 1
    # What is off goes also then.
    frappe.db.set_value("Evening Booking", name, "state", "Cancelled")
    assert synchronise().done == {"cancel": 1} and not teams.events and not joining.of([other])


def test_what_was_deleted_or_moved_by_hand_heals_and_what_is_too_much_goes(evening, school, teams):
    names = [book(evening, school, number, number * 2) for number in range(3)]
    synchronise()
    frappe.db.set_value("Evening Meeting", {"evening": evening.name}, "checked_on", "2020-01-01 00:00:00")
    deleted, moved, kept = (row_of(name).event_id for name in names)
    before = seen(school, names[0]).link
    removed = teams.events.pop(deleted)
    far = timedelta(days=9)
    there = teams.events[moved]
    teams.events[moved] = replace(there, start=there.start + far, end=there.end + far)
    synchronise(look=True)
    assert len(teams.events) == 3
    assert seen(school, names[0]).link not in (before, None)
    assert teams.events[moved].end == frappe.db.get_value("Evening Booking", names[1], "end")
    # Somebody takes the first one back out of the deleted items.
    teams.events[removed.id] = removed
    synchronise(look=True)
    assert len(teams.events) == 3 and removed.id not in teams.events and kept in teams.events


def test_another_account_gets_the_event_and_never_both_have_it(evening, school, teams):
    name = book(evening, school)
    synchronise()
    instructor = row_of(name).instructor
    frappe.db.set_value("Instructor", instructor, "ouderavond_calendar_account", "Other@School.Example ")
    teams.fail = [(Action.CANCEL, None, failing("unavailable"), False)]
    synchronise()
    assert len(teams.events) == 1 and not teams.of("other@school.example"), "first the old one goes"
    due_now()
    synchronise()
    assert len(teams.events) == 1 and len(teams.of("other@school.example")) == 1
    frappe.db.set_value("Instructor", instructor, "ouderavond_calendar_account", None)


def test_what_cannot_be_taken_away_does_not_keep_families_waiting(evening, school, calendars):
    name = book(evening, school)
    synchronise()
    calendars[TEAMS].fail = [(Action.CANCEL, None, failing("not_allowed"), False)]
    frappe.db.set_value("Parent Evening", evening.name, "meeting_provider", GOOGLE)
    synchronise()
    assert row_of(name).provider == GOOGLE and len(calendars[GOOGLE].events) == 1
    assert states(evening) == {"Failed": 1, "Made": 1}
    # Tried again, once it is allowed.
    assert rows.retry({"evening": evening.name}) == 1
    synchronise()
    assert not calendars[TEAMS].events and len(calendars[GOOGLE].events) == 1


def test_what_fails_is_tried_again_later_and_what_can_never_work_waits_for_somebody(evening, school, teams):
    first, second, third = (book(evening, school, number, number * 2) for number in range(3))
    account = {name: organiser_of(name) for name in (first, second)}
    teams.fail = [
        (None, account[first], failing("throttled", retry_after=90), False),
        (None, account[second], failing("licence_missing", detail="NoLicense"), False),
    ]
    done = synchronise()
    assert (done.done["create"], done.failed) == (1, 2)
    waiting, failed = row_of(first), row_of(second)
    assert waiting.next_attempt >= frappe.utils.now_datetime() + timedelta(seconds=80)
    assert (waiting.state, waiting.attempts, failed.state, failed.code) == (
        "Wanted",
        1,
        "Failed",
        "licence_missing",
    )
    assert seen(school, second).link is None and seen(school, third).link

    assert synchronise().done == {}, "neither before its time nor without anybody's doing"
    due_now()
    assert synchronise().done == {"create": 1}
    assert rows.retry({"evening": evening.name, "code": "licence_missing"}) == 1
    frappe.db.commit()
    assert synchronise().done == {"create": 1} and len(teams.events) == 3


def test_a_call_without_an_answer_is_never_followed_by_a_second_event(evening, school, teams):
    name = book(evening, school)
    teams.fail = [(Action.CREATE, None, failing("timeout", uncertain=True), True)]
    synchronise()
    assert row_of(name).uncertain and len(teams.events) == 1
    due_now()
    synchronise()
    assert (row_of(name).state, len(teams.events)) == ("Made", 1)
    # It was done, is not known, and is not wanted any more.
    other = book(evening, school, 1, 4)
    teams.fail = [(Action.CREATE, None, failing("timeout", uncertain=True), True)]
    synchronise()
    moves.cancel([other])
    publishing.publish(evening.name)
    synchronise()
    assert len(teams.events) == 1 and row_of(name).event_id in teams.events


def test_a_job_that_died_before_it_knew_is_followed_by_one_that_looks_first(
    evening, school, teams, monkeypatch
):
    name = book(evening, school)
    perform = teams.perform

    def dies(steps):
        perform(steps)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(teams, "perform", dies)
        job.synchronise(patience=0)
    synchronise()
    assert len(teams.events) == 1 and row_of(name).event_id in teams.events


def test_a_key_that_is_used_up_is_replaced(evening, school, teams):
    name = book(evening, school)
    teams.fail = [(Action.CREATE, None, failing("key_used"), False)]
    synchronise()
    assert len({step.event.key for step in teams.steps}) == 2 and row_of(name).state == "Made"


def test_where_the_login_fails_everything_waits_without_a_call_each(evening, school, teams):
    for number in range(3):
        book(evening, school, number, number * 2)
    teams.batch = 1
    teams.fail = [(None, None, failing("expired_secret"), False)]
    synchronise()
    assert len(teams.steps) == 1 and states(evening) == {"Failed": 3}
    waking.hourly()
    frappe.db.commit()
    synchronise()
    assert len(teams.events) == 3


def test_a_school_whose_first_provider_never_worked_can_take_another_one(evening, school, calendars):
    name = book(evening, school)
    calendars[TEAMS].fail = [(None, None, failing("wrong_secret"), False)]
    synchronise()
    assert states(evening) == {"Failed": 1}
    frappe.db.set_value("Parent Evening", evening.name, "meeting_provider", GOOGLE)
    synchronise()
    assert seen(school, name).link and len(calendars[TEAMS].steps) == 1


def test_a_change_that_is_refused_is_not_tried_for_ever_and_the_link_stays(evening, school, teams):
    name = book(evening, school)
    synchronise()
    link = seen(school, name).link
    moves.move(name, start_of(name) + STEP)
    publishing.publish(evening.name)
    teams.fail = [(Action.CHANGE, None, failing("not_allowed"), False)] * 9
    synchronise()
    assert len(teams.steps) == 2 and row_of(name).state == "Failed"
    assert seen(school, name).link == link
    # Changed once more, it is worth another try.
    teams.fail = []
    moves.move(name, start_of(name) + STEP)
    publishing.publish(evening.name)
    assert synchronise().done == {"change": 1} and row_of(name).state == "Made"


def test_an_event_without_its_meeting_is_given_one_again(evening, school, teams):
    name = book(evening, school)
    synchronise()
    frappe.db.set_value("Evening Meeting", {"evening": evening.name}, "checked_on", "2020-01-01 00:00:00")
    row = row_of(name)
    teams.events[row.event_id] = replace(teams.events[row.event_id], link="")
    teams.fail = [(Action.CHANGE, None, failing("unavailable"), False)]
    synchronise(look=True)
    assert seen(school, name).link is None
    due_now()
    synchronise()
    assert seen(school, name).link and teams.steps[-1].meeting_lost


def test_being_sent_away_makes_the_next_try_later_each_time_and_is_never_given_up(evening, school, teams):
    name = book(evening, school)
    waits = []
    for _try in range(20):
        teams.fail = [(None, None, failing("throttled"), False)]
        synchronise()
        waits.append((row_of(name).next_attempt - frappe.utils.now_datetime()).total_seconds())
        due_now()
    assert waits[0] < 6 and waits[-1] > 1000
    assert synchronise().done == {"create": 1}


def test_one_evening_that_waits_does_not_keep_the_others_waiting(school, teams, monkeypatch):
    first, second = make_online(school), make_online(school)
    name, other = book(first, school), book(second, school, 1, 8)
    teams.fail = [(None, organiser_of(name), failing("unavailable"), False)] * 3
    meanwhile = []

    def sleep(_seconds):
        meanwhile.append((row_of(name).state, row_of(other).state))
        due_now()

    monkeypatch.setattr(job.time, "sleep", sleep)
    frappe.db.commit()
    job.synchronise(patience=60)
    frappe.db.rollback()
    assert meanwhile[0] == ("Wanted", "Made") and row_of(name).state == "Made"


def test_what_settings_say_of_meetings_reaches_those_that_are_there(evening, school, teams):
    name = book(evening, school)
    synchronise()
    settings = frappe.get_doc("Ouderavond Settings")
    settings.meeting_recording, settings.site_marker = 1, None
    settings.save()
    assert frappe.db.get_single_value("Ouderavond Settings", "site_marker", cache=False), "not the form's"
    assert synchronise().done == {"change": 1}
    frappe.db.set_value("Parent Evening", evening.name, "meeting_provider", "Link Template")
    assert seen(school, name).link


def test_one_account_that_may_not_be_used_does_not_stop_the_others(evening, school, teams):
    names = [book(evening, school, number, number * 2) for number in range(3)]
    teams.batch = 1
    teams.fail = [(None, organiser_of(names[0]), failing("consent_missing"), False)]
    synchronise()
    assert states(evening) == {"Failed": 1, "Made": 2}


def test_a_meeting_that_is_still_being_made_is_read_again(evening, school, teams):
    name = book(evening, school)
    teams.pending = 1
    synchronise()
    assert row_of(name).pending and seen(school, name).link is None
    due_now()
    assert synchronise().done == {"read": 1}
    assert seen(school, name).link and not row_of(name).pending


def test_nothing_leaves_a_site_that_is_not_confirmed_but_links_need_no_other_system(
    evening, school, teams, monkeypatch
):
    name = book(evening, school)
    frappe.db.set_single_value("Ouderavond Settings", "confirmed_url", "https://elsewhere.example")
    synchronise(look=True)
    assert not teams.steps and row_of(name).state == "Wanted"
    monkeypatch.undo()
    monkeypatch.setattr(waking, "start", lambda: None)
    frappe.db.set_value("Parent Evening", evening.name, "meeting_provider", "Link Template")
    frappe.db.set_single_value(
        "Ouderavond Settings", "link_template", "https://meet.school.example/oa-{room}"
    )
    synchronise()
    link = seen(school, name).link
    assert link.startswith("https://meet.school.example/oa-") and len(link) > 50
    other = book(evening, school, 1, 4)
    synchronise()
    assert seen(school, other).link not in (link, None), "a room of its own for each conversation"


def test_conversations_in_person_are_put_there_with_their_place_where_the_evening_says_so(school, teams):
    evening = make_online(school, mode="In Person", in_person_in_calendar=0)
    name = book(evening, school)
    assert synchronise().done == {}
    frappe.db.set_value("Parent Evening", evening.name, "in_person_in_calendar", 1)
    frappe.db.set_value(
        "Evening Booking", name, {"table_label": "Tafel 4", "published_table_label": "Tafel 4"}
    )
    synchronise()
    (sent,) = teams.sent.values()
    assert (sent.online, sent.location) == (False, "Tafel 4")
    assert seen(school, name).link is None


def test_guardians_are_invited_only_where_the_school_says_so(evening, school, teams):
    name = book(evening, school)
    frappe.db.set_single_value("Ouderavond Settings", "guardians_as_attendees", 1)
    frappe.clear_document_cache("Ouderavond Settings", "Ouderavond Settings")
    synchronise()
    (sent,) = teams.sent.values()
    guardians = {row.guardian for row in frappe.get_doc("Evening Booking", name).guardians}
    addresses = {frappe.db.get_value("Guardian", one, "user") for one in guardians}
    assert {one.email for one in sent.attendees} <= addresses and sent.attendees


def test_the_events_of_an_evening_that_is_deleted_are_taken_away(evening, school, teams):
    name = book(evening, school)
    synchronise()
    frappe.db.set_value("Parent Evening", evening.name, "archived", 1)
    frappe.clear_document_cache("Parent Evening", evening.name)
    assert synchronise(look=True).done == {} and len(teams.events) == 1, "archived: it stays as it is"
    frappe.delete_doc("Parent Evening", evening.name)
    synchronise()
    assert not teams.events and not frappe.db.exists("Evening Meeting", {"live_key": name})


def test_one_job_works_at_a_time_and_the_others_leave_it_to_that_one(evening, school, teams, monkeypatch):
    book(evening, school)
    monkeypatch.setattr(job, "PATIENCE", 0)
    import pymysql

    conf = frappe.conf
    other = pymysql.connect(
        host=conf.db_host or "127.0.0.1", user=conf.db_name, password=conf.db_password, database=conf.db_name
    )
    with other.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, 0)", (f"ouderavond_meetings_{conf.db_name}",))
    assert job.synchronise(patience=0) is None and not teams.steps
    # A job that dies takes its lock with it.
    other.close()
    assert synchronise().done == {"create": 1}
