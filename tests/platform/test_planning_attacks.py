"""What an attack on a school's site found, each way tried again."""

import frappe
import pytest

from ouderavond.api import instructor
from ouderavond.evening import grid, request_rules
from ouderavond.evening.bulk import clean
from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import places_change
from ouderavond.evening.requests import Asker
from ouderavond.evening.reserving import basket
from tests.platform.school import PLANNER, as_user, make_evening

PACK = "outage-pack-2026-11-23-now-2bc87c3c.zip"


@pytest.fixture
def pack(site):
    """A private file of staff."""
    with as_user(PLANNER):
        file = {"doctype": "File", "file_name": PACK, "is_private": 1, "content": b"PK\x03\x04 alle gezinnen"}
        return frappe.get_doc(file).insert(ignore_permissions=True)


def test_nobody_makes_themselves_a_record_of_somebody_elses_private_file(pack, school):
    from frappe.core.doctype.communication.email import add_attachments

    address, anna = pack.file_url, school.user("anna.devries")
    before = frappe.db.count("File")
    forged = [
        {"file_url": address, "file_name": "mine.zip"},
        {"file_url": address.replace("o", "%256f")},
        {"file_url": frappe.utils.get_url(address)},
        {"file_url": address.replace("files/", "files/./")},
        {"file_url": address, "content": b",", "decode": True, "file_name": "mine.zip"},
        {"file_name": pack.file_name},
        {"file_name": pack.file_name.upper(), "content": b"my own"},
    ]
    with as_user(anna):
        for values in forged:
            with pytest.raises(frappe.PermissionError):
                frappe.get_doc({"doctype": "File", "is_private": 1, **values}).insert(ignore_permissions=True)
        with pytest.raises(frappe.PermissionError):
            add_attachments(None, [pack.name])
        own = frappe.get_doc({"doctype": "File", "file_name": "a.txt", "content": "a", "is_private": 1})
        own.insert()
        own.file_url = address
        with pytest.raises(frappe.PermissionError):
            own.save()
        me = frappe.get_doc("User", anna)
        me.user_image = address
        with pytest.raises(frappe.PermissionError):
            me.save(ignore_permissions=True)
    assert frappe.db.count("File") == before + 1
    assert frappe.db.count("File", {"file_url": address, "attached_to_name": ("is", "set")}) == 0


def test_who_brings_the_same_content_keeps_it_and_readers_may_attach(pack, school):
    same = {"doctype": "File", "file_name": "eigen.zip", "is_private": 1, "content": pack.content}
    with as_user(school.user("anna.devries")):
        assert frappe.get_doc(same).insert().has_permission("read")
    with as_user(PLANNER):
        assert frappe.get_doc({"doctype": "File", "file_url": pack.file_url}).insert(ignore_permissions=True)


CODE = '<img src=x onerror="alert(1)"><iframe src=http://127.0.0.1/></iframe>'


@pytest.fixture
def evening(site, school):
    """Places are booked directly, with remarks that instructors do not read."""
    wanted = {"procedure": "Book Directly", "request_from": None, "request_until": None}
    doc = make_evening(school, **wanted, guardian_remarks=1, show_remarks=0)
    by_course.offer(doc.name)
    frappe.db.commit()
    return frappe.get_doc("Parent Evening", doc.name)


def reserve(evening, school, **more):
    """Anna's conversation about s01 with Jansma, the first slot of the evening."""
    offer = {"evening": evening.name, "student": school.student["s01"]}
    name = frappe.db.get_value("Conversation Offer", offer | {"instructors_key": school.instructor["jan"]})
    start = grid.slots(evening)[0].starts[0]
    asker = Asker("Guardian", (school.guardian["anna.devries"],))
    wish = {"offer": name, "start": start.isoformat(), **more}
    (name,) = basket.reserve(evening, asker, [wish], frappe.generate_hash(length=20), accepted=True)["booked"]
    frappe.db.commit()
    return name


def test_what_a_family_writes_is_no_markup_and_stays_from_who_may_not_read_it(evening, school):
    name = reserve(evening, school, remark=f"Graag <3 over {CODE}")
    kept = frappe.db.get_value("Evening Booking", name, "remark")
    assert kept.startswith("Graag <3 over < img") and not request_rules.TAG.search(kept)
    assert request_rules.plain(kept) == kept
    with as_user(school.user("jan")):
        (seen,) = [row for one in instructor.conversations() for row in one["conversations"]]
    assert seen.name == name and not seen.remark and "Graag" not in frappe.as_json(seen)


def test_what_staff_write_at_once_is_kept_as_a_form_keeps_it(evening, school):
    day = str(evening.dates[0].date)
    edit = {"instructor": school.instructor["jan"], "date": day, "values": {"table_label": CODE}}
    places_change.save(evening.name, [edit])
    label = frappe.db.get_value(
        "Evening Instructor", {"evening": evening.name, "table_label": ("is", "set")}, "table_label"
    )
    assert label and "onerror" not in label and "<iframe" not in label
    assert clean("Conversation Offer", {"subject": CODE, "remark": f'["{CODE}"]', "slots": 2})["slots"] == 2
    assert "onerror" not in str(clean("Conversation Offer", {"subject": CODE, "remark": f'["{CODE}"]'}))
    assert clean("Conversation Offer", {"subject": "Wiskunde <3 & meer"}) == {"subject": "Wiskunde <3 & meer"}
