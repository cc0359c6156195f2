"""What an attack on a school's site found, each way tried again."""

import frappe
import pytest

from tests.platform.school import PLANNER, as_user

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
