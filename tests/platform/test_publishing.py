"""Publishing: what people do not know yet, told as a whole or in part, marked, and written to people."""

from datetime import datetime, timedelta

import frappe
import pytest

from ouderavond.api.planning import publish as api
from ouderavond.evening import conversations, overview, publishing_letters
from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import moves, publishing_changes
from tests.platform.rights import insert, refused_unless_staff
from tests.platform.school import PLANNER, as_user, forbid_contact, make_evening, mark_separated

WORD = "WOORDVANANNA"


@pytest.fixture
def evening(site, school, outgoing_mail):
    made = make_evening(school, maximum_per_student=0, guardian_remarks=1, footnote="Bel ons gerust.")
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    by_course.offer(made.name)
    frappe.db.commit()
    return made


@pytest.fixture
def planned(evening, school):
    """Anna has two conversations about s01, Carla (not Dirk) one about s04; one of Anna's has no time."""
    found = {}
    wanted = [("a", "s01", "anna.devries", 0, 0), ("b", "s01", "anna.devries", 1, 20)]
    wanted += [("c", "s04", "carla.bakker", 0, 40), ("none", "s01", "anna.devries", 2, None)]
    for key, student, guardian, number, minutes in wanted:
        offer = _offers(evening, school, student)[number]
        request = _request(evening, school, offer, student, guardian)
        frappe.db.commit()
        if minutes is None:
            values = {"state": "Not Placed", "reason": "instructor_full"}
            frappe.db.set_value("Conversation Request", request, values)
            found[key] = request
        else:
            who = school.guardian[guardian]
            report = moves.book(offer, _at(evening, minutes), guardian=who, request=request)
            found[key] = report.more["booking"]
    frappe.db.commit()
    return frappe._dict(found)


def _offers(evening, school, student) -> list[str]:
    filters = {"evening": evening.name, "student": school.student[student]}
    return frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")


def _request(evening, school, offer, student, guardian) -> str:
    return insert(
        "Conversation Request",
        evening=evening.name,
        offer=offer,
        student=school.student[student],
        student_name=frappe.db.get_value("Student", school.student[student], "student_name"),
        subject=frappe.db.get_value("Conversation Offer", offer, "subject"),
        guardian=school.guardian[guardian],
        party=school.guardian[guardian],
        source="Guardian",
        state="Requested",
        remark=WORD,
    )


def _at(evening, minutes: int) -> datetime:
    first = datetime.combine(frappe.utils.getdate(evening.dates[0].date), datetime.min.time())
    return first + timedelta(hours=18, minutes=30 + minutes)


def _publish(evening, bookings=None, tell=0) -> dict:
    with as_user(PLANNER):
        report = api.publish(evening.name, bookings=bookings, tell=tell)["report"]
    frappe.db.commit()
    return report


def _seen(school, guardian) -> dict[str, tuple]:
    """{booking: (start, marked)} as a guardian sees it on the page."""
    frappe.db.rollback()
    found = conversations.of_guardian([school.guardian[guardian]])
    return {row.name: (f"{row.start:%H:%M}", row.changed) for row in found}


def _letters() -> dict[str, str]:
    """{address: text} of what was queued, and forget it."""
    found = {}
    for row in frappe.get_all("Email Queue", ["name", "message"]):
        to = frappe.get_all("Email Queue Recipient", {"parent": row.name}, pluck="recipient")
        (address,) = to
        found[address] = _text(row.message)
    frappe.db.delete("Email Queue")
    frappe.db.delete("Email Queue Recipient")
    frappe.db.commit()
    return found


def _text(message: str) -> str:
    import email
    from email import policy

    parsed = email.message_from_string(message, policy=policy.default)
    return parsed.get_body(preferencelist=("plain",)).get_content()


def test_only_staff_publish(evening, planned, school):
    calls = (
        lambda: api.read(evening.name),
        lambda: api.audience(evening.name),
        lambda: api.publish(evening.name),
        lambda: api.hide(evening.name),
        lambda: api.show(evening.name),
        lambda: api.save_shown(evening.name, show_remarks=0),
    )
    for who in ("anna.devries", "jan", None):
        refused_unless_staff(school, who, *calls)


