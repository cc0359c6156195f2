"""Calls of ours by whoever may not make them, with what nobody should send."""

import importlib
import inspect
import json
import pkgutil

import pytest

from tests.harness.fixtures import _reset
from tests.platform.rights import make_world
from tests.platform.school import PLANNER, make_evening
from tests.platform.web import people

# Who is refused by every call of a module.
REFUSED = {
    "guardian": ["s01", "jan", PLANNER, None],
    "student": ["anna.devries", "jan", PLANNER, None],
    "instructor": ["s01", "anna.devries", PLANNER, None],
    "staff": ["s01", "anna.devries", "jan", "els.smit", None],
    "desk": ["s01", "anna.devries", "jan", "els.smit", None],
    "meetings": ["s01", "anna.devries", "jan", "els.smit", None],
}
# Who may call it, and so can send nonsense.
CALLER = {
    "guardian": "anna.devries",
    "student": "s01",
    "instructor": "jan",
    "staff": PLANNER,
    "desk": PLANNER,
    "meetings": PLANNER,
}
FAMILIES = ("guardian", "student", "instructor")
SQL = "' or 1=1 -- \\' \" ; drop table tabStudent"
HTML = "<script>alert(1)</script><img src=x onerror=alert(2)>"
NONSENSE = [
    SQL,
    HTML,
    "",
    "{}",
    '["a", {"b": null}]',
    "null",
    "-1",
    str(2**80),
    "1e400",
    "2026-02-31 25:61",
    "\x00",
    "☃" * 20000,
    "[" * 3000,
    '[{"offer": "x", "rank": {}}]',
    '[{"offer": "x", "remark": "\\ud800"}]',
]


def calls() -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """(module, function, parameters, HTTP methods) of everything that we let people call."""
    import frappe

    import ouderavond.api

    found = []
    for module in pkgutil.iter_modules(ouderavond.api.__path__):
        if module.name not in CALLER:
            continue
        loaded = importlib.import_module(f"ouderavond.api.{module.name}")
        for name, function in vars(loaded).items():
            if function in frappe.whitelisted and function.__module__ == loaded.__name__:
                parameters = tuple(inspect.signature(function).parameters)
                methods = frappe.allowed_http_methods_for_whitelisted_func[function]
                found.append((module.name, name, parameters, tuple(methods)))
    return found


# Names of rooms may be asked by whoever reads conversations.
ALSO = {("desk", "room_names"): {"jan", "els.smit"}}
CALLS = calls()
NAMES = [f"{module}.{name}" for module, name, _parameters, _methods in CALLS]


@pytest.fixture(scope="module")
def world(connected, school):
    import frappe

    _reset(frappe)
    return make_world(school)


@pytest.fixture(scope="module")
def log_in(web, world):
    return people(web)


def ask(person, call, arguments: dict):
    """Make a call with the HTTP method that it wants."""
    module, name, _parameters, methods = call
    path = f"/api/method/ouderavond.api.{module}.{name}"
    if "POST" in methods:
        return person.post(path, data=arguments)
    return person.get(path, params=arguments)


def state(world) -> list:
    """All that an attack could change."""
    import frappe

    frappe.db.rollback()
    tables = (
        "Conversation Request",
        "Conversation Offer",
        "Evening Booking",
        "Evening Block",
        "Parent Evening",
    )
    rows = [frappe.db.sql(f"select name, modified from `tab{table}` order by name") for table in tables]
    return [
        *rows,
        frappe.db.count("Booking Claim"),
        frappe.db.count("Schedule Run"),
        frappe.db.count("Student"),
    ]


