"""The page Offers in a browser, without what its tabs do: addresses, head, tabs, tables, changes and dialogs.

Changes are answered by the tests themselves, so that each kind of answer comes: to confirm, a job, a refusal.
"""

import json

import frappe
import pytest

from ouderavond.evening.offering import by_course
from tests.browser import axe
from tests.browser.steps import PATIENCE, open_offers, picture, settled
from tests.platform.school import MANAGER, PLANNER, make_evening

API = "**/api/method/ouderavond.api.offers."
RUNNING = "**/api/method/ouderavond.api.running."
PAGE = "frappe.pages['ouderavond-offers'].offers"

REPORT = {
    "operation": "Remove by Course",
    "sentence": "2 offers removed.",
    "needs_confirmation": False,
    "concerned": [],
    "skipped": [],
    "not_told": [],
    "change": None,
}
CONCERNED = {
    "student_name": "Adam <b>Bakker</b>",
    "subject": "Wiskunde",
    "instructors": "J. Jansen, P. Post",
    "household": "C. Bakker",
    "state": "Published",
    "start": "2026-12-08 19:30:00",
}
SKIPPED = [
    {"code": "no_group", "sentence": f"Student {i} is in no group.", "doctype": "Student", "name": f"S{i}"}
    for i in (1, 2)
]

# A table of 5,000 rows that come in pages, in place of what the tab shows.
TABLE = """async (options) => {
    const parent = document.createElement("div");
    const panels = document.querySelector(".oa-panels");
    panels.before(parent);
    panels.hidden = true;
    window.rows = Array.from({length: 5000}, (_, i) => (
        {name: "r" + i, student: "Student " + String(i).padStart(4, "0"), asked: i % 7, offered: i % 2}));
    window.asked = []; window.told = [];
    window.table = new frappe.ouderavond.Table({
        parent, label: "Try", storage_key: "try", multi: true,
        columns: [
            {key: "student", label: "Student", fixed: true},
            {key: "asked", label: "Requested", format: "number"},
            {key: "offered", label: "Offered", format: "yesno", action: (row) => {
                told.push(row.name);
                table.update_row(row.name, {offered: row.offered ? 0 : 1});
            }},
            {key: "note", label: "Remark", render: () => "<img src=x onerror=told.push('evil')>"},
        ],
        fetch: async (query) => {
            asked.push(query);
            const [key, direction] = (query.order_by || "name asc").split(" ");
            const sorted = query.order_by
                ? [...rows].sort((a, b) => (a[key] > b[key] ? 1 : -1) * (direction === "desc" ? -1 : 1))
                : rows;
            const {start, length} = query;
            return {rows: sorted.slice(start, start + length).map((row) => ({...row})), total: rows.length};
        },
        fetch_keys: async () => rows.map((row) => row.name),
        on_activate: (row) => told.push("open " + row.name),
        ...options,
    });
    await table.ready;
}"""


def _open(page, evening, tab: str = "check"):
    open_offers(page, evening, tab, shows=".oa-panel")
    settled(page)


def _answer(page, method: str, answer: dict) -> list[str]:
    """Answer a call in the server's place; what was sent is in the list."""
    sent = []

    def fulfill(route) -> None:
        sent.append(route.request.post_data or "")
        route.fulfill(json={"message": answer(sent) if callable(answer) else answer})

    page.route(f"{API}{method}**", fulfill)
    page.route(f"{RUNNING}{method}**", fulfill)
    return sent


def _change(page, method: str) -> None:
    """Begin a change; `window.outcome` is what it came to."""
    page.evaluate(f"() => {{ {PAGE}.change('{method}').then((report) => (window.outcome = {{report}})); }}")


def _outcome(page):
    page.wait_for_function("window.outcome")
    return page.evaluate("window.outcome.report")


def _dialog(page):
    dialog = page.locator(".modal.show")
    dialog.wait_for()
    return dialog


# Addresses


