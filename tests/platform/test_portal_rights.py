"""Nobody else's: every call of the portal, over HTTP, with the names of things that belong to others."""

import json
import re

import frappe
import pytest

from tests.harness.fixtures import _reset
from tests.platform.portal import (
    STRANGER,
    calls,
    everything,
    make_stranger,
    make_world,
    remove_stranger,
)
from tests.platform.school import forbid_contact, make_evening
from tests.platform.web import people

CALLS = calls()
# Who tries, and which of the families is not theirs. Of the families' guardians each is "another guardian".
ACTORS = {
    "linda.vandijk": "another guardian, of the same class",
    "dirk.bakker": "the other guardian, who attends separately",
    "s04": "the child itself",
    "s06": "another student",
    "ver": "an instructor of another class",
    "olga.bos": "the new partner of a parent",
    "els.smit": "an instructor who is a guardian of another child",
    STRANGER: "a user whom no record knows",
    None: "a visitor who is not logged in",
}
# Words of a family that an actor may read: the name of the own child and what is offered to it.
OWN_CHILD = {("dirk.bakker", "carla.bakker"), ("s04", "carla.bakker")}
KEY = "k" * 32


def _nothing(family, world) -> dict:
    return {}


def _evening(family, world) -> dict:
    return {"evening": world.booking}


def _thing(*names):
    return lambda family, world: {name: family.things[name] for name in names}


def _wish(family, world) -> dict:
    return {"offer": family.things["offer"], "start": f"{world.date}T20:50"}


# What each call is given of a family's. A call that is not here fails the test.
ARGUMENTS = {
    "guardian.evenings": _nothing,
    "guardian.request": lambda family, world: {"offer": family.things["offer_to_ask"], "remark": "x"},
    "guardian.save": lambda family, world: {
        "evening": world.asking,
        "wishes": [{"offer": family.things["offer_to_ask"]}],
    },
    "guardian.withdraw": _thing("request"),
    "student.evenings": _nothing,
    "student.request": lambda family, world: {"offer": family.things["offer_to_ask"], "remark": "x"},
    "student.save": lambda family, world: {
        "evening": world.asking,
        "wishes": [{"offer": family.things["offer_to_ask"]}],
    },
    "student.withdraw": _thing("request"),
    "instructor.conversations": _nothing,
    "instructor.read": _evening,
    "instructor.students": lambda family, world: {"evening": world.asking},
    "instructor.wish": lambda family, world: {"offer": family.things["offer_to_ask"], "wish": "Wished"},
    "instructor.note": lambda family, world: {"booking": family.things["booking"], "text": "x"},
    "instructor.block": lambda family, world: {"evening": world.booking, "times": [_time(world)]},
    "instructor.live": _evening,
    "instructor.tap": lambda family, world: {
        "taps": [{"booking": family.things["booking"], "id": "x", "kind": "started", "age": 0}]
    },
    "live.read": _nothing,
    "board.read": lambda family, world: {"token": family.things["booking"]},
    "table.read": _evening,
    "table.reserve": lambda family, world: {
        "evening": world.booking,
        "basket": [_wish(family, world)],
        "key": KEY,
        "hold": family.things["hold"],
    },
    "table.move": lambda family, world: {
        "booking": family.things["booking"],
        "start": f"{world.date}T20:50",
        "key": KEY,
    },
    "table.cancel": _thing("booking"),
    "holds.find": lambda family, world: {
        "evening": world.booking,
        "wanted": [{"offer": family.things["offer"]}],
    },
    "holds.extend": _thing("hold"),
    "holds.release": _thing("hold"),
    "waiting.watch": lambda family, world: {"evening": world.booking, "offer": family.things["offer"]},
    "waiting.leave": _thing("entry"),
    "waiting.accept": lambda family, world: {"entry": family.things["entry"], "key": KEY},
    "waiting.decline": _thing("entry"),
    "conversations.read": _nothing,
    "conversations.mail": _evening,
    "conversations.cant_come": lambda family, world: {"booking": family.things["booking"], "wish": "x"},
    "feeds.conversation": _thing("booking"),
    "feeds.evening": _evening,
    "feeds.personal": lambda family, world: {"token": family.things["booking"]},
    "feeds.subscribe": _nothing,
    "feeds.revoke": _nothing,
    "frames.code": lambda family, world: {"challenge": "c" * 43},
    "frames.enter": lambda family, world: {"code": family.things["booking"], "verifier": "x"},
    "frames.leave": _nothing,
    "photos.instructor": lambda family, world: {"instructor": "../../../site_config.json"},
    "unavailable.save": lambda family, world: {"evening": world.booking, "times": [_time(world)]},
}
# By us to who has no such record, and by the platform to who is not logged in.
NOT_LINKED = "Your account is not linked|You are not permitted to access|This page is not known here"
NOT_MINE, NO_PLACE = "This conversation is not one of yours", "This place in line is not one of yours"
NOT_ASKED, NOT_BOOKED = "not one that you can ask for", "not one that you can book"
NOT_HELD = "not held for you any more"
# The one sentence of each refusal, whatever the cause: what it says of somebody else's thing is nothing.
REFUSALS = {
    **dict.fromkeys(("guardian.request", "guardian.save", "student.request", "student.save"), NOT_ASKED),
    **dict.fromkeys(("guardian.withdraw", "student.withdraw"), "This request is not one of yours"),
    **dict.fromkeys(
        ("table.move", "table.cancel", "feeds.conversation", "conversations.cant_come"), NOT_MINE
    ),
    **dict.fromkeys(("table.reserve", "holds.extend", "holds.release"), NOT_HELD),
    **dict.fromkeys(("waiting.leave", "waiting.accept", "waiting.decline"), NO_PLACE),
    **dict.fromkeys(("holds.find", "waiting.watch"), NOT_BOOKED),
    **dict.fromkeys(("instructor.wish", "instructor.note", "instructor.tap"), NOT_MINE),
    **dict.fromkeys(("instructor.read", "instructor.students", "instructor.live"), "This evening is not one"),
    "instructor.block": "not at a time of this evening|This evening is not one|blocks times for you",
    "board.read": "There is no screen at this address",
    "conversations.mail": "You have no conversations with a time",
    "feeds.personal": "There is no calendar at this address",
    "frames.enter": "That took too long",
    "photos.instructor": "This photograph does not exist",
    "unavailable.save": "is not at a time of this evening|This evening is not one of yours",
}
# What makes something of the caller's own where the child is theirs: tried with other families' alone.
MAKES = {
    *("guardian.request", "guardian.save", "student.request", "student.save", "table.reserve"),
    *("holds.find", "waiting.watch"),
}
# Answered to whoever is a guardian, student or instructor, with their own and nothing else.
OWN_ANSWER = {
    *("guardian.evenings", "student.evenings", "instructor.conversations", "table.read"),
    *("conversations.read", "feeds.evening", "feeds.subscribe", "feeds.revoke"),
    *("instructor.read", "instructor.students", "instructor.live", "live.read"),
}


