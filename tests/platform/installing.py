"""What a school does with the app before removing it.

Run as `python -m tests.platform.installing use SITE SITES`.
"""

import os
import sys

import frappe

# Written into the school's own records; must come back when the app is installed again.
CODE = "men13"


def use() -> None:
    """Leave something of ours in every corner of the platform that we know of."""
    from tests.platform.rights import make_world
    from tests.platform.school import PLANNER, fill_in_our_fields, load_school

    fill_in_our_fields()
    school = load_school()
    frappe.db.set_value("Instructor", school.instructor["jan"], "ouderavond_code", CODE)
    world = make_world(school)
    _traces("Conversation Request", world.jan["Conversation Request"])
    _traces("Parent Evening", world.evening)
    _settings_of_people(PLANNER)
    frappe.db.set_global("ouderavond_something", "kept")
    # What has a time is not deleted.
    request = world.dek["Conversation Request"]
    frappe.db.set_value("Evening Booking", {"request": request}, "request", None)
    frappe.delete_doc("Conversation Request", request, force=True)
    settings = frappe.get_doc("Ouderavond Settings")
    settings.maximum_per_student = 3
    settings.save()


def _traces(doctype: str, name: str) -> None:
    doc = frappe.get_doc(doctype, name)
    doc.add_comment("Comment", "Even bellen")
    doc.add_tag("belangrijk")
    frappe.share.add(doctype, name, "jan@school.test", read=1)
    about = {"reference_type": doctype, "reference_name": name}
    _insert("ToDo", description="Nakijken", allocated_to="Administrator", **about)
    about = {"reference_doctype": doctype, "reference_name": name}
    _insert("Communication", subject="Uitnodiging", content="Beste", **about)
    _insert("Activity Log", subject="Gezien", **about)
    _insert("View Log", viewed_by="Administrator", **about)
    _insert("Error Log", method="x", error="y", **about)
    _insert(
        "Notification Log", subject="x", for_user="Administrator", document_type=doctype, document_name=name
    )
    attached = {"attached_to_doctype": doctype, "attached_to_name": name}
    _insert("File", file_name=f"{frappe.scrub(doctype)}.txt", content=name, is_private=1, **attached)
    _insert("Document Follow", ref_doctype=doctype, ref_docname=name, user="jan@school.test")


def _settings_of_people(user: str) -> None:
    doctype = "Evening Booking"
    frappe.db.sql("insert into `__UserSettings` values (%s, %s, '{}')", (user, doctype))
    _insert("List Filter", reference_doctype=doctype, filter_name="Van mij", filters="[]", for_user=user)
    _insert("Custom DocPerm", parent=doctype, role="Academics User", permlevel=0, read=1)
    property = {
        "property": "in_list_view",
        "value": "0",
        "property_type": "Check",
        "doctype_or_field": "DocField",
    }
    _insert("Property Setter", doc_type=doctype, field_name="subject", **property)
    _insert(
        "User Permission",
        user=user,
        allow="Parent Evening",
        for_value=frappe.get_last_doc("Parent Evening").name,
    )
    _insert("DocType Layout", route="boekingen", document_type=doctype, name="Boekingen")
    field = {"fieldname": "avond", "label": "Avond", "fieldtype": "Link", "options": "Parent Evening"}
    _insert("Custom Field", dt="Course", insert_after="course_name", **field)
    _insert(
        "Report", report_name="Boekingen", ref_doctype=doctype, report_type="Report Builder", is_standard="No"
    )
    layout = {"custom_format": 1, "html": "x", "print_format_type": "Jinja", "standard": "No"}
    _insert("Print Format", name="Briefje", doc_type=doctype, **layout)
    _insert("Number Card", label="Gesprekken", document_type=doctype, function="Count", type="Document Type")
    portal = frappe.get_doc("Portal Settings")
    portal.append("menu", {"title": "Ouderavond", "route": "/ouderavond", "enabled": 1})
    portal.flags.ignore_mandatory = True
    portal.save()


def _insert(doctype: str, **values) -> None:
    doc = frappe.get_doc({"doctype": doctype, **values})
    doc.insert(ignore_permissions=True, ignore_links=True, ignore_mandatory=True)


def main(step: str, site: str, sites: str) -> None:
    """Run one step and commit it."""
    os.chdir(sites)
    frappe.init(site=site)
    frappe.connect()
    frappe.flags.mute_emails = True
    {"use": use}[step]()
    frappe.db.commit()
    frappe.destroy()


if __name__ == "__main__":
    main(*sys.argv[1:4])