def test_the_only_evening_is_opened_and_going_back_leaves_the_page(site, school, page_as):
    evening = make_evening(school, title="Ouderavond rapport 1")
    with page_as(PLANNER) as page:
        page.set_default_timeout(PATIENCE)
        page.goto("/app/ouderavond")
        page.wait_for_selector("text=Manage Evenings")
        page.evaluate("frappe.set_route('ouderavond-offers')")
        page.wait_for_url(f"**/ouderavond-offers/{evening.name}/by-course")
        page.get_by_role("tab", name="Check").click()
        page.wait_for_url("**/check")
        page.go_back()
        page.wait_for_url("**/by-course")
        assert page.get_by_role("tab", selected=True).inner_text() == "By Course"
        page.go_back()
        page.wait_for_url("**/app/ouderavond")
        page.go_forward()
        page.wait_for_selector(".oa-tabs")
        assert page.problems == []


def test_of_several_evenings_one_is_chosen_and_another_after_it(site, school, page_as):
    first = make_evening(school, title="Ouderavond rapport 1")
    second = make_evening(school, title="Ouderavond rapport 2")
    make_evening(school, title="Vorig jaar", archived=1)
    with page_as(MANAGER) as page:
        page.set_default_timeout(PATIENCE)
        page.goto("/app/ouderavond-offers")
        page.get_by_role("link", name="Ouderavond rapport 1").wait_for()
        assert page.get_by_role("link", name="Vorig jaar").count() == 0
        assert not axe.violations(page, ".oa-offers")
        picture(page, "offers-shell-choice")
        page.get_by_role("link", name="Ouderavond rapport 1").click()
        page.wait_for_url(f"**/{first.name}/by-course")
        page.evaluate(f"frappe.set_route('ouderavond-offers', '{second.name}', 'views')")
        page.get_by_role("link", name="Ouderavond rapport 2").wait_for()
        assert page.locator(".oa-panel").count() == 1
        assert page.problems == []


def test_an_evening_that_is_not_there_leads_to_the_choice(site, school, page_as):
    make_evening(school, title="Ouderavond rapport 1")
    with page_as(MANAGER) as page:
        page.set_default_timeout(PATIENCE)
        page.goto("/app/ouderavond-offers/OA-1900-001")
        page.get_by_text("The evening OA-1900-001 cannot be opened.").wait_for()
        page.get_by_role("link", name="Ouderavond rapport 1").wait_for()


def test_only_staff_may_open_the_page(site, school, page_as):
    evening = make_evening(school)
    with page_as(school.user("jan")) as page:
        page.goto(f"/app/ouderavond-offers/{evening.name}")
        page.wait_for_function("frappe.request?.ajax_count === 0")
        assert page.locator(".oa-offers").count() == 0


# Head and tabs


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_shell_is_accessible_and_fits(site, school, page_as, width, theme):
    evening = make_evening(school, title="Ouderavond rapport 1")
    with page_as(MANAGER, width=width, height=844 if width == 390 else 800) as page:
        _open(page, evening)
        page.evaluate(f"document.documentElement.setAttribute('data-theme', '{theme}')")
        page.evaluate(TABLE, {})
        page.evaluate("table.select(['r1'])")
        assert not axe.violations(page, ".oa-offers")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        picture(page, f"offers-shell-{width}-{theme}")
        assert page.problems == []


def test_the_head_counts_and_names_what_can_be_undone(site, school, page_as):
    evening = make_evening(school, published=0)
    report = by_course.offer(evening.name)
    with page_as(MANAGER) as page:
        _open(page, evening)
        assert f"{report.created} offered" in page.locator(".oa-counts").inner_text()
        undo = page.get_by_role("button", name="Undo: Offer by Course")
        assert f"{report.created} offers made." in page.locator("#oa-undo-why").inner_text()
        undo.click()
        dialog = _dialog(page)
        assert "Administrator" in dialog.inner_text()
        picture(page, "offers-shell-undo")
        dialog.get_by_role("button", name="Yes").click()
        page.get_by_text("Nothing has been changed that could be undone.").wait_for()
        assert page.locator(".oa-counts").inner_text().startswith("0")
        assert page.problems == []
    frappe.db.rollback()
    assert not frappe.db.count("Conversation Offer", {"evening": evening.name})


