"""What no page sends: calls of the portal with nonsense, baskets that cannot be, text that is code."""

import json

import frappe
import pytest

from ouderavond.evening import claims
from ouderavond.evening.offering import by_course
from ouderavond.evening.reserving import holds
from tests.harness.fixtures import _reset
from tests.platform.portal import calls, everything, make_world
from tests.platform.processes import at_once
from tests.platform.school import make_evening
from tests.platform.web import people

CARLA = "carla.bakker"
CALLS = {call: found for call, found in calls().items() if call.split(".")[0] not in ("guardian", "student")}
NONSENSE = [
    "' or 1=1 -- \\' \" ; drop table tabStudent",
    "null",
    "{}",
    '["a", {"b": null}]',
    '[{"offer": "x", "start": "\\ud800", "remark": {}}]',
    "9999-12-31T23:59",
    "2026-12-07T19:00:00+05:00",
    "hold:x:%:%",
    "\x00",
    "\N{SNOWMAN}" * 20000,
    [None],
    -1,
    None,
]
CODE = "<img src=x onerror=alert(1)></script>{{ 7*7 }}"


@pytest.fixture(scope="module")
def world(connected, school):
    _reset(frappe)
    return make_world(school)


@pytest.fixture(scope="module")
def carla(web, world):
    return people(web)(CARLA)


@pytest.fixture(autouse=True)
def _no_limits(world):
    frappe.cache.delete_keys("ouderavond_calls:")


def ask(person, call: str, arguments: dict):
    path = f"/api/method/ouderavond.api.{call}"
    if "POST" in CALLS[call][1]:
        return person.post(path, json=arguments)
    # In an address everything is text; what is missing is the platform's to refuse.
    return person.get(path, params={key: str(value) for key, value in arguments.items()})


def own(world, parameter: str):
    """What is right for a parameter, as far as nothing comes of it."""
    things = world.families[CARLA].things
    nowhere = f"{world.date}T03:00"
    known = {
        "evening": world.booking,
        "role": "guardian",
        "basket": [{"offer": things["offer"], "start": nowhere}],
        "wanted": [{"offer": things["given_up"]}],
        "booking": things["given_up"],
        "entry": things["entry"],
        "hold": things["hold"],
        "offer": things["offer"],
        "start": nowhere,
        "key": "k" * 32,
        "times": [{"from": nowhere, "to": nowhere}],
        "instructor": "nobody",
        "alone": 1,
        "challenge": "c" * 43,
        "code": "c" * 43,
        "verifier": "v" * 43,
    }
    return known.get(parameter)


# Whose only parameter is the role or nothing: right alone, they do what they are for.
HARMLESS = {"feeds.subscribe", "feeds.revoke", "conversations.mail", "holds.extend", "holds.release"}


@pytest.mark.parametrize("call", CALLS)
def test_nonsense_is_refused_with_nothing_written(call, world, carla):
    before = everything()
    names = CALLS[call][0]
    for parameter in names:
        for value in NONSENSE:
            arguments = {name: own(world, name) for name in names if own(world, name) is not None}
            arguments[parameter] = value
            answer = ask(carla, call, arguments)
            case = (call, parameter, value if len(str(value)) < 60 else len(str(value)), answer.text[-1500:])
            assert answer.status_code < 500, case
    if call not in HARMLESS:
        assert everything() == before
    frappe.db.rollback()
    assert claims.check() == []


# Baskets that cannot be


def _reserve(carla, world, *picks, **more):
    arguments = {"evening": world.booking, "role": "guardian", "basket": list(picks), "accepted": 1}
    arguments |= {"key": frappe.generate_hash(length=32), **more}
    return ask(carla, "table.reserve", arguments)


def _said(answer) -> str:
    body = answer.json()
    said = [json.loads(row)["message"] for row in json.loads(body.get("_server_messages") or "[]")]
    return " ".join(said) or body["message"]["message"]


