"""The minute of opening: hundreds of families arrive, look, choose, reserve and look again, on a real server.

    cd BENCH/sites && PYTHONPATH=CHECKOUT ../env/bin/python -m benchmarks.opening SITE [--page]

SITE holds the demo school of 1,300 students (`bench --site SITE ouderavond demo`) and is used up: its
first evening becomes one at which families book their times themselves, without any booking, and
guardians who have no account get one. gunicorn is started as a bench starts it in production. Each
session arrives at a random moment of `--seconds`, reads the page (with `--page`) and the table, thinks,
and reserves two conversations per child side by side, with the instructors that most children have first;
where a place was just taken it reads the table again and chooses anew, until it has all it wants or
nothing is left for it. Then it looks again a few times, as the page does. A `/api/method/ping` every half
second is the machine's own yardstick: what the platform needs for nothing at all at that moment.

Prints a table and, last, one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import frappe

from benchmarks.crowd import Answer, Browser, end_sessions, make_sessions
from ouderavond.evening.bulk import child_row, insert_rows

READ, RESERVE = "ouderavond.api.table.read", "ouderavond.api.table.reserve"
EMPTY_FIRST = (
    "Booking Claim",
    "Evening Booking",
    "Evening Booking Guardian",
    "Evening Booking Instructor",
    "Conversation Request",
    "Evening Block",
    "Submitted Key",
    "Waiting List Entry",
)
PER_CHILD = 2
AGAIN = (0, 429, 502, 503, 504)


@dataclass
class Log:
    """What was measured."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    outcomes: Counter = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    last_served: float = 0.0
    examples: dict[str, str] = field(default_factory=dict)
    load: list[float] = field(default_factory=list)

    def add(self, kind: str, answer: Answer) -> None:
        """Note an answer."""
        self.seconds[kind].append(answer.seconds)
        self.statuses[kind][answer.status] += 1
        if answer.status not in (200, 304, 409):
            text = answer.body[:400].decode(errors="replace")
            self.examples.setdefault(f"{kind} {answer.status}", text)


