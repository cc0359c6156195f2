"""No account of a family reaches a file outside the site's files by naming its path."""

import frappe
import pytest

from tests.platform.school import as_user

OUTSIDE = (
    "/files/../../site_config.json",
    "/private/files/../../site_config.json",
    "/files/%2e%2e/%2e%2e/site_config.json",
    "/files/%252e%252e/%252e%252e/site_config.json",
    "/private/files/..\\..\\site_config.json",
)


@pytest.mark.parametrize("address", OUTSIDE)
@pytest.mark.parametrize("who", ["anna.devries", "s01", "jan"])
def test_a_path_that_climbs_out_is_refused(site, school, who, address):
    before = frappe.db.count("File")
    file = {"doctype": "File", "file_name": "a.json", "file_url": address, "is_private": 1}
    with as_user(school.user(who)), pytest.raises(frappe.PermissionError):
        frappe.get_doc(file).insert()
    frappe.db.rollback()
    assert frappe.db.count("File") == before


def test_an_ordinary_file_is_still_the_owners(site, school):
    with as_user(school.user("anna.devries")):
        own = frappe.get_doc(
            {"doctype": "File", "file_name": "a.txt", "content": "a", "is_private": 1}
        ).insert()
        assert own.has_permission("read")
    with as_user(school.user("carla.bakker")):
        assert not frappe.get_doc("File", own.name).has_permission("read")
    own.delete()
    frappe.db.commit()
