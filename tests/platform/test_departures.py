"""Who is deleted, renamed or merged: nothing of ours blocks it, and the claims stay right."""

from datetime import datetime, timedelta

import pytest

from ouderavond.evening.departures import GONE
from tests.platform.school import make_evening

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def evening(site, school, restored_school):
    return make_evening(school, schedule_visible=1)


@pytest.fixture
def restored_school(site):
    """The test's changes of the school's own records are rolled back."""
    yield
    site.db.rollback()


@pytest.fixture
def conversation(site, school, evening):
    """Makes an offer with request and booking, written as `evening/` writes it."""
    from ouderavond.evening import claims, spans
    from ouderavond.evening.requests import party_key
    from tests.platform.rights import insert

    def make(student, instructors, guardians, minute=0, days=0, **values):
        names = [school.instructor[code] for code in instructors]
        party = [school.guardian[code] for code in guardians]
        start = datetime.combine(evening.dates[0].date, datetime.min.time())
        start += timedelta(hours=19, minutes=minute, days=days)
        about = {"evening": evening.name, "student": school.student[student], "student_name": "Kind"}
        about["subject"] = values.pop("subject", "Nederlands")
        offer = insert(
            "Conversation Offer",
            **about,
            instructors=[{"instructor": name, "instructor_name": "Docent"} for name in names],
            instructors_key="\n".join(sorted(names)),
            remark="opmerking",
        )
        request = insert(
            "Conversation Request",
            **about,
            offer=offer,
            guardian=party[0],
            guardian_name="Ouder",
            party=party_key(party, about["student"]),
            remark="opmerking",
        )
        booking = insert(
            "Evening Booking",
            **about,
            offer=offer,
            request=request,
            start=start,
            end=start + timedelta(minutes=10),
            state="Published",
            instructors=[{"instructor": name, "instructor_name": "Docent"} for name in names],
            guardians=[{"guardian": name, "guardian_name": "Ouder"} for name in party],
            student_attends=1,
            **values,
        )
        doc = site.get_doc("Evening Booking", booking)
        claims.replace(evening.name, [], [spans.of_booking(doc, True)])
        return site._dict(offer=offer, request=request, booking=booking)

    return make


def delete(site, doctype: str, name: str) -> None:
    """Delete as the desk does; the school's own links to the record are no concern of ours."""
    site.flags.in_uninstall = False
    ours = set(site.get_all("DocType", {"module": "Ouderavond"}, pluck="name"))
    others = [
        row.parent
        for row in site.get_all("DocField", {"fieldtype": "Link", "options": doctype}, ["parent"])
        if row.parent not in ours
    ]
    site.delete_doc(doctype, name, ignore_doctypes=others, ignore_permissions=True)
    assert not site.db.exists(doctype, name)


def remove_links(site, doctype: str, name: str) -> None:
    """Take away the school's own links to a record, as a secretary must do before deleting it."""
    fields = site.get_all("DocField", {"fieldtype": "Link", "options": doctype}, ["parent", "fieldname"])
    ours = set(site.get_all("DocType", {"module": "Ouderavond"}, pluck="name"))
    for field in fields:
        if field.parent not in ours and site.db.table_exists(field.parent):
            site.db.delete(field.parent, {field.fieldname: name})


def claims_of(site, booking: str) -> set[str]:
    return set(site.get_all("Booking Claim", {"reference": booking}, pluck="who", distinct=True))


def no_trace_of(site, name: str) -> None:
    """No Link or Dynamic Link field of ours holds this name any more."""
    ours = site.get_all("DocType", {"module": "Ouderavond", "issingle": 0}, pluck="name")
    for doctype in ours:
        for field in site.get_meta(doctype).fields:
            if field.fieldtype in ("Link", "Dynamic Link"):
                assert not site.db.exists(doctype, {field.fieldname: name}), (doctype, field.fieldname)


def in_order(site) -> None:
    """Claims and bookings agree."""
    from ouderavond.evening import claims

    assert claims.check() == []


def test_a_student_leaves(site, school, evening, conversation):
    name = school.student["s01"]
    ahead = conversation("s01", ["jan"], ["anna.devries", "bram.devries"])
    behind = conversation("s01", ["dek"], ["anna.devries"], days=-30, subject="Engels")
    other = conversation("s02", ["dek"], ["anna.devries"], minute=30)
    arranged = site.get_doc(
        {"doctype": "Guardian Arrangement", "student": name, "guardian": school.guardian["bram.devries"]}
    ).insert()
    arranged.note = "geheim"
    arranged.save()
    evening.append("participants", {"participant_type": "Student", "participant": name, "left_out": 1})
    evening.save()
    _block(site, evening, "Student", name, 90)

    remove_links(site, "Student", name)
    delete(site, "Student", name)

    cancelled = site.get_doc("Evening Booking", ahead.booking)
    assert (cancelled.state, cancelled.student, cancelled.student_name) == ("Cancelled", None, GONE)
    assert not claims_of(site, ahead.booking)
    assert not site.db.exists("Conversation Offer", ahead.offer)
    assert not site.db.exists("Conversation Request", ahead.request)
    past = site.get_doc("Evening Booking", behind.booking)
    assert (past.state, past.student, past.student_name) == ("Published", None, GONE)
    assert past.instructors[0].instructor == school.instructor["dek"]
    assert site.db.get_value("Evening Booking", other.booking, "state") == "Published"
    assert not site.db.count("Guardian Arrangement")
    assert not site.db.exists("Version", {"data": ("like", "%geheim%")})
    assert not site.db.count("Evening Block")
    no_trace_of(site, name)
    in_order(site)


