"""The demo's parent evening: dates, offers, rooms, blocks, and what the households ask for."""

import datetime as dt

import frappe
from frappe import _

from ouderavond.demo.manifest import Manifest
from ouderavond.demo.plan import School
from ouderavond.demo.records import SchoolWriter
from ouderavond.demo.report import Steps
from ouderavond.demo.wishes import Asked, ask

TITLE = "Ouderavond eerste rapport"
EXPLANATION = (
    "U bent van harte uitgenodigd om over het eerste rapport te praten. Kies per kind de docenten met wie u "
    "wilt spreken, de belangrijkste eerst. Na de sluitingsdatum maken wij het rooster en krijgt u bericht."
)
EXPLANATION_DIRECT = (
    "U bent van harte uitgenodigd om over het eerste rapport te praten. Kies per kind de docenten met wie u "
    "wilt spreken en reserveer de tijden die u schikken, voor al uw kinderen in één keer."
)
FOOTNOTE = "Gesprekken die niet geplaatst konden worden, kunt u met de docent telefonisch afspreken."
FIRST_TIME, END_TIME = dt.time(18, 30), dt.time(21, 0)
AULA = "Aula"


def write_evening(
    school: School, writer: SchoolWriter, manifest: Manifest, steps: Steps, *, direct: bool = False
) -> str:
    """Make the evening, its offers and its requests.

    Args:
        direct: an evening at which families book their times themselves, open now, without requests.

    Returns:
        The name of the Parent Evening.
    """
    from ouderavond.evening.offering import by_course

    with steps.phase(_("Evening")):
        evening = _evening(school, writer, direct)
        manifest.add("Parent Evening", evening)
        aula = frappe.new_doc("Room")
        aula.update({"room_name": AULA, "room_number": AULA, "seating_capacity": 300})
        manifest.add("Room", aula.insert(ignore_permissions=True).name)
        manifest.commit()
        steps.tick()
    with steps.phase(_("Offers")):
        steps.tick(by_course.offer(evening).created, weight=0)
    with steps.phase(_("Rooms and blocks")):
        _rooms(evening, school, writer, aula.name)
        frappe.db.commit()
        steps.tick(_blocks(evening, school, writer), weight=0)
    if direct:
        return evening
    with steps.phase(_("Requests")):
        steps.tick(_requests(evening, school, writer), weight=0)
        frappe.db.commit()
    return evening


def _evening(school: School, writer: SchoolWriter, direct: bool) -> str:
    first, _second = school.calendar.evening_dates
    opened = dt.datetime.combine(school.calendar.today - dt.timedelta(days=7), dt.time(8))
    closes = dt.datetime.combine(first - dt.timedelta(days=5), dt.time(23, 59))
    doc = frappe.new_doc("Parent Evening")
    doc.update(
        {
            "title": TITLE,
            "academic_year": writer.year,
            "academic_term": writer.term,
            "footnote": FOOTNOTE,
            "published": 1,
            "contact_with": "Guardians",
            "student_attends": "No",
            "mode": "In Person",
            "separated_guardians": "Attend separately where marked",
            "minutes_per_conversation": 10,
            "break_after": 6,
            "reference_week": school.calendar.reference_week,
            "maximum_per_student": 2,
            "longer_conversation": 1,
            "guardian_remarks": 1,
            "instructors_may_block": 1,
            "dates": [
                {"date": date, "first_time": str(FIRST_TIME), "end_time": str(END_TIME)}
                for date in school.calendar.evening_dates
            ],
            "participants": [{"participant_type": "Program", "participant": p.name} for p in school.programs],
        }
    )
    if direct:
        doc.update(
            {
                "procedure": "Book Directly",
                "explanation": EXPLANATION_DIRECT,
                "booking_from": opened,
                "booking_until": closes,
            }
        )
    else:
        doc.update(
            {
                "procedure": "Request and Schedule",
                "explanation": EXPLANATION,
                "request_from": opened,
                "request_until": closes,
            }
        )
    return doc.insert(ignore_permissions=True).name


def _rooms(evening: str, school: School, writer: SchoolWriter, aula: str) -> None:
    """Instructors sit in classrooms as far as these go, the others at tables in the aula; some come later."""
    order = sorted(range(len(school.instructors)), key=lambda i: school.instructors[i].code)
    classrooms = [writer.rooms[name] for name in school.rooms if not name.startswith("Gym")]
    for place, i in enumerate(order):
        if place < len(classrooms):
            values = {"room": classrooms[place]}
        else:
            table = f"Tafel {place - len(classrooms) + 1}"
            values = {"room": aula, "shared_room": 1, "table_label": table}
        if place % 20 == 7:
            values["present_from"] = "19:00:00"
        rows = {"evening": evening, "instructor": writer.instructors[i]}
        frappe.db.set_value("Evening Instructor", rows, values, update_modified=False)


