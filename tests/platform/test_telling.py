"""Telling people by e-mail when staff act for them: who reads what, in which language, and what may fail."""

import email
import email.policy
import time
from datetime import datetime, timedelta

import frappe
import pytest

from ouderavond.evening.offering import changes, letters
from ouderavond.evening.offering.report import Concerned
from ouderavond.evening.offering.telling import told_removed, told_requests
from ouderavond.evening.requests import party_key
from tests.platform.rights import insert
from tests.platform.school import DOMAIN, forbid_contact, make_evening, mark_separated

NASTY = '<img src=x onerror=alert(1)> embed="common_site_config.json"'

pytestmark = pytest.mark.usefixtures("outgoing_mail")


@pytest.fixture
def evening(school):
    return make_evening(school, title="Oudercontact herfst")


@pytest.fixture
def change(site):
    """Change the school's own records for the length of a test."""
    before = []

    def change(doctype, name, **values):
        before.append((doctype, name, frappe.db.get_value(doctype, name, list(values), as_dict=True)))
        frappe.db.set_value(doctype, name, values)
        frappe.db.commit()

    yield change
    frappe.db.rollback()
    for doctype, name, values in reversed(before):
        frappe.db.set_value(doctype, name, values)
    frappe.db.commit()


@pytest.fixture
def ask(school, evening):
    """Makes an offer with a request as `evening/` writes them; returns the request's name."""

    def ask(student, guardian, subject="Nederlands", instructors=("jan",), on=None, **values):
        about = {"evening": (on or evening).name, "student": school.student[student], "subject": subject}
        about["student_name"] = frappe.db.get_value("Student", about["student"], "student_name")
        offer = insert("Conversation Offer", **about, instructors=_instructors(school, instructors))
        guardian = school.guardian[guardian] if guardian else None
        party = party_key([guardian] if guardian else [], about["student"])
        values = {"state": "Requested", "source": "Staff", "rank": 1, **values}
        request = insert(
            "Conversation Request", **about, offer=offer, guardian=guardian, party=party, **values
        )
        frappe.db.commit()
        return request

    return ask


@pytest.fixture
def book(school):
    """Makes the cancelled booking of a request; returns its name."""

    def book(request, guardians, start, instructors=("jan",), published=True):
        row = frappe.get_doc("Conversation Request", request)
        booking = insert(
            "Evening Booking",
            evening=row.evening,
            offer=row.offer,
            request=row.name,
            student=row.student,
            student_name=row.student_name,
            subject=row.subject,
            start=start,
            end=start + timedelta(minutes=10),
            published_start=start if published else None,
            state="Cancelled",
            instructors=_instructors(school, instructors),
            guardians=[{"guardian": school.guardian[guardian]} for guardian in guardians],
        )
        frappe.db.commit()
        return booking

    return book


def _instructors(school, codes):
    names = [school.instructor[code] for code in codes]
    labels = [frappe.db.get_value("Instructor", name, "instructor_name") for name in names]
    return [{"instructor": name, "instructor_name": label} for name, label in zip(names, labels, strict=True)]


def _start(evening, minutes=0):
    first = datetime.combine(frappe.utils.getdate(evening.dates[0].date), datetime.min.time())
    return first + timedelta(hours=18, minutes=30 + minutes)


def _row(request=None, booking=None):
    """What the report of a change says of a request or booking that it ends; `ending` finds it before."""
    start = booking and frappe.db.get_value("Evening Booking", booking, "published_start")
    return Concerned("", "", "", "", "", "", "", request, booking, start and str(start))


def _queued():
    """The queued mails by recipient (the part before the @), parsed."""
    found = {}
    for row in frappe.get_all("Email Queue", pluck="name"):
        doc = frappe.get_doc("Email Queue", row)
        (recipient,) = doc.recipients
        message = email.message_from_string(doc.message, policy=email.policy.default)
        message.queue = doc
        found.setdefault(recipient.recipient.split("@")[0], []).append(message)
    return found