def test_baskets_that_cannot_be_are_refused_whole(world, school, carla):
    """Each beside a place that is free, which is not taken either."""
    hidden = make_evening(school, title="Verborgen", published=0, procedure="Book Directly")
    over = make_evening(school, title="Voorbij", procedure="Book Directly")
    for evening in (hidden, over):
        by_course.offer(evening.name)
    over.db_set("archived", 1)
    frappe.db.commit()
    student = {"student": school.student["s04"]}
    elsewhere, secret, archived = (
        frappe.db.get_value("Conversation Offer", {**student, "evening": evening})
        for evening in (world.asking, hidden.name, over.name)
    )
    offers = frappe.get_all(
        "Conversation Offer", {**student, "evening": world.booking}, pluck="name", order_by="subject"
    )
    free = {"offer": offers[3], "start": f"{world.date}T20:50"}
    other = {"offer": offers[1], "start": f"{world.date}T20:40"}
    before = everything()
    not_bookable = "This conversation is not one that you can book."
    cases = [
        ({"offer": elsewhere, "start": free["start"]}, not_bookable),
        ({"offer": secret, "start": free["start"]}, not_bookable),
        ({"offer": archived, "start": free["start"]}, not_bookable),
        ({"offer": world.families["anna.devries"].things["offer"], "start": other["start"]}, not_bookable),
        ({"offer": "", "start": other["start"]}, not_bookable),
        ({**other, "start": f"{world.date}T20:41"}, "is not available"),
        ({**other, "start": f"{world.date}T03:00"}, "is not available"),
        ({**other, "start": "2020-01-01T20:40"}, "is not available"),
        ({**other, "start": "8999-12-31T20:40"}, "is not available"),
        ({**other, "start": "9999-12-31T20:40"}, "is not a date and time"),
        ({**other, "start": f"{world.date}T20:40:00+05:00"}, ""),
        ({**other, "start": "soon"}, "is not a date and time"),
        ({**other, "longer": 1}, "A longer conversation is not possible"),
        ({**other, "remark": "x" * 1001}, "too long"),
        ({**other, "mode": ["Online"]}, "could not be read"),
        ({**other, "slots": 9}, "could not be read"),
        (dict(free), "already"),
        ({**other, "start": free["start"]}, "another conversation"),
        ({"offer": offers[0], "start": other["start"]}, "already"),
    ]
    for pick, said in cases:
        answer = _reserve(carla, world, free, pick)
        assert 400 <= answer.status_code < 500, (pick, answer.text)
        assert said in _said(answer), (pick, _said(answer))
    # Beside the free one these are refused with their own sentences too, and the rest stays as it was.
    assert _reserve(carla, world, *[free] * 41).status_code == 417
    forged = f"{holds.new_reference(school.user(CARLA)).rsplit(':', 1)[0]}:{'0' * 16}"
    for hold in (forged, world.families["anna.devries"].things["hold"], "hold:%", "x" * 500):
        assert "not held for you any more" in _said(_reserve(carla, world, free, hold=hold))
    for evening in (hidden.name, over.name, "OA-0000-000"):
        answer = _reserve(carla, world, free, evening=evening)
        assert (answer.status_code, _said(answer)) == (403, "This evening is not one that you can see.")
    assert everything() == before
    assert claims.check() == []


def test_a_key_is_its_caller_s(world, web, carla):
    """Of somebody else's submission nobody gets the answer; of one's own there is one effect."""
    offers = frappe.get_all(
        "Conversation Offer",
        {"evening": world.booking, "student": world_student(world)},
        pluck="name",
        order_by="subject",
    )
    pick = {"offer": offers[3], "start": f"{world.date}T20:50"}
    key = frappe.generate_hash(length=32)
    first = _reserve(carla, world, pick, key=key).json()["message"]
    assert first["status"] == "reserved"
    assert _reserve(carla, world, pick, key=key).json()["message"] == first
    stranger = people(web)("linda.vandijk")
    answer = _reserve(stranger, world, pick, key=key)
    assert answer.status_code == 409
    assert first["booked"][0] not in answer.text
    with_key = {"booking": first["booked"][0], "role": "guardian"}
    assert ask(carla, "table.cancel", with_key).json()["message"]["status"] == "cancelled"
    frappe.db.rollback()
    assert frappe.db.count("Submitted Key", {"submission": key}) == 1


def world_student(world) -> str:
    return frappe.db.get_value("Waiting List Entry", world.families[CARLA].things["entry"], "student")


