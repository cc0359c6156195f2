"""The overview of requests by mail: once, to who asked, when they are done; and again where it failed."""

import email
import email.policy
from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from ouderavond.evening import messages, requests, requests_letter, unavailable
from ouderavond.evening.offering import by_course, letters
from ouderavond.evening.requests import Asker
from tests.platform.processes import at_once
from tests.platform.school import make_evening, mark_separated

pytestmark = pytest.mark.usefixtures("outgoing_mail")


@pytest.fixture
def evening(site, school):
    made = make_evening(school, title="Oudercontact herfst", longer_conversation=1, guardian_remarks=1)
    by_course.offer(made.name)
    frappe.db.commit()
    return made


def _offers(evening, school, student):
    filters = {"evening": evening.name, "student": school.student[student]}
    return frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")


def _save(evening, school, guardian, wishes, **values):
    requests.save(evening.name, wishes, guardian=school.guardian[guardian], **values)
    frappe.db.commit()


def _wait(minutes=4):
    """Let time pass since whoever changed something."""
    moment = now_datetime() - timedelta(minutes=minutes)
    frappe.db.set_value("Evening Message", {"version": ""}, "creation", moment, update_modified=False)
    frappe.db.commit()


def _mails():
    frappe.db.rollback()
    rows = frappe.get_all("Email Queue", ["name", "message"], order_by="creation, name")
    return [
        (frappe.get_all("Email Queue Recipient", {"parent": row.name}, pluck="recipient"), _text(row.message))
        for row in rows
    ]


def _text(message: str) -> str:
    parsed = email.message_from_string(message, policy=email.policy.default)
    return parsed["Subject"] + "\n" + parsed.get_body(("plain",)).get_content().replace("=\n", "")


def _told() -> int:
    _wait()
    return requests_letter.tell_quiet()


def test_one_overview_when_they_are_done_and_none_again(evening, school):
    first, second = _offers(evening, school, "s01")[:2]
    (third,) = _offers(evening, school, "s02")[:1]
    _save(evening, school, "anna.devries", [{"offer": first}])
    assert requests_letter.tell_quiet() == 0 and not _mails()
    wishes = [
        {"offer": third, "longer": 1, "preference": "Late"},
        {"offer": second, "remark": "Over <b>rekenen</b>"},
    ]
    time = datetime.fromisoformat(f"{evening.dates[0].date}T18:30")
    times = [unavailable.Time(time, time + timedelta(minutes=30))]
    _save(evening, school, "anna.devries", wishes, times=times)
    assert (_told(), requests_letter.tell_quiet()) == (1, 0)
    ((to, text),) = _mails()
    assert to == ["anna.devries@school.test"]
    assert text.startswith("Your requests for Oudercontact herfst\n")
    subjects = [frappe.db.get_value("Conversation Offer", offer, "subject") for offer in (third, second)]
    assert text.index(f"2. {subjects[1]}") < text.index("Eva de Vries") < text.index(f"1. {subjects[0]}")
    for words in (" · longer · rather late", "“Over < b>rekenen< /b>”", "18:30 – 19:00", "until"):
        assert words in text, (words, text)
    # Saved again as it was: nothing to tell.
    _save(evening, school, "anna.devries", [{"offer": third}, {"offer": second}])
    assert (_told(), len(_mails())) == (0, 1)
    assert not frappe.db.exists("Evening Message", {"version": ""})


def test_withdrawing_everything_is_told_and_so_is_coming_back_to_it(evening, school):
    wishes = [{"offer": _offers(evening, school, "s01")[0]}]
    for number, saved in enumerate((wishes, [], wishes), start=1):
        _save(evening, school, "anna.devries", saved)
        assert (_told(), len(_mails())) == (1, number)
    texts = [text for _to, text in _mails()]
    assert ["No conversations are requested now." in text for text in texts] == [False, True, False]


def test_who_never_asked_for_anything_is_told_nothing(evening, school):
    _save(evening, school, "anna.devries", [])
    assert (_told(), _mails()) == (0, [])


def test_only_who_asked_is_told_and_the_other_separated_parent_nothing(evening, school):
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    first, second = _offers(evening, school, "s04")[:2]
    _save(evening, school, "carla.bakker", [{"offer": first, "remark": "VANCARLA"}])
    _save(evening, school, "dirk.bakker", [{"offer": second, "remark": "VANDIRK"}])
    assert _told() == 2
    found = {to[0].split(".")[0]: text for to, text in _mails()}
    assert set(found) == {"carla", "dirk"}
    assert "VANCARLA" in found["carla"] and "VANDIRK" not in found["carla"]
    assert "VANDIRK" in found["dirk"] and "VANCARLA" not in found["dirk"]


