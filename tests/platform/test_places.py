"""Who sits where: many rows at once, whole or not at all, and what becomes of the conversations."""

import base64

import frappe
import pytest

from ouderavond.evening import claims
from ouderavond.evening.offering import by_course, check
from ouderavond.evening.offering.checks.kinds import Scope
from ouderavond.evening.planning import changes, places, places_change, places_file, rooms
from tests.platform.school import make_evening
from tests.platform.test_blocks import at, book, where

API = "/api/method/ouderavond.api.planning.places."


@pytest.fixture
def evening(site, school):
    evening = make_evening(school)
    by_course.offer(evening.name)
    frappe.db.commit()
    return evening


def edit(evening, school, code: str, day: int = 0, **values) -> dict:
    """An edit of an instructor's row; `remove=1` takes it away."""
    found = {"instructor": school.instructor[code], "date": str(evening.dates[day].date)}
    return found | ({"remove": 1} if values.pop("remove", None) else {"values": values})


def place(evening, school, code: str, day: int = 0) -> places.Place | None:
    frappe.db.rollback()
    there = places.of_evening(evening.name)
    return there.get((school.instructor[code], frappe.utils.getdate(evening.dates[day].date)))


def save(evening, *edits, **options):
    report = places_change.save(evening.name, list(edits), **options)
    frappe.db.commit()
    return report


def room_of(name: str) -> tuple:
    frappe.db.rollback()
    fields = ["room", "table_label", "untold", "published_room"]
    return frappe.db.get_value("Evening Booking", name, fields)


def test_many_rows_as_people_write_them_all_or_none_and_undone(evening, school):
    title = frappe.db.get_value("Room", school.room["jan"], "room_name")
    report = save(
        evening,
        edit(evening, school, "jan", present_from="18.30", present_until="2030", room=title.upper()),
        edit(evening, school, "smi", shared_room="ja", table_label=" 4 ", room=school.room["smi"]),
        edit(evening, school, "dek", break_after="5", maximum_conversations="12"),
        edit(evening, school, "tea", present_from="19u15"),
        edit(evening, school, "fon", day=1, remove=1),
    )
    assert (place(evening, school, "jan").present_until, place(evening, school, "jan").room) == (
        "20:30",
        school.room["jan"],
    )
    assert (place(evening, school, "smi").shared_room, place(evening, school, "smi").table_label) == (1, "4")
    assert (
        place(evening, school, "dek").break_after,
        place(evening, school, "dek").maximum_conversations,
    ) == (5, 12)
    assert place(evening, school, "tea").present_from == "19:15"
    assert place(evening, school, "fon", 1) is None and place(evening, school, "fon") is not None
    changes.undo(evening.name, report.change)
    frappe.db.commit()
    assert place(evening, school, "tea") is None and place(evening, school, "fon", 1) is not None
    assert place(evening, school, "jan").values() == places.Place().values()
    wrong = (
        edit(evening, school, "jan", present_from="half acht"),
        edit(evening, school, "smi", room="Kasteel"),
        edit(evening, school, "dek", maximum_conversations="-1"),
        edit(evening, school, "ver", present_from="20:00", present_until="19:00"),
        {"instructor": "niemand", "date": str(evening.dates[0].date)},
        {"instructor": school.instructor["jan"], "date": "2020-01-01"},
    )
    good = edit(evening, school, "fon", table_label="7")
    seen = places_change.preview(evening, [*wrong, good])
    assert len(seen["problems"]) == 6 and {row["field"] for row in seen["problems"]} >= {
        "room",
        "present_from",
    }
    with pytest.raises(
        frappe.ValidationError, match=r"not a time such as.*no room Kasteel.*not a whole number"
    ):
        save(evening, *wrong, good)
    assert place(evening, school, "fon").table_label is None


