"""Each sees and books only their own: separated guardians, new partners, students, instructors."""

import email
from datetime import datetime, timedelta

import frappe
import pytest

from ouderavond.evening import (
    booking,
    claims,
    conversations,
    conversations_letter,
    feeds,
    people,
    publishing,
    unavailable,
)
from ouderavond.evening.offering import by_course
from ouderavond.evening.requests import Asker
from ouderavond.evening.reserving import basket, finding, holding
from ouderavond.evening.reserving.table import Table
from ouderavond.evening.waiting import entries
from tests.platform.school import as_user, forbid_contact, make_evening, mark_separated

CARLA, DIRK = "carla.bakker", "dirk.bakker"
NADIA, KARIM, OLGA = "nadia.yilmaz", "karim.yilmaz", "olga.bos"


class Evening:
    """An evening of one date at which is booked directly, and what people do there."""

    def __init__(self, school, **values):
        now = frappe.utils.now_datetime()
        day = (now + timedelta(days=14)).date()
        self.school = school
        self.doc = make_evening(
            school,
            **{
                "procedure": "Book Directly",
                "dates": [{"date": day, "first_time": "18:30:00", "end_time": "20:00:00"}],
                "booking_from": now - timedelta(days=1),
                "booking_until": now + timedelta(days=7),
                "separated_guardians": "Attend separately where marked",
                "student_attends": "Must",
                "guardian_remarks": 1,
                "change_until_hours": 0,
                **values,
            },
        )
        self.name = self.doc.name
        self.first = datetime.combine(day, datetime.min.time()) + timedelta(hours=18, minutes=30)
        by_course.offer(self.name)
        frappe.db.commit()

    def at(self, slot: int) -> datetime:
        return self.first + timedelta(minutes=10 * slot)

    def asker(self, who: str) -> Asker:
        if who in self.school.student:
            return Asker("Student", (), self.school.student[who])
        return Asker("Guardian", (self.school.guardian[who],))

    def table(self, who: str) -> Table:
        frappe.db.rollback()
        return Table(frappe.get_doc("Parent Evening", self.name), self.asker(who), user=self.school.user(who))

    def seen(self, who: str) -> dict:
        return self.table(who).as_dict()

    def cells(self, who: str, child: str) -> dict[str, str]:
        """{subject: its cells} of a child."""
        student = self.school.student[child]
        rows = [one for one in self.seen(who)["children"] if one["student"] == student]
        return {row["subject"]: "".join(row["cells"].values()) for one in rows for row in one["columns"]}

    def offer(self, child: str, subject: str) -> str:
        filters = {"evening": self.name, "student": self.school.student[child], "subject": subject}
        return frappe.db.get_value("Conversation Offer", filters)

    def reserve(self, who: str, child: str, subject: str, slot: int, accepted=True, **more) -> dict:
        wish = {"offer": self.offer(child, subject), "start": self.at(slot).isoformat(), **more}
        key = frappe.generate_hash(length=32)
        doc = frappe.get_doc("Parent Evening", self.name)
        with as_user(self.school.user(who)):
            answer = basket.reserve(doc, self.asker(who), [wish], key, accepted=accepted)
            frappe.db.commit()
        return answer

    def booked(self, who: str, child: str, subject: str, slot: int, **more) -> str:
        answer = self.reserve(who, child, subject, slot, **more)
        assert answer["status"] == "reserved", answer
        return answer["booked"][0]

    def hold(self, who: str, child: str, subject: str, slot: int) -> str:
        with as_user(self.school.user(who)):
            pick = basket.Pick(self.offer(child, subject), self.at(slot))
            held = holding.hold(self.doc, self.asker(who), [pick])
            frappe.db.commit()
        return held.reference

    def watch(self, who: str, child: str, subject: str) -> str:
        """Somebody gets in line; that nothing is free is left out."""
        asker = self.asker(who)
        column = self.table(who).by_offer[self.offer(child, subject)]
        name = entries.add(self.name, column, asker.guardians[0] if asker.guardians else None, None, None)
        frappe.db.commit()
        return name

    def sentence(self, who: str, child: str, subject: str, slot: int) -> str:
        answer = self.reserve(who, child, subject, slot)
        assert answer["status"] == "refused", answer
        return answer["message"]


