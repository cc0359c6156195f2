"""Photographs of instructors: public ones from where they lie, private ones for those who may see them."""

import json
from pathlib import Path

import frappe
import pytest

from ouderavond.evening import photos
from ouderavond.evening.offering import by_course
from tests.platform.school import make_evening

CALL = "/api/method/ouderavond.api.photos.instructor"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f"
    "000381017f3a4d3f5d0000000049454e44ae426082"
)


@pytest.fixture
def evening(site, school):
    made = make_evening(school)
    by_course.offer(made.name)
    frappe.db.commit()
    return made


@pytest.fixture
def attach(site, school):
    """Attaches a file to an instructor (by code), and makes it their photograph; returns its address."""
    made = []

    def attach(code, name="foto.png", content=PIXEL, private=1, to=None):
        values = {"file_name": name, "content": content, "is_private": private}
        owner = school.instructor[to or code]
        doc = frappe.get_doc(
            {"doctype": "File", **values, "attached_to_doctype": "Instructor", "attached_to_name": owner}
        ).insert()
        made.append(doc)
        frappe.db.set_value("Instructor", school.instructor[code], "image", doc.file_url)
        frappe.db.commit()
        return doc.file_url

    yield attach
    frappe.db.rollback()
    for doc in made:
        doc.delete(force=True)
    frappe.db.set_value("Instructor", {"name": ("is", "set")}, "image", None, update_modified=False)
    frappe.db.commit()


def _said(answer) -> list[str]:
    return [json.loads(row)["message"] for row in json.loads(answer.json()["_server_messages"])]


def _get(web, school, person, code):
    session = web.session(school.user(person) if person else None)
    return session.get(CALL, params={"instructor": school.instructor[code]})


def test_who_has_an_offered_conversation_sees_a_private_photograph(evening, school, web, attach):
    attach("jan")
    url = photos.urls([school.instructor["jan"], school.instructor["dek"]])
    assert url[school.instructor["dek"]] is None
    answer = web.session(school.user("anna.devries")).get(url[school.instructor["jan"]])
    assert (answer.status_code, answer.content) == (200, PIXEL)
    wanted = {
        "Content-Type": "image/png",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=86400",
    }
    assert wanted.items() <= dict(answer.headers).items()
    assert _get(web, school, "s01", "jan").content == PIXEL


# Rosa Mulder's child is in h2a, where Wolters does not teach; fon and the planner have no child here.
@pytest.mark.parametrize("person", ["rosa.mulder", "olga.bos", "s07", "fon", "planner", None])
def test_nobody_else_does_and_nobody_learns_why(evening, school, web, attach, person):
    attach("wol")
    answer = _get(web, school, person, "wol")
    assert answer.status_code == (403 if person is None else 404)
    assert PIXEL not in answer.content
    if person:
        assert _said(_get(web, school, person, "ver")) == _said(answer)


@pytest.mark.parametrize("change", [{"published": 0}, {"archived": 1}])
def test_only_at_an_evening_that_is_shown(evening, school, web, attach, change):
    attach("jan")
    evening.db_set(change)
    frappe.db.commit()
    assert _get(web, school, "anna.devries", "jan").status_code == 404


def test_only_images_that_are_attached_to_this_instructor(evening, school, web, attach):
    jan = school.instructor["jan"]
    attach("jan", "jan.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert _get(web, school, "anna.devries", "jan").status_code == 404
    # Of somebody else; of nobody; out of the folder.
    attach("jan", "dek.png", to="dek")
    assert _get(web, school, "anna.devries", "jan").status_code == 404
    for image in ("/private/files/../../site_config.json", "/private/files/nothing.png", "/etc/passwd.png"):
        frappe.db.set_value("Instructor", jan, "image", image)
        frappe.db.commit()
        assert _get(web, school, "anna.devries", "jan").status_code == 404, image


def test_a_file_record_that_points_elsewhere_is_not_followed(evening, school, site, attach):
    attach("jan")
    outside = Path(site.get_site_path("outside.png"))
    outside.write_bytes(PIXEL)
    wrong = "/private/files/../../outside.png"
    frappe.db.set_value("File", {"attached_to_name": school.instructor["jan"]}, "file_url", wrong)
    frappe.db.set_value("Instructor", school.instructor["jan"], "image", wrong)
    assert photos.read(school.instructor["jan"]) is None
    frappe.db.rollback()
    outside.unlink()


def test_public_photographs_are_read_from_where_they_lie(site, school, attach):
    url = attach("jan", "mijn foto.png", private=0)
    assert url.startswith("/files/")
    assert photos.urls([school.instructor["jan"]])[school.instructor["jan"]] == url.replace(" ", "%20")
    for image in ("https://elsewhere.example/a.png", "//elsewhere.example/a.png", "/files/a.html"):
        frappe.db.set_value("Instructor", school.instructor["jan"], "image", image)
        assert photos.urls([school.instructor["jan"]])[school.instructor["jan"]] is None