def likely(world, parameter: str) -> str:
    """An argument that is right for a parameter of this name."""
    known = {
        "evening": world.evening,
        "offer": world.jan["Conversation Offer"],
        "request": world.jan["Conversation Request"],
        "block": world.jan["Evening Block"],
        "booking_name": world.jan["Evening Booking"],
        "booking": world.jan["Evening Booking"],
        "run": "RUN-2026-0001",
        "wishes": "[]",
        "start": str(world.start),
        "from_time": str(world.start),
        "to_time": str(world.start.replace(minute=50)),
        "who_type": "Everyone",
        "pinned": "1",
    }
    return known.get(parameter, "1")


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_who_is_not_meant_is_refused(log_in, world, call):
    module, function, parameters, _methods = call
    before = state(world)
    for user in set(REFUSED[module]) - ALSO.get((module, function), set()):
        answer = ask(log_in(user), call, {name: likely(world, name) for name in parameters})
        assert answer.status_code == 403, (user, answer.status_code, answer.text[-500:])
    assert state(world) == before


@pytest.mark.parametrize("call", [call for call in CALLS if "GET" not in call[3]], ids=str)
def test_what_writes_is_not_done_by_following_a_link(log_in, world, call):
    module, name, parameters, _methods = call
    before = state(world)
    arguments = {parameter: likely(world, parameter) for parameter in parameters}
    answer = log_in(CALLER[module]).get(f"/api/method/ouderavond.api.{module}.{name}", params=arguments)
    assert answer.status_code == 403
    assert state(world) == before


@pytest.mark.parametrize("call", [call for call in CALLS if call[2]], ids=lambda call: f"{call[0]}.{call[1]}")
def test_nonsense_is_refused_in_a_sentence(log_in, world, call, connected):
    import frappe

    module, _name, parameters, _methods = call
    frappe.cache.delete_keys("ouderavond_calls:")
    before = state(world)
    person = log_in(CALLER[module])
    # What a run would take as long as it may, a planner has every right to ask.
    right = {name: likely(world, name) for name in parameters if name != "time_limit"}
    failed = []
    for parameter in parameters:
        for nonsense in NONSENSE:
            frappe.cache.delete_keys("ouderavond_calls:")
            arguments = {**right, parameter: nonsense}
            answer = ask(person, call, arguments)
            # Staff who send what no form of ours sends may read that it went wrong.
            if answer.status_code >= 500 and (module in FAMILIES or "pymysql" in answer.text):
                why = answer.text.replace("\\n", "\n").strip().splitlines()[-3:]
                failed.append((parameter, nonsense[:40], answer.status_code, why))
            assert HTML not in answer.text or answer.status_code in (404, 500)
    assert failed == []
    after = state(world)
    assert after[-1] == before[-1]


@pytest.mark.parametrize("call", [call for call in CALLS if call[2]], ids=lambda call: f"{call[0]}.{call[1]}")
def test_no_text_leaves_its_place_in_a_query(log_in, world, call):
    """A backslash before the quote: what escapes only quotes would let the database sleep."""
    import frappe

    module, _name, parameters, _methods = call
    right = {name: likely(world, name) for name in parameters if name != "time_limit"}
    for parameter in parameters:
        frappe.cache.delete_keys("ouderavond_calls:")
        asleep = {**right, parameter: "\\' or sleep(3) limit 1 -- "}
        answer = ask(log_in(CALLER[module]), call, asleep)
        assert answer.elapsed.total_seconds() < 3, parameter


# Somebody else's records


def test_a_guardian_gets_nowhere_with_another_familys_names(log_in, world, school, connected):
    """The same words for what is not theirs and for what does not exist."""
    import frappe

    evening = make_evening(school, title="Open")
    offer = _offer(evening, school, "s04")
    request = _request(evening, school, offer, "s04", "carla.bakker")
    anna = log_in("anna.devries")
    before = state(world)
    for method, arguments in (
        ("request", {"offer": offer}),
        ("withdraw", {"request": request}),
        ("save", {"evening": evening.name, "wishes": [{"offer": offer}]}),
    ):
        key = next(iter(arguments))
        frappe.cache.delete_keys("ouderavond_calls:")
        real = anna.call(f"ouderavond.api.guardian.{method}", **arguments)
        missing = (
            {**arguments, key: "doesnotexist"}
            if method != "save"
            else {
                **arguments,
                "wishes": [{"offer": "doesnotexist"}],
            }
        )
        unknown = anna.call(f"ouderavond.api.guardian.{method}", **missing)
        assert (real.status_code, _sentence(real)) == (unknown.status_code, _sentence(unknown))
        assert real.status_code == 403
    assert state(world) == before
    assert "Gijs" not in anna.read("/api/method/ouderavond.api.guardian.evenings").text


