"""From a file in a browser: pasted and uploaded, looked at, offered, undone; tailored programs below."""

from pathlib import Path

import frappe
import pytest

from tests.browser import axe
from tests.browser.steps import open_offers, picture, settled
from tests.platform.school import PLANNER, make_evening

SCRIPT = "<img src=x onerror=document.title='hacked'>"


@pytest.fixture
def evening(site, school):
    return make_evening(school, published=0)


def _open(page, evening):
    open_offers(page, evening, "file", shows=".oa-tailored [role=status]:not(:empty)")


def _figure(page, label: str) -> str:
    return page.locator(".oa-file-figures li", has_text=label).locator("b").inner_text()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_pasted_lines_are_looked_at_and_offered(evening, school, page_as, width, height):
    lines = f"s01\tjan\tne\ns01\tJAN\tNE\nx99\tjan\tne\n{SCRIPT}\tjan\tne\ns02\ttea\tfa"
    with page_as(PLANNER, width=width, height=height) as page:
        _open(page, evening)
        page.fill(".oa-file-text", lines)
        page.get_by_role("button", name="Look at What Will Happen").click()
        page.wait_for_selector(".oa-file-figures")
        assert [_figure(page, label) for label in ("new", "repeated", "refused")] == ["2", "1", "2"]
        page.get_by_text("There is no student with the number x99.").wait_for()
        # What stands in the file is text, whatever it looks like.
        assert SCRIPT in page.locator(".oa-file .oa-grid").inner_text()
        assert page.locator(".oa-file .oa-grid img").count() == 0 and page.title() != "hacked"
        picture(page, f"offers-file-preview-{width}")
        assert axe.violations(page, ".oa-file") == []
        page.select_option(".oa-file-shown", "all")
        page.get_by_text("The same as line 1.").wait_for()
        # The focus is where one goes on: Enter offers.
        page.get_by_role("button", name="Offer 2 Conversations").focus()
        page.keyboard.press("Enter")
        page.get_by_text("2 offers made.").first.wait_for()
        page.wait_for_selector(".oa-file-drop")
        assert page.problems == []
    frappe.db.rollback()
    assert frappe.db.count("Conversation Offer", {"evening": evening.name}) == 2
    assert not frappe.db.count("File", {"file_name": ("like", "ouderavond-offers-%")})


def test_a_file_in_windows_1252_is_uploaded_and_given_up(evening, school, page_as, tmp_path):
    path = tmp_path / "gesprekken.txt"
    path.write_bytes("s01\tjan\tne\r\ns02\tjan\tné\r\n".encode("cp1252"))
    with page_as(PLANNER) as page:
        _open(page, evening)
        page.set_input_files(".oa-file-input", str(path))
        page.get_by_text("2 lines, Windows-1252").wait_for()
        page.get_by_text("There is no course with the code né.").wait_for()
        with page.expect_download() as download:
            page.get_by_text("Download the Full Result").click()
        assert "né" in Path(download.value.path()).read_text(encoding="utf-8-sig")
        page.get_by_role("button", name="Another File").click()
        page.wait_for_selector(".oa-file-drop")
        settled(page)
        assert page.problems == []
    frappe.db.rollback()
    assert not frappe.db.count("File", {"file_name": ("like", "ouderavond-offers-%")})
    assert not frappe.db.count("Conversation Offer")


def test_a_spreadsheet_is_refused_with_a_sentence(evening, page_as, tmp_path):
    path = tmp_path / "gesprekken.txt"
    path.write_bytes(b"PK\x03\x04 not text")
    with page_as(PLANNER) as page:
        _open(page, evening)
        page.set_input_files(".oa-file-input", str(path))
        page.get_by_text("This is not a text file.").first.wait_for()


def test_tailored_programs_are_listed_and_offered(evening, school, page_as, restored_afterwards):
    doc = frappe.get_doc("Student Group", "v3a-ak")
    doc.append("students", {"student": school.student["s01"], "active": 1}).insert(ignore_permissions=True)
    frappe.db.commit()
    with page_as(PLANNER) as page:
        _open(page, evening)
        row = page.locator(".oa-tailored tr", has_text="Daan de Vries")
        assert "v3a-ak" in row.inner_text() and "Fatima Pettinga" in row.inner_text()
        row.locator("td").first.click()
        page.get_by_role("button", name="Offer the Selected").click()
        page.get_by_text("1 offer made.").first.wait_for()
        page.locator(".oa-tailored tr", has_text="Daan de Vries").get_by_text("Yes").wait_for()
        picture(page, "offers-file-tailored")
        assert page.problems == []
    frappe.db.rollback()
    mine = {"student": school.student["s01"], "course": "Aardrijkskunde", "in_package": 0}
    assert frappe.db.count("Conversation Offer", mine) == 1
