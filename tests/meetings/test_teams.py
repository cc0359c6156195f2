"""Events through Microsoft Graph: the real msal and requests against a server that behaves as documented."""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

pytest.importorskip("msal")

from ouderavond.meetings.entra import certificate_credential
from ouderavond.meetings.errors import CODES
from ouderavond.meetings.protocol import Action, Attendee, Event, Failure, Found, NoTokens, Options, Step
from ouderavond.meetings.teams import Microsoft, Teams
from tests.meetings.fake_certificates import client_certificate
from tests.meetings.fake_graph import FakeGraph

JAN, EVA = "jan.smit@school.example", "eva.bos@school.example"
SITE, ZONE = "0123456789abcdef", "Europe/Amsterdam"
UTC = timezone.utc
NOTHING_SET = ("lobby_not_set", "recording_not_set")


class Notes(list):
    """A log that remembers."""

    def __call__(self, service, what, *, status, detail):
        self.append((service, what, status, dict(detail)))


@pytest.fixture
def server(monkeypatch):
    with FakeGraph(JAN, EVA) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running
        assert running.errors == []


@pytest.fixture
def notes():
    return Notes()


@pytest.fixture
def settings(server):
    return Microsoft(
        tenant=server.tenant,
        client_id=server.client_id,
        secret=server.secret,
        login=server.login,
        graph=server.graph,
    )


@pytest.fixture
def teams(settings, notes):
    return Teams(settings, NoTokens(), notes)


def event(number: int = 1, account: str = JAN, **more) -> Event:
    start = datetime(2027, 2, 9, 18, 30) + timedelta(minutes=10 * number)
    values = {
        "key": f"{number:032x}",
        "account": account,
        "subject": "Talk about Anna",
        "body": "See you then.",
        "start": start,
        "end": start + timedelta(minutes=10),
        "zone": ZONE,
        "site": SITE,
    }
    return Event(**(values | more))


def create(teams, one: Event, again: bool = False):
    return teams.perform([Step(Action.CREATE, one, again=again)])[0]


def change(teams, one: Event, id: str, **how):
    return teams.perform([Step(Action.CHANGE, one, id=id, **how)])[0]


def cancel(teams, one: Event, id: str = ""):
    return teams.perform([Step(Action.CANCEL, one, id=id, again=not id)])[0]


def read(teams, one: Event, id: str):
    return teams.perform([Step(Action.READ, one, id=id)])[0]


def test_many_are_made_in_batches_without_telling_the_log_who(teams, server, notes):
    accounts = [f"teacher{number}@school.example" for number in range(5)]
    for account in accounts:
        server.add(account)
    guests = (Attendee("eva.bos@school.example", "Eva Bos"), Attendee("parent@home.example", "Piet Jansen"))
    events = [event(number, accounts[number % 5], attendees=guests) for number in range(21)]
    in_person = event(21, JAN, online=False, location="Room A12")

    outcomes = teams.perform([Step(Action.CREATE, one) for one in (*events, in_person)])

    assert all(isinstance(outcome, Found) for outcome in outcomes)
    assert [(found.key, found.start, found.end) for found in outcomes] == [
        (one.key, one.start, one.end) for one in (*events, in_person)
    ]
    assert all(found.link.startswith("https://teams.microsoft.com/") for found in outcomes[:21])
    assert {found.unset for found in outcomes[:21]} == {NOTHING_SET}
    assert (outcomes[21].link, outcomes[21].pending, outcomes[21].unset) == ("", False, ())
    assert server.counts() == dict(zip(accounts, (5, 4, 4, 4, 4), strict=True)) | {JAN: 1, EVA: 0}
    # Of each mailbox at most four at once: what is more would be refused.
    sizes = [
        Counter(one["url"].split("/")[2] for one in seen.body["requests"]) for seen in server.asked("batch")
    ]
    assert max(size for one in sizes for size in one.values()) == 4
    assert [sum(one.values()) for one in sizes] == [20, 2]

    made = server.events(accounts[0])[0]
    assert made["start"] == datetime(2027, 2, 9, 17, 30, tzinfo=UTC)
    posted = server.asked("create")[0].body
    assert posted["start"] == {"dateTime": "2027-02-09T18:30:00", "timeZone": "W. Europe Standard Time"}
    assert (made["sensitivity"], made["hideAttendees"], made["responseRequested"]) == ("private", True, False)
    assert [one["emailAddress"]["name"] for one in made["attendees"]] == ["Eva Bos", "Piet Jansen"]
    assert server.keys() == Counter({f"{SITE} {one.key}": 1 for one in (*events, in_person)})
    assert all('IdType="ImmutableId"' in seen.headers["prefer"] for seen in server.asked("create"))

    assert [note[:3] for note in notes[-2:]] == [
        ("Microsoft Teams", "batch: 20 create", 200),
        ("Microsoft Teams", "batch: 2 create", 200),
    ]
    assert re.fullmatch(r"[0-9a-f-]{36}", notes[-1][3]["request_id"])
    told = json.dumps(notes)
    secrets = (*accounts, JAN, "Anna", "Eva Bos", "See you", server.secret, *server.tokens)
    assert not [secret for secret in secrets if secret in told]