def test_mass_assignment_through_wishes_is_refused(log_in, world, school, connected):
    import frappe

    evening = make_evening(school, title="Wensen")
    offer = _offer(evening, school, "s01")
    anna = log_in("anna.devries")
    for extra in (
        {"state": "Placed"},
        {"priority": "Must See"},
        {"source": "Staff"},
        {"guardian": school.guardian["carla.bakker"]},
        {"party": "x"},
        {"override_reason": "omdat"},
        {"name": "x"},
        {"doctype": "User"},
    ):
        frappe.cache.delete_keys("ouderavond_calls:")
        answer = anna.call(
            "ouderavond.api.guardian.save", evening=evening.name, wishes=[{"offer": offer, **extra}]
        )
        assert answer.status_code == 417, extra
        # Unknown arguments of the single call are left aside.
        anna.call("ouderavond.api.guardian.request", offer=offer, **extra)
    frappe.db.rollback()
    rows = frappe.get_all("Conversation Request", {"offer": offer}, ["*"])
    for row in rows:
        assert (row.state, row.source, row.priority) == ("Requested", "Guardian", "Wanted")
        assert row.guardian == school.guardian["anna.devries"]
        assert not row.override_reason


def test_a_remark_is_shown_as_text(log_in, world, school, connected):
    import frappe

    evening = make_evening(
        school, title=f"Avond {HTML}", explanation=HTML, footnote=HTML, maximum_per_student=5
    )
    offer = _offer(evening, school, "s01", subject=f"Nederlands {HTML}")
    anna = log_in("anna.devries")
    frappe.cache.delete_keys("ouderavond_calls:")
    remark = f"</textarea></script>{HTML}"
    answer = anna.call(
        "ouderavond.api.guardian.save", evening=evening.name, wishes=[{"offer": offer, "remark": remark}]
    )
    assert answer.status_code == 200, answer.text[-500:]
    for person in (anna, log_in("jan")):
        page = person.get("/ouderavond").text
        for piece in ("<script>alert(1)", "<img src=x", "</textarea></script>"):
            assert piece not in page, piece


def test_an_answer_is_nobodys_to_keep(log_in, world):
    for user, module, name in (
        ("anna.devries", "guardian", "evenings"),
        ("s01", "student", "evenings"),
        ("jan", "instructor", "conversations"),
    ):
        answer = log_in(user).get(f"/api/method/ouderavond.api.{module}.{name}")
        assert "no-store" in answer.headers["Cache-Control"]
    assert "no-store" in log_in("anna.devries").get("/ouderavond").headers["Cache-Control"]


def test_who_has_the_page_open_needs_its_token(web, world, school):
    session = web.session(school.user("anna.devries"))
    session.open_portal()
    session.headers.pop("X-Frappe-CSRF-Token")
    answer = session.post("/api/method/ouderavond.api.guardian.withdraw", data={"request": "x"})
    assert answer.status_code == 400


def _offer(evening, school, student: str, subject: str = "Nederlands") -> str:
    import frappe

    from tests.platform.rights import insert

    name = insert(
        "Conversation Offer",
        evening=evening.name,
        student=school.student[student],
        student_name="Kind",
        subject=subject,
        instructors=[{"instructor": school.instructor["jan"], "instructor_name": HTML}],
    )
    frappe.db.commit()
    return name


def _request(evening, school, offer: str, student: str, guardian: str) -> str:
    import frappe

    from tests.platform.rights import insert

    name = insert(
        "Conversation Request",
        evening=evening.name,
        offer=offer,
        student=school.student[student],
        guardian=school.guardian[guardian],
        party=school.guardian[guardian],
        subject="Nederlands",
    )
    frappe.db.commit()
    return name


def _sentence(answer) -> list[str]:
    messages = json.loads(answer.json().get("_server_messages") or "[]")
    return [json.loads(message)["message"] for message in messages]