def _blocks(evening: str, school: School, writer: SchoolWriter) -> int:
    """Some instructors leave early or have a break, some guardians work late."""
    from ouderavond.evening.blocks import block

    first, second = school.calendar.evening_dates
    blocks = []
    for number, i in enumerate(range(3, len(school.instructors), max(4, len(school.instructors) // 8))):
        day = second if number % 2 else first
        hours = (dt.time(20, 20), END_TIME) if number % 3 else (dt.time(19, 30), dt.time(19, 50))
        reason = "Andere afspraak" if number % 3 else "Pauze"
        blocks.append(("Instructor", writer.instructors[i], day, hours, reason))
    for number, i in enumerate(range(5, len(school.guardians), max(8, len(school.guardians) // 12))):
        day = first if number % 2 else second
        hours = (FIRST_TIME, END_TIME) if number % 4 == 0 else (FIRST_TIME, dt.time(19, 30))
        blocks.append(("Guardian", writer.guardians[i], day, hours, "Werk"))
    for who_type, who, day, (since, until), reason in blocks:
        start, end = dt.datetime.combine(day, since), dt.datetime.combine(day, until)
        block(evening, who_type, who, start, end, reason=reason, source=who_type)
        frappe.db.commit()  # the next one starts a transaction of its own
    return len(blocks)


def _requests(evening: str, school: School, writer: SchoolWriter) -> int:
    """Requests as the portal writes them, in bulk."""
    from frappe.model.document import bulk_insert

    from ouderavond.evening.requests import default_mode, party_key

    doc = frappe.get_doc("Parent Evening", evening)
    asked = ask(school, _parties(doc, writer), _offers(evening, writer))
    mode = default_mode(doc)
    documents = []
    for request in asked:
        guardian = request.group[0]
        documents.append(
            frappe.get_doc(
                {
                    "doctype": "Conversation Request",
                    "name": frappe.generate_hash(length=10),
                    "evening": evening,
                    "offer": request.offer,
                    "student": writer.students[request.student],
                    "student_name": school.students[request.student].full_name,
                    "subject": request.subject,
                    "state": "Requested",
                    "source": "Guardian",
                    "guardian": writer.guardians[guardian],
                    "guardian_name": school.guardians[guardian].full_name,
                    "party": party_key(map(writer.guardians.__getitem__, request.group), ""),
                    "mode": mode,
                    **_wishes(request),
                }
            )
        )
    bulk_insert("Conversation Request", documents)
    return len(documents)


def _wishes(request: Asked) -> dict:
    return {
        "priority": "Must See" if request.must_see else "Wanted",
        "rank": request.rank,
        "longer": int(request.longer),
        "preference": request.preference,
        "interpreter_language": request.interpreter_language,
        "step_free": int(request.step_free),
        "remark": request.remark,
    }


def _parties(evening, writer: SchoolWriter) -> dict[int, list[tuple[int, ...]]]:
    """Per student the groups of guardians who attend together, all of them by their place in the plan."""
    from ouderavond.evening.people import parties

    guardians = {name: i for i, name in enumerate(writer.guardians)}
    found = parties(evening, writer.students)
    return {
        i: sorted(tuple(sorted(guardians[g] for g in group)) for group in found.get(student, []))
        for i, student in enumerate(writer.students)
    }


def _offers(evening: str, writer: SchoolWriter) -> dict[int, list[tuple[str, str, tuple[int, ...]]]]:
    """Per student the offers: (name, subject, instructors), in an order that does not depend on records."""
    instructors = {name: i for i, name in enumerate(writer.instructors)}
    students = {name: i for i, name in enumerate(writer.students)}
    of_offer: dict[str, list[int]] = {}
    offers = frappe.get_all("Conversation Offer", {"evening": evening}, ["name", "student", "subject"])
    rows = frappe.get_all(
        "Conversation Offer Instructor",
        {"parenttype": "Conversation Offer", "parent": ("in", [offer.name for offer in offers])},
        ["parent", "instructor"],
    )
    for row in rows:
        of_offer.setdefault(row.parent, []).append(instructors[row.instructor])
    found: dict[int, list] = {i: [] for i in range(len(writer.students))}
    for offer in offers:
        if offer.student in students:
            found[students[offer.student]].append(
                (offer.name, offer.subject, tuple(sorted(of_offer.get(offer.name, []))))
            )
    return {i: sorted(rows, key=lambda row: (row[1], row[2])) for i, rows in found.items()}