@pytest.mark.parametrize("fault", [{"drop": True}, {"slow": 0.4}, {"garbage": True}, {"status": 504}])
def test_what_was_lost_after_its_effect_is_found_again(settings, server, fault):
    teams = Teams(replace(settings, read_seconds=0.2))
    # Who is not slow in signing in is slow here.
    teams.graph.sign_in.token()
    one, other = event(1), event(2, EVA)
    server.fail("batch", moment="after", **fault)

    lost = teams.perform([Step(Action.CREATE, one), Step(Action.CREATE, other)])
    assert [(failure.uncertain, failure.code in CODES) for failure in lost] == [(True, True)] * 2
    assert server.count() == 2

    later = replace(
        one, start=one.start + timedelta(hours=1), end=one.end + timedelta(hours=1), subject="Talk"
    )
    found = create(teams, later, again=True)
    assert (found.start, bool(found.link)) == (later.start, True)
    assert (server.count(JAN), server.events(JAN)[0]["subject"]) == (1, "Talk")
    assert create(teams, other, again=True).id == create(teams, other, again=True).id
    assert [seen.account for seen in server.asked("change")] == [JAN]
    assert server.count() == 2 and max(server.keys().values()) == 1


def test_a_key_that_was_used_never_makes_a_second_event(teams, server):
    one = event()
    first = create(teams, one)
    assert create(teams, one).id == first.id
    # The same key with other content, although nobody said that it was tried before.
    assert create(teams, replace(one, subject="Another talk")).id == first.id
    assert (server.count(), server.events()[0]["subject"]) == (1, "Another talk")

    server.remove(JAN, first.id)
    used = create(teams, one, again=True)
    assert (used.code, used.uncertain, server.count()) == ("key_used", False, 0)
    server.fail("find", skip=1, status=500)
    assert create(teams, one, again=True).uncertain
    assert create(teams, replace(one, key="f" * 32)).key == "f" * 32
    assert server.count() == 1


def test_changes_keep_the_meeting_and_what_is_gone_is_told(teams, server):
    guest = Attendee("parent@home.example", "Piet")
    one = event(attendees=(guest,))
    made = create(teams, one)
    moved = replace(one, subject="Talk", start=one.start.replace(hour=20), end=one.end.replace(hour=20))
    moved = replace(moved, attendees=(guest, Attendee(EVA, "Eva")), location="Room A12", body="New text")

    found = change(teams, moved, made.id)
    assert (found.id, found.link, found.start) == (made.id, made.link, moved.start)
    kept = server.events()[0]
    assert (kept["subject"], kept["location"]["displayName"], len(kept["attendees"])) == (
        "Talk",
        "Room A12",
        2,
    )
    assert "See you" in kept["body"]["content"] and "body" not in server.asked("change")[0].body
    assert [mail[0] for mail in server.mails] == ["invited", "updated", "updated"]
    elsewhere = create(teams, event(3, EVA))
    change(teams, event(3, EVA, subject="New"), elsewhere.id)
    assert server.events(EVA)[0]["location"]["displayName"] == "Microsoft Teams Meeting"

    server.lose_meeting(JAN, made.id)
    assert (change(teams, moved, made.id).link, change(teams, moved, made.id).pending) == ("", False)
    assert change(teams, moved, made.id, meeting_lost=True).link
    server.fail("change", status=412)
    assert change(teams, moved, made.id).code == "changed_meanwhile"

    # Deleted by hand: the id leads to it among what was deleted, but it is in no calendar.
    server.remove(JAN, made.id)
    assert read(teams, moved, made.id) is None
    assert cancel(teams, moved, made.id) is None
    assert cancel(teams, moved, made.id) is None
    assert (server.asked("cancel")[-1].status, change(teams, moved, made.id)) == (403, None)

    # Nobody knows its id.
    other = event(2)
    create(teams, other)
    assert (cancel(teams, other), server.count(JAN), cancel(teams, other)) == (None, 0, None)