def test_what_was_asked_of_a_past_evening_stays_without_the_student(site, school, evening, conversation):
    name = school.student["s01"]
    made = conversation("s01", ["jan"], ["anna.devries"], days=-30)
    _in_the_past(site, evening)
    remove_links(site, "Student", name)
    delete(site, "Student", name)
    asked = site.get_doc("Conversation Request", made.request)
    assert (asked.student, asked.student_name, asked.remark) == (None, GONE, None)
    offered = site.get_doc("Conversation Offer", made.offer)
    assert (offered.student, offered.student_name, offered.remark) == (None, GONE, None)
    no_trace_of(site, name)
    in_order(site)


def test_a_guardian_leaves_and_the_other_still_comes(site, school, evening, conversation):
    anna, bram = school.guardian["anna.devries"], school.guardian["bram.devries"]
    together = conversation("s01", ["jan"], ["anna.devries", "bram.devries"])
    alone = conversation("s02", ["dek"], ["anna.devries"], minute=30)
    behind = conversation("s07", ["hui"], ["anna.devries"], days=-30)
    site.get_doc(
        {"doctype": "Guardians Not To Meet", "guardian": bram, "other_guardian": anna, "minutes": 30}
    ).insert()
    _block(site, evening, "Guardian", anna, 90)

    remove_links(site, "Guardian", anna)
    delete(site, "Guardian", anna)

    kept = site.get_doc("Evening Booking", together.booking)
    assert (kept.state, [row.guardian for row in kept.guardians]) == ("Published", [bram])
    asked = site.get_doc("Conversation Request", together.request)
    assert (asked.guardian, asked.party) == (bram, bram)
    assert claims_of(site, together.booking) == {
        f"User:{school.user(code)}" for code in ("jan", "bram.devries", "s01")
    }
    assert site.db.get_value("Evening Booking", alone.booking, "state") == "Cancelled"
    assert not claims_of(site, alone.booking)
    assert not site.db.exists("Conversation Request", alone.request)
    assert site.db.exists("Conversation Offer", alone.offer)
    past = site.get_doc("Evening Booking", behind.booking)
    assert [(row.guardian, row.guardian_name) for row in past.guardians] == [(None, GONE)]
    assert not site.db.count("Guardians Not To Meet") and not site.db.count("Evening Block")
    no_trace_of(site, anna)
    in_order(site)


def test_an_instructor_leaves_and_the_colleague_goes_on(site, school, evening, conversation):
    kok, pet = school.instructor["kok"], school.instructor["pet"]
    together = conversation("s03", ["kok", "pet"], ["anna.devries"])
    alone = conversation("s02", ["kok"], ["anna.devries"], minute=30)
    behind = conversation("s07", ["kok"], ["rosa.mulder"], days=-30)
    presence = {"evening": evening.name, "instructor": kok, "date": evening.dates[0].date}
    site.get_doc({"doctype": "Evening Instructor", **presence}).insert()
    _block(site, evening, "Instructor", kok, 90)

    remove_links(site, "Instructor", kok)
    delete(site, "Instructor", kok)

    kept = site.get_doc("Evening Booking", together.booking)
    assert (kept.state, [row.instructor for row in kept.instructors]) == ("Published", [pet])
    offered = site.get_doc("Conversation Offer", together.offer)
    assert ([row.instructor for row in offered.instructors], offered.instructors_key) == ([pet], pet)
    assert site.db.get_value("Evening Booking", alone.booking, "state") == "Cancelled"
    assert not site.db.exists("Conversation Offer", alone.offer)
    assert not site.db.exists("Conversation Request", alone.request)
    past = site.get_doc("Evening Booking", behind.booking)
    assert [(row.instructor, row.instructor_name) for row in past.instructors] == [(None, GONE)]
    assert not site.db.count("Evening Instructor") and not site.db.count("Evening Block")
    no_trace_of(site, kok)
    in_order(site)