def test_changes_are_told_as_a_whole_in_part_and_marked(evening, planned, school):
    with as_user(PLANNER):
        info = api.read(evening.name)
    assert info["state"]["first"] and [row["kinds"] for row in info["rows"]] == [["new"]] * 3
    assert _seen(school, "anna.devries") == {}
    # Some: only these are known.
    assert "2 new" in _publish(evening, [planned.a, planned.b])["about"]
    assert _seen(school, "anna.devries") == {planned.a: ("18:30", ""), planned.b: ("18:50", "")}
    assert _seen(school, "carla.bakker") == {}
    _publish(evening)
    assert _seen(school, "carla.bakker") == {planned.c: ("19:10", "")}

    # Calculating and changing tell nobody.
    moves.move(planned.a, _at(evening, 60))
    others = [row.instructor for row in frappe.get_doc("Evening Booking", planned.b).instructors]
    other = next(name for name in school.instructor.values() if name not in others)
    given = moves.move(planned.b, instructors=[other], reason="ziek").more["booking"]
    moves.cancel([planned.c])
    frappe.db.commit()
    assert _seen(school, "anna.devries") == {planned.a: ("18:30", ""), planned.b: ("18:50", "")}
    assert _seen(school, "carla.bakker") == {planned.c: ("19:10", "")}
    found = {one.booking: one for one in publishing_changes.of(evening)}
    assert {name: one.kinds[0] for name, one in found.items()} == {
        planned.a: "moved",
        given: "instructor",
        planned.c: "cancelled",
    }
    assert found[given].replaces == planned.b and set(found[given].instructors) == {*others, other}
    chosen = publishing_changes.chosen(found.values(), instructors=[other])
    assert [one.booking for one in chosen] == [given]

    # What is ticked; what replaces another goes with it.
    _publish(evening, [planned.a, given])
    assert _seen(school, "anna.devries") == {
        planned.a: ("19:30", "New time, was 18:30"),
        given: ("18:50", "Another instructor than before"),
    }
    assert _seen(school, "carla.bakker") == {planned.c: ("19:10", "")}
    with as_user(PLANNER), pytest.raises(frappe.ValidationError, match="at least one"):
        api.publish(evening.name, bookings=[])
    assert "1 cancelled" in _publish(evening)["about"]
    assert _seen(school, "carla.bakker") == {}
    (seen,) = overview.for_guardian([school.guardian["carla.bakker"]])
    assert [(row.name, f"{row.changed_from:%H:%M}") for row in seen["gone"]] == [(planned.c, "19:10")]
    (seen,) = overview.for_guardian([school.guardian["anna.devries"]])
    assert seen["gone"] == []
    assert "knew all of it" in _publish(evening)["about"]
    # Hidden and shown again as it was told.
    moves.move(planned.a, _at(evening, 80))
    with as_user(PLANNER):
        api.hide(evening.name)
        frappe.db.commit()
        assert _seen(school, "anna.devries") == {}
        api.show(evening.name)
        frappe.db.commit()
    assert _seen(school, "anna.devries")[planned.a][0] == "19:30"


def test_everybody_gets_the_overview_then_only_those_concerned_the_change(
    evening, planned, school, jobs_at_once
):
    anna, carla = school.user("anna.devries"), school.user("carla.bakker")
    with as_user(PLANNER):
        told = api.audience(evening.name)
    assert (told["changes"], told["guardian"], told["unreachable"]) == (3, 3, 0)
    _publish(evening, tell=1)
    first = _letters()
    assert {anna, carla} <= set(first) and school.user("dirk.bakker") not in first
    text = first[anna]
    assert "18:30" in text and "There was no free time left" in text and "Bel ons gerust." in text
    assert "19:10" not in text and "Bakker" not in text

    moves.move(planned.a, _at(evening, 60))
    moves.cancel([planned.b])
    published = publishing_changes.publish(evening.name)
    publishing_letters.tell(published, whole=True)
    changed = _letters()
    assert carla not in changed
    assert "was 18:30" in changed[anna] and "no longer take place" in changed[anna]
    (instructor,) = [row.instructor for row in frappe.get_doc("Evening Booking", planned.b).instructors]
    code = next(code for code, name in school.instructor.items() if name == instructor)
    assert "no longer take place" in changed[school.user(code)]
    # A job that runs again tells nobody twice.
    publishing_letters.tell(published, whole=True)
    assert _letters() == {}


def test_who_must_not_be_written_to_is_not_and_a_copy_of_the_site_is_silent(evening, planned, school):
    forbid_contact(school, "s01", "anna.devries")
    changes = publishing_changes.of(evening)
    found = publishing_letters.audience(evening, changes, whole=True)
    assert school.guardian["anna.devries"] not in {name for one in found.addressees for name in one.records}
    assert any("Anna" in name for name, _why in found.unreachable)
    frappe.db.set_single_value("Ouderavond Settings", "confirmed_database", "another")
    frappe.db.commit()
    with as_user(PLANNER):
        assert "not been confirmed" in api.read(evening.name)["mail"]
    report = _publish(evening, tell=1)
    assert report["told"] == 0 and "not been confirmed" in report["not_told"][0][1]
    assert _letters() == {}


def test_reasons_and_remarks_are_shown_only_where_the_evening_says_so(evening, planned, school):
    _publish(evening)
    guardian = school.guardian["anna.devries"]

    def reasons() -> list[str]:
        frappe.clear_document_cache("Parent Evening", evening.name)
        (seen,) = [row for row in overview.for_guardian([guardian]) if row["evening"] == evening.name]
        assert seen["footnote"] == "Bel ons gerust."
        return [row["not_placed"] for row in seen["not_placed"]]

    assert reasons() == ["There was no free time left in this conversation's timetable."]
    booked = frappe.get_doc("Evening Booking", planned.a)
    instructor = booked.instructors[0].instructor
    user = next(school.user(code) for code, name in school.instructor.items() if name == instructor)
    request = {"name": booked.request}
    assert conversations.of_instructor([instructor])[0].remark == WORD
    with as_user(user):
        assert frappe.get_list("Conversation Request", request, pluck="remark") == [WORD]
    with as_user(PLANNER):
        api.save_shown(evening.name, show_remarks=0, show_reasons=0)
    frappe.db.commit()
    assert reasons() == [""]
    assert conversations.of_instructor([instructor])[0].remark is None
    with as_user(user):
        assert frappe.get_list("Conversation Request", request) == []
        assert not frappe.has_permission("Conversation Request", doc=booked.request)
    with as_user(PLANNER):
        assert frappe.get_list("Conversation Request", request, pluck="remark") == [WORD]