class Family:
    """One session, from its arrival until it has what it wants or nothing is left."""

    def __init__(self, browser: Browser, evening: str, popularity: dict[str, int], log: Log, options):
        self.browser, self.evening, self.log, self.options = browser, evening, log, options
        self.popularity = popularity
        self.chance = random.Random(f"{options.seed} {browser.user}")
        self.etag = None
        self.wanted: list[str] | None = None
        self.booked = 0
        # How many conversations it gave up, because no time was left or a rule closed the one it chose.
        self.given_up = 0

    async def live(self, began: float) -> None:
        """Everything this family does."""
        await asyncio.sleep(self.chance.uniform(0, self.options.seconds))
        arrived = time.monotonic()
        if self.options.page:
            await self.until_answered("page", lambda: self.browser.get("/ouderavond"))
        table = await self.read()
        first = True
        while table and (basket := self.choose(table)):
            if first:
                await asyncio.sleep(self.chance.uniform(0.5, 1.5) * self.options.think)
                first = False
            if not await self.reserve(basket):
                break
            if not self.wanted:
                break
            table = await self.read(whole=True)
        complete = not self.wanted and not self.given_up
        self.log.outcomes["all they wanted" if complete else "some" if self.booked else "nothing"] += 1
        self.log.waits.append(time.monotonic() - arrived)
        self.log.last_served = max(self.log.last_served, time.monotonic() - began)
        for _turn in range(self.options.refreshes):
            await asyncio.sleep(self.chance.uniform(8, 13))
            await self.read()

    async def until_answered(self, kind: str, ask) -> Answer:
        """Ask, and again where the server says that it is busy or does not answer, as the page does."""
        while True:
            answer = await ask()
            self.log.add(kind, answer)
            if answer.status not in AGAIN:
                return answer
            wait = float(answer.headers.get("retry-after") or 3)
            await asyncio.sleep(wait * self.chance.uniform(1, 1.25))

    async def read(self, whole: bool = False) -> dict | None:
        """The table; None where it has not changed."""
        etag = None if whole else self.etag
        values = {"evening": self.evening, "role": "guardian"}
        answer = await self.until_answered("table", lambda: self.browser.read(READ, etag, **values))
        self.etag = answer.headers.get("etag")
        return answer.message if answer.status == 200 else None

    async def reserve(self, basket: list[dict]) -> bool:
        """Whether it makes sense to go on after this attempt."""
        key = "".join(self.chance.choice("0123456789abcdef") for _digit in range(32))
        for accepted in (0, 1):
            values = {"evening": self.evening, "role": "guardian", "basket": basket, "accepted": accepted}
            ask = lambda values=values: self.browser.post(RESERVE, key=key, **values)  # noqa: E731
            answer = await self.until_answered("reserve", ask)
            said = answer.message or {}
            if said.get("status") != "warning":
                break
        if said.get("status") == "reserved":
            taken = {pick["offer"] for pick in basket}
            self.wanted = [offer for offer in self.wanted if offer not in taken]
            self.booked += len(basket)
        for refused in said.get("refused", ()):
            # A rule will not change; a taken place means another time.
            if refused["code"] == "rule":
                self.given_up += 1
                self.wanted = [offer for offer in self.wanted if offer != refused["offer"]]
        return said.get("status") in ("reserved", "refused")

    def choose(self, table: dict) -> list[dict]:
        """Free times side by side, the most wanted instructors first; what has none left is dropped."""
        columns = {column["offer"]: column for child in table["children"] for column in child["columns"]}
        if self.wanted is None:
            self.wanted = [offer for child in table["children"] for offer in self.favourites(child)]
            self.chance.shuffle(self.wanted)
        slots = [(date["date"], place) for date in table["dates"] for place in range(len(date["starts"]))]
        starts = {date["date"]: date["starts"] for date in table["dates"]}
        anchor, used, basket = self.chance.choice(slots[: len(slots) // 2]), set(), []
        for offer in list(self.wanted):
            cells = columns[offer]["cells"]
            free = [(day, place) for day, place in slots if cells[day][place] == "f"]
            free = [one for one in free if not self.overlaps(one, columns[offer]["slots"], used)]
            if not free:
                if not used:
                    self.given_up += 1
                    self.wanted.remove(offer)
                continue
            day, place = min(free, key=lambda one: (one[0] != anchor[0], abs(one[1] - anchor[1])))
            anchor = (day, place)
            used |= {(day, place + more) for more in range(columns[offer]["slots"])}
            basket.append({"offer": offer, "start": f"{day}T{starts[day][place]}"})
        return basket

    def overlaps(self, place: tuple[str, int], slots: int, used: set) -> bool:
        """Whether a time is one that this basket has already."""
        return any((place[0], place[1] + more) in used for more in range(slots))

    def favourites(self, child: dict) -> list[str]:
        """The columns a family wants for a child: the instructors of most children are wanted most."""
        left = [column for column in child["columns"] if not column["full"]]
        found = []
        while left and len(found) < PER_CHILD:
            weights = [self.popularity.get(column["instructor_ids"][0], 1) for column in left]
            chosen = self.chance.choices(left, weights)[0]
            left.remove(chosen)
            found.append(chosen["offer"])
        return found


def main() -> None:
    """Prepare, load, verify, report."""
    options = _options()
    frappe.init(site=options.site)
    frappe.connect()
    evening = prepare()
    users = families(evening, options.sessions)
    sids = make_sessions(users)
    popularity = _popularity(evening)
    frappe.db.commit()
    log = Log()
    try:
        with server(options) as process:
            log.load.append(os.getloadavg()[0])
            before = _cpu(process.pid)
            began = time.monotonic()
            asyncio.run(_load(options, evening, sids, popularity, log))
            wall = time.monotonic() - began
            after = _cpu(process.pid)
            log.load.append(os.getloadavg()[0])
    finally:
        end_sessions(sids.values())
    cpu = {name: round(after[name] - before[name], 1) for name in before}
    report(options, log, wall, cpu, verify(evening, users))


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site")
    parser.add_argument("--sessions", type=int, default=800)
    parser.add_argument("--seconds", type=float, default=60, help="within which all arrive")
    parser.add_argument(
        "--workers", type=int, default=2 * (os.cpu_count() or 1) + 1, help="as bench's default"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--page", action="store_true", help="each session opens the page first")
    parser.add_argument("--think", type=float, default=5, help="mean seconds before a family reserves")
    parser.add_argument("--refreshes", type=int, default=3, help="looks after being served, 8 to 13 s apart")
    parser.add_argument("--port", type=int, default=8126)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def prepare() -> str:
    """The site's first evening, booked directly, with nothing booked yet."""
    evening = frappe.get_all("Parent Evening", pluck="name", order_by="creation")[0]
    values = {"procedure": "Book Directly", "published": 1, "archived": 0, "schedule_visible": 0}
    values |= {"booking_from": None, "booking_until": None, "maximum_per_student": 3}
    frappe.db.set_value("Parent Evening", evening, values)
    for doctype in EMPTY_FIRST:
        if frappe.db.table_exists(doctype):
            frappe.db.sql(f"delete from `tab{doctype}`")
    frappe.db.commit()
    frappe.clear_cache()
    return evening


def families(evening: str, count: int) -> list[str]:
    """The users of one guardian per household whose children have offers at the evening."""
    rows = frappe.db.sql(
        """select min(sg.guardian) from `tabStudent Guardian` sg join tabGuardian g on g.name = sg.guardian
        join tabStudent s on s.name = sg.parent and s.enabled = 1
        where sg.parenttype = 'Student' and sg.parent in
        (select student from `tabConversation Offer` where evening = %s and offered = 1)
        group by sg.parent""",
        (evening,),
    )
    guardians = sorted({row[0] for row in rows})
    random.Random(1).shuffle(guardians)
    if len(guardians) < count:
        sys.exit(f"The school has {len(guardians)} families; --sessions {count} is too many.")
    guardians = guardians[:count]
    _give_accounts(guardians)
    known = frappe.get_all("Guardian", {"name": ("in", guardians)}, pluck="user")
    frappe.db.sql("update tabUser set enabled = 1 where name in %s", (known,))
    frappe.db.commit()
    return sorted(set(known))


def _give_accounts(guardians: list[str]) -> None:
    """A user for each guardian who has none, as rows: logging in is not what is measured."""
    without = frappe.get_all("Guardian", {"name": ("in", guardians), "user": ("is", "not set")}, pluck="name")
    users = {name: f"{name.lower()}@opening.example" for name in without}
    fixed = {"enabled": 1, "user_type": "Website User"}
    insert_rows(
        "User",
        [{"name": user, "email": user, "first_name": name, **fixed} for name, user in users.items()],
    )
    insert_rows("Has Role", [child_row("User", user, "roles", 1, role="Guardian") for user in users.values()])
    for name, user in users.items():
        frappe.db.set_value("Guardian", name, "user", user, update_modified=False)
    frappe.db.commit()


def _popularity(evening: str) -> dict[str, int]:
    rows = frappe.db.sql(
        """select i.instructor, count(*) from `tabConversation Offer Instructor` i
        join `tabConversation Offer` o on o.name = i.parent where o.evening = %s group by i.instructor""",
        (evening,),
    )
    return dict(rows)


@contextmanager
def server(options):
    """gunicorn, as a bench starts it in production."""
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{options.port}", "-t", "120"]
    command += ["-w", str(options.workers), "--threads", str(options.threads), "--preload"]
    command += ["frappe.app:application"]
    with open(f"{options.site}/logs/opening.log", "wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        for _attempt in range(120):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", options.port)):
                    break
            time.sleep(0.5)
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


async def _load(options, evening, sids, popularity, log) -> None:
    browsers = [Browser(options.site, options.port, user, sid) for user, sid in sids.items()]
    # A page and a table on each worker: a server that has just started is not what is measured.
    warm = [browser.get("/ouderavond") for browser in browsers[: 2 * options.workers]]
    await asyncio.gather(*warm)
    values = {"evening": evening, "role": "guardian"}
    await asyncio.gather(*(one.read(READ, **values) for one in browsers[: 2 * options.workers]))
    for _calm in range(10):
        log.add("ping before", await browsers[0].get("/api/method/ping"))
    yardstick = asyncio.create_task(_yardstick(browsers[0], log))
    began = time.monotonic()
    families_ = [Family(browser, evening, popularity, log, options) for browser in browsers]
    await asyncio.gather(*(family.live(began) for family in families_))
    yardstick.cancel()
    log.statuses["families"] = Counter(bool(family.booked) for family in families_)


async def _yardstick(browser: Browser, log: Log) -> None:
    while True:
        log.add("ping", await browser.get("/api/method/ping"))
        await asyncio.sleep(0.5)


def _cpu(server: int) -> dict[str, float]:
    """Seconds of processor time so far: of the web workers, the database, this process, and the machine."""
    tick = os.sysconf("SC_CLK_TCK")
    found = {"web": 0.0, "database": 0.0, "generator": sum(os.times()[:2])}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        name, rest = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
        seconds = (int(rest[11]) + int(rest[12])) / tick
        if int(rest[2]) == server:
            found["web"] += seconds
        elif name in ("mariadbd", "mysqld"):
            found["database"] += seconds
    idle = Path("/proc/stat").read_text().split("\n")[0].split()
    busy = [int(value) for value in idle[1:9]]
    found["machine"] = (sum(busy) - busy[3] - busy[4]) / tick
    return found


def verify(evening: str, users: list[str]) -> dict:
    """What the database says afterwards, looked at without the claims as well."""
    from ouderavond.evening import claims

    frappe.db.rollback()
    twice = 0
    for kind in ("Instructor", "Guardian"):
        twice += frappe.db.sql(
            f"""select count(*) from `tabEvening Booking` a
            join `tabEvening Booking {kind}` x on x.parent = a.name
            join `tabEvening Booking {kind}` y on y.{kind.lower()} = x.{kind.lower()} and y.parent > x.parent
            join `tabEvening Booking` b on b.name = y.parent and b.start < a.end and a.start < b.end
            where a.evening = %s and b.evening = a.evening
            and a.state != 'Cancelled' and b.state != 'Cancelled'""",
            (evening,),
        )[0][0]
    booked = frappe.db.count("Evening Booking", {"evening": evening, "state": ("!=", "Cancelled")})
    return {"bookings": booked, "double": twice, "claims": claims.check()}


def report(options, log: Log, wall: float, cpu: dict, verified: dict) -> None:
    """The table and the line of JSON."""
    yardstick = _part(log.seconds["ping"], 50)
    kinds = {}
    print(
        f"{options.sessions} sessions within {options.seconds:g} s, {options.workers} workers x "
        f"{options.threads} threads, {os.cpu_count()} processors, load average before {log.load[0]:.1f}, "
        f"after {log.load[1]:.1f}"
    )
    print(f"{'call':<14}{'count':>7}{'p50':>9}{'p95':>9}{'p99':>9}{'x ping':>8}  answers")
    for kind, seconds in log.seconds.items():
        parts = {f"p{part}": round(1000 * _part(seconds, part)) for part in (50, 95, 99)}
        statuses = {str(status): count for status, count in sorted(log.statuses[kind].items())}
        kinds[kind] = {"count": len(seconds), **parts, "answers": statuses}
        ratio = parts["p50"] / (1000 * yardstick)
        shown = ", ".join(f"{status}: {count}" for status, count in statuses.items())
        print(
            f"{kind:<14}{len(seconds):>7}{parts['p50']:>7} ms{parts['p95']:>6} ms{parts['p99']:>6} ms"
            f"{ratio:>8.1f}  {shown}"
        )
    waits = {f"p{part}": round(_part(log.waits, part), 1) for part in (50, 95, 99)}
    print(f"From arrival to served (thinking included): {waits}; the last after {log.last_served:.1f} s")
    print(f"Outcomes: {dict(log.outcomes)}; in the database: {verified}")
    print(f"Processor seconds in {wall:.0f} s: {cpu}")
    for what, text in log.examples.items():
        print(f"{what}: {text}")
    line = {
        "sessions": options.sessions,
        "seconds": options.seconds,
        "workers": options.workers,
        "threads": options.threads,
        "page": options.page,
        "processors": os.cpu_count(),
        "load_average": log.load,
        "calls": kinds,
        "served": waits,
        "last_served": round(log.last_served, 1),
        "outcomes": log.outcomes,
        "verified": verified,
        "cpu": cpu,
        "wall": round(wall, 1),
    }
    print(json.dumps(line))


def _part(values: list[float], percent: int) -> float:
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


if __name__ == "__main__":
    main()
