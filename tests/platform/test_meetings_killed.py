"""However often the job dies, and wherever: as many events as conversations that should have one, each once.

With the real client libraries, against servers that behave as Microsoft's and Google's are documented to.
"""

import os
import signal
from datetime import timedelta
from itertools import count

import frappe
import httplib2
import pytest
import requests

from ouderavond.evening import identity
from ouderavond.evening.online import accounts, job, joining, rows, waking
from tests.meetings.fake_google import FakeGoogle
from tests.meetings.fake_graph import FakeGraph
from tests.platform.processes import forking
from tests.platform.test_meetings import book, make_online, start_of

STEP = timedelta(minutes=10)
SECRETS = ("microsoft_client_secret", "google_service_account")


class Killed(BaseException):
    """As if the process ended here."""


class Graph:
    """Microsoft's side of a test."""

    name, sends, first = "Microsoft Teams", (requests.Session, "send"), 0

    def __init__(self, school):
        self.server = FakeGraph(*(one.email for one in accounts.of(school.instructor.values()).values()))

    def settings(self):
        server = self.server
        return {
            "microsoft_tenant": server.tenant,
            "microsoft_client_id": server.client_id,
            "microsoft_client_secret": server.secret,
        }

    def conf(self):
        server = self.server
        return {
            "ouderavond_microsoft_login": server.login,
            "ouderavond_microsoft_graph": server.graph,
        }, server.environment

    def keys(self):
        return [item["value"].split()[-1] for event in self.server.events() for item in event["properties"]]

    def by_hand(self, row):
        self.server.remove(row.account, row.event_id)

    def purge(self, row):
        self.server.remove(row.account, row.event_id, purge=True)

    def links(self):
        return sorted(event["joinUrl"] for event in self.server.events())


class Google:
    """Google's side of a test."""

    name, sends, first = "Google Meet", (httplib2.Http, "request"), 1

    def __init__(self, school):
        self.server = FakeGoogle()

    def settings(self):
        return {"google_service_account": self.server.service_account}

    def conf(self):
        return {"ouderavond_google_api": self.server.url}, {}

    def keys(self):
        return [event["id"] for event in self.server.live()]

    def by_hand(self, row):
        self.server.delete_by_hand(row.account, row.event_id)

    def purge(self, row):
        self.server.purge(row.account, row.event_id)

    def links(self):
        return sorted(event["hangoutLink"] for event in self.server.live())


@pytest.fixture(params=[Graph, Google], ids=["teams", "google"])
def side(request, site, school, monkeypatch):
    found = request.param(school)
    with found.server:
        conf, environment = found.conf()
        for name, value in conf.items():
            monkeypatch.setitem(frappe.conf, name, value)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(waking, "start", lambda: None)
        identity.confirm()
        settings = frappe.get_doc("Ouderavond Settings")
        settings.update(found.settings())
        settings.save()
        frappe.db.commit()
        yield found


@pytest.fixture
def evening(side, school):
    return make_online(school, meeting_provider=side.name)


@pytest.fixture
def bookings(evening, school):
    return [book(evening, school, number, number * 2) for number in range(4)]


def tell(name, **values):
    told = {f"published_{field}": value for field, value in values.items() if field in ("start", "end")}
    frappe.db.set_value("Evening Booking", name, {**values, **told})


def turn(bookings, side, there):
    """One conversation is moved, one is cancelled, one comes, and the event of one is deleted by hand."""
    moved, other, kept, _rest = bookings
    start = start_of(moved) + (STEP if there else -STEP)
    tell(moved, start=start, end=start + STEP)
    for name, state in ((other, "Cancelled" if there else "Published"), (kept, "Published")):
        frappe.db.set_value("Evening Booking", name, "state", state)
    frappe.db.set_value("Evening Meeting", {"live_key": kept}, "checked_on", "2020-01-01 00:00:00")
    frappe.db.commit()
    if there:
        side.by_hand(frappe.get_doc("Evening Meeting", {"live_key": kept}))