@pytest.fixture
def evening(site, school):
    for child in ("s04", "s05"):
        mark_separated(school, child, CARLA, DIRK)
    return Evening(school, maximum_per_student=2, maximum_per_household=3)


def _same(before: dict, after: dict) -> bool:
    return {**before, "now": None} == {**after, "now": None}


# Separated guardians


def test_the_child_of_both_is_just_not_available(evening):
    evening.booked(CARLA, "s04", "Engels", 2)
    for cells in evening.cells(DIRK, "s04").values():
        assert cells == "ffuffffff", "In no column more than in another: that would tell with whom."
    # Of another family: the instructor is taken, and of the child they know nothing.
    cells = evening.cells("linda.vandijk", _code("Noor"))
    assert (cells["Engels"], cells["Wiskunde"]) == ("ffoffffff", "f" * 9)
    for subject, instructor in (("Engels", "Willem Dekker"), ("Biologie", "Jeroen Wolters")):
        assert evening.sentence(DIRK, "s04", subject, 2) == f"18:50 with {instructor} is not available."


def test_nothing_else_of_one_reaches_the_other(evening, school):
    """Maximum, remarks, bookings, cancellations, warnings, requests, holds, waiting, times."""
    before = evening.seen(DIRK)
    evening.doc.db_set("student_attends", "No")
    frappe.db.commit()
    kept = evening.booked(CARLA, "s04", "Engels", 0, remark="WOORDVANCARLA")
    evening.booked(CARLA, "s04", "Biologie", 6)
    evening.watch(CARLA, "s04", "Wiskunde")
    evening.hold(CARLA, "s05", "Frans", 3)
    unavailable.save(evening.name, evening.asker(CARLA), [unavailable.Time(evening.at(4), evening.at(5))])
    frappe.db.commit()
    after = evening.seen(DIRK)
    # What instructors of the child are taken by is Others, and all of it.
    assert evening.cells(DIRK, "s04") == {
        "Biologie": "ffffffoff",
        "Engels": "offffffff",
        "Nederlands": "f" * 9,
        "Wiskunde": "f" * 9,
    }
    for child in (*before["children"], *after["children"]):
        for column in child["columns"]:
            column.pop("cells")
    assert _same(before, after)
    assert after["mine"] == after["waiting"] == []
    assert after["hold"] is None
    assert [child["booked"] for child in after["children"]] == [0, 0]
    assert "WOORDVANCARLA" not in frappe.as_json(after)
    assert conversations.of("guardian", school.user(DIRK)) == []
    # His maximum is his own, and he hears nothing of what of Carla's would be before and after.
    assert evening.reserve(DIRK, "s04", "Engels", 1, accepted=False)["status"] == "reserved"
    assert evening.reserve(DIRK, "s04", "Biologie", 7, accepted=False)["status"] in ("reserved", "warning")
    assert evening.reserve(DIRK, "s04", "Nederlands", 3)["status"] == "reserved"
    # And Carla's are hers to cancel, without a sign to Dirk.
    seen = evening.seen(DIRK)["mine"]
    with as_user(school.user(DIRK)), pytest.raises(frappe.PermissionError):
        basket.cancel(kept, evening.asker(DIRK))
    with as_user(school.user(CARLA)):
        basket.cancel(kept, evening.asker(CARLA))
    frappe.db.commit()
    assert evening.seen(DIRK)["mine"] == seen
    assert {row.name for row in conversations.of("guardian", school.user(DIRK), cancelled=True)} == {
        row["booking"] for row in seen
    }


def test_find_me_times_says_nothing_of_the_other(evening, school):
    evening.hold(CARLA, "s04", "Engels", 0)
    wanted = [finding.Wanted(evening.offer("s04", subject)) for subject in ("Engels", "Biologie")]
    with as_user(school.user(DIRK)):
        found, held = holding.find_and_hold(evening.doc, evening.asker(DIRK), wanted, finding.Window())
        frappe.db.commit()
    assert found.left_out == ()
    assert [pick.start for pick in found.picks] == [evening.at(1), evening.at(2)]
    # What is held for Dirk is as what is booked for him.
    assert evening.cells(CARLA, "s04")["Nederlands"] == "cuuffffff"
    assert evening.seen(CARLA)["hold"]["hold"] != held.reference