def test_an_address_that_the_other_separated_parent_reads_is_not_used(evening, school):
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    dirk = school.guardian["dirk.bakker"]
    frappe.db.set_value("Guardian", dirk, "email_address", "carla.bakker@school.test")
    frappe.db.commit()
    _save(evening, school, "carla.bakker", [{"offer": _offers(evening, school, "s04")[0]}])
    told = _told()
    frappe.db.set_value("Guardian", dirk, "email_address", "dirk.bakker@school.test")
    frappe.db.commit()
    assert (told, _mails()) == (0, [])


def test_each_of_two_partners_is_told_what_they_saved_themselves(evening, school):
    first, second = _offers(evening, school, "s01")[:2]
    _save(evening, school, "anna.devries", [{"offer": first}])
    _told()
    _save(evening, school, "bram.devries", [{"offer": first}, {"offer": second}])
    assert _told() == 1
    assert [to for to, _text in _mails()] == [["anna.devries@school.test"], ["bram.devries@school.test"]]


def test_a_student_is_told_what_they_asked_in_their_language(site, school):
    evening = make_evening(school, contact_with="Students")
    by_course.offer(evening.name)
    frappe.db.commit()
    offer = _offers(evening, school, "s01")[0]
    requests.request(offer, student=school.student["s01"], source="Student")
    frappe.db.set_value("User", school.user("s01"), "language", "nl")
    frappe.db.commit()
    told = _told()
    frappe.db.set_value("User", school.user("s01"), "language", None)
    frappe.db.commit()
    ((to, text),) = _mails()
    assert (told, to) == (1, ["s01@school.test"])
    assert text.startswith("Uw aanvragen voor") or text.startswith("Je aanvragen voor"), text


def test_a_failing_mail_loses_nothing_and_is_tried_again(evening, school, monkeypatch):
    _save(evening, school, "anna.devries", [{"offer": _offers(evening, school, "s01")[0]}])

    def fail(*args, **kwargs):
        frappe.db.sql("select * from `tabNot There`")

    with monkeypatch.context() as broken:
        broken.setattr(letters, "_queue", fail)
        assert _told() == 0
    assert not _mails()
    # Not at every run, and then with the same contents.
    assert requests_letter.tell_quiet() == 0 and not _mails()
    assert requests_letter.tell_quiet(now_datetime() + timedelta(minutes=40)) == 1
    assert len(_mails()) == 1 and not frappe.db.exists("Evening Message", {"version": ""})


def test_what_can_not_be_worded_keeps_nobody_else_from_theirs(evening, school, monkeypatch):
    for guardian, student in (("anna.devries", "s01"), ("rosa.mulder", "s07")):
        _save(evening, school, guardian, [{"offer": _offers(evening, school, student)[0]}])
    compose = requests_letter._compose

    def fail_for_anna(evening, asker, person):
        if "anna" in person:
            raise ValueError
        return compose(evening, asker, person)

    monkeypatch.setattr(requests_letter, "_compose", fail_for_anna)
    assert _told() == 1
    assert [to for to, _text in _mails()] == [["rosa.mulder@school.test"]]
    assert frappe.get_all("Evening Message", {"version": ""}, pluck="person") == [
        "User:anna.devries@school.test"
    ]


def test_nothing_leaves_a_site_that_is_not_the_confirmed_one(evening, school):
    frappe.db.set_single_value("Ouderavond Settings", "confirmed_database", "another")
    frappe.db.commit()
    _save(evening, school, "anna.devries", [{"offer": _offers(evening, school, "s01")[0]}])
    assert (_told(), _mails()) == (0, [])
    assert frappe.db.exists("Evening Message", {"version": ""})


def test_who_changes_something_meanwhile_is_told_later(evening, school):
    _save(evening, school, "anna.devries", [{"offer": _offers(evening, school, "s01")[0]}])
    before = now_datetime() - timedelta(minutes=3)
    event, anna = messages.CHANGED["Guardian"], "User:anna.devries@school.test"
    assert not messages.take_mark(event, evening.name, anna, before)
    asker = Asker("Guardian", (school.guardian["anna.devries"],))
    _wait()
    messages.changed(evening.name, asker)
    frappe.db.commit()
    assert requests_letter.tell_quiet() == 0


def tell_in_process() -> int:
    frappe.local.conf.update({"mail_server": "localhost", "auto_email_id": "school@school.test"})
    return requests_letter.tell_quiet()


def test_two_jobs_at_once_send_one(evening, school, bench_site):
    _save(evening, school, "anna.devries", [{"offer": _offers(evening, school, "s01")[0]}])
    _wait()
    results = at_once(bench_site, tell_in_process, [(), (), ()])
    assert sorted(results) == [0, 0, 1] and len(_mails()) == 1