def _text(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def _html(message):
    return message.get_body(("html",)).get_content()


def _withdraw(*names):
    for name in names:
        frappe.db.set_value("Conversation Request", name, "state", "Withdrawn")
    frappe.db.commit()


# The usual confirmation


def test_both_guardians_get_one_letter_with_everything_that_is_theirs(ask, evening):
    later = ask("s01", "anna.devries", "Wiskunde", ("hui", "ber"), rank=2)
    first = ask("s02", "bram.devries", "Engels", ("dek",), rank=1, remark="GEHEIM")
    gone = ask("s01", "anna.devries", "Biologie", ("wol",), state="Withdrawn", rank=0)
    ask("s01", "anna.devries", "Frans", ("fon",), state="Withdrawn", rank=0)
    told = told_requests(evening.name, [later, gone])
    assert (told.sent, told.not_told) == (2, [])
    mails = _queued()
    assert set(mails) == {"anna.devries", "bram.devries"}
    assert first
    for (mail,) in mails.values():
        text = _text(mail)
        assert "2. Wiskunde – Marit Huisman, Rob van den Berg" in text
        assert "1. Engels – Willem Dekker" in text
        assert "Biologie – Jeroen Wolters (withdrawn)" in text
        assert text.index("Daan de Vries") < text.index("Wiskunde") < text.index("Biologie")
        assert text.index("Biologie") < text.index("Eva de Vries") < text.index("Engels")
        assert "Frans" not in text and "GEHEIM" not in text
        assert "until" in text and f"http://{frappe.local.site}" in text and "/ouderavond" in text
        assert "Marit Huisman" in _html(mail) and "unsubscribe_url" not in mail.as_string()
        assert mail["Subject"] == "Your requests for Oudercontact herfst"
        doc = mail.queue
        assert (doc.reference_doctype, doc.reference_name) == ("Parent Evening", evening.name)
        assert (doc.status, doc.add_unsubscribe_link) == ("Not Sent", 0)


def test_nothing_requested_any_more_is_said(ask, evening):
    gone = ask("s01", "anna.devries", state="Withdrawn")
    assert told_requests(evening.name, [gone]).sent == 2
    assert "No conversations are requested now." in _text(_queued()["anna.devries"][0])


def test_separated_guardians_read_nothing_of_each_other(ask, school):
    evening = make_evening(school, separated_guardians="Attend separately where marked")
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    own = ask("s04", "carla.bakker", "Engels", ("dek",), on=evening, rank=3)
    ask("s04", "dirk.bakker", "Wiskunde", ("hui",), on=evening, rank=1)
    # About Hanna they attend together.
    ask("s05", "dirk.bakker", "Frans", ("fon",), on=evening, rank=2)
    assert told_requests(evening.name, [own]).sent == 1
    (mail,) = _queued()["carla.bakker"]
    text = _text(mail)
    assert "2. Engels" in text and "1. Frans" in text
    assert "Wiskunde" not in mail.as_string() and "Dirk" not in text


def test_who_is_marked_but_attends_together_reads_it_too(ask, school):
    evening = make_evening(school, separated_guardians="Attend together")
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    assert told_requests(evening.name, [ask("s04", "carla.bakker", on=evening)]).sent == 2


def test_an_address_that_a_separated_guardian_reads_is_not_used(ask, school, change):
    evening = make_evening(school, separated_guardians="Attend separately where marked")
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    shared = f"Bakker@{DOMAIN}"
    change("Guardian", school.guardian["carla.bakker"], email_address=shared)
    change("Guardian", school.guardian["dirk.bakker"], email_address=shared)
    request = ask("s04", "carla.bakker", on=evening)
    assert told_requests(evening.name, [request]).sent == 1
    assert set(_queued()) == {"carla.bakker"}
    change("Guardian", school.guardian["carla.bakker"], user=None)
    told = told_requests(evening.name, [request])
    assert told.sent == 0
    assert told.not_told == [
        ("Carla Bakker", "There is no e-mail address of their own, so nothing was sent.")
    ]


def test_nothing_goes_to_a_guardian_whose_contact_is_forbidden(ask, book, school, evening, change):
    forbid_contact(school, "s07", "pieter.mulder")
    request = ask("s07", "rosa.mulder")
    assert told_requests(evening.name, [request]).sent == 1
    assert set(_queued()) == {"rosa.mulder"}
    # What Pieter asked for before nobody reads.
    his = ask("s07", "pieter.mulder", "Frans", ("fon",))
    told = told_requests(evening.name, [his])
    assert (told.sent, [name for name, _reason in told.not_told]) == (0, ["Pieter Mulder"])
    _withdraw(his)
    booking = book(his, ["pieter.mulder"], _start(evening))
    told = told_removed(evening.name, [_row(his, booking)])
    assert [name for name, _reason in told.not_told] == ["Pieter Mulder"]
    assert set(_queued()) == {"rosa.mulder", "jan"}
    # Nor is anything sent to an address at which he reads along.
    change("Guardian", school.guardian["rosa.mulder"], email_address=f"pieter.mulder@{DOMAIN}", user=None)
    assert told_requests(evening.name, [request]).sent == 0


def test_a_guardian_without_user_is_told_without_a_link(ask, evening):
    assert told_requests(evening.name, [ask("s08", "sanne.post")]).sent == 1
    text = _text(_queued()["sanne.post"][0])
    assert "until" in text and "http" not in text


def test_without_any_address_staff_hear_whom_to_phone(ask, school, evening, change):
    change("Guardian", school.guardian["sanne.post"], email_address="geen, mail@")
    told = told_requests(evening.name, [ask("s08", "sanne.post")])
    assert (told.sent, [name for name, _reason in told.not_told]) == (0, ["Sanne Post"])


def test_the_users_address_where_the_record_has_none(ask, school, evening, change):
    change("Guardian", school.guardian["anna.devries"], email_address=None)
    assert told_requests(evening.name, [ask("s01", "anna.devries")]).sent == 2
    assert set(_queued()) == {"anna.devries", "bram.devries"}


def test_each_in_their_own_language(ask, evening, change):
    change("User", f"anna.devries@{DOMAIN}", language="nl")
    change("User", f"bram.devries@{DOMAIN}", language="en")
    frappe.local.lang = "fr"
    try:
        told_requests(evening.name, [ask("s01", "anna.devries")])
        assert frappe.local.lang == "fr"
    finally:
        frappe.local.lang = "en"
    mails = _queued()
    day = frappe.utils.getdate(evening.dates[0].date)
    dutch = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
    assert dutch[day.weekday()] in _text(mails["anna.devries"][0])
    assert 'lang="nl"' in _html(mails["anna.devries"][0])
    assert f"{day:%A}" in _text(mails["bram.devries"][0])


def test_a_student_who_asked_is_told_and_the_guardians_are_not(ask, school):
    evening = make_evening(school, contact_with="Students")
    assert told_requests(evening.name, [ask("s01", None, on=evening)]).sent == 1
    assert set(_queued()) == {"s01"}


def test_an_unpublished_evening_is_confirmed_without_link_or_deadline(ask, school):
    evening = make_evening(school, published=0)
    assert told_requests(evening.name, [ask("s01", "anna.devries", on=evening)]).sent == 2
    text = _text(_queued()["anna.devries"][0])
    assert "1. Nederlands" in text and "http" not in text and "until" not in text


def test_after_the_deadline_nobody_reads_that_changes_are_possible(ask, school):
    now = frappe.utils.now_datetime()
    times = {"request_from": now - timedelta(days=2), "request_until": now - timedelta(days=1)}
    evening = make_evening(school, **times)
    told_requests(evening.name, [ask("s01", "anna.devries", on=evening)])
    assert "Requests could be made until" in _text(_queued()["anna.devries"][0])


def test_what_the_school_asked_for_is_named_so(ask, evening):
    told_requests(evening.name, [ask("s01", "anna.devries", source="Instructor", priority="Must See")])
    assert "1. Nederlands – Joke Jansma (asked for by the school)" in _text(_queued()["anna.devries"][0])


def test_text_of_users_stays_text_and_takes_no_file_along(ask, school):
    evening = make_evening(school)
    request = ask("s01", "anna.devries", on=evening)
    # As bulk inserts write it, past the platform's cleaning.
    frappe.db.set_value("Conversation Request", request, {"subject": NASTY, "remark": NASTY})
    frappe.db.set_value("Parent Evening", evening.name, "title", f"</title><script>alert(2)</script>{NASTY}")
    frappe.db.commit()
    frappe.clear_document_cache("Parent Evening", evening.name)
    assert told_requests(evening.name, [request]).sent == 2
    (mail,) = _queued()["anna.devries"]
    html = _html(mail)
    assert "<img" not in html and "<script" not in html
    assert "&lt;img src=" in html
    assert [part.get_content_type() for part in mail.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
    ]
    assert "redis_cache" not in mail.queue.message and "\n" not in mail["Subject"]


# What no longer takes place


def test_published_conversations_with_time_and_requests_without(ask, book, school, evening):
    start = _start(evening, 20)
    timed, asked = ask("s01", "anna.devries"), ask("s02", "anna.devries", "Engels", ("dek",))
    booking = book(timed, ["anna.devries"], start)
    planned = book(asked, ["anna.devries", "bram.devries"], _start(evening, 40), ("dek",), published=False)
    _withdraw(timed, asked)
    told = told_removed(evening.name, [_row(timed, booking), _row(asked, planned)])
    assert (told.sent, told.not_told) == (3, [])
    mails = _queued()
    assert set(mails) == {"anna.devries", "bram.devries", "jan"}
    anna = _text(mails["anna.devries"][0])
    assert "Nederlands – Joke Jansma, " in anna and "18:50" in anna
    assert "Engels – Willem Dekker\n" in anna and "19:10" not in anna
    # Bram asked for it too, but would not have been there.
    bram = _text(mails["bram.devries"][0])
    assert "Nederlands – Joke Jansma\n" in bram and "18:50" not in bram
    jan = _text(mails["jan"][0])
    assert "18:50 Daan de Vries – Nederlands" in jan and "Anna" not in jan and "Eva" not in jan


def test_a_request_that_only_lost_its_time_stays(ask, book, evening):
    request = ask("s01", "anna.devries")
    booking = book(request, ["anna.devries"], _start(evening))
    planned = ask("s02", "anna.devries")
    rows = [
        _row(request, booking),
        _row(planned, book(planned, ["anna.devries"], _start(evening), published=False)),
    ]
    assert told_removed(evening.name, rows).sent == 2
    mails = _queued()
    assert set(mails) == {"anna.devries", "jan"}
    text = _text(mails["anna.devries"][0])
    assert "at 18:30 (your request stays)" in text and "Eva" not in text


def test_separate_rows_for_request_and_booking_name_the_conversation_once(ask, book, evening):
    request = ask("s01", "anna.devries")
    booking = book(request, ["anna.devries"], _start(evening))
    _withdraw(request)
    told_removed(evening.name, [_row(request), _row(None, booking)])
    assert _text(_queued()["anna.devries"][0]).count("Nederlands") == 1


def test_what_is_still_there_is_not_told(ask, evening):
    told = told_removed(evening.name, [_row(ask("s01", "anna.devries"))])
    assert (told.sent, told.not_told) == (0, [])


def test_who_is_guardian_and_instructor_gets_a_letter_as_each(ask, book, evening):
    request = ask("s06", "els.smit", "Engels", ("smi",))
    booking = book(request, ["els.smit"], _start(evening), ("smi",))
    _withdraw(request)
    assert told_removed(evening.name, [_row(request, booking)]).sent == 3
    assert [len(_queued()[who]) for who in ("els.smit", "frank.smit")] == [2, 1]


def test_instructors_by_their_own_address_and_without_one_by_name(ask, book, school, evening, change):
    change("Instructor", school.instructor["jan"], ouderavond_email=f"lessen@{DOMAIN}")
    change("Instructor", school.instructor["dek"], ouderavond_user=None)
    request = ask("s01", "anna.devries", instructors=("jan", "dek"))
    booking = book(request, ["anna.devries"], _start(evening), ("jan", "dek"))
    _withdraw(request)
    told = told_removed(evening.name, [_row(request, booking)])
    assert set(_queued()) == {"anna.devries", "bram.devries", "lessen"}
    assert told.not_told == [("Willem Dekker", "No e-mail address is known.")]


def test_separated_guardians_are_told_of_their_own_only(ask, book, school):
    evening = make_evening(school, separated_guardians="Attend separately where marked")
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    hers, his = ask("s04", "carla.bakker", on=evening), ask("s04", "dirk.bakker", on=evening)
    times = {hers: _start(evening), his: _start(evening, 30)}
    rows = [
        _row(hers, book(hers, ["carla.bakker"], times[hers])),
        _row(his, book(his, ["dirk.bakker"], times[his])),
    ]
    _withdraw(hers, his)
    assert told_removed(evening.name, rows).sent == 3
    mails = _queued()
    carla, dirk = _text(mails["carla.bakker"][0]), _text(mails["dirk.bakker"][0])
    assert "18:30" in carla and "19:00" not in carla and "Dirk" not in carla
    assert "19:00" in dirk and "18:30" not in dirk and "Carla" not in dirk


def test_removing_an_offer_tells_whom_it_concerns(ask, book, evening):
    request = ask("s01", "anna.devries")
    booking = book(request, ["anna.devries"], _start(evening))
    frappe.db.set_value("Evening Booking", booking, "state", "Published")
    frappe.db.commit()
    offer = frappe.db.get_value("Conversation Request", request, "offer")
    report = changes.perform(
        evening.name, "Remove by Hand", lambda edit: edit.remove([offer]), confirmed=True
    )
    assert (report.withdrawn, report.cancelled, report.told, report.not_told) == (1, 1, 3, [])
    assert "at 18:30" in _text(_queued()["anna.devries"][0])


# What may fail


def test_a_site_that_is_not_confirmed_sends_nothing(ask, evening):
    frappe.db.set_single_value("Ouderavond Settings", "confirmed_database", "another")
    told = told_requests(evening.name, [ask("s01", "anna.devries")])
    assert told.sent == 0
    assert "has not been confirmed" in told.not_told[0][1]
    assert not _queued() and not frappe.db.count("Error Log")


def test_nothing_is_sent_about_an_archived_evening(ask, evening):
    request = ask("s01", "anna.devries")
    frappe.db.set_value("Parent Evening", evening.name, "archived", 1)
    assert told_requests(evening.name, [request]).sent == 0
    assert not _queued()


def test_without_outgoing_account_the_change_stands_and_one_error_is_kept(ask, evening, monkeypatch):
    monkeypatch.delitem(frappe.local.conf, "mail_server")
    frappe.local.outgoing_email_account = {}
    request = ask("s01", "anna.devries")
    frappe.clear_messages()
    for muted in (True, False):
        frappe.flags.mute_emails = muted
        told = told_requests(evening.name, [request])
        assert told.not_told == [("Everybody concerned", "There is no outgoing e-mail account.")]
    assert frappe.db.count("Error Log") == 2
    assert not frappe.local.message_log and not _queued()
    assert frappe.db.get_value("Conversation Request", request, "state") == "Requested"


def test_a_letter_that_fails_takes_no_other_along(ask, evening, monkeypatch):
    real = frappe.sendmail

    def sendmail(**options):
        if not options["recipients"][0].startswith("tom."):
            frappe.msgprint("Not for whoever made the change.")
            frappe.throw("No.")
        return real(**options)

    monkeypatch.setattr(frappe, "sendmail", sendmail)
    requests = [ask("s01", "anna.devries"), ask("s11", "marieke.visser")]
    frappe.clear_messages()
    told = told_requests(evening.name, requests)
    assert told.sent == 1 and set(_queued()) == {"tom.visser"}
    assert len(told.not_told) == 3 and ("Anna de Vries", letters._failed()) in told.not_told
    assert frappe.db.count("Error Log") == 1 and not frappe.local.message_log


def test_reading_that_fails_is_reported_not_raised(evening):
    told = told_requests("no such evening", ["no such request"])
    assert told.sent == 0 and told.not_told and frappe.db.count("Error Log") == 1


def test_many_households_ask_no_more_of_the_database_than_one(ask, school, evening, monkeypatch):
    codes = {name: code for code, name in school.guardian.items()}
    withdrawn = [
        ask(code, codes[guardian])
        for code, student in school.student.items()
        for guardian in frappe.get_all(
            "Student Guardian", {"parent": student, "parenttype": "Student"}, pluck="guardian", limit=1
        )
    ]
    _withdraw(*withdrawn)
    monkeypatch.setattr(letters, "_hand_over", lambda evening, letters: [])
    one = _counted(evening, withdrawn[:1])
    one = _counted(evening, withdrawn[:1])
    many = _counted(evening, withdrawn)
    print("(letters, queries, seconds) of one household and of many:", one, many)
    assert many[0] > 40
    assert many[1] == one[1] <= 15
    assert many[2] / many[0] < 0.003


def _counted(evening, requests):
    queries, real = [], frappe.db.sql
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frappe.db, "sql", lambda *args, **options: queries.append(1) or real(*args, **options))
        begun = time.perf_counter()
        told = told_removed(evening.name, [_row(name) for name in requests])
        return told.sent, len(queries), time.perf_counter() - begun


def test_more_than_a_few_letters_are_set_in_the_background(ask, evening, jobs_at_once, monkeypatch):
    monkeypatch.setattr(letters, "AT_ONCE", 1)
    told = told_requests(evening.name, [ask("s01", "anna.devries")])
    assert told.sent == 2 and set(_queued()) == {"anna.devries", "bram.devries"}
    ((method, options),) = jobs_at_once.calls
    assert method is letters.send_later and options["queue"] == "default"