def finish():
    """Run the job once more; where a call had no answer, also after its next attempt is due."""
    for _run in range(3):
        frappe.db.set_value("Evening Meeting", {"state": ("in", rows.LIVE)}, "next_attempt", None)
        frappe.db.commit()
        done = job.synchronise(look=True, patience=0)
        frappe.db.rollback()
        if not done.failed:
            return
    raise AssertionError(f"the job finds no end: {done}")


def check(evening, side):
    """As many events as conversations, each of them once, and everybody has the link that is there."""
    told = frappe.get_all("Evening Booking", {"evening": evening.name, "state": "Published"}, pluck="name")
    live = {row.live_key: row for row in rows.of_evening(evening.name)}
    assert set(live) == set(told) and {row.state for row in live.values()} <= {"Made"}
    assert sorted(side.keys()) == sorted(row.key for row in live.values())
    assert side.links() == sorted(found.link for found in joining.of(told).values())
    for name in told:
        assert live[name].start == start_of(name)


def killed_at(number, side, monkeypatch):
    """Run the job, ending at the so many-th moment around a call or a commit; False if it ends before."""
    moments = count()

    def moment():
        if next(moments) == number:
            raise Killed

    def watched(function):
        def call(*args, **options):
            moment()
            answer = function(*args, **options)
            moment()
            return answer

        return call

    with monkeypatch.context() as patch:
        patch.setattr(*side.sends, watched(getattr(*side.sends)))
        patch.setattr(frappe.db, "commit", watched(frappe.db.commit))
        try:
            job.synchronise(look=True, patience=0)
        except Killed:
            return True
        finally:
            frappe.db.rollback()
            frappe.flags.ouderavond_synchronising = False
    return False


def test_wherever_the_job_dies_the_next_one_completes_it(evening, bookings, side, monkeypatch):
    # Every second moment with the one, the others with the other: the job is the same.
    number = side.first
    while killed_at(number, side, monkeypatch):
        finish()
        check(evening, side)
        # Everything is made anew in the next round.
        for row in rows.of_evening(evening.name):
            side.purge(row)
        frappe.db.delete("Evening Meeting")
        frappe.db.commit()
        number += 2
    assert number > 8
    finish()

    number = side.first
    turn(bookings, side, True)
    while killed_at(number, side, monkeypatch):
        finish()
        check(evening, side)
        turn(bookings, side, False)
        finish()
        check(evening, side)
        turn(bookings, side, True)
        number += 2
    assert number > 8
    check(evening, side)


def test_the_log_of_requests_names_nobody_and_holds_no_secret(evening, bookings, side, school):
    finish()
    found = frappe.get_all("Integration Request", fields=["*"])
    assert {row.integration_request_service for row in found} == {side.name}
    said = frappe.as_json(found)
    settings = frappe.get_doc("Ouderavond Settings")
    secrets = [settings.get_password(field, raise_exception=False) for field in SECRETS]
    people = [one.email for one in accounts.of(school.instructor.values()).values()]
    children = frappe.get_all("Student", {"name": school.student["s01"]}, ["first_name", "last_name"])
    names = [name for child in children for name in child.values()]
    told = [text for text in (*secrets, *people, *names, "Bearer", "eyJ") if text and text in said]
    assert not told


def run_there(name, sites, conf, environment):
    """The job in a process of its own."""
    os.chdir(sites)
    os.environ.update(environment)
    frappe.init(site=name)
    frappe.connect()
    frappe.conf.update(conf)
    frappe.set_user("Administrator")
    job.synchronise(look=True, patience=0)
    frappe.destroy()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_that_is_killed_for_good_leaves_no_lock_and_no_second_event(
    evening, bookings, side, bench_site, moment
):
    frappe.db.commit()
    place = (bench_site.name, str(bench_site.bench.sites), *side.conf())
    process = forking().Process(target=run_there, args=place)

    def hook(when, *what):
        said = what[0] if isinstance(what[0], str) else what[0].what
        if (when, said) in ((moment, "create"), (moment, "insert")) and process.is_alive():
            os.kill(process.pid, signal.SIGKILL)

    side.server.hook = hook
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    side.server.hook = None
    finish()
    check(evening, side)