@pytest.mark.parametrize(
    "doctype, codes, code", [("Student", "student", "s01"), ("Instructor", "instructor", "jan")]
)
def test_a_renamed_record_is_followed(site, school, evening, conversation, doctype, codes, code):
    old = getattr(school, codes)[code]
    made = conversation("s01", ["jan"], ["anna.devries"])
    _block(site, evening, doctype, old, 90)
    evening.append("participants", {"participant_type": "Student", "participant": school.student["s01"]})
    evening.save()
    site.db.set_value(doctype, old, "ouderavond_user" if doctype == "Instructor" else "user", None)
    _claim_again(doctype, old)
    assert f"{doctype}:{old}" in claims_of(site, made.booking)

    # Kept for the length of a request, which this test is not.
    site.local.dynamic_link_map = None
    site.rename_doc(doctype, old, "Nieuwe-Naam", force=True)

    assert f"{doctype}:Nieuwe-Naam" in claims_of(site, made.booking)
    assert site.db.get_value("Evening Block", {"who_type": doctype}, "who") == "Nieuwe-Naam"
    if doctype == "Student":
        assert site.db.exists("Parent Evening Participant", {"participant": "Nieuwe-Naam"})
    else:
        assert site.db.get_value("Conversation Offer", made.offer, "instructors_key") == "Nieuwe-Naam"
    no_trace_of(site, old)
    in_order(site)


def test_two_records_of_one_guardian_are_merged(site, school, evening, conversation):
    anna, bram = school.guardian["anna.devries"], school.guardian["bram.devries"]
    for guardian in (anna, bram):
        site.db.set_value("Guardian", guardian, "user", None)
    first = conversation("s01", ["jan"], ["anna.devries"])
    second = conversation("s01", ["jan"], ["bram.devries"], minute=20, subject="Mentoraat")
    both = conversation("s02", ["dek"], ["anna.devries", "bram.devries"], minute=40)
    for guardian, mark in ((anna, "attends_separately"), (bram, "contact_forbidden")):
        row = {"student": school.student["s03"], "guardian": guardian, mark: 1}
        site.get_doc({"doctype": "Guardian Arrangement", **row}).insert()

    site.rename_doc("Guardian", anna, bram, merge=True, force=True)

    for made in (first, second, both):
        assert f"Guardian:{bram}" in claims_of(site, made.booking)
        assert f"Guardian:{anna}" not in claims_of(site, made.booking)
        assert site.db.get_value("Conversation Request", made.request, "party") == bram
    (arranged,) = site.get_all("Guardian Arrangement", fields=["*"])
    assert (arranged.guardian, arranged.attends_separately, arranged.contact_forbidden) == (bram, 1, 1)
    no_trace_of(site, anna)
    in_order(site)


def test_a_merge_that_would_put_one_person_in_two_conversations_is_refused(
    site, school, evening, conversation
):
    from ouderavond.evening.claims import TakenError

    anna, bram = school.guardian["anna.devries"], school.guardian["bram.devries"]
    conversation("s01", ["jan"], ["anna.devries"])
    conversation("s02", ["dek"], ["bram.devries"])
    site.db.commit()
    with pytest.raises(TakenError):
        site.rename_doc("Guardian", anna, bram, merge=True, force=True)
    site.db.rollback()
    assert site.db.exists("Guardian", anna)
    in_order(site)


def test_two_students_with_the_same_offers_are_not_merged(site, school, evening, conversation):
    conversation("s01", ["jan"], ["anna.devries"])
    conversation("s02", ["jan"], ["anna.devries"], minute=20)
    with pytest.raises(site.ValidationError, match="Both students have offers"):
        site.rename_doc("Student", school.student["s01"], school.student["s02"], merge=True, force=True)


def _block(site, evening, who_type: str, who: str, minute: int) -> None:
    from ouderavond.evening import claims, spans
    from tests.platform.rights import insert

    start = datetime.combine(evening.dates[0].date, datetime.min.time())
    start += timedelta(hours=18, minutes=30 + minute)
    times = {"from_time": start, "to_time": start + timedelta(minutes=10)}
    name = insert("Evening Block", evening=evening.name, who_type=who_type, who=who, **times)
    claims.add_block(evening.name, spans.of_block(site.get_doc("Evening Block", name)))


def _in_the_past(site, evening) -> None:
    for row in evening.dates:
        site.db.set_value("Parent Evening Date", row.name, "date", row.date - timedelta(days=30))


def _claim_again(doctype: str, name: str) -> None:
    from ouderavond.evening.claims import rewrite_claims_of

    rewrite_claims_of(doctype, name)


def test_the_claims_of_a_user_follow_the_users_new_name(site, school, restored_afterwards):
    from ouderavond.evening import claims

    evening = make_evening(school)
    _block(site, evening, "Guardian", school.guardian["anna.devries"], 90)
    site.local.dynamic_link_map = None
    site.rename_doc("User", school.user("anna.devries"), "anna.elders@school.test", force=True)
    assert site.get_all("Booking Claim", pluck="who", distinct=True) == ["User:anna.elders@school.test"]
    assert claims.check() == []
