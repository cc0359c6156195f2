"""Two evenings full of families' things, and every call of the portal that could tell of them."""

import importlib
import inspect
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import frappe

from ouderavond.evening import cant_come, requests, unavailable
from ouderavond.evening.offering import by_course
from ouderavond.evening.requests import Asker
from ouderavond.evening.reserving import basket, holding
from ouderavond.evening.reserving.basket import Pick
from ouderavond.evening.reserving.table import Table
from ouderavond.evening.waiting import entries
from tests.platform.school import DOMAIN, as_user, make_evening, make_user, mark_separated

# Files of calls that are not for families and instructors, or hold no calls.
NOT_OF_THE_PORTAL = {
    *("callers", "desk", "education", "meetings", "offers", "planning", "platform", "running"),
    *("staff", "times_form", "wishes_form"),
}
STRANGER = f"stranger@{DOMAIN}"


@dataclass
class Family:
    """What one guardian has at the two evenings; `words` are what nobody else may read."""

    student: str
    guardian: str
    things: dict[str, str] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)


@dataclass
class World:
    """An evening to request at, one to book at, and the families by the guardian's code."""

    asking: str
    booking: str
    date: str
    families: dict[str, Family]


def calls() -> dict[str, tuple[tuple[str, ...], list[str]]]:
    """{module.function: (parameters, HTTP methods)} of what we let families and instructors call."""
    import pkgutil

    import ouderavond.api

    found = {}
    for module in pkgutil.iter_modules(ouderavond.api.__path__):
        if module.name in NOT_OF_THE_PORTAL:
            continue
        loaded = importlib.import_module(f"ouderavond.api.{module.name}")
        for name, function in vars(loaded).items():
            if function in frappe.whitelisted and function.__module__ == loaded.__name__:
                parameters = tuple(inspect.signature(function).parameters)
                methods = frappe.allowed_http_methods_for_whitelisted_func[function]
                found[f"{module.name}.{name}"] = (parameters, methods)
    return found


def make_world(school) -> World:
    """Anna, Carla (who attends apart from Dirk) and Karim with Nadia have one of everything."""
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    now = frappe.utils.now_datetime()
    common = {
        "contact_with": "Guardians and Students",
        "separated_guardians": "Attend separately where marked",
        "guardian_remarks": 1,
    }
    asking = make_evening(school, title="Aanvragen", **common)
    booking = make_evening(
        school,
        title="Reserveren",
        procedure="Book Directly",
        booking_from=now - timedelta(days=1),
        booking_until=now + timedelta(days=7),
        change_until_hours=0,
        **common,
    )
    for evening in (asking, booking):
        by_course.offer(evening.name)
    frappe.db.commit()
    leyla = frappe.db.get_value("Student", {"first_name": "Leyla"}, "ouderavond_code")
    children = {"anna.devries": "s01", "carla.bakker": "s04", "karim.yilmaz": leyla}
    families = {}
    for number, (guardian, student) in enumerate(children.items()):
        families[guardian] = _family(school, asking, booking, Family(student, guardian), number)
    return World(asking.name, booking.name, str(booking.dates[0].date), families)


def _family(school, asking, booking, family: Family, number: int) -> Family:
    asker = Asker("Guardian", (school.guardian[family.guardian],))
    mark = f"WOORD{family.guardian.split('.')[0].upper()}"
    at_asking = _offers(school, asking.name, family.student)
    mine = _offers(school, booking.name, family.student)
    first = datetime.combine(frappe.utils.getdate(booking.dates[0].date), datetime.min.time())
    start = first + timedelta(hours=18, minutes=30 + 40 * number)
    wishes = {"interpreter_language": f"{mark}TAAL", "remark": f"{mark}VERZOEK"}
    asked = requests.request(at_asking[0], guardian=asker.guardians, **wishes)
    frappe.db.commit()
    booked, given_up = (
        _reserve(booking, asker, mine[index], start + timedelta(minutes=10 * index), f"{mark}AFSPRAAK")
        for index in (0, 1)
    )
    cant_come.say(school.user(family.guardian), "guardian", given_up, f"{mark}WENS")
    frappe.db.commit()
    block = unavailable.Time(start + timedelta(minutes=20), start + timedelta(minutes=30))
    unavailable.save(booking.name, asker, [block])
    frappe.db.commit()
    with as_user(school.user(family.guardian)):
        held = holding.hold(booking, asker, [Pick(mine[2], start + timedelta(minutes=10))]).reference
        frappe.db.commit()
    # As long as the tests take.
    later = frappe.utils.now_datetime() + timedelta(hours=1)
    frappe.db.sql("update `tabBooking Claim` set expires = %s where kind = 'Hold'", later)
    column = Table(booking, asker).by_offer[mine[1]]
    entry = entries.add(booking.name, column, asker.guardians[0], None, None)
    frappe.db.commit()
    family.things = {
        "booking": booked,
        "given_up": given_up,
        "request": asked,
        "hold": held,
        "entry": entry,
        "offer_to_ask": at_asking[1],
        "offer": mine[3],
        "start": f"{start:%Y-%m-%dT%H:%M}",
    }
    family.words = {
        *(mark, booked, given_up, asked, held, held.split(":")[3], entry, *at_asking, *mine),
        *(school.student[family.student], *asker.guardians, school.user(family.guardian)),
        *(f"{start:%Y-%m-%dT%H:%M}", f"{start:%Y%m%dT%H%M}"),
        frappe.db.get_value("Student", school.student[family.student], "first_name"),
        frappe.db.get_value("Guardian", asker.guardians[0], "guardian_name"),
    }
    return family


def _offers(school, evening: str, student: str) -> list[str]:
    filters = {"evening": evening, "student": school.student[student]}
    return frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")


def _reserve(evening, asker, offer: str, start: datetime, remark: str) -> str:
    wish = {"offer": offer, "start": start.isoformat(), "remark": remark}
    answer = basket.reserve(evening, asker, [wish], frappe.generate_hash(length=32), accepted=True)
    frappe.db.commit()
    assert answer["status"] == "reserved", answer
    return answer["booked"][0]


def make_stranger() -> None:
    """A user whom no record of the school knows."""
    if not frappe.db.exists("User", STRANGER):
        frappe.flags.in_import = True
        make_user(STRANGER, "Vreemde Bezoeker", [])
        frappe.flags.in_import = False
        frappe.db.set_value("User", STRANGER, "enabled", 1)
        frappe.db.sql(
            """insert into `__Auth` (doctype, name, fieldname, `password`, encrypted)
            select doctype, %s, fieldname, `password`, encrypted from `__Auth`
            where doctype = 'User' and name = %s and fieldname = 'password'""",
            (STRANGER, f"anna.devries@{DOMAIN}"),
        )
        frappe.db.commit()


def remove_stranger() -> None:
    """The school's records are as they were."""
    frappe.db.rollback()
    frappe.delete_doc("User", STRANGER, force=True, ignore_permissions=True, ignore_missing=True)
    frappe.db.commit()


TABLES = (
    *("Conversation Request", "Conversation Offer", "Evening Block", "Evening Booking", "Parent Evening"),
    *("Waiting List Entry", "Student", "Guardian", "Guardian Arrangement"),
)


def everything() -> dict[str, list]:
    """All that a call could change, of everybody."""
    frappe.db.rollback()
    rows = {one: frappe.db.sql(f"select name, modified from `tab{one}` order by name") for one in TABLES}
    claims = "select who, tick, kind, reference, expires from `tabBooking Claim` order by who, tick"
    return {**rows, "Booking Claim": frappe.db.sql(claims)}
