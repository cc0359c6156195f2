"""The views: groups that agree with their lists, filters, households, totals, files, and who may look."""

import io

import frappe
import openpyxl
import pytest

from ouderavond.api.offers import views as api
from ouderavond.evening import requests
from ouderavond.evening.offering import by_course, export, listing, places, views, whole_evening
from ouderavond.evening.offering.changes import Draft, perform
from ouderavond.evening.people import parties
from tests.platform.rights import refused_unless_staff
from tests.platform.school import MANAGER, PLANNER, as_user, forbid_contact, make_evening, mark_separated


@pytest.fixture
def evening(site, school):
    evening = make_evening(school)
    by_course.offer(evening.name)
    return evening


def _ask(evening, school, student, guardian, subject="Nederlands"):
    filters = {"evening": evening.name, "student": school.student[student], "subject": subject}
    offer = frappe.get_all("Conversation Offer", filters, pluck="name")[0]
    frappe.db.commit()
    requests.request(offer, guardian=school.guardian[guardian])
    frappe.db.commit()
    return offer


def _rows(evening, view, **options):
    return {row["key"]: row for row in views.groups(evening.name, view, **options)["rows"]}


@pytest.mark.parametrize("view", sorted(views.VIEWS))
@pytest.mark.parametrize("filters", [{}, {"search": "nederlands"}, {"offered": "0"}, {"requested": "1"}])
def test_each_group_agrees_with_its_list(evening, school, view, filters):
    _ask(evening, school, "s01", "anna.devries")
    _ask(evening, school, "s04", "carla.bakker")
    offers = frappe.get_all("Conversation Offer", {"student": school.student["s02"]}, pluck="name")
    frappe.db.set_value("Conversation Offer", offers[0], "offered", 0)
    found = views.groups(evening.name, view, filters, length=None)
    assert found["total"] == len(found["rows"])
    for row in found["rows"]:
        one = listing.totals(evening.name, {**filters, **views.group_filter(view, row["key"])})
        assert (row["offered"], row["requested"]) == (one["offered"], one["requested"]), row


def test_totals_are_those_of_the_list(evening, school):
    _ask(evening, school, "s01", "anna.devries")
    totals = views.totals(evening.name)
    every = listing.totals(evening.name)
    assert totals["possible"] == every["count"] and totals["requested"] == 1
    assert totals["students"] == len(
        {row.student for row in frappe.get_all("Conversation Offer", ["student"])}
    )


def test_students_and_classes_without_offers_are_there(evening, school):
    frappe.db.delete("Conversation Offer", {"student": school.student["s01"]})
    row = _rows(evening, "student")[school.student["s01"]]
    assert (row["offered"], row["first_name"], row["class"]) == (0, "Daan", "bk1a")
    assert _rows(evening, "class")["bk1a"]["without"] == 1
    assert whole_evening.overall(evening.name)["totals"]["without"] == 1
    assert school.student["s01"] not in _rows(evening, "student", filters={"search": "Nederlands"})


def test_pages_fit_together_and_sort(evening):
    whole = [row["key"] for row in views.groups(evening.name, "student", length=None)["rows"]]
    pages = [views.groups(evening.name, "student", start=n, length=7) for n in range(0, len(whole), 7)]
    assert [row["key"] for page in pages for row in page["rows"]] == whole
    assert {page["total"] for page in pages} == {len(whole)}
    counts = [row["offered"] for row in views.groups(evening.name, "class", order_by="offered desc")["rows"]]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize(
    ("view", "options", "sentence"),
    [
        ("nothing", {}, "There is no view nothing"),
        ("class", {"order_by": "owner desc"}, "cannot be sorted by owner desc"),
        ("class", {"order_by": "offered; drop"}, "cannot be sorted"),
        ("class", {"filters": {"owner": "x"}}, "cannot be filtered by owner"),
    ],
)
def test_what_there_is_not(evening, view, options, sentence):
    with pytest.raises(frappe.ValidationError, match=sentence):
        views.groups(evening.name, view, **options)


# Households


