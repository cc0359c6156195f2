"""Online meetings before they are needed: settings that hold, tests in sentences, warnings in time."""

import inspect
import json
from datetime import date, timedelta
from functools import lru_cache

import click
import frappe
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from frappe import client
from frappe.desk.form.load import getdoc

from ouderavond.api import desk, staff
from ouderavond.api import meetings as api
from ouderavond.api.planning import publish as publish_api
from ouderavond.commands.meetings import make_sure, run_test
from ouderavond.evening import doctor, identity
from ouderavond.evening.offering import by_course
from ouderavond.evening.online import (
    before_publishing,
    checking,
    expiry,
    framing,
    preview,
    providers,
    rows,
    testing,
    waking,
)
from ouderavond.evening.planning import moves
from ouderavond.meetings.protocol import Finding
from tests.meetings.fake_certificates import client_certificate
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening

SETTINGS, TEAMS = providers.SETTINGS, "Microsoft Teams"
ID = "11111111-2222-3333-4444-555555555555"
SECRET = "WOORDGEHEIM~8Q.secret-of-the-school"
CALLS = [
    function
    for _name, function in inspect.getmembers(api, inspect.isfunction)
    if function.__module__ == api.__name__ and function in frappe.whitelisted
]
OF_MANAGERS = {"test_connection", "preview_texts", "standing"}


class Other:
    """Another system that answers a connection test; `bad` {account: code}, `general` what holds of all."""

    def __init__(self):
        self.asked, self.bad, self.general, self.broken = [], {}, None, False

    def test(self, accounts):
        # Nobody may wait for locks of ours meanwhile.
        assert not frappe.db.transaction_writes
        self.asked.append(list(accounts))
        if self.broken:
            raise OSError("no network")
        if self.general:
            return [Finding(self.general, detail="AADSTS1")]
        found = [Finding(self.bad.get(one, "account_good"), one not in self.bad, one) for one in accounts]
        return [Finding("connected", True), *found]


@pytest.fixture
def other(site, monkeypatch):
    """Teams filled in, on a site that may call out; what is behind it."""
    save(microsoft_tenant="school.example", microsoft_client_id=ID, microsoft_client_secret=SECRET)
    found = Other()
    monkeypatch.setattr(providers, "of", lambda name: found)
    monkeypatch.setattr(waking, "start", lambda: None)
    identity.confirm()
    frappe.db.commit()
    yield found
    frappe.clear_document_cache(SETTINGS, SETTINGS)


def save(**values):
    doc = frappe.get_doc(SETTINGS)
    doc.update(values)
    doc.save()
    frappe.db.commit()
    return doc


def online(school, **values):
    return make_evening(school, mode="Online", meeting_provider=TEAMS, published=0, **values)


def refused(function, *arguments, **options) -> str:
    with pytest.raises(frappe.ValidationError) as found:
        function(*arguments, **options)
    frappe.db.rollback()
    frappe.clear_document_cache(SETTINGS, SETTINGS)
    return frappe.utils.strip_html(str(found.value))


# Who may


def test_everybody_else_is_refused_with_a_message(site, school):
    evening = make_evening(school)
    values = {"evening": evening.name, "provider": "Link Template"}
    assert len(CALLS) == 7
    for who in ("jan", "anna.devries", "s01", "Guest", PLANNER):
        user = who if who in ("Guest", PLANNER) else school.user(who)
        with as_user(user):
            for function in CALLS:
                if user == PLANNER and function.__name__ not in OF_MANAGERS:
                    continue
                given = {
                    name: values[name] for name in inspect.signature(function).parameters if name in values
                }
                with pytest.raises(frappe.PermissionError) as found:
                    function(**given)
                assert str(found.value) in (
                    "Only staff who run parent evenings can do this.",
                    "Please log in.",
                    "Only an Ouderavond Manager can do this.",
                ), function.__name__
    for function in CALLS:
        methods = set(frappe.allowed_http_methods_for_whitelisted_func[function])
        assert methods in ({"GET", "POST"}, {"POST"}) and function not in frappe.guest_methods
    with as_user(MANAGER):
        assert api.test_connection("Link Template")[0]["level"] == "bad"
        assert api.standing() == {"in_use": [], "warnings": []}


# The settings


def pem(key) -> str:
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()


@lru_cache
def google_key() -> str:
    return pem(rsa.generate_private_key(65537, 1024))