def test_what_cannot_be_undone_says_why(site, school, page_as):
    evening = make_evening(school)
    by_course.offer(evening.name)
    with page_as(MANAGER) as page:
        _open(page, evening)
        undo = page.get_by_role("button", name="Undo: Offer by Course")
        assert undo.get_attribute("aria-disabled") == "true"
        undo.press("Enter")
        page.locator(".desk-alert").get_by_text("Guardians can act already").wait_for()
        assert page.locator(".modal.show").count() == 0


def test_an_archived_evening_is_read_only(site, school, page_as):
    evening = make_evening(school, archived=1)
    with page_as(MANAGER) as page:
        _open(page, evening)
        page.get_by_text("This evening is archived: its offers can be read, not changed.").wait_for()
        assert not page.locator(".oa-undo").is_visible()
        sent = _answer(page, "fake.change", {"report": REPORT})
        _change(page, "fake.change")
        assert _outcome(page) is None
        assert sent == []


def test_the_tabs_are_used_with_the_keyboard(site, school, page_as):
    evening = make_evening(school)
    with page_as(MANAGER) as page:
        _open(page, evening, "by-course")
        page.get_by_role("tab", name="By Course").focus()
        page.keyboard.press("ArrowLeft")
        focused = page.locator(":focus")
        assert focused.inner_text() == "Views"
        assert focused.get_attribute("aria-selected") == "false"
        page.keyboard.press("Enter")
        page.wait_for_url("**/views")
        panel = page.get_by_role("tabpanel")
        assert panel.get_attribute("aria-labelledby") == page.locator(":focus").get_attribute("id")


def test_a_tab_that_cannot_be_shown_can_be_asked_for_again(site, school, page_as):
    evening = make_evening(school)
    with page_as(MANAGER) as page:
        _open(page, evening, "check")
        page.get_by_role("tab", name="Mentors").click()
        page.wait_for_url("**/mentors")
        page.evaluate(
            f"() => {{ {PAGE}.tabs.get('check').module.show = () => Promise.reject(new Error('no')); }}"
        )
        page.get_by_role("tab", name="Check").click()
        again = page.get_by_role("tabpanel").get_by_role("button", name="Try Again")
        again.click()
        again.wait_for(state="detached")
        assert page.get_by_role("tabpanel").count() == 1


# Tables


@pytest.fixture
def table(site, school, page_as):
    """A page with a table of 5,000 rows in it."""
    evening = make_evening(school)
    with page_as(MANAGER) as page:
        _open(page, evening)
        page.evaluate(TABLE, {})
        yield page
        assert page.problems == []
        assert "evil" not in page.evaluate("told")


def _at(page) -> list:
    return page.evaluate(
        "[Number(document.activeElement.closest('tr').dataset.row ?? -1), "
        "Number(document.activeElement.closest('td, th').dataset.column)]"
    )


def test_a_table_is_walked_with_the_keyboard(table):
    table.locator("[data-row='2'] td").nth(1).click()
    for key, place in {
        "ArrowDown": [3, 1],
        "End": [3, 4],
        "Home": [3, 0],
        "Control+End": [4999, 4],
        "PageUp": None,
        "Control+Home": [0, 0],
        "ArrowUp": [-1, 0],
    }.items():
        table.keyboard.press(key)
        if place:
            table.wait_for_function("document.activeElement.closest('tr')")
            assert _at(table) == place, key
    assert table.evaluate("document.querySelectorAll('.oa-grid tbody tr').length") < 100


def test_rows_are_selected_singly_in_ranges_and_all(table):
    table.locator("[data-row='2'] td").first.click()
    assert table.evaluate("table.selected") == ["r2"]
    table.keyboard.press("Shift+ArrowDown")
    table.keyboard.press("Shift+ArrowDown")
    assert table.evaluate("table.selected") == ["r2", "r3", "r4"]
    table.locator("[data-row='8'] td").nth(1).click(modifiers=["Shift"])
    table.wait_for_function("table.selected.length === 7")
    table.keyboard.press(" ")
    assert table.evaluate("table.selected.length") == 6
    table.keyboard.press("Control+a")
    table.wait_for_function("table.selected.length === 5000")
    assert "5,000 selected" in table.locator(".oa-table-count").inner_text()
    table.keyboard.press("Escape")
    assert table.evaluate("table.selected") == []