def test_households_are_those_who_attend_together(evening, school):
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    forbid_contact(school, "s07", "pieter.mulder")
    frappe.db.set_value(
        "Parent Evening", evening.name, "separated_guardians", "Attend separately where marked"
    )
    frappe.db.commit()
    evening.reload()
    _ask(evening, school, "s04", "carla.bakker")
    expected = {
        (student, "|".join(sorted(group)))
        for student, groups in parties(evening).items()
        for group in groups
        if group
    }
    found = {(student, party) for student, party, *_more in places.parties(evening).run()}
    assert found == expected
    rows = _rows(evening, "household")
    carla, dirk = rows[school.guardian["carla.bakker"]], rows[school.guardian["dirk.bakker"]]
    assert (carla["requested"], dirk["requested"]) == (1, 0)
    assert carla["offered"] > 0 and dirk["students"] == carla["students"] - 1 + 1
    assert rows[school.guardian["rosa.mulder"]]["household"] == "Rosa Mulder"
    assert rows[places.NOBODY]["children"] == "Kim Alleman"
    nobody = listing.totals(evening.name, {"party": places.NOBODY})
    assert nobody["offered"] == rows[places.NOBODY]["offered"] > 0


# Departments and locations


@pytest.fixture
def located(school, restored_afterwards):
    """Program h2 and instructor dek have a department, h2 also a location."""
    company = frappe.get_all("Company", pluck="name")[0]
    department = frappe.get_doc(
        {"doctype": "Department", "department_name": "Havo", "company": company}
    ).insert()
    branch = frappe.get_doc({"doctype": "Branch", "branch": "Zuid"}).insert()
    values = {"department": department.name, "ouderavond_branch": branch.name}
    frappe.db.set_value("Program", school.program["h2"], values)
    frappe.db.set_value("Instructor", school.instructor["dek"], "department", department.name)
    frappe.db.commit()
    return department.name, branch.name


def test_filters_are_there_only_where_the_school_keeps_them(evening):
    with as_user(PLANNER):
        assert api.start(evening.name)["places"] == {}


def test_departments_and_locations(evening, school, located):
    department, branch = located
    assert places.known() == {
        "program_department": [department],
        "program_location": [branch],
        "instructor_department": [department],
    }
    for filters in ({"program_department": department}, {"program_location": branch}):
        assert list(_rows(evening, "program", filters=filters)) == [school.program["h2"]]
        assert set(_rows(evening, "class", filters=filters)) == {"h2a", "h2b"}
    rows = _rows(evening, "instructor", filters={"instructor_department": department})
    assert list(rows) == [school.instructor["dek"]]
    everybody = _rows(evening, "instructor")
    assert everybody[school.instructor["dek"]]["offered"] == rows[school.instructor["dek"]]["offered"]


# The whole evening


def test_the_whole_evening(evening, school):
    offer = _ask(evening, school, "s01", "anna.devries")
    first = evening.dates[0].date
    perform(evening.name, "Change Offers", lambda edit: edit.update([offer], forbidden=(first,)))
    found = whole_evening.overall(evening.name)
    offered = found["totals"]["offered"]
    assert [row["offered"] for row in found["dates"]] == [offered - 1, offered]
    by_key = {row["key"]: row for row in found["programs"]}
    assert (by_key["bk1"]["requested"], by_key["bk1"]["households"]) == (1, 1)
    assert sum(row["offered"] for row in found["subjects"]) == offered
    assert found["totals"]["households"] == 1


# Files


def test_files_have_all_rows_the_columns_and_totals(evening, school):
    _ask(evening, school, "s01", "anna.devries")
    total = listing.totals(evening.name)["count"]
    columns = ["possibility", "last_name", "offered", "requested", "forbidden"]
    with as_user(PLANNER):
        rows = export.table(evening.name, "standard", columns=columns)
        assert rows[0] == ["Possibility", "Last Name", "Offered", "Requested", "Forbidden Dates"]
        assert len(rows) == total + 2 and rows[-1][0] == f"Total: {total} rows" and rows[-1][3] == 1
        sheet = openpyxl.load_workbook(io.BytesIO(export.as_file(rows, "xlsx"))).active
        assert sheet.max_row == len(rows) and sheet.cell(1, 2).value == "Last Name"
        rows = export.table(evening.name, "class", {"program": "bk1"})
        text = export.as_file(rows, "csv").decode("utf-8-sig").splitlines()
        assert text[0].startswith('"Class","Program"') and len(text) == 4
        assert export.table(evening.name, "overview")[0] == ["Date", "Offered", "Booked"]