def test_marked_after_they_booked_together_each_keeps_what_they_attend(site, school):
    evening = Evening(school)
    both = evening.booked(CARLA, "s04", "Engels", 0)
    mark_separated(school, "s04", DIRK)
    for who in (CARLA, DIRK):
        assert [row["booking"] for row in evening.seen(who)["mine"]] == [both]
    alone = evening.booked(CARLA, "s04", "Biologie", 3)
    assert [row["booking"] for row in evening.seen(DIRK)["mine"]] == [both]
    assert evening.cells(DIRK, "s04")["Wiskunde"] == "cffufffff"
    assert alone not in {row.name for row in conversations.of("guardian", school.user(DIRK))}


def test_letters_are_each_reader_s_own(evening, school, outgoing_mail):
    for who, subject, slot in ((CARLA, "Engels", 0), (DIRK, "Biologie", 4)):
        evening.booked(who, "s04", subject, slot)
    soon = frappe.utils.now_datetime() + timedelta(minutes=5)
    assert conversations_letter.tell_quiet(soon) == 2
    frappe.db.rollback()
    letters = {}
    for name, message in frappe.get_all("Email Queue", ["name", "message"], as_list=True):
        to = frappe.get_all("Email Queue Recipient", {"parent": name}, pluck="recipient")
        parts = email.message_from_string(message).walk()
        texts = [part.get_payload(decode=True).decode() for part in parts if not part.is_multipart()]
        letters[tuple(to)] = " ".join(texts)
    assert set(letters) == {(school.user(CARLA),), (school.user(DIRK),)}
    for who, own, others in ((CARLA, "Engels", "Biologie"), (DIRK, "Biologie", "Engels")):
        letter = letters[(school.user(who),)]
        assert own in letter
        assert others not in letter


# A partner with a child of somebody else


def test_of_the_partner_s_other_child_nothing_is_told(site, school):
    leyla, mert = (_code(name) for name in ("Leyla", "Mert"))
    evening = Evening(school, maximum_per_household=1, student_attends="No")
    evening.booked(KARIM, mert, "Wiskunde", 2)
    evening.watch(KARIM, mert, "Nederlands")
    seen = evening.seen(NADIA)
    assert [child["name"] for child in seen["children"]] == ["Leyla Yilmaz"]
    assert seen["mine"] == seen["waiting"] == []
    assert seen["children"][0]["booked"] == 0
    assert set(evening.cells(NADIA, leyla).values()) == {"ffu" + "f" * 6}
    assert "not available" in evening.sentence(NADIA, leyla, "Engels", 2)
    # Karim's maximum is reached and Nadia's is not; she gets no warning about walking either.
    assert evening.reserve(NADIA, leyla, "Engels", 3, accepted=False)["status"] == "reserved"
    assert [row["name"] for row in evening.seen(OLGA)["mine"]] == ["Mert Yilmaz"]
    assert set(evening.cells(OLGA, mert).values()) >= {"ffcu" + "f" * 5}


def test_what_is_held_for_one_is_not_available_for_who_attends_together(site, school):
    leyla, mert = (_code(name) for name in ("Leyla", "Mert"))
    evening = Evening(school, student_attends="No")
    evening.hold(KARIM, mert, "Wiskunde", 2)
    assert set(evening.cells(NADIA, leyla).values()) == {"ffu" + "f" * 6}
    assert set(evening.cells(OLGA, mert).values()) == {"ffu" + "f" * 6}
    assert evening.seen(NADIA)["hold"] is evening.seen(OLGA)["hold"] is None


def _code(first_name: str) -> str:
    return frappe.db.get_value("Student", {"first_name": first_name}, "ouderavond_code")


# Students


