"""When the server cannot cope, it says so at once and when to come back: no error, no long wait."""

import time
from types import SimpleNamespace

import frappe
import pymysql
import pytest
from frappe.installer import update_site_config

from ouderavond import busy
from ouderavond.evening import claims
from tests.platform.school import make_evening

# So many that what the test itself asks for does not count.
WORKERS = 100_000
READ = "/api/method/ouderavond.api.table.read"


@pytest.fixture
def speaks_dutch():
    """A function that sets a user's language for the length of a test."""
    before = {}

    def speak(user: str) -> None:
        before[user] = frappe.db.get_value("User", user, "language")
        _set_language(user, "nl")

    yield speak
    for user, language in before.items():
        _set_language(user, language)


def _set_language(user: str, language: str | None) -> None:
    frappe.db.set_value("User", user, "language", language)
    frappe.db.commit()
    frappe.cache.hdel("lang", user)


@pytest.fixture
def counted(site):
    """A function that sets the percentages of the workers' time that were taken lately."""

    def take(everything: int, pages: int) -> None:
        whole = 10 * busy.WINDOW * WORKERS
        number = int(time.time() // busy.WINDOW)
        for kind, percent in (("all", everything), ("pages", pages)):
            for window in range(number - 1, number + 6):
                frappe.cache.set(busy._key(kind, window), percent * whole, ex=60)

    update_site_config("ouderavond_busy_percent", 75)
    update_site_config("gunicorn_workers", WORKERS)
    yield take
    update_site_config("ouderavond_busy_percent", 0)
    update_site_config("gunicorn_workers", "None")
    for key in frappe.cache.get_keys("ouderavond_busy:"):
        frappe.cache.delete(key)


def test_the_page_waits_its_turn_and_calls_go_on(site, school, web, counted, speaks_dutch):
    evening = make_evening(school, procedure="Book Directly")
    speaks_dutch(school.user("anna.devries"))
    session = web.session(school.user("anna.devries"))
    counted(100, 60)
    page = session.get("/ouderavond", headers={"Accept": "text/html"})
    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) == int(page.headers["Refresh"]) > 0
    assert page.headers["Cache-Control"] == "private, no-store"
    assert '<html lang="nl">' in page.text and 'href="/ouderavond"' in page.text
    assert len(page.content) < 2000 and "<script" not in page.text
    table = session.get(READ, params={"evening": evening.name, "role": "guardian"})
    assert table.status_code == 200, "who has the page can go on"
    # Pages have their part of the time however busy it is: nobody is kept out for good.
    counted(100, 10)
    assert session.get("/ouderavond").status_code == 200
    counted(30, 30)
    assert session.get("/ouderavond").status_code == 200


def test_what_is_counted_expires_by_itself(site, school, web, counted):
    session = web.session(school.user("anna.devries"))
    assert session.get("/ouderavond").status_code == 200
    keys = frappe.cache.get_keys("ouderavond_busy:")
    assert keys and all(0 < frappe.cache.ttl(key) <= 3 * busy.WINDOW for key in keys)
    everything, pages = busy.shares()
    assert 0 < pages <= everything


def test_too_many_calls_are_told_when_to_come_back(site, school, web):
    evening = make_evening(school, procedure="Book Directly")
    session = web.session(school.user("anna.devries"))
    session.open_portal()
    name = "ouderavond.api.table.reserve"
    key = frappe.cache.make_key(f"ouderavond_calls:{name}:{school.user('anna.devries')}")
    frappe.cache.set(key, 1000, ex=60)
    wish = {"evening": evening.name, "role": "guardian", "basket": [], "key": "0" * 32}
    answer = session.post(f"/api/method/{name}", json=wish)
    frappe.cache.delete(key)
    assert answer.status_code == 429
    assert 20 <= int(answer.headers["Retry-After"]) <= 40


def test_who_waits_too_long_for_others_is_told_to_come_back(site, school, monkeypatch):
    evening = make_evening(school, procedure="Book Directly")
    monkeypatch.setattr(claims, "LOCK_WAIT", 1)
    monkeypatch.setattr(claims, "PATIENCE", 0)
    monkeypatch.setattr(frappe.local, "request", SimpleNamespace(path="/"), raising=False)
    other = connection()
    anna = ("Guardian", school.guardian["anna.devries"])
    try:
        with other.cursor() as cursor:
            cursor.execute("select name from tabGuardian where name = %s for update", (anna[1],))
        began = time.monotonic()
        with pytest.raises(busy.BusyError, match="try again") as refused:
            claims.transaction(evening.name, [anna], lambda: None)
        assert time.monotonic() - began < 5
        assert refused.value.http_status_code == 503
    finally:
        other.close()
        frappe.db.sql("set session innodb_lock_wait_timeout = default")
    assert claims.transaction(evening.name, [anna], lambda: "done") == "done"


def test_without_a_connection_to_the_database_the_answer_is_503(site, school, web, bench_site):
    evening = make_evening(school, procedure="Book Directly")
    session = web.session(school.user("anna.devries"))
    wish = {"evening": evening.name, "role": "guardian"}
    assert session.get(READ, params=wish).status_code == 200
    held = None
    try:
        limit_connections(bench_site, 1)
        # Only what connects from now on counts.
        held = connection()
        answer = session.get(READ, params=wish)
        page = session.get("/ouderavond", headers={"Accept": "text/html"})
    finally:
        limit_connections(bench_site, 0)
        if held:
            held.close()
    assert answer.status_code == 503, answer.text[:500]
    assert int(answer.headers["Retry-After"]) > 0
    assert "try again" in answer.text
    assert page.status_code == 503 and "Refresh" in page.headers
    assert session.get(READ, params=wish).status_code == 200


def connection():
    """Another connection of the site to its database."""
    conf = frappe.conf
    return pymysql.connect(
        host=conf.db_host or "127.0.0.1", user=conf.db_name, password=conf.db_password, database=conf.db_name
    )


def limit_connections(bench_site, count: int) -> None:
    """Let the site's database user have no more than so many connections; 0: as many as it likes."""
    users = ", ".join(f"'{bench_site.database}'@'{host}'" for host in ("%", "localhost"))
    bench_site.bench.mariadb(statement=f"alter user {users} with max_user_connections {count}")


@pytest.mark.parametrize(("percent", "seconds"), [(20, 0), (50, 0), (75, 20), (100, 40), (180, 40)])
def test_the_busier_the_workers_the_later_an_open_page_reads_again(site, monkeypatch, percent, seconds):
    monkeypatch.setattr(busy, "setting", lambda name: busy.SETTINGS[name])
    monkeypatch.setattr(busy, "shares", lambda: (percent, 0))
    assert busy.seconds_to_spare() == seconds
