"""Never two at once, on the real server: hundreds of sessions contend for the same thirty places.

Also while staff block an instructor's time and move conversations, and while web workers are killed.
"""

import asyncio
import os
import random
import signal
import socket
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import frappe
import pytest

from benchmarks.crowd import Browser, end_sessions, make_sessions
from ouderavond.evening import claims, grid
from tests.harness.bench import answers, wait_until
from tests.harness.servers import process
from tests.platform.crowd import STARTS, crowd
from tests.platform.school import PLANNER

INSTRUCTORS = ["jan", "ber", "kok"]
RESERVE = "ouderavond.api.table.reserve"
AT_ONCE = 8
WORKERS = 4


@contextmanager
def gunicorn(site):
    """(process, port) of a server whose workers are forked from a loaded one, so that each starts fast."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [site.bench.python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", WORKERS]
    command += ["--preload", "--timeout", "60", "frappe.app:application_with_statics()"]
    with process(site, "contention", command) as started:
        wait_until(lambda: answers("127.0.0.1", port), 60, "The web server did not start.")
        yield started, port


@pytest.fixture(scope="module")
def server(bench_site):
    with gunicorn(bench_site) as started:
        yield started


@contextmanager
def planner(site, port):
    """The planner's browser."""
    [(user, sid)] = make_sessions([PLANNER]).items()
    yield Browser(site, port, user, sid)
    end_sessions([sid])


class Contest:
    """Households that each want two places which others want too, eight at a time."""

    def __init__(self, evening, households):
        self.evening, self.households = evening, households
        self.starts = [f"{start:%Y-%m-%dT%H:%M}" for start in grid.slots(evening)[0].starts]
        self.said: dict[int, dict] = {}
        self.keys: dict[int, str] = {}
        self.statuses = Counter()
        self.again = self.killed = 0
        self.of_staff = Counter()
        self.server = self.staff = None
        self.done = False

    def basket(self, number: int) -> list[dict]:
        """Neighbours in the row want overlapping places, and all go on to later ones together."""
        row = number * (STARTS - 1) // len(self.households)
        offers = self.households[number].offers
        return [
            {"offer": offers[number % 3], "start": self.starts[row]},
            {"offer": offers[(number + 1) % 3], "start": self.starts[row + 1]},
        ]

    def run(self, *meanwhile) -> None:
        """All households, and beside them what else goes on until they are done."""
        asyncio.run(self._run(meanwhile))

    async def _run(self, meanwhile):
        others = [asyncio.create_task(one(self)) for one in meanwhile]
        turns = asyncio.Semaphore(AT_ONCE)

        async def in_turn(number):
            async with turns:
                await self.reserve(number)

        await asyncio.gather(*map(in_turn, range(len(self.households))))
        self.done = True
        await asyncio.gather(*others)

    async def reserve(self, number: int) -> None:
        """Submit the basket; the same again where no answer came, as the page does."""
        self.keys.setdefault(number, frappe.generate_hash(length=32))
        for _attempt in range(20):
            answer = await self.send(number)
            if answer.status not in (0, 503):
                break
            self.again += 1
            await asyncio.sleep(0.2)
        self.statuses[answer.status] += 1
        self.said[number] = answer.message or {"status": answer.said or answer.body[:500]}

    async def send(self, number: int):
        return await self.households[number].browser.post(
            RESERVE,
            evening=self.evening.name,
            role="guardian",
            basket=self.basket(number),
            key=self.keys[number],
        )

    def check(self) -> None:
        """What must be true whatever happened."""
        frappe.db.rollback()
        assert set(self.statuses) <= {200, 409}, (self.statuses, self.said)
        rows = bookings(self.evening.name)
        for number, household in enumerate(self.households):
            own = {row.name for row in rows if row.student == household.student}
            said = self.said[number]
            if said["status"] == "reserved":
                assert set(said["booked"]) == own and len(own) == 2, "a basket is whole"
            else:
                assert not own, "what is refused is refused as a whole"
                self.check_refusal(number, said)
        assert_nobody_twice(rows)
        assert claims.check() == []

    def check_refusal(self, number: int, said: dict) -> None:
        assert said["status"] == "refused" and said["message"], said
        wanted = {(pick["offer"], pick["start"]) for pick in self.basket(number)}
        assert said["refused"], "every loser is told why"
        for refused in said["refused"]:
            assert (refused["offer"], refused["start"]) in wanted
            assert refused["code"] in ("taken", "rule") and refused["sentence"].endswith(".")


def bookings(evening: str):
    return frappe.db.sql(
        """select b.name, b.student, b.start, b.end, i.instructor, g.guardian from `tabEvening Booking` b
        join `tabEvening Booking Instructor` i on i.parent = b.name
        join `tabEvening Booking Guardian` g on g.parent = b.name
        where b.evening = %s and b.state != 'Cancelled'""",
        (evening,),
        as_dict=True,
    )