def _time(world) -> dict:
    # Outside the evening, so that nobody makes it.
    return {"from": f"{world.date}T22:00", "to": f"{world.date}T22:30"}


@pytest.fixture(scope="module")
def world(connected, school):
    _reset(frappe)
    frappe.cache.delete_keys("ouderavond_calls:")
    made = make_world(school)
    make_stranger()
    yield made
    remove_stranger()


@pytest.fixture(scope="module")
def log_in(web, world):
    return people(web)


@pytest.fixture(scope="module")
def instructor_names(world, school):
    """{actor: the names of instructors that they may not read}."""
    titles = dict(frappe.get_all("Instructor", ["name", "instructor_name"], as_list=True))
    found = {}
    for actor in ACTORS:
        students = {school.student.get(actor)}
        if actor in school.guardian:
            students |= {school.student[code] for code in school.students_of(actor)}
        offers = frappe.get_all("Conversation Offer", {"student": ("in", list(students))}, pluck="name")
        own = frappe.get_all("Conversation Offer Instructor", {"parent": ("in", offers)}, pluck="instructor")
        own += [name for code, name in school.instructor.items() if school.user(code).split("@")[0] == actor]
        found[actor] = {title for name, title in titles.items() if name not in own}
    return found


def ask(person, call: str, arguments: dict):
    """Make a call as the page does."""
    path = f"/api/method/ouderavond.api.{call}"
    if "POST" in CALLS[call][1]:
        return person.post(path, json=arguments)
    return person.get(path, params=arguments)


def roles(call: str) -> list[dict]:
    if "role" not in CALLS[call][0]:
        return [{}]
    more = ["instructor"] if call.split(".")[0] in ("conversations", "feeds", "live") else []
    return [{"role": role} for role in ("guardian", "student", *more)]


def families_of(actor, call: str, world) -> list:
    """The families whose things an actor tries; of those of the own child only what is the other's."""
    nearest = "karim.yilmaz" if actor == "olga.bos" else "carla.bakker"
    if call in MAKES and (actor, nearest) in OWN_CHILD:
        nearest = "karim.yilmaz"
    return [world.families[code] for code in ("anna.devries", nearest)]


def forbidden(actor, world, school) -> set[str]:
    words = set()
    for family in world.families.values():
        own = set()
        if (actor, family.guardian) in OWN_CHILD:
            student = school.student[family.student]
            first_name = frappe.db.get_value("Student", student, "first_name")
            own = {
                student,
                first_name,
                *frappe.get_all("Conversation Offer", {"student": student}, pluck="name"),
            }
        words |= family.words - own
    return words


def sentence(answer) -> str:
    """What a refusal says to a person."""
    if not answer.headers["Content-Type"].startswith("application/json"):
        return answer.text
    body = answer.json()
    said = [json.loads(row)["message"] for row in json.loads(body.get("_server_messages") or "[]")]
    return " ".join(said) or (body.get("message") or {}).get("message", "")