def test_who_no_longer_fits_is_named_and_stays_or_is_not_placed(evening, school):
    early = book(evening, school, "s01", "jan", at(evening, "18:30"), "Published")
    late = book(evening, school, "s04", "jan", at(evening, "20:00"))
    later = edit(evening, school, "jan", present_from="19:00")
    seen = places_change.preview(evening, [later])
    assert [(row["booking"], row["student_name"]) for row in seen["unfit"]] == [(early, "Daan de Vries")]
    assert "is there from" in seen["unfit"][0]["sentence"]
    with pytest.raises(frappe.ValidationError, match=r"no longer fit.*Daan de Vries"):
        save(evening, later)
    assert place(evening, school, "jan").present_from is None
    save(evening, later, unfit="stay")
    assert where(early)[0] == "Published"
    assert [row.booking for row in places_change.misfits(evening)] == [early]
    (listed,) = check.rows(Scope(evening), "unfit")
    assert listed.key == early and "is there from" in listed.detail
    # What did not fit before is not asked about again.
    assert places_change.preview(evening, [edit(evening, school, "jan", table_label="1")])["unfit"] == []
    save(evening, edit(evening, school, "jan", present_from=""))
    # Who was told of a time keeps it when there are too many.
    most = edit(evening, school, "jan", maximum_conversations="1")
    assert [row["booking"] for row in places_change.preview(evening, [most])["unfit"]] == [late]
    report = save(evening, most, unfit="not_placed")
    assert (where(late)[0], where(early)[0]) == ("Cancelled", "Published")
    changes.undo(evening.name, report.change)
    frappe.db.commit()
    assert where(late)[0] == "Planned" and place(evening, school, "jan").maximum_conversations == 0
    with pytest.raises(frappe.ValidationError, match="cannot be removed"):
        save(evening, edit(evening, school, "jan", remove=1), unfit="not_placed")
    save(evening, later, unfit="stay")
    places_change.put_back(evening.name, [early])
    frappe.db.commit()
    assert where(early)[:3] == ("Cancelled", "18:30", 1) and claims.check() == []
    with pytest.raises(frappe.ValidationError, match="changed since"):
        places_change.put_back(evening.name, [late])


def test_rooms_are_written_to_conversations_and_claimed_and_told_rooms_stay(evening, school):
    one, other = school.room["jan"], school.room["smi"]
    save(evening, edit(evening, school, "jan", room=one), edit(evening, school, "dek", room=other))
    told_of = book(evening, school, "s01", "jan", at(evening, "19:00"), "Published")
    planned = book(evening, school, "s04", "dek", at(evening, "19:00"))
    assert room_of(told_of) == (one, None, 0, one) and room_of(planned)[0] == other
    # They change rooms at once.
    swapped = save(evening, edit(evening, school, "jan", room=other), edit(evening, school, "dek", room=one))
    assert room_of(told_of) == (other, None, 1, one) and room_of(planned)[:3] == (one, None, 0)
    assert swapped.figures["relocated"] == 2 and claims.check() == []
    changes.undo(evening.name, swapped.change)
    frappe.db.commit()
    assert room_of(told_of) == (one, None, 0, one) and claims.check() == []
    both = edit(evening, school, "dek", room=one)
    seen = places_change.preview(evening, [both])
    assert "would both have a conversation in room" in seen["refused"][0]
    with pytest.raises(frappe.ValidationError, match="Joke Jansma and Willem Dekker|Willem Dekker and Joke"):
        save(evening, both)
    assert place(evening, school, "dek").room == other
    hall = [edit(evening, school, code, room=one, shared_room=1, table_label=code) for code in ("jan", "dek")]
    shared = save(evening, *hall)
    assert room_of(told_of)[:3] == (one, "jan", 1) and room_of(planned)[:2] == (one, "dek")
    assert not frappe.db.exists("Booking Claim", {"who": ("like", "Room:%")}) and claims.check() == []
    changes.undo(evening.name, shared.change)
    frappe.db.commit()
    assert room_of(planned)[0] == other and claims.check() == []
    assert frappe.db.count("Booking Claim", {"who": ("like", "Room:%")}) == 20


def test_on_its_form_conversations_follow_a_row_too(evening, school):
    one, other = school.room["jan"], school.room["smi"]
    save(evening, edit(evening, school, "jan", room=one), edit(evening, school, "dek", room=other))
    book(evening, school, "s01", "jan", at(evening, "19:00"))
    planned = book(evening, school, "s04", "dek", at(evening, "19:00"))
    doc = frappe.get_doc("Evening Instructor", place(evening, school, "dek").name)
    doc.update({"room": school.room["wol"], "table_label": "3"})
    doc.save()
    frappe.db.commit()
    assert room_of(planned)[:2] == (school.room["wol"], "3") and claims.check() == []
    doc.update({"room": one})
    with pytest.raises(frappe.ValidationError, match="would both have a conversation in room"):
        doc.save()
    frappe.db.rollback()
    with pytest.raises(frappe.ValidationError, match="cannot be removed"):
        frappe.delete_doc("Evening Instructor", doc.name)
    frappe.db.rollback()
    assert room_of(planned)[0] == school.room["wol"] and claims.check() == []