def test_a_link_that_comes_later_is_waited_for(teams, server):
    server.link_after = 2
    one = event()
    made = create(teams, one)
    assert (made.link, made.pending) == ("", True)
    assert read(teams, one, made.id).pending
    done = read(teams, one, made.id)
    assert (done.id, done.pending, done.link[:8]) == (made.id, False, "https://")


def test_without_a_licence_the_event_waits_for_its_meeting(teams, server):
    server.users[JAN].licensed = False
    one = event()
    failure = create(teams, one)
    assert (failure.code, failure.uncertain, server.count()) == ("licence_missing", True, 1)
    lost = change(teams, one, server.events()[0]["id"], meeting_lost=True)
    assert lost.code == "licence_missing"
    assert create(teams, event(2, online=False)).link == ""

    server.users[JAN].licensed = True
    assert create(teams, one, again=True).link
    assert server.count() == 2
    server.users[JAN].licensed = False
    create(teams, event(3))
    assert (cancel(teams, event(3)), server.count()) == (None, 2)


def test_lobby_and_recording(settings, server):
    teams = Teams(replace(settings, with_lobby=True))
    meetings = server.users[JAN].meetings

    def options(found):
        return next(one for one in meetings.values() if one["joinWebUrl"] == found.link)

    made = create(teams, event(1))
    assert (made.unset, made.pending) == ((), False)
    set_to = options(made)
    assert set_to["lobbyBypassSettings"] == {"scope": "organizer", "isDialInBypassEnabled": False}
    assert not (set_to["allowRecording"] or set_to["allowTranscription"] or set_to["recordAutomatically"])

    # Without the organiser's id in the link, and with other wishes.
    server.short_links = True
    wishes = Options("colleagues_enter", recording=True)
    set_to = options(create(Teams(replace(settings, with_lobby=True, options=wishes)), event(2)))
    assert set_to["lobbyBypassSettings"]["scope"] == "organizationExcludingGuests"
    assert (set_to["allowRecording"], set_to["recordAutomatically"]) == (True, False)
    server.roles = {"Calendars.ReadWrite", "OnlineMeetings.ReadWrite.All"}
    without_directory = Teams(replace(settings, with_lobby=True))
    assert create(without_directory, event(3)).unset == NOTHING_SET
    server.short_links = False

    server.fail("change_meeting", status=400)
    assert create(teams, event(4)).unset == ("recording_not_set",)
    server.users[JAN].meetings_allowed = False
    refused = create(teams, event(5))
    assert (refused.unset, refused.pending, bool(refused.link)) == (NOTHING_SET, False, True)
    server.users[JAN].meetings_allowed = True
    assert change(teams, event(5), refused.id).unset == ()

    # What did not work only for now is tried once more when it is read.
    for fault in (
        {"operation": "find_meeting", "status": 404},
        {"operation": "change_meeting", "status": 503},
    ):
        server.fail(**fault, times=2)
        late = create(teams, event(6))
        assert (late.unset, late.pending, bool(late.link)) == (NOTHING_SET, True, True)
        assert read(teams, event(6), late.id).pending is False
        assert read(teams, event(6), late.id).unset == ()
        cancel(teams, event(6), late.id)
        server.users[JAN].transactions.clear()
    assert server.count() == 5