def test_one_conversation_for_guardians_or_student_and_the_second_is_told(evening, school):
    evening.doc.contact_with = "Guardians and Students"
    evening.doc.student_attends = "No"
    evening.doc.save()
    frappe.db.commit()
    own = evening.booked("s04", "s04", "Engels", 2)
    doc = frappe.get_doc("Evening Booking", own)
    assert (doc.guardians, doc.student_attends) == ([], 1)
    said = "Gijs Bakker already has a conversation about Engels by themselves."
    for who in (CARLA, DIRK):
        seen = evening.seen(who)
        assert own not in frappe.as_json(seen)
        child = next(one for one in seen["children"] if one["name"] == "Gijs Bakker")
        column = next(one for one in child["columns"] if one["subject"] == "Engels")
        assert column["exists"] == said
        assert set(column["cells"].values()) == {"u" * 9}, "At no time more than at another."
        assert child["booked"] == 0
        assert evening.sentence(who, "s04", "Engels", 5) == evening.sentence(who, "s04", "Engels", 2) == said
        assert conversations.of("guardian", school.user(who)) == []
    evening.booked(CARLA, "s04", "Biologie", 5)
    said = "Your parents or guardians already have a conversation about Biologie."
    assert evening.sentence("s04", "s04", "Biologie", 7) == said
    seen = evening.seen("s04")
    assert [row["booking"] for row in seen["mine"]] == [own]
    assert f"{evening.at(5):%Y-%m-%dT%H:%M}" not in frappe.as_json(seen)
    evening.doc.db_set("guardians_see_student_bookings", 1)
    frappe.db.commit()
    frappe.clear_document_cache("Parent Evening", evening.name)
    for who in (CARLA, DIRK):
        assert own in {row["booking"] for row in evening.seen(who)["mine"]}
        assert own in {row.name for row in conversations.of("guardian", school.user(who))}
        with as_user(school.user(who)), pytest.raises(frappe.PermissionError):
            basket.cancel(own, evening.asker(who))


# Instructors who are guardians


def test_an_instructor_who_is_a_guardian_sees_both_roles_apart(site, school):
    evening = Evening(school, student_attends="No")
    user = school.user("els.smit")
    taught = evening.booked("marieke.visser", _code("Julia"), "Nederlands", 2, remark="WOORDVANMARIEKE")
    mine = evening.booked("els.smit", "s06", "Engels", 4)
    seen = evening.seen("els.smit")
    assert [row["booking"] for row in seen["mine"]] == [mine]
    assert "WOORDVANMARIEKE" not in frappe.as_json(seen)
    assert evening.cells("els.smit", "s06")["Wiskunde"] == "ffufcffff"
    assert [row.name for row in conversations.of("guardian", user)] == [mine]
    assert [row.name for row in conversations.of("instructor", user)] == [taught]
    # With her another family finds the time taken, not why.
    assert evening.cells("marieke.visser", _code("Julia"))["Nederlands"][4] == "o"


# What ends


def test_when_contact_is_forbidden_everything_is_gone_at_once(site, school, outgoing_mail):
    evening = Evening(school, student_attends="No")
    mine = evening.booked("pieter.mulder", "s07", "Engels", 2)
    user = school.user("pieter.mulder")
    asker = evening.asker("pieter.mulder")
    with as_user(user):
        token = feeds.subscribe(user, "guardian").split("token=")[1]
        frappe.db.commit()
    assert mine.encode() in feeds.read(feeds.find(token))
    forbid_contact(school, "s07", "pieter.mulder")
    assert evening.seen("pieter.mulder")["children"] == evening.seen("pieter.mulder")["mine"] == []
    assert conversations.of("guardian", user) == []
    assert mine.encode() not in feeds.read(feeds.find(token))
    with as_user(user):
        for call in (
            lambda: basket.cancel(mine, asker),
            lambda: basket.move(mine, asker, evening.at(3).isoformat(), "k" * 32),
        ):
            with pytest.raises(frappe.PermissionError, match="not one of yours"):
                call()
        with pytest.raises(frappe.PermissionError, match="not one of yours"):
            unavailable.save(evening.name, asker, [unavailable.Time(evening.at(2), evening.at(3))])
    frappe.db.rollback()
    told = conversations_letter.letters_to(
        evening.doc,
        "guardian",
        list(asker.guardians),
        conversations.of_guardian([school.guardian["rosa.mulder"]]),
    )
    assert told[0] == []
    # Rosa keeps it.
    assert [row["booking"] for row in evening.seen("rosa.mulder")["mine"]] == [mine]


def test_times_of_a_child_who_is_no_longer_reached_are_not_told(site, school):
    """Bram keeps his other children, and so his place at the evening."""
    evening = Evening(school, student_attends="No")
    evening.booked("bram.devries", "s01", "Engels", 2)
    forbid_contact(school, "s01", "bram.devries")
    assert all(cells[2] == "u" for cells in evening.cells("bram.devries", "s02").values())
    with as_user(school.user("bram.devries")):
        unavailable.save(
            evening.name, evening.asker("bram.devries"), [unavailable.Time(evening.at(2), evening.at(3))]
        )
    frappe.db.commit()
    assert claims.check() == []