def assert_nobody_twice(rows) -> None:
    """Looked at without the claims: the conversations of a person follow each other."""
    for kind in ("instructor", "guardian", "student"):
        for who in {row[kind] for row in rows}:
            times = sorted((row.start, row.end) for row in rows if row[kind] == who)
            assert all(before[1] <= after[0] for before, after in pairwise(times)), (who, times)


def test_four_hundred_sessions_contend_for_thirty_places(site, school, bench_site, server):
    _process, port = server
    with crowd(school, port, bench_site.name, 400, INSTRUCTORS) as (evening, households):
        contest = Contest(evening, households)
        contest.run()
        contest.check()
        rows = bookings(evening.name)
        assert len(rows) == len({(row.instructor, row.start) for row in rows}) == 30
        assert contest.statuses == {200: 15, 409: 385}
        taken = Counter(row["code"] for said in contest.said.values() for row in said.get("refused", ()))
        assert set(taken) == {"taken"}, "what is refused here was taken by somebody else, and that is said"


async def block_and_unblock(contest):
    """Staff block an instructor's time where nobody is yet, and give it back."""
    staff, instructor = contest.staff, frappe.db.get_value("Instructor", {"ouderavond_code": INSTRUCTORS[0]})
    place = STARTS - 1
    while not contest.done:
        start = contest.starts[place]
        end = f"{frappe.utils.get_datetime(start) + timedelta(minutes=10):%Y-%m-%dT%H:%M}"
        answer = await staff.post(
            "ouderavond.api.staff.block",
            evening=contest.evening.name,
            who_type="Instructor",
            who=instructor,
            from_time=start,
            to_time=end,
            reason="called away",
        )
        contest.of_staff["block", answer.status] += 1
        await asyncio.sleep(0.1)
        if answer.status == 200 and place % 2:
            answer = await staff.post("ouderavond.api.staff.unblock", block=answer.message)
            contest.of_staff["unblock", answer.status] += 1
        place = (place - 1) % STARTS


async def move_about(contest):
    """A planner moves conversations that have been booked to other times."""
    chance = random.Random(1)
    while not contest.done:
        booked = [name for said in contest.said.values() for name in said.get("booked", ())]
        if booked:
            values = {"booking_name": chance.choice(booked), "start": chance.choice(contest.starts)}
            answer = await contest.staff.post("ouderavond.api.staff.move", **values)
            contest.of_staff["move", answer.status] += 1
        await asyncio.sleep(0.05)


async def kill_workers(contest):
    """Kill a web worker again and again, whatever it is doing."""
    while not contest.done:
        await asyncio.sleep(0.4)
        children = Path(f"/proc/{contest.server.pid}/task/{contest.server.pid}/children").read_text().split()
        if len(contest.said) > 5 and children:
            with suppress(ProcessLookupError):
                os.kill(int(random.choice(children)), signal.SIGKILL)
                contest.killed += 1


def test_while_staff_block_and_a_planner_moves_nobody_is_booked_twice(site, school, bench_site, server):
    _process, port = server
    with crowd(school, port, bench_site.name, 80, INSTRUCTORS) as (evening, households):
        contest = Contest(evening, households)
        with planner(bench_site.name, port) as contest.staff:
            contest.run(block_and_unblock, move_about)
        contest.check()
        assert {status for _what, status in contest.of_staff} <= {200, 409, 417}, contest.of_staff
        assert contest.of_staff["block", 200] and contest.of_staff["move", 200], contest.of_staff
        blocks = frappe.get_all("Evening Block", {"evening": evening.name}, ["from_time", "to_time", "who"])
        for row in bookings(evening.name):
            over = [one for one in blocks if one.from_time < row.end and row.start < one.to_time]
            assert row.instructor not in {one.who for one in over}, "who is blocked is not booked"


def test_a_killed_worker_leaves_no_half_basket_and_the_same_submission_is_answered_once(
    site, school, bench_site, server
):
    with crowd(school, server[1], bench_site.name, 60, INSTRUCTORS) as (evening, households):
        contest = Contest(evening, households)
        contest.server = server[0]
        contest.run(kill_workers)
        assert contest.killed and contest.again, "workers were killed while they worked"
        contest.check()
        before = {row.name for row in bookings(evening.name)}
        won = [number for number, said in contest.said.items() if said["status"] == "reserved"]
        assert won
        for number in won:
            answer = asyncio.run(contest.send(number))
            assert (answer.status, answer.message) == (200, contest.said[number])
        frappe.db.rollback()
        assert {row.name for row in bookings(evening.name)} == before