def test_looking_into_calendars(teams, server):
    server.page = 2
    mine = [create(teams, event(number)) for number in range(1, 6)]
    create(teams, event(7, site="another-site"))
    create(teams, event(8, start=datetime(2027, 3, 9, 18), end=datetime(2027, 3, 9, 19)))
    plain = {
        "subject": "Dentist",
        "attendees": [],
        "location": {},
        "properties": [],
        "isOnlineMeeting": False,
    }
    copy = server.events(JAN)[0] | {"id": "copy", "isOrganizer": False}
    server.users[JAN].events["copy"] = copy
    server.users[JAN].events["own"] = copy | plain | {"id": "own", "isOrganizer": True}
    server.lose_meeting(JAN, mine[1].id)
    server.move(JAN, mine[2].id, datetime(2027, 2, 9, 21, tzinfo=UTC), datetime(2027, 2, 9, 22, tzinfo=UTC))
    server.users[EVA].mailbox = False

    nobody = "nobody@school.example"
    between = (datetime(2027, 2, 9), datetime(2027, 2, 10))
    found = teams.look_up([JAN, EVA, nobody], *between, SITE, ZONE)

    assert sorted(one.key for one in found[JAN]) == [event(number).key for number in range(1, 6)]
    by_id = {one.id: one for one in found[JAN]}
    assert (by_id[mine[0].id].link, by_id[mine[1].id].link) == (mine[0].link, "")
    assert by_id[mine[2].id].start == datetime(2027, 2, 9, 22)
    assert (found[EVA].code, found[nobody].code) == ("no_mailbox", "unknown_account")
    # A page that lies elsewhere would be sent our token.
    before = len(server.requests)
    teams.settings = replace(teams.settings, graph="https://graph.microsoft.com/v1.0")
    assert teams.look_up([JAN], *between, SITE, ZONE)[JAN].code == "unclear"
    assert len(server.requests) == before + 2


def test_a_zone_that_outlook_does_not_name(teams, server):
    found = create(teams, event(1, zone="America/Bogota"))
    assert found.start == event(1).start
    assert server.events()[0]["start"] == datetime(2027, 2, 9, 23, 40, tzinfo=UTC)


def test_waiting_as_long_as_graph_asks(teams, server):
    events = [event(number, account) for number in (1, 2) for account in (JAN, EVA)]
    server.fail("create", account=JAN, status=429, retry_after=7, times=2)
    outcomes = teams.perform([Step(Action.CREATE, one) for one in events])
    assert [outcome for outcome in outcomes if isinstance(outcome, Failure)] == [
        Failure("throttled", retry_after=7.0, detail="ApplicationThrottled")
    ] * 2
    assert (server.count(JAN), server.count(EVA)) == (0, 2)

    moment = datetime.now(UTC) + timedelta(seconds=30)
    server.fail("batch", status=429, retry_after=format_datetime(moment))
    before = len(server.asked("batch"))
    failures = teams.perform([Step(Action.CREATE, event(number)) for number in range(10, 20)])
    assert {(one.code, one.uncertain) for one in failures} == {("throttled", False)}
    assert all(25 < failure.retry_after <= 31 for failure in failures)
    # Ten of one mailbox are three batches: after the first refusal no other is sent.
    assert len(server.asked("batch")) - before == 1


def test_tokens_are_shared_and_renewed_once(settings, server, notes):
    tokens = NoTokens()
    teams, other = Teams(settings, tokens, notes), Teams(settings, tokens)
    create(teams, event(1))
    create(other, event(2))
    assert len(server.asked("token")) == 1

    server.expire_tokens()
    assert create(teams, event(3)).link
    # The other one takes the token that is there now.
    assert create(other, event(4)).link
    assert (len(server.asked("token")), server.count()) == (2, 4)
    # Also where only some of a batch were refused, and each is done once.
    server.fail("create", account=EVA, status=401)
    assert [
        bool(one.link)
        for one in teams.perform([Step(Action.CREATE, one) for one in (event(5), event(6, EVA))])
    ]
    assert (server.count(), max(server.keys().values())) == (6, 1)

    # If there is no other token, what was done is told all the same.
    server.fail("create", account=EVA, status=401)
    server.fail("token", status=503)
    done, failed = teams.perform([Step(Action.CREATE, one) for one in (event(7), event(8, EVA))])
    assert (bool(done.link), failed.code, failed.uncertain) == (True, "unavailable", False)

    server.fail("batch", status=401, times=20)
    refused = create(Teams(settings, tokens), event(9))
    assert (refused.code, refused.uncertain) == ("unclear", False)
    assert len([one for one in server.asked("batch") if one.status == 401]) == 4
    # What a new token does not help against is not asked of the login again and again.
    known, asked = Teams(settings, tokens), len(server.asked("token"))
    assert [create(known, event(9)).code for _try in range(3)] == ["unclear"] * 3
    assert len(server.asked("token")) == asked + 1
    # What is kept and cannot be read is as good as nothing; another secret has other tokens.
    (key,) = tokens.kept
    tokens.kept[key] = "{broken"
    server.faults.clear()
    assert create(Teams(settings, tokens), event(9)).link
    wrong = Teams(replace(settings, secret="wrong"), tokens)
    assert create(wrong, event(10)).code == "wrong_secret"