def test_a_cell_acts_by_click_and_by_key_and_keeps_the_focus(table):
    table.locator("[data-row='1'] .oa-cell-action").click()
    table.keyboard.press(" ")
    table.keyboard.press("Enter")
    table.keyboard.press("ArrowLeft")
    table.keyboard.press("Enter")
    assert table.evaluate("told") == ["r1", "r1", "r1", "open r1"]
    assert table.locator("[data-row='1'] .oa-cell-action").inner_text() == "No"


def test_sorting_and_filters_are_asked_of_the_server(table):
    table.get_by_role("columnheader", name="Requested").click()
    table.wait_for_function("asked.at(-1).order_by === 'asked asc'")
    assert table.locator("[aria-sort]").get_attribute("aria-sort") == "ascending"
    table.keyboard.press("Enter")
    table.wait_for_function("asked.at(-1).order_by === 'asked desc'")
    assert _at(table) == [-1, 2]
    table.evaluate("table.select(['r1'])")
    table.evaluate("table.set_filters({search: 'x'})")
    table.wait_for_function("asked.at(-1).filters.search === 'x'")
    assert table.evaluate("table.selected") == []


def test_rows_that_are_gone_are_not_selected_after_reading_again(table):
    table.evaluate("table.select(['r1', 'r2'])")
    table.evaluate("() => { rows.splice(1, 1); return table.refresh(); }")
    assert table.evaluate("table.selected") == ["r2"]
    assert table.evaluate("table.total") == 4999


def test_columns_are_chosen_and_kept_for_the_user(table):
    table.get_by_role("button", name="Columns").click()
    dialog = _dialog(table)
    assert dialog.get_by_role("checkbox", name="Student").is_disabled()
    assert not axe.violations(table, ".modal.show .modal-body")
    dialog.get_by_role("checkbox", name="Remark").uncheck()
    dialog.get_by_role("button", name="Move Offered up").press("Enter")
    dialog.get_by_role("button", name="Show", exact=True).click()
    table.wait_for_function("document.querySelectorAll('.oa-grid thead th').length === 4")
    shown = ["student", "offered", "asked"]
    assert table.evaluate("table.visible_columns.map((column) => column.key)") == shown
    settled(table)
    table.reload()
    table.wait_for_selector(".oa-panel")
    table.evaluate(TABLE, {})
    assert table.evaluate("table.visible_columns.map((column) => column.key)") == shown


def test_a_failed_page_of_rows_can_be_asked_for_again(table):
    table.evaluate(
        "() => { table.options.fetch = () => Promise.reject(new Error('no')); return table.refresh(); }"
    )
    again = table.get_by_role("button", name="Try Again")
    table.evaluate("() => { table.options.fetch = async () => ({rows: rows.slice(0, 200), total: 5000}); }")
    again.click()
    table.get_by_text("5,000 rows").wait_for()


# Changes


@pytest.fixture
def page(site, school, page_as):
    """The page, with an evening open."""
    evening = make_evening(school)
    with page_as(MANAGER) as opened:
        _open(opened, evening)
        yield opened


def test_what_is_requested_is_named_first_and_removed_when_confirmed(page):
    def answer(sent):
        asks = "confirmed=1" not in sent[-1]
        return {"report": {**REPORT, "needs_confirmation": asks, "concerned": [CONCERNED] if asks else []}}

    sent = _answer(page, "fake.change", answer)
    _change(page, "fake.change")
    dialog = _dialog(page)
    row = dialog.locator("tbody tr").inner_text()
    for part in ("Adam <b>Bakker</b>", "Wiskunde", "J. Jansen, P. Post", "C. Bakker", "Published", "19:30"):
        assert part in row
    assert not axe.violations(page, ".modal.show .modal-body")
    picture(page, "offers-shell-concerned")
    dialog.get_by_role("button", name="Cancel").click()
    assert _outcome(page) is None
    assert len(sent) == 1

    page.evaluate("delete window.outcome")
    _change(page, "fake.change")
    _dialog(page).get_by_role("button", name="Do It Anyway").click()
    assert _outcome(page)["sentence"] == "2 offers removed."
    page.locator(".desk-alert").get_by_text("2 offers removed.").wait_for()
    assert page.problems == []


