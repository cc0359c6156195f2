"""Online meetings on the forms in a browser: tested and previewed, and tested before publishing."""

import frappe

from tests.browser import axe
from tests.browser.steps import PATIENCE, picture, settled
from tests.platform.school import MANAGER, PLANNER, make_evening

SETTINGS = "Ouderavond Settings"


def test_the_settings_are_saved_tested_and_previewed(site, school, page_as):
    with page_as(MANAGER, width=390, height=844) as page:
        page.set_default_timeout(PATIENCE)
        page.goto("/app/ouderavond-settings")
        page.get_by_role("tab", name="Online Meetings").click()
        test = page.get_by_role("button", name="Test Connection: Link Template")
        test.click()
        page.get_by_text("this is not filled in for Link Template: Address.").wait_for()
        # What was changed and not saved yet is what is tested.
        page.locator("[data-fieldname=link_template] input").fill("https://meet.school.example/{room}")
        page.locator("[data-fieldname=meeting_subject] input").fill("{school}: {subject}, {student}")
        test.click()
        page.get_by_text("The connection works.").wait_for()
        frappe.db.rollback()
        saved = frappe.db.get_singles_dict(SETTINGS)
        assert saved.link_template == "https://meet.school.example/{room}"
        page.get_by_role("button", name="Preview", exact=True).click()
        page.get_by_text("An invented conversation").wait_for()
        assert ", Noor" in page.locator(".oa-preview figure").inner_text()
        settled(page)
        for part in (".oa-connection", ".oa-preview"):
            assert axe.violations(page, part) == []
        picture(page, "meeting-settings-390")
        assert not page.problems


def test_a_planner_publishes_after_the_test_or_nevertheless(site, school, page_as):
    values = {"mode": "Online", "meeting_provider": "Link Template", "published": 0}
    evening = make_evening(school, **values)
    with page_as(PLANNER) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(f"/app/parent-evening/{evening.name}")
        page.get_by_text("Each conversation gets a link of its own that nobody can guess").wait_for()
        page.evaluate("() => { frappe.ouderavond.before_publishing(cur_frm).then((it) => (window.oa = it)) }")
        page.get_by_text("no conversation gets a meeting").wait_for()
        dialog = page.locator(".modal.show .modal-content")
        assert "not filled in for Link Template: Address" in dialog.inner_text()
        assert axe.violations(page, ".modal.show .modal-content") == []
        picture(page, "connection-test-1280")
        dialog.get_by_role("button", name="Publish Nevertheless…").click()
        page.get_by_text("Publish nevertheless?").wait_for()
        page.get_by_role("button", name="Yes").click()
        page.wait_for_function("window.oa && window.oa.go")
        assert not page.problems
    frappe.db.rollback()
    noted = {"reference_name": evening.name, "content": ("like", "%Goes on without%")}
    assert frappe.db.exists("Comment", noted)