REFUSALS = [
    ("create", 403, "ErrorAccessDenied", "not_allowed", False),
    ("create", 403, "Authorization_RequestDenied", "consent_missing", False),
    ("create", 403, "ErrorQuotaExceeded", "refused", False),
    ("create", 400, "ErrorInvalidRecipients", "refused", False),
    ("create", 404, "ResourceNotFound", "unknown_account", False),
    ("create", 401, "OrganizationFromTenantGuidNotFound", "no_mailbox", False),
    ("create", 409, "ErrorIrresolvableConflict", "changed_meanwhile", False),
    ("create", 412, "ErrorIrresolvableConflict", "changed_meanwhile", False),
    ("create", 500, "ErrorInternalServerTransientError", "unavailable", True),
    ("create", 503, "ErrorServerBusy", "unavailable", True),
    ("create", 504, "", "timeout", True),
    ("create", 404, "Strange code, with words", "unclear", False),
    ("batch", 503, "", "unavailable", True),
    ("batch", 400, "BadRequest", "refused", False),
    ("batch", 302, "", "unclear", True),
]


@pytest.mark.parametrize(("operation", "status", "code", "meaning", "uncertain"), REFUSALS)
def test_what_refusals_mean(teams, server, operation, status, code, meaning, uncertain):
    server.fail(operation, status=status, code=code, times=2)
    failure = create(teams, event())
    assert (failure.code, failure.uncertain) == (meaning, uncertain)
    assert " " not in failure.detail and failure.code in CODES


def test_permission_for_all_or_for_this_mailbox(settings, server):
    # A policy of Exchange, whose answer says so.
    server.users[JAN].allowed = False
    assert create(Teams(settings), event()).code == "not_allowed"
    # No permission in the token, and none that Exchange gave.
    server.users[JAN].allowed = True
    server.roles = set()
    tokens = NoTokens()
    teams = Teams(settings, tokens)
    assert create(teams, event()).code == "consent_missing"
    # It is given, and works with the next token: the old one is not kept for its hour.
    server.roles = {"Calendars.ReadWrite"}
    assert create(teams, event()).link
    # Given out by Exchange itself: not in the token, but somebody's calendar can be reached.
    server.roles, server.rbac, server.users[EVA].allowed = set(), True, False
    outcomes = Teams(settings).perform([Step(Action.CREATE, event(5, EVA)), Step(Action.CREATE, event(6))])
    assert (outcomes[0].code, bool(outcomes[1].link)) == ("not_allowed", True)


def test_answers_that_nobody_understands(teams, server):
    odd = (
        ("create", {"garbage": True}),
        ("create", {"body": {"id": 5}}),
        ("create", {"body": {"id": "a", "start": {"dateTime": "soon", "timeZone": "UTC"}}}),
        ("create", {"body": [], "moment": "after"}),
        ("batch", {"body": [1]}),
        ("batch", {"body": {"responses": 5}}),
        ("create", {"body": {"error": "all wrong"}}),
        ("batch", {"body": {"responses": [1, {"id": "0", "status": "?"}]}}),
    )
    for operation, fault in odd:
        server.fail(operation, **fault)
        failure, good = teams.perform([Step(Action.CREATE, event(1)), Step(Action.CREATE, event(2, EVA))])
        assert (failure.code, failure.uncertain) == ("unclear", True)
        assert isinstance(good, Found) == (operation == "create")
        create(teams, event(1), again=True)
    assert server.counts() == {JAN: 1, EVA: 1}
    server.fail("find", body={"value": 5})
    assert read(teams, event(1), "id").code == "unclear"


def test_nobody_there(settings, server):
    gone = "https://127.0.0.1:9/v1.0"
    teams = Teams(replace(settings, graph=gone), NoTokens())
    server.fail("token", body={"access_token": "a", "expires_in": 3600, "token_type": "Bearer"})
    failure = create(teams, event())
    assert (failure.code, failure.uncertain) == ("unavailable", False)
    assert create(Teams(replace(settings, login="https://127.0.0.1:9")), event()).code == "unavailable"
    assert [one.code for one in Teams(replace(settings, login="nothing")).test([])] == ["unclear"]
    # Nor does a token go where an answer points to.
    server.fail("batch", status=307, location=f"{server.graph}/$batch")
    assert create(Teams(settings), event()).code == "unclear"
    assert (len(server.asked("batch")), server.count()) == (1, 0)