def test_another_user_for_a_guardian_takes_all_of_it_along(site, school, restored_afterwards):
    evening = Evening(school, student_attends="No")
    mine = evening.booked(CARLA, "s04", "Engels", 2)
    old, new = school.user(CARLA), school.user("linda.vandijk")
    doc = frappe.get_doc("Guardian", school.guardian[CARLA])
    doc.user = None
    doc.save()
    frappe.db.commit()
    assert people.guardians_of_user(old) == []
    assert conversations.of("guardian", old) == []
    assert claims.check() == []
    doc.reload()
    doc.user = new
    doc.save()
    frappe.db.commit()
    assert [row.name for row in conversations.of("guardian", new)] == [mine]
    assert claims.check() == []


# What is planned and not told yet


def test_a_planned_schedule_shows_nowhere(site, school):
    """Neither at its own evening nor as a clash at another one on the same date."""
    over = frappe.utils.now_datetime() - timedelta(days=2)
    asked = {"request_from": over - timedelta(days=1), "request_until": over}
    planned = Evening(school, procedure="Request, Schedule, then Book", student_attends="No", **asked)
    shown = Evening(school, student_attends="No")
    party = booking.party_of(planned.name, school.student["s04"], school.guardian[CARLA])
    booking.book(planned.offer("s04", "Engels"), planned.at(2), guardians=party, source="Staff")
    frappe.db.commit()
    seen = planned.seen(CARLA)
    assert (seen["booking"]["state"], seen["children"], seen["mine"]) == ("before", [], [])
    assert set(shown.cells(CARLA, "s04").values()) == {"ffuffffff"}
    publishing.publish(planned.name)
    frappe.db.commit()
    assert planned.cells(CARLA, "s04")["Engels"][2] == "m"
    assert shown.cells(CARLA, "s04")["Biologie"] == "ffcffffff"
    publishing.hide(planned.name)
    frappe.db.commit()
    assert planned.seen(CARLA)["mine"] == planned.seen(CARLA)["children"] == []
    assert shown.cells(CARLA, "s04")["Biologie"] == "ffuffffff"


def test_what_the_school_asks_for_is_not_moved_or_cancelled(site, school):
    over = frappe.utils.now_datetime() - timedelta(days=2)
    asked = {"request_from": over - timedelta(days=1), "request_until": over}
    evening = Evening(school, procedure="Request, Schedule, then Book", schedule_visible=1, **asked)
    offer, guardian = evening.offer("s04", "Engels"), school.guardian[CARLA]
    request = {
        "doctype": "Conversation Request",
        "evening": evening.name,
        "offer": offer,
        "subject": "Engels",
    }
    request |= {"student": school.student["s04"], "guardian": guardian, "source": "Instructor"}
    doc = frappe.get_doc({**request, "state": "Placed", "party": guardian})
    doc.flags.checked = doc.flags.ignore_validate = True
    doc.insert(ignore_permissions=True)
    frappe.db.commit()
    party = booking.party_of(evening.name, school.student["s04"], guardian)
    name = booking.book(offer, evening.at(2), guardians=party, source="Staff", request=doc.name)
    frappe.db.commit()
    with as_user(school.user(CARLA)):
        for call in (
            lambda: basket.cancel(name, evening.asker(CARLA)),
            lambda: basket.move(name, evening.asker(CARLA), evening.at(3).isoformat(), "k" * 32),
        ):
            with pytest.raises(frappe.ValidationError, match="The school asks for this conversation"):
                call()


def test_no_warning_tells_of_what_is_only_planned(site, school):
    """Nor of what the other of two guardians has."""
    evening = Evening(school, walking_minutes=5, student_attends="No")
    party = booking.party_of(evening.name, school.student["s04"], school.guardian[CARLA])
    name = booking.book(evening.offer("s04", "Engels"), evening.at(2), guardians=party, source="Staff")
    frappe.db.commit()
    assert evening.reserve(CARLA, "s04", "Biologie", 3, accepted=False)["status"] == "warning"
    frappe.db.set_value("Evening Booking", name, "state", "Planned")
    frappe.db.commit()
    assert evening.reserve(CARLA, "s04", "Biologie", 3, accepted=False)["status"] == "reserved"
