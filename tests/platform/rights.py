"""Records of which each person may see something else, and the doors through which they may try."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import frappe
import pytest

from tests.platform.school import as_user, forbid_contact, make_evening, mark_separated

# Words that stand in records and must not reach whoever may not read them.
OF_JAN, OF_DEK, UNSHOWN, CONFIDENTIAL = "WOORDVANJAN", "WOORDVANDEK", "WOORDONGETOOND", "WOORDVERTROUWELIJK"

OF_INSTRUCTORS = (
    "Conversation Offer",
    "Conversation Request",
    "Evening Block",
    "Evening Booking",
    "Evening Instructor",
)
CONFIDENTIAL_DOCTYPES = ("Guardian Arrangement", "Guardians Not To Meet", "Schedule Run Data")
OURS = (*OF_INSTRUCTORS, *CONFIDENTIAL_DOCTYPES, "Booking Claim", "Parent Evening", "Schedule Run")


@dataclass
class World:
    """Names of the records; `jan` and `dek` by DocType, for the instructors of those codes."""

    evening: str = ""
    hidden_evening: str = ""
    start: datetime | None = None
    jan: dict[str, str] = field(default_factory=dict)
    dek: dict[str, str] = field(default_factory=dict)
    unshown: dict[str, str] = field(default_factory=dict)
    confidential: dict[str, str] = field(default_factory=dict)


def make_world(school) -> World:
    """Two evenings, one whose schedule is shown; conversations of Jansma about s01 and Dekker about s02."""
    shown = make_evening(school, schedule_visible=1, title="Oudercontact najaar")
    hidden = make_evening(school, title="Oudercontact voorjaar")
    first = datetime.combine(frappe.utils.getdate(shown.dates[0].date), datetime.min.time())
    world = World(shown.name, hidden.name, first + timedelta(hours=18, minutes=30))
    world.jan = _conversation(school, shown.name, "jan", "s01", "anna.devries", OF_JAN, world.start)
    world.dek = _conversation(school, shown.name, "dek", "s02", "anna.devries", OF_DEK, world.start)
    later = world.start + timedelta(minutes=30)
    world.unshown = _conversation(school, hidden.name, "jan", "s04", "carla.bakker", UNSHOWN, later)
    world.confidential = _confidential(school, shown.name)
    frappe.db.commit()
    return world


def _conversation(school, evening, code, student, guardian, word, start) -> dict[str, str]:
    instructor = school.instructor[code]
    offer = insert(
        "Conversation Offer",
        evening=evening,
        student=school.student[student],
        subject="Nederlands",
        instructors=[{"instructor": instructor}],
        remark=word,
    )
    request = insert(
        "Conversation Request",
        evening=evening,
        offer=offer,
        student=school.student[student],
        guardian=school.guardian[guardian],
        subject="Nederlands",
        party=school.guardian[guardian],
        remark=word,
    )
    booking = insert(
        "Evening Booking",
        evening=evening,
        offer=offer,
        request=request,
        student=school.student[student],
        subject="Nederlands",
        start=start,
        end=start + timedelta(minutes=10),
        state="Published",
        instructors=[{"instructor": instructor}],
        guardians=[{"guardian": school.guardian[guardian], "guardian_name": word}],
        table_label=word,
    )
    block = insert(
        "Evening Block",
        evening=evening,
        who_type="Instructor",
        who=instructor,
        from_time=start + timedelta(hours=1),
        to_time=start + timedelta(hours=1, minutes=10),
        reason=word,
    )
    presence = insert(
        "Evening Instructor", evening=evening, instructor=instructor, date=start.date(), table_label=word
    )
    return dict(zip(OF_INSTRUCTORS, (offer, request, block, booking, presence), strict=True))


def _confidential(school, evening: str) -> dict[str, str]:
    mark_separated(school, "s04", "carla.bakker")
    forbid_contact(school, "s01", "bram.devries")
    arrangement = frappe.get_last_doc("Guardian Arrangement", {"guardian": school.guardian["carla.bakker"]})
    # Changed once, so that there is a version to leak.
    arrangement.note = CONFIDENTIAL
    arrangement.save()
    apart = insert(
        "Guardians Not To Meet",
        guardian=school.guardian["carla.bakker"],
        other_guardian=school.guardian["dirk.bakker"],
        note=CONFIDENTIAL,
    )
    run = insert("Schedule Run", evening=evening, time_limit=1)
    data = insert("Schedule Run Data", run=run, problem=CONFIDENTIAL)
    return dict(zip(CONFIDENTIAL_DOCTYPES, (arrangement.name, apart, data), strict=True))


def insert(doctype: str, **values) -> str:
    """Insert as `evening/` does, past the checks of who may and when."""
    doc = frappe.get_doc({"doctype": doctype, **values})
    doc.flags.through_claims = doc.flags.checked = doc.flags.ignore_validate = True
    return doc.insert(ignore_permissions=True, ignore_links=True).name


def refused_unless_staff(school, who: str | None, *calls) -> None:
    """Somebody who is not staff is refused each of the calls; None is a visitor who is not logged in."""
    sentence = "Only staff who run parent evenings can do this" if who else "Only staff|log in"
    with as_user(school.user(who) if who else "Guest"):
        for call in calls:
            with pytest.raises(frappe.PermissionError, match=sentence):
                call()


def doors(person, doctype: str, name: str):
    """Ask the platform for a DocType and one of its records in every way it has; yields (door, response).

    `person` is a session of tests/platform/web.py.
    """
    quoted = requests_quote(doctype)
    yield "resource list", person.read(f"/api/resource/{quoted}", fields=["*"], limit_page_length=0)
    yield "resource", person.read(f"/api/resource/{quoted}/{name}")
    yield "v2 list", person.read(f"/api/v2/document/{quoted}", fields=["*"])
    yield "v2", person.read(f"/api/v2/document/{quoted}/{name}")
    yield "version", person.read("/api/resource/Version", fields=["*"], filters={"ref_doctype": doctype})
    yield (
        "comment",
        person.read("/api/resource/Comment", fields=["*"], filters={"reference_doctype": doctype}),
    )
    yield "printview", person.read("/printview", doctype=doctype, name=name)
    for method, arguments in _calls(doctype, name):
        yield method, person.call(method, **arguments)


def requests_quote(text: str) -> str:
    """For use in a path."""
    return text.replace(" ", "%20")


def _calls(doctype: str, name: str):
    everything = {"doctype": doctype, "fields": ["*"], "filters": []}
    yield "frappe.client.get_list", {**everything, "limit_page_length": 0}
    yield "frappe.client.get", {"doctype": doctype, "name": name}
    yield "frappe.client.get_value", {"doctype": doctype, "fieldname": ["*"], "filters": {"name": name}}
    yield "frappe.client.validate_link", {"doctype": doctype, "docname": name, "fields": ["*"]}
    yield "frappe.desk.reportview.get", {**everything, "page_length": 100}
    yield "frappe.desk.reportview.get_list", {**everything, "page_length": 100}
    yield (
        "frappe.desk.reportview.export_query",
        {**everything, "title": "x", "file_format_type": "CSV", "fields": ["name"]},
    )
    yield "frappe.desk.reportview.get_stats", {"doctype": doctype, "stats": ["owner", "_user_tags"]}
    yield "frappe.desk.form.load.getdoc", {"doctype": doctype, "name": name}
    yield "frappe.desk.form.load.get_docinfo", {"doctype": doctype, "name": name}
    yield "frappe.desk.form.load.get_communications", {"doctype": doctype, "name": name}
    yield "frappe.utils.print_format.download_pdf", {"doctype": doctype, "name": name}
    yield "frappe.www.printview.get_html_and_style", {"doc": doctype, "name": name}
    # A document sent by the caller, with the name of somebody else's record.
    yield (
        "frappe.www.printview.get_html_and_style",
        {"doc": {"doctype": doctype, "name": name, "instructors": []}},
    )
    yield "frappe.www.list.get", {"doctype": doctype}
    yield "frappe.core.doctype.data_export.exporter.export_data", {"doctype": doctype, "with_data": "1"}
    yield (
        "frappe.core.doctype.data_import.data_import.download_template",
        {"doctype": doctype, "export_fields": {doctype: ["name", "owner"]}, "export_records": "all"},
    )
    yield (
        "frappe.desk.listview.get_group_by_count",
        {"doctype": doctype, "current_filters": [], "field": "name"},
    )
    yield (
        "frappe.desk.doctype.dashboard_chart.dashboard_chart.get",
        {
            "chart": {
                "chart_type": "Group By",
                "document_type": doctype,
                "group_by_type": "Count",
                "group_by_based_on": "name",
                "name": "x",
            },
            "filters": [],
            "no_cache": 1,
        },
    )
    yield (
        "frappe.desk.doctype.number_card.number_card.get_result",
        {"doc": {"document_type": doctype, "function": "Count"}, "filters": []},
    )
    for search in ("search_link", "search_widget"):
        yield (
            f"frappe.desk.search.{search}",
            {
                "doctype": doctype,
                "txt": "",
                "page_length": 100,
                "ignore_user_permissions": 1,
                "filter_fields": ["name", "owner"],
            },
        )
    yield "frappe.utils.global_search.search", {"text": "WOORD"}