def test_every_call_has_a_row():
    assert set(ARGUMENTS) == set(CALLS)
    assert {call for call, (_names, methods) in CALLS.items() if methods not in (["GET"], ["POST"])} == set()


@pytest.mark.parametrize("call", CALLS)
def test_of_others_nothing_is_told_and_nothing_changed(call, world, school, log_in, instructor_names):
    before = everything()
    for actor, who in ACTORS.items():
        words = forbidden(actor, world, school) | instructor_names[actor]
        person = log_in(actor)
        seen = set()
        for family in families_of(actor, call, world):
            for role in roles(call):
                arguments = {**ARGUMENTS[call](family, world), **role}
                sent = json.dumps(arguments)
                if sent in seen:
                    continue
                seen.add(sent)
                answer = ask(person, call, arguments)
                case = (call, who, role, answer.status_code, answer.text[-600:])
                assert answer.status_code < 500, case
                told = answer.text + str(answer.headers)
                assert {word for word in words if word in told and word not in sent} == set(), case
                if answer.status_code >= 400:
                    expected = f"{REFUSALS.get(call, NOT_LINKED)}|{NOT_LINKED}"
                    assert re.search(expected, sentence(answer)), (*case, sentence(answer))
                else:
                    assert call in OWN_ANSWER, case
                if actor in (None, STRANGER):
                    assert answer.status_code in (403, 404), case
    assert everything() == before


def test_the_words_are_those_that_their_owners_read(world, log_in):
    """Else the tests above would look for what is nowhere."""
    for code, family in world.families.items():
        person = log_in(code)
        mark = f"WOORD{code.split('.')[0].upper()}"
        asked = ask(person, "guardian.evenings", {}).text
        for word in (family.things["request"], f"{mark}TAAL", f"{mark}VERZOEK", family.things["booking"]):
            assert word in asked
        table = ask(person, "table.read", {"evening": world.booking, "role": "guardian"}).text
        for word in ("booking", "start", "entry", "hold"):
            assert family.things[word] in table, (code, word)
        feed = ask(person, "feeds.evening", {"role": "guardian"}).text
        assert family.things["booking"] in feed


def test_an_answer_for_one_is_never_not_modified_for_another(world, log_in):
    arguments = {"evening": world.booking, "role": "guardian"}
    path = "/api/method/ouderavond.api.table.read"
    carla, dirk = log_in("carla.bakker"), log_in("dirk.bakker")
    tag = carla.get(path, params=arguments).headers["ETag"]
    assert carla.get(path, params=arguments, headers={"If-None-Match": tag}).status_code == 304
    answer = dirk.get(path, params=arguments, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_no_answer_outlives_a_right(world, log_in, school):
    """Nothing at the evening has changed; whom Anna reaches has."""
    arguments = {"evening": world.booking, "role": "guardian"}
    path = "/api/method/ouderavond.api.table.read"
    anna = log_in("anna.devries")
    before = anna.get(path, params=arguments)
    assert "Fien" in before.text
    forbid_contact(school, "s03", "anna.devries")
    after = anna.get(path, params=arguments, headers={"If-None-Match": before.headers["ETag"]})
    frappe.db.delete("Guardian Arrangement", {"student": school.student["s03"]})
    frappe.db.commit()
    assert after.status_code == 200
    assert "Fien" not in after.text


def test_an_evening_of_other_children_is_not_there(world, log_in, school):
    """Its title alone may tell too much; asked for by its name, which can be guessed."""
    made = make_evening(
        school,
        title="WOORDTITEL",
        procedure="Book Directly",
        participants=[{"participant_type": "Student", "participant": school.student["s07"]}],
    )
    person, common = log_in("linda.vandijk"), {"evening": made.name, "role": "guardian"}
    pick = {"offer": "x", "start": f"{world.date}T18:30"}
    for call, more in (
        ("table.read", {}),
        ("table.reserve", {"basket": [pick], "key": KEY}),
        ("holds.find", {"wanted": [{"offer": "x"}]}),
    ):
        answer = ask(person, call, {**common, **more})
        assert (answer.status_code, sentence(answer)) == (403, "This evening is not one that you can see.")
        assert ask(person, call, {**common, **more, "evening": "x"}).status_code == 403
    frappe.delete_doc("Parent Evening", made.name, ignore_permissions=True)
    frappe.db.commit()


def test_what_writes_wants_post_and_the_page_s_token(world, log_in, web, school):
    before = everything()
    carla = web.session(school.user("carla.bakker"))
    carla.open_portal()
    del carla.headers["X-Frappe-CSRF-Token"]
    family = world.families["carla.bakker"]
    for call, (_names, methods) in CALLS.items():
        arguments = {**ARGUMENTS[call](family, world), **roles(call)[0]}
        path = f"/api/method/ouderavond.api.{call}"
        if methods == ["POST"]:
            assert carla.post(path, json=arguments).status_code == 400, call
            arguments = {key: json.dumps(value) for key, value in arguments.items()}
            assert carla.get(path, params=arguments).status_code in (403, 405), call
    assert everything() == before
