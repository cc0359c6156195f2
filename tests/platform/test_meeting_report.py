"""What staff see of the online meetings of an evening, and trying again what failed."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from ouderavond.api.planning import online
from ouderavond.evening import booking, counts, grid, identity, status
from ouderavond.evening.offering import by_course
from ouderavond.evening.online import listing, overview, report, waking
from tests.platform.meeting_rows import TEAMS, add, failed, waits
from tests.platform.school import PLANNER, as_user, make_evening


@pytest.fixture
def started(monkeypatch):
    """How often a job was asked for."""
    found = []
    monkeypatch.setattr(waking, "start", lambda: found.append("start"))
    monkeypatch.setattr(waking, "ask_to_look", lambda: found.append("look"))
    return found


@pytest.fixture
def evening(site, school, started):
    identity.confirm()
    return make_online(school)


def make_online(school, **values):
    return make_evening(school, **{"mode": "Online", "meeting_provider": TEAMS, **values})


def figures(evening):
    frappe.db.rollback()
    found = report.figures(frappe.get_doc("Parent Evening", evening.name))
    keys = ("made", "making", "retry", "failed", "leaving", "over", "follows")
    return {key: getattr(found, key) for key in keys if getattr(found, key)}


def notices(evening):
    frappe.db.rollback()
    found = overview.of(frappe.get_doc("Parent Evening", evening.name))
    return {one["key"]: one["sentence"] for one in found["notices"]}


def choose(evening, provider: str) -> None:
    values = {"meeting_provider": provider}
    frappe.db.set_value("Parent Evening", evening.name, values, update_modified=False)
    frappe.db.commit()


def mess(evening, school):
    """Events that stand everywhere, of two instructors."""
    jan, kok = school.instructor["jan"], school.instructor["kok"]
    past = now_datetime() - timedelta(hours=1)
    add(evening, 5, jan, unset="lobby_not_set")
    add(evening, 1, jan, fingerprint=None)
    add(evening, 2, jan, state="Wanted", link=None, event_id=None)
    add(evening, 3, kok, **waits())
    add(evening, 2, jan, **failed("no_mailbox", detail="404"))
    add(evening, 3, kok, **failed("no_mailbox", account="kok@school.example"))
    add(evening, 1, kok, **failed("licence_missing", account="kok@school.example"))
    add(evening, 1, kok, **failed("unavailable", live_key=None, event_id="x", end=past))
    add(evening, 1, kok, **failed("unavailable", link="https://meet.example/y", event_id="x"))
    add(evening, 2, kok, state="Cancelling", link=None)
    add(evening, 1, kok, **failed("licence_missing", end=past))
    add(evening, 4, kok, state="Cancelled", live_key=None, link=None)


def test_each_event_is_counted_where_it_stands_and_those_of_others_are_not(evening, school):
    other = make_online(school, title="Other")
    add(other, 7, school.instructor["jan"], **failed("no_mailbox"))
    mess(evening, school)
    # Two to make, three that wait, six that failed without a link, two that are going.
    expected = {"made": 5, "making": 3, "retry": 3, "failed": 8, "leaving": 2, "over": 1, "follows": 13}
    assert figures(evening) == expected
    assert counts.of(evening).meetings_failed == 8

    found = {one.code: one for one in report.reasons(evening.name)}
    assert [one.code for one in report.reasons(evening.name)][0] == "no_mailbox"
    mailbox = found["no_mailbox"]
    assert [(one["name"], one["number"]) for one in mailbox.instructors] == [
        (school.instructor[code], number)
        for code, number in sorted((("jan", 2), ("kok", 3)), key=lambda row: _title(school, row[0]))
    ]
    assert mailbox.sentence.startswith("There is no mailbox") and "404" not in mailbox.sentence
    assert found["licence_missing"].sentence.startswith("kok@school.example has no licence")
    given_up = found["unavailable"]
    assert (given_up.number, given_up.leaving, given_up.linked) == (2, 1, 1)
    assert "Try again." in given_up.sentence and "by itself" not in given_up.sentence

    table = dict(status.table(evening.name))
    assert table["Online meetings"] == "5 of 19 are there" and table["Failed: 5"] == mailbox.sentence
    frappe.db.set_single_value("Ouderavond Settings", "microsoft_level", "With Lobby and Recording")
    assert [one["number"] for one in overview.of(evening)["unset"]] == [5]


def _title(school, code):
    return frappe.db.get_value("Instructor", school.instructor[code], "instructor_name")


def test_staff_try_again_what_failed_for_a_reason_some_of_it_or_all(evening, school, started):
    other = make_online(school, title="Other")
    theirs = add(other, 2, school.instructor["jan"], **failed("no_mailbox"))
    mess(evening, school)
    # An evening that is made wakes the job too.
    started.clear()
    for who in ("jan", "anna.devries", "s01"):
        with as_user(school.user(who)):
            for call in (online.read, online.events, online.retry, online.hurry, online.look):
                with pytest.raises(frappe.PermissionError):
                    call(evening.name)
    assert (figures(evening)["failed"], started) == (8, [])
    with as_user(PLANNER):
        one = report.failed_names(evening.name, "no_mailbox", None)[0]
        assert online.retry(evening.name, meetings=[one, *theirs])["number"] == 1
        assert online.retry(evening.name, code="no_mailbox")["message"] == "4 are tried again now."
        assert (figures(evening)["failed"], started) == (3, ["start", "start"])
        # What is over stays, what could not be taken away is to be taken away.
        assert online.retry(evening.name)["number"] == 3
        assert (figures(evening)["leaving"], figures(evening)["over"]) == (3, 1)
        assert online.retry(evening.name) == {
            "number": 0,
            "message": "Nothing here waits to be tried again any more.",
        }
        # Who asked to wait is not asked sooner.
        frappe.db.set_value(
            "Evening Meeting", {"name": ("in", add(evening, 2, **waits()))}, "code", "unavailable"
        )
        assert online.hurry(evening.name)["number"] == 2
        assert figures(evening)["retry"] == 3
        assert online.hurry(evening.name)["message"].startswith("The other system asked to wait")
        online.look(evening.name)
        assert started[-1] == "look"
    assert figures(other) == {"failed": 2, "follows": 2}


def test_the_list_is_filtered_sorted_and_paged_in_the_database(evening, school):
    add(make_online(school, title="Other"), 1, student="Milan")
    add(evening, 3, school.instructor["jan"], student="Mila 100%")
    add(evening, 2, school.instructor["kok"], student="Noor", **failed("no_mailbox"))
    add(evening, 1, school.instructor["kok"], state="Cancelled", live_key=None)

    def found(order_by=None, start=0, length=50, **filters):
        page = online.events(evening.name, filters, start, length, order_by)
        return page["total"], [row["student"] for row in page["rows"]]

    assert found("student desc", 1, 2) == (5, ["Noor 0", "Mila 100% 2"])
    assert found(search="mila 100% 2") == (1, ["Mila 100% 2"]) and found(search="10%0")[0] == 0
    assert found(instructor=school.instructor["kok"])[0] == 2
    assert found(standing="failed", code="no_mailbox")[0] == 2
    assert found(standing="gone")[0] == 1
    assert found("name; drop table x", standing="' or 1=1")[0] == 5
    (first, *_rest) = listing.page(evening.name, {"standing": "failed"}, 0, 9, None)["rows"]
    assert first["why"].startswith("jan@school.example has no mailbox")


def test_it_asks_as_often_for_many_events_as_for_few(evening, school):
    def queries():
        asked, real = [], frappe.db.sql
        frappe.db.sql = lambda *args, **options: asked.append(args) or real(*args, **options)
        try:
            online.read(evening.name)
            online.events(evening.name)
        finally:
            frappe.db.sql = real
        return len(asked)

    mess(evening, school)
    queries()
    few = queries()
    for code in ("jan", "kok", "pet"):
        add(evening, 40, school.instructor[code], **failed("no_mailbox"))
    assert queries() == few


def test_it_says_why_nothing_happens(evening, school):
    by_course.offer(evening.name)
    frappe.db.commit()
    offer = frappe.get_all(
        "Conversation Offer", {"evening": evening.name, "student": school.student["s01"]}, pluck="name"
    )[0]
    party = booking.party_of(evening.name, school.student["s01"], school.guardian["anna.devries"])
    name = booking.book(offer, grid.slots(evening)[0].starts[0], guardians=party, source="Staff")
    frappe.db.commit()
    assert notices(evening) == {
        "untold": "1 online conversations have a time that nobody was told. They get a link when published."
    }
    frappe.db.set_value("Evening Booking", name, "state", "Published")
    frappe.db.commit()
    # No job has begun with it yet.
    assert figures(evening) == {"making": 1, "follows": 1}
    assert notices(evening) == {}
    long_ago = now_datetime() - timedelta(minutes=40)
    frappe.db.set_value("Evening Booking", name, "modified", long_ago, update_modified=False)
    frappe.db.set_value("Parent Evening", evening.name, "modified", long_ago, update_modified=False)
    frappe.db.commit()
    assert notices(evening)["stalled"].startswith("Nothing has been done for 40 minutes")

    frappe.db.set_single_value("Ouderavond Settings", "confirmed_database", "another")
    frappe.db.commit()
    assert notices(evening)["refusal"].startswith("Nothing leaves this site") and len(notices(evening)) == 1
    with pytest.raises(frappe.ValidationError, match="Nothing leaves this site"):
        online.retry(evening.name)
    choose(evening, "Link Template")
    assert set(notices(evening)) == {"stalled"}
    with pytest.raises(frappe.ValidationError, match="no calendars to look into"):
        online.look(evening.name)
    choose(evening, "")
    assert set(notices(evening)) == {"no_provider"}