def test_signing_in_with_a_secret(settings, server, notes):
    def code(**changed):
        found = Teams(replace(settings, **changed), NoTokens(), notes).test([JAN])
        assert len(found) == 1 and not found[0].good
        return found[0].code

    server.expired_secrets.add("old")
    assert code(secret="wrong") == "wrong_secret"
    assert notes[-1][1:] == ("sign in: token", 401, {"code": "AADSTS7000215"})
    assert code(secret="old") == "expired_secret"
    assert code(client_id="none") == "unknown_client"
    assert code(tenant="none") == code(tenant="a/../b") == "unknown_tenant"
    assert server.asked("discovery")[-1].url.startswith("/a%2F..%2Fb/")
    server.principal = False
    assert code() == "consent_missing"
    for fault, meaning in (
        ({"status": 429, "retry_after": 9}, "throttled"),
        ({"status": 503}, "unavailable"),
        ({"garbage": True}, "unclear"),
        ({"drop": True}, "unavailable"),
        ({"slow": 0.3}, "timeout"),
        ({"body": {"error": "x", "error_description": "AADSTS700024: y"}, "status": 401}, "clock_wrong"),
        ({"body": {"error": "x", "error_description": "AADSTS12345: z"}, "status": 400}, "refused"),
    ):
        for operation in ("token", "discovery") if "body" not in fault else ("token",):
            server.fail(operation, **fault)
            assert code(read_seconds=0.15) == meaning
    assert not [note for note in notes if "wrong" in str(note) or server.secret in str(note)]


def test_signing_in_with_a_certificate(settings, server):
    pem = server.certificate
    other, _ = client_certificate("another school")
    with_certificate = replace(settings, secret="", certificate=pem)
    assert create(Teams(with_certificate), event()).link
    # What a form makes of it, and what people paste.
    broken = (pem.replace("\n", ""), pem.replace("\n", " "), pem.replace("\n", "\\n"), f"Bag\r\n{pem}\r\n")
    for text in broken:
        assert certificate_credential(text) == certificate_credential(pem)
    assert Teams(replace(with_certificate, certificate=broken[0])).test([])[0].good

    def code(certificate):
        return Teams(replace(with_certificate, certificate=certificate)).test([])[0].code

    key = pem[: pem.index("-----BEGIN CERTIFICATE")]
    wrong = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"
    others = other[other.index("-----BEGIN CERTIFICATE") :]
    for text in (key, pem[len(key) :], key + others, "no PEM", wrong + pem[len(key) :]):
        assert code(text) == "wrong_settings"
    assert code(other) == "wrong_secret"
    server.expired_certificates, server.certificates = server.certificates, []
    assert code(pem) == "expired_secret"


def test_the_connection_test_makes_nothing(settings, server):
    accounts = [JAN, EVA, "none@school.example", "no-licence@school.example", "not-ours@school.example"]
    server.add(accounts[3], licensed=False)
    server.add(accounts[4], allowed=False)
    server.users[EVA].meetings_allowed = False
    tokens = NoTokens()

    def found(**changed):
        return [
            (one.account, one.code, one.good)
            for one in Teams(replace(settings, **changed), tokens).test(accounts)
        ]

    assert found() == [
        ("", "connected", True),
        (JAN, "account_good", True),
        (EVA, "account_good", True),
        (accounts[2], "unknown_account", False),
        (accounts[3], "licence_missing", False),
        (accounts[4], "not_allowed", False),
    ]
    assert found(with_lobby=True)[1:4] == [
        (JAN, "account_good", True),
        (EVA, "account_good", True),
        (EVA, "lobby_not_set", False),
    ]
    assert {one["method"] for seen in server.asked("batch") for one in seen.body["requests"]} == {"GET"}
    # A token that is still good does not hide what has become of the registration.
    server.roles = {"Calendars.Read"}
    assert found() == [("", "consent_missing", False)]
    server.secret = "a new one"
    assert found() == [("", "wrong_secret", False)]


def test_nothing_is_imported_before_it_is_needed():
    code = (
        "import sys, ouderavond.meetings.teams as teams; teams.Teams(teams.Microsoft('a', 'b'));"
        " assert not {'frappe', 'msal', 'requests', 'cryptography'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