# Text that is code


def test_text_stays_text_wherever_it_is_shown(world, school, carla):
    """Remarks, wishes, languages, titles, explanations, subjects and the names of instructors and rooms."""
    things = world.families[CARLA].things
    frappe.db.set_value("Parent Evening", world.booking, {"title": CODE, "explanation": CODE})
    frappe.db.set_value("Parent Evening", world.asking, {"title": CODE, "explanation": CODE})
    frappe.db.set_value("Evening Booking Instructor", {"parent": things["booking"]}, "instructor_name", CODE)
    values = {"remark": CODE, "table_label": CODE, "subject": CODE, "student_name": CODE}
    frappe.db.set_value("Evening Booking", things["booking"], values)
    wishes = {"remark": CODE, "interpreter_language": CODE}
    frappe.db.set_value("Conversation Request", things["request"], wishes)
    offers = {"student": world_student(world)}
    frappe.db.set_value("Conversation Offer", offers, {"subject": CODE, "student_name": CODE})
    held = frappe.get_all("Conversation Offer", offers, pluck="name")
    frappe.db.set_value("Conversation Offer Instructor", {"parent": ("in", held)}, "instructor_name", CODE)
    frappe.db.set_value("Waiting List Entry", things["entry"], {"subject": CODE, "instructor_names": CODE})
    frappe.db.commit()
    frappe.clear_cache(doctype="Parent Evening")
    for evening in (world.asking, world.booking):
        frappe.clear_document_cache("Parent Evening", evening)
    page = carla.get("/ouderavond").text
    assert "onerror=alert" in page
    assert "<img src=x" not in page
    assert ">49<" not in page and "{{ 7*7 }}" in page
    table = ask(carla, "table.read", {"evening": world.booking, "role": "guardian"})
    assert table.headers["Content-Type"].startswith("application/json")
    assert CODE in table.text.replace("\\u003c", "<")
    html = ask(carla, "conversations.read", {"role": "guardian"}).json()["message"]["html"]
    assert "onerror=alert" in html
    assert "<img src=x" not in html
    for call in ("feeds.evening", "feeds.conversation"):
        found = ask(carla, call, {"role": "guardian", "booking": things["booking"]})
        assert found.headers["Content-Type"].startswith("text/calendar")
        # A line of its own would be another property.
        assert not any(line.startswith(("<img", "</script")) for line in found.text.splitlines())
    refused = ask(
        carla,
        "table.move",
        {"booking": things["booking"], "role": "guardian", "start": "<img src=x>", "key": "k" * 32},
    )
    assert "<img" not in _said(refused)


# At once


def _as(user: str, call: str, arguments: dict) -> str:
    frappe.set_user(user)
    module, name = call.split(".")
    function = frappe.get_attr(f"ouderavond.api.{module}.{name}")
    try:
        answer = function(**arguments)
        frappe.db.commit()
        return answer["status"]
    except frappe.ValidationError as error:
        frappe.db.rollback()
        return f"{type(error).__name__}: {error}"


def test_one_thing_is_done_once_whoever_does_it_at_once(bench_site, world, school):
    """Cancelled, moved and given up from two sessions, and by who attends together."""
    nadia, karim = school.user("nadia.yilmaz"), school.user("karim.yilmaz")
    booked = world.families["karim.yilmaz"].things["booking"]
    common = {"booking": booked, "role": "guardian"}
    moved = {**common, "accepted": True, "start": f"{world.date}T20:50"}
    results = at_once(
        bench_site,
        _as,
        [
            (nadia, "table.move", {**moved, "key": "a" * 32}),
            (karim, "table.move", {**moved, "key": "b" * 32}),
            (nadia, "table.cancel", common),
            (karim, "conversations.cant_come", {**common, "wish": "anders"}),
        ],
    )
    assert not [one for one in results if "Error" in one and "conversation" not in one], results
    frappe.db.rollback()
    assert frappe.db.get_value("Evening Booking", booked, "state") == "Cancelled"
    assert sum(one in ("cancelled", "given_up") for one in results) >= 1
    assert not frappe.db.exists("Booking Claim", {"reference": booked})
    assert claims.check() == []