def test_nothing_in_a_file_is_a_formula(evening, school):
    draft = Draft(school.student["s01"], "=1+1", (school.instructor["tea"],), remark='=HYPERLINK("x")')
    perform(evening.name, "Offer by Hand", lambda edit: edit.add([draft]))
    rows = export.table(evening.name, "standard", {"subject": "=1+1"}, columns=["subject", "remark"])
    sheet = openpyxl.load_workbook(io.BytesIO(export.as_file(rows, "xlsx"))).active
    for cell in (sheet.cell(2, 1), sheet.cell(2, 2)):
        assert cell.data_type == "s" and cell.value.startswith("'=")
    assert '"\'=1+1"' in export.as_file(rows, "csv").decode("utf-8-sig")
    for text in ("=1", "+1", "-1", "@x", "\t=1"):
        assert export.harmless(text) == "'" + text
    assert export.harmless(-1) == -1 and export.harmless("a=b") == "a=b"


def test_a_file_is_made_for_its_user_only(evening):
    with as_user(PLANNER):
        token = api.prepare(evening.name, view="program", kind="csv")["report"]["more"]["file"]
        api.download(evening.name, token, "csv")
        assert frappe.response["filecontent"].decode("utf-8-sig").startswith('"Program"')
        with pytest.raises(frappe.ValidationError, match="The file can be"):
            api.prepare(evening.name, view="program", kind="exe")
        with pytest.raises(frappe.ValidationError, match="There is no column owner"):
            api.prepare(evening.name, view="program", columns='["owner"]')
    with as_user(MANAGER), pytest.raises(frappe.DoesNotExistError, match="not there any more"):
        api.download(evening.name, token, "csv")


# Who may

CALLS = {
    api.start: {},
    api.groups: {"view": "class"},
    api.offers: {},
    api.keys: {},
    api.overall: {},
    api.prepare: {},
    api.download: {"token": "x"},
}


@pytest.mark.parametrize("who", ["anna.devries", "jan", "s01"])
@pytest.mark.parametrize("call", list(CALLS), ids=lambda call: call.__name__)
def test_nobody_but_staff_may_look(evening, school, call, who):
    refused_unless_staff(school, who, lambda: call(evening.name, **CALLS[call]))


@pytest.mark.parametrize("user", [MANAGER, PLANNER])
def test_staff_see_the_views(evening, user):
    with as_user(user):
        started = api.start(evening.name)
        for view, about in started["views"].items():
            found = api.groups(evening.name, view, filters="{}")
            assert set(found["rows"][0]) == {"key", *(column["key"] for column in about["columns"])}
            assert found["totals"]["offered"] > 0
        page = api.offers(evening.name, filters='{"program": "bk1"}', length=3)
        assert len(page["rows"]) == 3 and page["total"] == len(api.keys(evening.name, '{"program": "bk1"}'))
        assert api.overall(evening.name)["totals"]["offered"] > 0


def test_the_desk_on_the_command_line(evening, tmp_path, run):
    path = tmp_path / "classes.xlsx"
    listed = run("offers", "list", "--by", "class", "--export", str(path))
    assert listed.returncode == 0, listed.stderr
    assert openpyxl.load_workbook(path).active.cell(1, 1).value == "Class"
    assert run("offers", "list", "--by", "class", "--export", "x.pdf").returncode == 1
    shown = run("offers", "list", "--class", "bk1a", "--instructor", "jan", "--offered")
    assert "Total:" in shown.stdout and "bk1a" in shown.stdout
    dry = run("offers", "change", "--class", "bk1a", "--instructor", "jan", "--add", "tea", "--dry-run")
    assert dry.returncode == 0 and "would change" in dry.stdout, dry.stderr
    changed = run("offers", "change", "--class", "bk1a", "--instructor", "jan", "--replace", "jan", "tea")
    assert changed.returncode == 0 and "changed." in changed.stdout, changed.stderr
    refused = run("offers", "change", "--class", "bk1a", "--slots", "99")
    assert refused.returncode == 1 and "does not fit" in refused.stderr
    assert run("offers", "remove").returncode == 2
    removed = run("offers", "remove", "--class", "bk1a", "--instructor", "tea")
    assert removed.returncode == 0 and "offers removed" in removed.stdout, removed.stderr