def test_what_yields_nothing_is_told_with_a_link_to_the_record(page):
    _answer(page, "fake.change", {"report": {**REPORT, "skipped": SKIPPED}})
    _change(page, "fake.change")
    page.get_by_role("button", name="2 yield nothing: see why").click()
    dialog = _dialog(page)
    assert "Student 2 is in no group." in dialog.inner_text()
    assert dialog.get_by_role("link", name="S2").get_attribute("href").endswith("/app/student/S2")
    assert not axe.violations(page, ".modal.show .modal-body")


def test_who_could_not_be_told_is_named(page):
    _answer(page, "fake.change", {"report": {**REPORT, "not_told": [["P. Post", "No e-mail address."]]}})
    _change(page, "fake.change")
    page.get_by_role("button", name="1 could not be told: see who").click()
    assert "No e-mail address." in _dialog(page).inner_text()


def test_a_job_is_followed_to_its_end(page):
    states = iter([{"state": "queued"}, {"state": "finished", "report": REPORT}])
    _answer(page, "fake.change", {"job": "ouderavond-offers-1"})
    _answer(page, "state", lambda sent: next(states))
    _change(page, "fake.change")
    _dialog(page).get_by_text("Changing the offers").wait_for()
    assert _outcome(page)["sentence"] == "2 offers removed."
    page.wait_for_selector(".modal.show", state="detached")


def test_a_job_that_fails_says_so(page):
    _answer(page, "fake.change", {"job": "ouderavond-offers-1"})
    _answer(page, "state", {"state": "failed", "message": "No lessons in that week."})
    _change(page, "fake.change")
    page.get_by_text("No lessons in that week.").wait_for()
    assert _outcome(page) is None


def test_a_refusal_and_a_lost_connection_lose_nothing(page):
    page.evaluate(TABLE, {})
    page.evaluate("table.select(['r1', 'r2'])")
    page.route(f"{API}fake.down**", lambda route: route.abort())
    _change(page, "fake.down")
    page.get_by_text("The server cannot be reached.").wait_for()
    assert _outcome(page) is None

    page.evaluate("delete window.outcome")
    said = json.dumps([json.dumps({"message": "This is refused."})])
    refusal = {"exc_type": "ValidationError", "_server_messages": said}
    page.route(f"{API}fake.no**", lambda route: route.fulfill(status=417, json=refusal))
    _change(page, "fake.no")
    page.get_by_text("This is refused.").wait_for()
    assert _outcome(page) is None
    assert page.evaluate("table.selected") == ["r1", "r2"]


# Choosing


def test_students_and_instructors_are_looked_up_and_chosen_by_key(page, school):
    pick = f"frappe.ouderavond.dialogs.pick_instructors({PAGE})"
    page.evaluate(f"() => {{ {pick}.then((items) => (window.picked = items)); }}")
    dialog = _dialog(page)
    field = dialog.get_by_role("combobox", name="Instructors")
    page.wait_for_function("document.activeElement.getAttribute('role') === 'combobox'")
    page.keyboard.type("jan")
    dialog.get_by_role("option", selected=True).wait_for()
    assert not axe.violations(page, ".modal.show .modal-body")
    page.keyboard.press("Enter")
    dialog.get_by_role("listitem").first.wait_for()
    assert field.input_value() == ""
    page.keyboard.press("Escape")
    assert page.locator(".modal.show").count() == 1
    page.get_by_role("button", name="Continue").click()
    page.wait_for_function("window.picked")
    assert page.evaluate("picked.map((item) => item.value)") == [school.instructor["jan"]]
    assert page.problems == []
