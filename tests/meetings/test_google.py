"""Google Meet with Google's own client library, against a server that behaves as the API is documented."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

pytest.importorskip("googleapiclient")
pytest.importorskip("jwt")

from ouderavond.meetings import errors
from ouderavond.meetings.google import Google, Workspace
from ouderavond.meetings.protocol import Action, Attendee, Event, Failure, NoTokens, Options, Step
from tests.meetings.fake_google import CALENDARS, EVENTS, FakeGoogle, HangUp, service_key
from tests.meetings.google_schema import wrong_body, wrong_parameters

JAN, PIM, SMI = (f"{name}@school.example" for name in ("jan", "pim", "smi"))
ZONE = "Europe/Amsterdam"
SITE = "oa.school.example"
EVENING = datetime(2026, 11, 24, 19, 0)
SCHOOL = Options("colleagues_enter", recording=True)
QUICK = 0.2


class Shelf(NoTokens):
    """Tokens for one process, as a cache would keep them: for a time that is to come."""

    def set(self, key, value, seconds):
        assert isinstance(seconds, int) and seconds > 0
        super().set(key, value, seconds)


class Notes(list):
    """What was logged."""

    def __call__(self, service, what, *, status, detail):
        self.append((service, what, status, dict(detail)))


@pytest.fixture
def google():
    with FakeGoogle() as fake:
        yield fake


@pytest.fixture
def meet(google):
    return provider(google)


def provider(google, tokens=None, log=None, **more) -> Google:
    settings = {"service_account": google.service_account, "api": google.url, "options": SCHOOL, **more}
    return Google(Workspace(**settings), tokens, log)


def event(number=1, account=JAN, **more) -> Event:
    start = more.pop("start", EVENING)
    fields = {
        "key": f"{number:032x}",
        "account": account,
        "subject": "Bo, 1a",
        "body": "Ten minutes.",
        "start": start,
        "end": start + timedelta(minutes=10),
        "zone": ZONE,
        "site": SITE,
    }
    return Event(**{**fields, **more})


def create(one: Event, **more) -> Step:
    return Step(Action.CREATE, one, **more)


def known(action: Action, one: Event, **more) -> Step:
    return Step(action, one, id=one.key, **more)


def do(meet: Google, *steps: Step):
    """The outcomes; of one step, its outcome."""
    done = meet.perform(steps)
    return done[0] if len(steps) == 1 else done


def whats(google) -> list[str]:
    """What came in, without tokens and batches."""
    return [call.what for call in google.calls if call.what not in ("token", "batch")]


# -- making ------------------------------------------------------------------------------------------


def test_an_event_is_made_as_decided(google, meet):
    guests = (Attendee(SMI, "S. Mit"), Attendee("anna@ouders.example", "Anna"))
    body = "Ask <b>Anna</b> & Bo"
    online, at_school = event(1, attendees=guests, body=body), event(2, PIM, online=False, location="B12")
    made, plain = do(meet, create(online), create(at_school))

    stored = google.live(JAN)[0]
    assert made.id == made.key == stored["id"] == online.key
    assert (made.account, made.start, made.end, made.pending) == (JAN, EVENING, online.end, False)
    assert made.link == stored["hangoutLink"] and made.link.startswith("https://meet.google.com/")
    assert stored["start"] == {"dateTime": "2026-11-24T19:00:00+01:00", "timeZone": ZONE}
    assert stored["extendedProperties"]["private"] == {"ouderavond": SITE, "ouderavond_key": online.key}
    assert stored["description"] == "Ask &lt;b&gt;Anna&lt;/b&gt; &amp; Bo"
    assert stored["visibility"] == "private"
    assert not any(stored[f"guestsCan{what}"] for what in ("SeeOtherGuests", "InviteOthers", "Modify"))
    assert [guest["email"] for guest in stored["attendees"]] == [SMI, "anna@ouders.example"]
    assert plain.link == "" and not plain.pending and plain.unset == ()
    assert "conferenceData" not in google.live(PIM)[0] and google.live(PIM)[0]["location"] == "B12"
    # One login for each calendar, one batch; guests from outside are written to, colleagues are not.
    assert [call.what for call in google.calls] == ["token", "token", "batch", "insert", "insert"]
    colleague = event(3, attendees=guests[:1])
    do(meet, create(colleague))
    do(meet, known(Action.CANCEL, colleague), known(Action.CANCEL, at_school))
    told = [call.one("sendUpdates") for call in google.calls if call.query]
    assert told == ["all", "none", "none", "none", "externalOnly"]


def test_what_cannot_be_set_is_said_where_it_was_wished(google):
    of = {}
    for number, wished in enumerate((Options(), SCHOOL, Options("everyone_enters", True))):
        of[wished] = do(provider(google, options=wished), create(event(number))).unset
    assert list(of.values()) == [("lobby_not_set", "recording_not_set"), (), ("lobby_not_set",)]


def test_the_same_key_never_makes_two(google, meet):
    first = do(meet, create(event()))
    assert do(meet, create(event())) == first
    google.forget()
    assert do(meet, create(event(), again=True)) == first and whats(google) == ["get"]
    # Made by an earlier try, and the conversation has moved since.
    later = event(start=EVENING + timedelta(hours=1), subject="Bo, 1b", location="B12")
    google.forget()
    moved = do(meet, create(later))
    assert (moved.start, moved.link) == (later.start, first.link)
    assert whats(google) == ["insert", "get", "patch"] and google.live()[0]["location"] == "B12"
    assert google.made("patch")[0].headers["if-match"]
    assert google.count() == {JAN: 1}
    # Not there after all.
    assert do(meet, create(event(2), again=True)).link and google.count() == {JAN: 2}


def test_a_key_that_is_used_up_needs_another(google, meet):
    for again in (False, True):
        assert do(meet, create(event(1, site="other.example"))).link or again
        assert do(meet, create(event(1), again=again)) == Failure("key_used", detail="other site")
        do(meet, create(event(2)))
        google.delete_by_hand(JAN, event(2).key)
        assert do(meet, create(event(2), again=again)).code == "key_used"
    assert (
        google.count() == {JAN: 1} and google.live()[0]["extendedProperties"]["private"]["ouderavond"] != SITE
    )
    assert "key_used" in errors.TRANSIENT


def test_a_meeting_that_takes_time_or_fails(google, meet):
    google.pending_reads = 2
    made = do(meet, create(event()))
    assert made.pending and not made.link
    assert do(meet, known(Action.READ, event())).pending
    assert do(meet, known(Action.READ, event())).link
    google.pending_reads, google.failing_conferences = 0, 2
    failed = do(meet, create(event(2)))
    assert not failed.pending and not failed.link
    lost = known(Action.CHANGE, event(2), meeting_lost=True)
    assert not do(meet, lost).link and do(meet, lost).link
    asked = [call.json()["conferenceData"]["createRequest"]["requestId"] for call in google.made("patch")]
    assert len({event(2).key, *asked}) == 3
    # Somebody took the meeting out.
    google.change_by_hand(JAN, event(2).key, conferenceData=None, hangoutLink=None)
    assert do(meet, known(Action.READ, event(2))).link == ""
    assert do(meet, lost).link


# -- changing, taking away, reading ------------------------------------------------------------------


def test_a_change_leaves_the_meeting_and_the_text(google, meet):
    made = do(meet, create(event()))
    later = event(start=EVENING + timedelta(days=1), body="Another text", location="B12", subject="Bo")
    google.change_by_hand(
        JAN,
        event().key,
        start={"date": "2026-11-24", "dateTime": None},
        end={"date": "2026-11-25", "dateTime": None},
    )
    assert do(meet, known(Action.READ, event())).start == datetime(2026, 11, 24)
    google.forget()
    assert do(meet, known(Action.CHANGE, later)) == replace(made, start=later.start, end=later.end)
    stored = google.live()[0]
    assert (stored["summary"], stored["location"], stored["description"]) == ("Bo", "B12", "Ten minutes.")
    assert whats(google) == ["patch"]
    assert set(google.made("patch")[0].json()) == {"summary", "location", "start", "end", "attendees"}
    do(meet, known(Action.CHANGE, event()))
    assert "location" not in google.live()[0]


def test_a_change_keeps_what_guests_answered(google, meet):
    guests = (Attendee(SMI, "S. Mit"), Attendee(PIM, "P. Im"))
    do(meet, create(event(attendees=guests[:1])))
    google.change_by_hand(JAN, event().key, attendees=[{"email": SMI.upper(), "responseStatus": "accepted"}])
    assert do(meet, known(Action.CHANGE, event(attendees=guests))).link
    assert [one["responseStatus"] for one in google.live()[0]["attendees"]] == ["accepted", "needsAction"]

    def meanwhile(moment, call):
        if (moment, call.what) == ("after", "get"):
            google.change_by_hand(JAN, event().key, summary="By hand")

    google.hook = meanwhile
    assert do(meet, known(Action.CHANGE, event(attendees=guests))) == Failure(
        "changed_meanwhile", detail="412 conditionNotMet"
    )
    google.hook = None
    assert do(meet, known(Action.CHANGE, event())).link and google.live()[0]["attendees"] == []


def test_what_was_deleted_by_hand_is_not_there(google, meet):
    guests = (Attendee(SMI, "S. Mit"),)
    for first, answer in enumerate([200, 403, 404, 410]):
        google.deleted_patch = answer
        deleted, purged, never, taken = (event(10 * first + number) for number in range(4))
        do(meet, create(deleted), create(purged), create(taken))
        google.delete_by_hand(JAN, deleted.key)
        google.purge(JAN, purged.key)
        for gone in (deleted, purged, never):
            steps = (known(Action.CHANGE, gone), known(Action.READ, gone), known(Action.CANCEL, gone))
            invited = known(Action.CHANGE, replace(gone, attendees=guests))
            assert do(meet, *steps, invited) == [None] * 4, answer
        assert do(meet, known(Action.CANCEL, taken)) is None and google.count() == {}
        assert do(meet, known(Action.CANCEL, taken)) is None


def test_whose_calendar_may_not_be_changed(google, meet):
    do(meet, create(event()))
    google.fail("patch", status=403, reason="requiredAccessLevel")
    assert do(meet, known(Action.CHANGE, event())) == Failure("not_allowed", detail="403 requiredAccessLevel")


# -- many, and tokens --------------------------------------------------------------------------------


def test_a_batch_for_many_calendars_with_tokens_that_are_kept(google):
    google.at_once = Google.per_account
    accounts = [f"t{number}@school.example" for number in range(13)]
    steps = [create(event(number, accounts[number % 13])) for number in range(Google.batch)]
    kept = Shelf()
    done = provider(google, kept).perform(steps)
    assert [one.key for one in done] == [step.event.key for step in steps]
    assert sum(google.count().values()) == 50 and len(google.made("batch")) == 1
    for account in accounts:
        assert {one["organizer"]["email"] for one in google.live(account)} == {account}
    assert len(google.made("token")) == 13
    # Another process: the tokens are there already, and their names say nothing of whose they are.
    assert provider(google, kept).perform(steps) == done
    assert len(google.made("token")) == 13
    assert not any("school" in name or "@" in name for name in kept.kept)
    # Another key, as after it was renewed: nothing kept counts.
    renewed = json.dumps(json.loads(google.service_account) | {"private_key_id": "key-2"})
    provider(google, kept, service_account=renewed).perform(steps[:1])
    assert len(google.made("token")) == 14


def test_a_token_that_is_refused_is_fetched_once_more(google):
    kept = NoTokens()
    meet = provider(google, kept)
    do(meet, create(event(1)), create(event(2, PIM)))
    google.expire_tokens(JAN)
    google.forget()
    assert all(one.link for one in do(meet, create(event(3)), create(event(4)), create(event(5, PIM))))
    assert (len(google.made("token")), google.count()) == (1, {JAN: 3, PIM: 2})
    google.forget()
    assert do(provider(google, kept), create(event(6))).link and not google.made("token")
    # The delegation ends: only whose token is refused is told so, and nothing else of the batch is lost.
    google.users = {PIM}
    google.expire_tokens(JAN)
    refused, good = do(meet, create(event(7)), create(event(8, PIM)))
    assert refused == Failure("unknown_account", detail="invalid_grant") and good.link
    google.users = None
    google.fail("insert", status=401, reason="authError", times=2)
    assert do(meet, create(event(9))) == Failure("not_allowed", detail="401 authError")


def test_tokens_that_run_out_are_not_used(google):
    google.token_seconds = 50
    meet = provider(google, Shelf())
    assert do(meet, create(event(1))).link and do(meet, create(event(2))).link
    assert len(google.made("token")) == 2


# -- faults ------------------------------------------------------------------------------------------


REFUSALS = {
    "throttled": [(403, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (403, "quotaExceeded")],
    "not_allowed": [(403, "forbidden")],
    "consent_missing": [(403, "insufficientPermissions")],
    "service_off": [(403, "accessNotConfigured")],
    "no_mailbox": [(403, "notACalendarUser"), (404, "notFound")],
    "refused": [(400, "invalid")],
    "changed_meanwhile": [(412, "conditionNotMet")],
    "unavailable": [(500, "backendError"), (503, "backendError")],
    "unclear": [(302, "")],
}


def test_what_a_refusal_means_and_the_others_are_done(google, meet):
    refusals = [(code, *said) for code, many in REFUSALS.items() for said in many]
    for number, (code, status, reason) in enumerate([*refusals, ("throttled", 429, "rateLimitExceeded")]):
        google.fail("insert", status=status, reason=reason, account=JAN, retry_after=7)
        refused, made = do(meet, create(event(number)), create(event(number, PIM)))
        unsure = code in ("unavailable", "unclear")
        assert refused == Failure(code, unsure, 7.0, f"{status} {reason}".strip())
        assert made.link and google.count() == {PIM: number + 1}
    assert set(REFUSALS) <= errors.CODES


def test_when_to_come_back(google, meet):
    soon = format_datetime(datetime.now().astimezone() + timedelta(seconds=90))
    google.fail("batch", status=429, reason="rateLimitExceeded", retry_after=soon)
    both = do(meet, create(event(1)), known(Action.READ, event(2)))
    assert [(one.code, one.uncertain) for one in both] == [("throttled", False)] * 2
    assert all(80 < one.retry_after <= 90 for one in both)
    google.fail("insert", status=429, retry_after="soon")
    assert do(meet, create(event())).retry_after is None
    assert google.count() == {}


def test_a_batch_without_an_answer_may_have_been_done(google, meet):
    do(meet, create(event(0)))
    faults = [
        ("timeout", {"delay": 2 * QUICK}),
        ("unavailable", {"status": 503}),
        ("unclear", {"status": 200, "raw": "{"}),
        ("unavailable", {"drop": True, "times": 3}),
    ]
    for number, (code, fault) in enumerate(faults, 1):
        hasty = provider(google, timeout=QUICK) if code == "timeout" else meet
        script = google.fail("batch", effect=True, **fault)
        made, seen = do(hasty, create(event(number)), known(Action.READ, event(0)))
        assert (made.code, made.uncertain, seen.code, seen.uncertain) == (code, True, code, False)
        script.times = 0
        assert do(meet, create(event(number), again=True)).link
        assert google.count() == {JAN: number + 1}
    # Whatever the batch as a whole is refused for, it is about no calendar.
    google.fail("batch", status=401)
    assert do(meet, create(event(9))) == Failure("unclear", detail="401 backendError")


def test_nothing_is_taken_to_another_address(google, meet):
    for what in ("token", "batch"):
        google.fail(what, status=308, location=f"{google.url}elsewhere")
        assert do(meet, create(event())).code == "unclear"
    assert "unknown" not in whats(google)


def test_a_server_that_is_not_there_was_not_asked(google):
    meet = provider(google, api="http://127.0.0.1:9/", service_account=google.service_account)
    assert do(meet, create(event())) == Failure("unavailable", detail="ConnectionRefusedError")


def test_an_answer_that_cannot_be_read_spoils_no_other(google, meet):
    for number, raw in enumerate(["<html>", "[]", "{}", '{"id": 1, "start": []}']):
        google.fail("insert", status=200, raw=raw, account=JAN, effect=True)
        spoilt, made = do(meet, create(event(number)), create(event(number, PIM)))
        assert (spoilt.code, spoilt.uncertain) == ("unclear", True) and made.link
        assert do(meet, create(event(number), again=True)).link
        assert google.count() == {JAN: number + 1, PIM: number + 1}


def test_a_connection_that_breaks_within_the_batch(google, meet):
    broken = []

    def hook(moment, call):
        if (moment, call.what) == ("after", "insert") and len(broken) < 4:
            broken.append(call)
            raise HangUp

    google.hook = hook
    do(meet, create(event(1)), create(event(2, PIM)))
    google.hook = None
    done = do(meet, create(event(1), again=True), create(event(2, PIM), again=True))
    assert all(one.link for one in done) and google.count() == {JAN: 1, PIM: 1}


def test_no_more_is_sent_where_nothing_answers(google, meet):
    accounts = [f"t{number}@school.example" for number in range(60)]
    google.fail("batch", status=503, retry_after=3)
    found = meet.look_up(accounts, EVENING, EVENING, SITE, ZONE)
    assert set(found.values()) == {Failure("unavailable", retry_after=3.0, detail="503 backendError")}
    assert len(google.made("batch")) == 1
    google.forget()
    google.fail("token", status=503, times=8)
    found = provider(google).look_up(accounts, EVENING, EVENING, SITE, ZONE)
    assert {one.code for one in found.values()} == {"unavailable"} and len(google.made("token")) == 8


# -- logging in --------------------------------------------------------------------------------------


def broken_keys(google) -> dict[str, str]:
    good = json.loads(google.service_account)
    without = {key: value for key, value in good.items() if key != "client_email"}
    return {
        "nothing of JSON": "-----BEGIN",
        "a list": "[]",
        "no address": json.dumps(without),
        "a key cut off": json.dumps(good | {"private_key": good["private_key"][:200]}),
        "no key at all": json.dumps(good | {"private_key": None}),
        "of a user": json.dumps(good | {"type": "authorized_user"}),
    }


def test_a_key_that_cannot_be_used(google):
    for broken in broken_keys(google).values():
        meet = provider(google, service_account=broken)
        assert do(meet, create(event())).code == "wrong_settings", broken
        assert [one.code for one in meet.test([JAN])] == ["wrong_settings"]
    # Nobody chooses in a key whom this server asks; only the site's own file can put the API elsewhere.
    elsewhere = Google(Workspace(service_account=google.service_account))
    assert do(elsewhere, create(event())) == Failure("wrong_settings", detail="token_uri")
    own = Google(Workspace(accounts={JAN: google.connect(JAN)}))
    assert do(own, create(event())).code == "wrong_settings"
    assert google.calls == []


def key_with(google, **more) -> str:
    return json.dumps(json.loads(google.service_account) | more)


@pytest.mark.parametrize(
    "how, code, error",
    [
        (lambda google: google.delegated.clear(), "consent_missing", "unauthorized_client"),
        (lambda google: setattr(google, "users", {PIM}), "unknown_account", "invalid_grant"),
        (lambda google: google.fail("token", status=500, raw="<html>"), "unavailable", ""),
        (lambda google: google.fail("token", status=429, times=9), "throttled", ""),
        (lambda google: google.fail("token", status=200, raw="<html>"), "unclear", ""),
        (lambda google: google.fail("token", status=200, raw="{}"), "unclear", ""),
        (lambda google: google.fail("token", delay=2 * QUICK), "timeout", "TimeoutError"),
        (lambda google: google.fail("token", drop=True, times=9), "unavailable", "RemoteDisconnected"),
    ],
)
def test_why_a_service_account_gets_no_token(google, how, code, error):
    how(google)
    hasty = {"timeout": QUICK} if code == "timeout" else {}
    failure = do(provider(google, **hasty), create(event()))
    assert (failure.code, failure.uncertain, failure.detail) == (code, False, error)
    assert whats(google) == []


def test_what_is_wrong_with_a_service_account(google, monkeypatch):
    stranger = key_with(google, private_key=service_key(1)[0])
    gone = key_with(google, client_email="gone@school-project.iam.gserviceaccount.com")
    for key, code in ((stranger, "wrong_secret"), (gone, "unknown_client")):
        assert do(provider(google, service_account=key), create(event())).code == code
    monkeypatch.setattr("google.auth._helpers.utcnow", lambda: datetime(2026, 1, 1))
    assert do(provider(google), create(event())).code == "clock_wrong"


def test_an_address_outside_the_school_is_not_a_missing_consent(google):
    google.domains = {"school.example"}
    outside = "jan@gmail.example"
    meet = provider(google)
    # In the same batch, and later, when only that one is asked for.
    failure, made = do(meet, create(event(1, outside)), create(event(2)))
    assert failure == Failure("unknown_account", detail="unauthorized_client") and made.link
    assert do(meet, create(event(1, outside))).code == "unknown_account"
    # Taken back for the school: this is about all.
    google.delegated.clear()
    google.expire_tokens()
    assert do(meet, create(event(3))).code == "consent_missing"


def test_instructors_with_a_connection_of_their_own(google):
    connected = {JAN: google.connect(JAN), PIM: google.connect(PIM, scopes=["openid"])}
    del connected[JAN]["token_uri"]
    for accounts in (connected, connected.get):
        meet = provider(google, service_account="", accounts=accounts)
        made, narrow, missing = do(
            meet, create(event(1, JAN.title())), create(event(2, PIM)), create(event(3, SMI))
        )
        assert made.link and google.count() == {JAN: 1}
        assert narrow == Failure("not_connected", detail="403 insufficientPermissions")
        assert missing == Failure("not_connected")
        nobody = do(meet, create(event(4, "")))
        assert nobody == Failure("no_account")
    assert [one.code for one in meet.test([JAN, SMI])] == ["connected", "account_good", "not_connected"]
    assert [one.code for one in meet.test([SMI])] == ["not_connected"]
    assert [one.code for one in meet.test([])] == ["no_account"]
    google.revoke(JAN)
    assert do(meet, create(event(5))) == Failure("not_connected", detail="invalid_grant")
    for wrong, code in (({"client_secret": "x"}, "wrong_secret"), ({"client_id": "x"}, "unknown_client")):
        again = google.connect(JAN)
        other = provider(google, service_account="", accounts={JAN: again | wrong})
        assert do(other, create(event(5))).code == code


# -- looking up, testing -----------------------------------------------------------------------------


def test_looking_up_finds_our_own_only_page_by_page(google, meet, monkeypatch):
    monkeypatch.setattr("ouderavond.meetings.google.PAGE", 2)
    ours = [event(number, start=EVENING + timedelta(minutes=10 * number)) for number in range(5)]
    do(meet, *(create(one) for one in ours))
    do(meet, create(event(10, site="other.example")), create(event(11, start=EVENING + timedelta(days=9))))
    do(meet, create(event(12, PIM, online=False)))
    google.delete_by_hand(JAN, ours[0].key)
    google.fail("list", account=SMI, status=403, reason="notACalendarUser")
    first, last = EVENING - timedelta(days=1), EVENING + timedelta(days=1)
    found = meet.look_up([JAN, PIM, SMI, JAN, ""], first, last, SITE, "Europe/London")
    assert [one.key for one in found[JAN]] == [one.key for one in ours[1:]]
    assert found[JAN][0].start == ours[1].start - timedelta(hours=1) and found[JAN][0].link
    assert [(one.key, one.account, one.link) for one in found[PIM]] == [(event(12).key, PIM, "")]
    assert found[SMI] == Failure("no_mailbox", detail="403 notACalendarUser")
    assert found[""] == Failure("no_account")
    assert whats(google).count("list") == 4
    assert set(google.made("list")[0].query) >= {"timeMin", "timeMax", "privateExtendedProperty"}


def test_testing_the_connection_reads_no_events(google, meet):
    found = meet.test([JAN, PIM, JAN])
    assert [(one.code, one.good, one.account) for one in found] == [
        ("connected", True, ""),
        ("account_good", True, JAN),
        ("account_good", True, PIM),
    ]
    assert all(call.one("fields") == "accessRole" for call in google.made("list"))
    assert google.count() == {} and not google.made("calendar")
    # Only with a further scope can it be seen who has no Meet; who makes an event sees it anyway.
    google.no_meet.add(PIM)
    google.delegated.add(CALENDARS)
    assert [one.code for one in meet.test([JAN, PIM])] == ["connected", "account_good", "licence_missing"]
    assert do(meet, create(event(1, PIM))) == Failure("licence_missing", detail="400 invalid")
    google.delegated.clear()
    google.expire_tokens()
    assert [one.code for one in meet.test([JAN])] == ["connected", "consent_missing"]
    google.delegated.add(EVENTS)
    google.api_on = False
    assert [one.code for one in meet.test([JAN])] == ["connected", "service_off"]
    assert {one.code for one in found} <= errors.CODES


# -- what is kept of it ------------------------------------------------------------------------------


def test_the_log_has_no_secrets_and_no_people(google):
    notes, kept = Notes(), NoTokens()
    meet = provider(google, kept, notes, timeout=QUICK)
    guest = Attendee("anna@ouders.example", "Anna de Vries")
    google.fail(
        "insert", status=400, reason="invalid", message=f"Invalid attendee {guest.email}", account=PIM
    )
    failed = do(meet, create(event(1, attendees=(guest,))), create(event(2, PIM)))[1]
    google.fail("batch", delay=2 * QUICK)
    do(meet, known(Action.READ, event(1)))
    google.users = set()
    do(meet, create(event(3, SMI)))
    assert {note[0] for note in notes} == {"Google Meet"}
    assert [note[1:3] for note in notes] == [
        ("token", 200),
        ("token", 200),
        ("batch", 200),
        ("batch", None),
        ("token", 400),
    ]
    detail = notes[2][3]
    assert detail["calls"] == {"create": 2} and detail["answers"] == {
        "create 200": 1,
        "create 400 invalid": 1,
    }
    assert notes[3][3]["reason"] == "timeout TimeoutError"
    assert notes[4][3]["reason"] == "unknown_account invalid_grant"
    told = json.dumps(notes) + failed.detail + repr(meet.workspace)
    secrets = ["@", "Anna", "Bo", "ya29", "PRIVATE", "meet.google.com", event(1).key]
    assert not [one for one in secrets if one in told]


def test_nothing_of_the_platform_or_of_google_is_loaded_before_it_is_needed():
    names = "('frappe', 'google.auth', 'googleapiclient', 'httplib2')"
    check = f"import sys, ouderavond.meetings.google; print([one for one in {names} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_google_does_not_describe_is_refused(google, meet):
    moment = {"dateTime": "2026-11-24T19:00:00", "timeZone": ZONE}
    good = {"id": "a" * 9, "start": moment, "end": moment}
    assert wrong_body("events", "insert", good) == []
    for wrong in (
        {"summery": "x"},
        {"start": {**moment, "zone": "x"}},
        {"start": {"dateTime": "tonight"}},
        {"attendees": [{"email": 1}]},
        {"guestsCanModify": "no"},
        {"sequence": 2**31},
        {"extendedProperties": {"private": {"a": 1}}},
        {"location": None},
    ):
        assert wrong_body("events", "insert", good | wrong), wrong
    assert wrong_body("events", "patch", {"location": None}) == []
    assert wrong_body("events", "insert", {"start": moment})
    asked = {"sendUpdates": ["all"], "conferenceDataVersion": ["1"], "alt": ["json"]}
    assert wrong_parameters("events", "insert", asked) == []
    for wrong in ({"sendUpdates": ["some"]}, {"conferenceDataVersion": ["2"]}, {"send": ["x"]}):
        assert wrong_parameters("events", "insert", asked | wrong), wrong
    # The server's own rules, seen through the provider.
    for one in (
        event(1, end=EVENING),
        event(1, zone="Europe/Nowhere", online=False),
        event(1, key="not-base32hex"),
        event(1, attendees=(Attendee("nobody", "N."),)),
        event(1, site="s" * 1025),
    ):
        assert do(meet, create(one)).code == "refused", one
    assert google.count() == {}