def test_rooms_are_given_from_lessons_a_list_or_tables_of_a_hall(evening, school):
    jan = school.instructor["jan"]
    found = rooms.propose(evening, "lessons")
    given = {(row["instructor"], row["date"]): row["values"]["room"] for row in found.edits}
    taught = frappe.get_all("Course Schedule", {"instructor": jan}, pluck="room")
    assert {given[jan, str(day.date)] for day in evening.dates} <= set(taught)
    for day in evening.dates:
        that_date = [room for (_who, on), room in given.items() if on == str(day.date)]
        assert len(that_date) == len(set(that_date))
    save(evening, *found.edits)
    assert rooms.propose(evening, "lessons").edits == []
    day = frappe.utils.getdate(evening.dates[0].date)
    keys = [(school.instructor[code], day) for code in ("jan", "smi", "dek")]
    listed = rooms.propose(
        evening, "list", keys=keys, rooms=[school.room["jan"], school.room["smi"]], only_empty=False
    )
    assert (len(listed.edits), len(listed.left)) == (2, 1) and "no room is left" in listed.left[0]
    hall = rooms.propose(evening, "hall", rooms=[school.room["wol"]], only_empty=False, first_table=10)
    tables = {(row["instructor"], row["date"]): row["values"]["table_label"] for row in hall.edits}
    assert sorted({int(table) for table in tables.values()})[0] == 10
    assert len({table for (_who, on), table in tables.items() if on == str(day)}) == len(
        [1 for _who, on in tables if on == str(day)]
    )
    save(evening, *hall.edits)
    assert places_change.preview(evening, hall.edits)["sentence"] == "Nothing changes."
    with pytest.raises(frappe.ValidationError, match="at least one room"):
        rooms.propose(evening, "hall")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_file_comes_back_as_it_went(evening, school, kind):
    save(
        evening,
        edit(
            evening,
            school,
            "jan",
            room=school.room["jan"],
            present_from="18:40",
            shared_room=1,
            table_label="=1",
        ),
        edit(evening, school, "smi", maximum_conversations="9"),
    )
    content = places_file.as_file(evening, kind)
    back = places_file.read(evening, f"wie.{kind}", content)
    assert back.problems == [] and len(back.edits) == len(places.of_evening(evening.name))
    assert places_change.preview(evening, back.edits)["sentence"] == "Nothing changes."


def test_a_file_of_ones_own_and_what_cannot_be_read(evening, school):
    day = frappe.utils.format_date(evening.dates[0].date)
    lines = f"Code;Date;Room;Maximum\njan;{day};{school.room['jan']};8\nxyz;{day};;\njan;1 januari;;\n"
    found = places_file.read(evening, "eigen.csv", lines.encode())
    assert [row["values"] for row in found.edits] == [
        {"room": school.room["jan"], "maximum_conversations": "8"}
    ]
    assert len(found.problems) == 2 and "Line 3" in found.problems[0]
    for name, content, sentence in (
        ("a.csv", b"Naam;Kamer\nx;y", "first line must name"),
        ("a.xlsx", b"PK\x03\x04nope", "could not be read"),
        ("a.csv", b"\0\0", "no text"),
    ):
        with pytest.raises(frappe.ValidationError, match=sentence):
            places_file.read(evening, name, content)


def test_only_staff(evening, school, web):
    values = {"evening": evening.name, "edits": [edit(evening, school, "jan", table_label="x")]}
    values |= {
        "source": "lessons",
        "bookings": [],
        "name": "a.csv",
        "content": base64.b64encode(b"x").decode(),
    }
    session = web.session(school.user("jan"))
    session.open_portal()
    for call in ("read", "preview", "save", "put_back", "propose", "read_file"):
        assert session.post(API + call, json=values).status_code == 403, call
    assert session.get(API + f"export?evening={evening.name}").status_code == 403
    planner = web.session(school.user("planner"))
    planner.open_portal()
    assert planner.post(API + "save", json=values).json()["message"]["report"]["others"] == 1
    assert place(evening, school, "jan").table_label == "x"
    evening.db_set("archived", 1)
    frappe.db.commit()
    assert planner.post(API + "save", json=values).status_code == 417