def service_account(**values) -> str:
    found = {
        "type": "service_account",
        "client_email": "app@project.iam.gserviceaccount.com",
        "client_id": "1",
        "private_key": google_key(),
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    return json.dumps(found | values)


def test_what_cannot_work_is_refused_in_a_sentence(site):
    certificate, _ = client_certificate()
    foreign, _ = client_certificate("another")
    key_of_another = (
        foreign.split("-----BEGIN CERT")[0] + "-----BEGIN CERT" + certificate.split("-----BEGIN CERT")[1]
    )
    for field, value, said in (
        ("microsoft_tenant", "our school", "must be an ID such as"),
        ("microsoft_client_id", "school.example", "must be an ID such as"),
        ("microsoft_client_secret", ID, "the ID of the client secret and not the secret itself"),
        ("microsoft_certificate", "-----BEGIN CERTIFICATE-----abc", "Both are needed"),
        ("microsoft_certificate", key_of_another, "does not belong to the certificate"),
        ("microsoft_certificate", certificate.replace("MI", "M!"), "cannot be read"),
        ("google_service_account", certificate, "not the JSON file"),
        ("google_service_account", '{"type": "authorized_user"}', "a key of another kind"),
        ("google_service_account", service_account(client_email=""), "not complete"),
        ("google_service_account", service_account(token_uri="https://evil.example/token"), "not Google's"),
        ("google_service_account", service_account(private_key="x"), "cannot be read"),
        ("link_template", "https://meet.school.example", "have {room} behind"),
        ("link_template", "http://meet.school.example/{room}", "must begin with https://"),
        ("meeting_subject", "{subject} {last_name}", "Title: {last_name} stands for nothing"),
        ("meeting_body", "{Student}", "You can use {subject}, {student}, {student_full_name}, {class}"),
        ("frame_origins", "https://*.example.com", "is not an origin"),
        (
            "frame_origins",
            "https://a.example\nhttps://teams.microsoft.com/x",
            "https://teams.microsoft.com/x is not",
        ),
        ("frame_origins", "https://a.example; script-src *", "is not an origin"),
    ):
        given = refused(save, **{field: value})
        assert said in given, (field, given)
        assert not field.startswith(("microsoft", "google")) or value[-40:] not in given
    save(frame_origins="HTTPS://Teams.microsoft.com/\n\n https://a.example \nhttps://a.example")
    assert framing.origins() == ["https://teams.microsoft.com", "https://a.example"]


def test_a_certificate_says_when_it_expires_and_a_new_way_to_log_in_does_not(site):
    certificate, parsed = client_certificate()
    one_line = certificate.replace("\n", "")
    save(microsoft_credential="Certificate", microsoft_certificate=one_line)
    stored = frappe.get_doc(SETTINGS)
    assert str(stored.microsoft_secret_expires) == str(parsed.not_valid_after_utc.date())
    save(microsoft_credential="Client Secret", microsoft_client_secret=SECRET)
    assert not frappe.get_doc(SETTINGS).microsoft_secret_expires
    save(microsoft_credential="Certificate")
    assert str(frappe.get_doc(SETTINGS).microsoft_secret_expires) == str(parsed.not_valid_after_utc.date())
    save(google_service_account=service_account().replace("\n", ""))


def test_secrets_are_told_to_nobody(site, monkeypatch):
    certificate, _ = client_certificate()
    key = service_account()
    given = {
        "microsoft_client_secret": SECRET,
        "microsoft_certificate": certificate,
        "google_service_account": key,
    }
    save(**given)
    save(**{name: "" for name in given})
    save(**given, microsoft_tenant="school.example", microsoft_client_id=ID)
    refused(save, google_service_account=key.replace("oauth2.googleapis.com", "evil.example"))
    monkeypatch.setattr(checking.keys, "service_account", lambda given: 1 / 0)
    assert "could not be checked" in refused(save, google_service_account=key)
    assert frappe.db.exists("Error Log", {"method": ("like", "%settings could not be checked%")})
    with as_user(MANAGER):
        getdoc(SETTINGS, SETTINGS)
        answers = [frappe.as_json(frappe.response), client.get(SETTINGS, SETTINGS), api.standing()]
        answers += [api.test_connection(TEAMS), api.test_connection("Google Meet"), api.preview_texts()]
        for name in given:
            answers.append(client.get_value(SETTINGS, name))
            answers.append(client.get_single_value(SETTINGS, name))
            with pytest.raises(frappe.PermissionError):
                client.get_password(SETTINGS, SETTINGS, name)
    kept = [frappe.get_all(table, fields=["*"]) for table in ("Version", "Error Log", "Integration Request")]
    assert kept[0]
    told = frappe.as_json([answers, kept, frappe.get_doc(SETTINGS).as_dict()])
    told = told.replace("\\n", "").replace("\\", "")
    secret = json.loads(key)["private_key"].splitlines()[3]
    for part in (SECRET, certificate.splitlines()[3], secret, key[:40]):
        assert part not in told


def test_saving_lets_what_failed_because_of_the_settings_be_tried_again(site, school, monkeypatch):
    woken = []
    monkeypatch.setattr(
        waking, "start", lambda: woken.append(frappe.db.get_value(rows.DOCTYPE, "b", "state"))
    )
    evening = make_evening(school)
    for name, code in (("a", "licence_missing"), ("b", "expired_secret")):
        row = {"name": name, "state": "Failed", "code": code, "evening": evening.name, "provider": TEAMS}
        frappe.get_doc({"doctype": rows.DOCTYPE, "key": name, "live_key": name, **row}).insert(set_name=name)
    save(microsoft_tenant="school.example")
    states = dict(frappe.get_all(rows.DOCTYPE, fields=["name", "state"], as_list=True))
    assert states == {"a": "Failed", "b": "Wanted"}
    assert woken == ["Wanted"]


# Texts


def test_a_preview_has_no_last_name_unless_asked_for(site, school):
    with as_user(MANAGER):
        invented = api.preview_texts()
    assert invented["subject"].endswith("Noor") and "invented" in invented["about"]
    evening = make_evening(
        school, mode="Online", procedure="Book Directly", booking_from="2020-01-01 00:00:00"
    )
    book(evening, school)
    frappe.db.set_value("User", school.user("jan"), "language", "nl")
    with as_user(MANAGER):
        found = api.preview_texts()
        whole = api.preview_texts("{student_full_name} {nothing}", "<b>{class}</b>")
    student = frappe.db.get_value("Student", school.student["s01"], ["first_name", "last_name"], as_dict=True)
    assert student.first_name in found["subject"] and evening.title in found["about"]
    assert student.last_name not in found["subject"] + found["body"] and not found["warning"]
    assert student.last_name in whole["subject"] and "{nothing}" in whole["subject"]
    assert "last name stands in the calendar" in whole["warning"]
    assert preview.of("", "").body.startswith(evening.title)


def book(evening, school):
    by_course.offer(evening.name)
    frappe.db.commit()
    filters = {"evening": evening.name, "student": school.student["s01"]}
    offer = frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")[0]
    start = f"{evening.dates[0].date} 18:30:00"
    moves.book(offer, start, guardian=school.guardian["anna.devries"])
    frappe.db.commit()


# The test by itself


def test_the_button_says_in_sentences_what_is_wrong(other, school, monkeypatch):
    with as_user(MANAGER):
        good = api.test_connection(TEAMS)
    account = good[1]["account"]
    assert other.asked == [[account]] and account
    assert [one["level"] for one in good] == ["good", "good", "note", "note"]
    save(microsoft_level="With Lobby and Recording", microsoft_test_account="Tester@school.example")
    said = {}
    for code in ("wrong_secret", "consent_missing", "throttled", "timeout", "service_off", "clock_wrong"):
        other.general = code
        (one,) = testing.of_provider(TEAMS)
        said[code] = one.text
        assert one.level == "bad" and one.ends and one.text.endswith("(AADSTS1)")
    assert len(set(said.values())) == len(said)
    assert "by itself" not in said["timeout"] and "Test again" in said["throttled"]
    other.general, other.bad = None, {"tester@school.example": "licence_missing"}
    assert "tester@school.example has no licence" in testing.of_provider(TEAMS)[1].text
    other.bad = {one: "timeout" for one in ("a@school.example", "b@school.example")}
    silent = testing.run(TEAMS, list(other.bad))
    assert [(one.code, one.account, one.ends) for one in silent][1:] == [("timeout", "", True)]
    other.broken = True
    (one,) = testing.of_provider(TEAMS)
    assert one.code == "unclear" and SECRET not in frappe.as_json(frappe.get_all("Error Log", fields=["*"]))
    # Nothing leaves a site that is not the confirmed one, and nothing is asked where something is missing.
    asked = len(other.asked)
    frappe.db.set_single_value(SETTINGS, "confirmed_database", "another")
    assert "Nothing leaves this site" in testing.of_provider(TEAMS)[0].text
    frappe.db.set_single_value(SETTINGS, "confirmed_database", frappe.conf.db_name)
    frappe.clear_document_cache(SETTINGS, SETTINGS)
    assert (
        "not filled in for Google Meet: Key of the Service Account"
        in testing.of_provider("Google Meet")[0].text
    )
    assert len(other.asked) == asked
    assert "Choose who makes" in refused(testing.of_provider, "Another")


# Before people are told


def test_an_online_evening_is_published_after_a_good_test(other, school, monkeypatch, capsys):
    monkeypatch.setattr(before_publishing, "PART", 2)
    evening = online(school)
    by_course.offer(evening.name)
    book(evening, school)
    sits(evening, school, "jan", "dek", "ber")
    frappe.db.set_value("Instructor", school.instructor["ber"], "ouderavond_user", None)
    evening.reload()
    evening.published = 1
    assert "Test the connection with Microsoft Teams first" in refused(evening.save)
    with as_user(PLANNER):
        assert api.before(evening.name)["due"]
        answer = api.test_evening(evening.name)
        assert (answer["next"], answer["is_good"]) == (2 if answer["total"] > 2 else None, False)
        while answer["next"]:
            answer = api.test_evening(evening.name, answer["next"])
    assert max(len(part) for part in other.asked) == 2
    known = {email for part in other.asked for email in part}
    assert len(known) == answer["total"] == answer["good"]
    assert answer["is_good"] and "works for all" in answer["sentence"]
    evening.reload()
    evening.published = 1
    evening.save()
    frappe.db.commit()
    with as_user(PLANNER):
        assert api.before(evening.name) == {"needed": True, "due": False, "test": answer}
        assert publish_api.publish(evening.name)["report"]
    # Another provider, other settings: tested again.
    save(microsoft_test_account="x@school.example")
    assert "Test the connection" in refused(staff.publish, evening.name)
    assert run_test(frappe.get_doc("Parent Evening", evening.name))["is_good"]
    assert "works for all" in capsys.readouterr().out
    assert not before_publishing.is_due(frappe.get_doc("Parent Evening", evening.name))


def sits(evening, school, *codes):
    for code in codes:
        day = evening.dates[0].date
        row = {"evening": evening.name, "instructor": school.instructor[code], "date": day}
        if not frappe.db.exists("Evening Instructor", row):
            frappe.get_doc({"doctype": "Evening Instructor", **row}).insert(ignore_permissions=True)
    frappe.db.commit()


def test_what_is_wrong_is_shown_with_names_and_keeps_nobody_from_publishing(
    other, school, monkeypatch, capsys
):
    evening = online(school)
    sits(evening, school, "jan", "dek", "ber")
    emails = [account.email for account in before_publishing.accounts.of_evening(evening.name).values()]
    first, second = sorted(emails)[:2]
    other.bad = {first: "unknown_account", second: "licence_missing"}
    nobody = school.instructor["ber"]
    of_evening = before_publishing.accounts.of_evening
    monkeypatch.setattr(
        before_publishing.accounts, "of_evening", lambda name: {**of_evening(name), nobody: None}
    )
    with as_user(PLANNER):
        answer = api.test_evening(evening.name)
    codes = {group["code"]: [who["name"] for who in group["who"]] for group in answer["groups"]}
    assert set(codes) >= {"no_account"} and len(answer["groups"]) >= 2
    assert codes["no_account"] == [frappe.db.get_value("Instructor", nobody, "instructor_name")]
    assert not answer["is_good"] and answer["next"] is None
    evening.reload()
    evening.published = 1
    assert "say that you publish nevertheless" in refused(evening.save)
    with pytest.raises(click.Abort):
        monkeypatch.setattr(click, "confirm", _no)
        make_sure(evening.name, False)
    assert frappe.db.get_value("Instructor", nobody, "instructor_name") in capsys.readouterr().out
    # The other system never answers, and the cache is lost: there is a way on all the same.
    other.broken = True
    frappe.cache.delete_value(before_publishing._key(evening))
    with as_user(PLANNER):
        assert api.test_evening(evening.name)["general"][0]["code"] == "unclear"
        api.go_on(evening.name)
    evening.reload()
    evening.published = 1
    evening.save()
    assert frappe.db.exists(
        "Comment", {"reference_name": evening.name, "content": ("like", "%Goes on without%")}
    )


def _no(*_arguments, **_options):
    raise click.Abort


def test_the_form_of_an_evening(site, school):
    said = refused(make_evening, school, meeting_provider="Link Template", in_person_in_calendar=1)
    assert "Link Template only makes links" in said
    assert "Choose Microsoft Teams or Google Meet" in refused(make_evening, school, in_person_in_calendar=1)
    frappe.local.message_log = []
    make_evening(school, mode="Online", meeting_provider=TEAMS)
    assert "not filled in for Microsoft Teams: Directory (Tenant) ID" in str(frappe.local.message_log)
    save(default_meeting_provider="Link Template", link_template="https://meet.school.example/{room}")
    with as_user(PLANNER):
        assert desk.new_evening()["meeting_provider"] == "Link Template"
        assert api.about("Link Template")["about"] and not api.about("Link Template")["lacking"]
    # A template is tested as well, and needs no other system.
    evening = make_evening(school, mode="Online", meeting_provider="Link Template", published=0)
    assert before_publishing.step(evening).is_good
    evening.published = 1
    evening.save()


# Warnings


def test_managers_are_warned_once_for_each_threshold(other, school, outgoing_mail, monkeypatch):
    today = date(2027, 3, 1)
    monkeypatch.setattr(expiry, "getdate", lambda value=None: frappe.utils.getdate(value or today))
    frappe.db.set_single_value(SETTINGS, "microsoft_secret_expires", "2027-05-10")
    told, managers = {}, len(expiry.managers())
    assert managers
    for left in (61, 60, 59, 31, 29, 8, 7, 6, 1, 0, -1, -2):
        today = date(2027, 5, 10) - timedelta(days=left)
        expiry.daily()
        number = frappe.db.count("Notification Log", {"document_name": SETTINGS}) - sum(told.values())
        told |= {left: number} if number else {}
    # On the thirtieth day before nothing ran.
    assert told == {60: managers, 29: managers, 7: managers, 0: managers}
    letters = frappe.get_all("Email Queue", pluck="message")
    assert len(letters) == 4 * managers and SECRET not in str(letters)
    # Another date is another secret; a site that is not the confirmed one writes to nobody.
    frappe.db.set_single_value(SETTINGS, "microsoft_secret_expires", "2027-05-16")
    frappe.db.set_single_value(SETTINGS, "confirmed_database", "another")
    frappe.clear_document_cache(SETTINGS, SETTINGS)
    expiry.daily()
    assert frappe.db.count("Notification Log", {"document_name": SETTINGS}) == 5 * managers
    assert len(frappe.get_all("Email Queue")) == 4 * managers


def test_the_doctor_and_the_settings_say_what_is_wrong(other, school):
    def levels():
        names = ("Microsoft Teams", "Secret of Microsoft Teams", "Events that could not be made")
        return {one.name: one.level for one in doctor.check() if one.name in names}

    assert levels() == {}
    evening = online(school)
    assert levels() == {
        "Microsoft Teams": doctor.WARNING,
        "Secret of Microsoft Teams": doctor.WARNING,
        "Events that could not be made": doctor.OK,
    }
    with as_user(MANAGER):
        assert "not known when" in api.standing()["warnings"][0]["text"]
    providers.log(TEAMS, "test", status=200, detail={})
    save(microsoft_secret_expires=frappe.utils.add_days(frappe.utils.getdate(), 20))
    row = {
        "state": "Failed",
        "code": "licence_missing",
        "evening": evening.name,
        "provider": TEAMS,
        "key": "k",
    }
    ahead = {"start": f"{evening.dates[0].date} 18:30:00", "end": f"{evening.dates[0].date} 18:40:00"}
    frappe.get_doc({"doctype": rows.DOCTYPE, **row, **ahead}).insert(ignore_permissions=True)
    assert levels() == {
        "Microsoft Teams": doctor.OK,
        "Secret of Microsoft Teams": doctor.WARNING,
        "Events that could not be made": doctor.WARNING,
    }
    with as_user(MANAGER):
        said = [one["text"] for one in api.standing()["warnings"]]
    assert "expires in 20 days" in said[0] and "1 events could not be made" in said[1]
    save(microsoft_client_secret="")
    assert levels()["Microsoft Teams"] == doctor.ERROR
