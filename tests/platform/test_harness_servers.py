"""The processes of the harness: a web server that sees what tests commit, and a worker of its own."""

import time

import frappe

from tests.platform.school import make_evening


def test_the_web_server_knows_who_is_logged_in(site, school, web):
    user = school.user("anna.devries")
    answer = web.session(user).get("/api/method/frappe.auth.get_logged_user")
    assert answer.json() == {"message": user}


def test_the_web_server_sees_what_was_committed(site, school, web):
    evening = make_evening(school)
    answer = web.session("Administrator", "admin").get(f"/api/resource/Parent Evening/{evening.name}")
    assert answer.json()["data"]["title"] == evening.title


def test_the_page_cache_is_on_as_in_a_school(web):
    assert frappe.conf.developer_mode == 0


def test_a_worker_takes_the_jobs_of_this_site(site, worker):
    frappe.enqueue("frappe.utils.background_jobs.test_job", queue="short", s=0)
    from frappe.utils.background_jobs import get_queue

    queue = get_queue("short")
    until = time.monotonic() + 30
    while queue.count and time.monotonic() < until:
        time.sleep(0.2)
    assert queue.count == 0
