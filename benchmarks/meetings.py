"""Meetings for a whole evening at once: in batches, beside one call after the other.

    cd BENCH/sites && PYTHONPATH=CHECKOUT ../env/bin/python CHECKOUT/benchmarks/meetings.py SITE

SITE holds the demo school (`bench --site SITE ouderavond demo`) with a schedule that has been published. Its
conversations become online ones, and their meetings are made in a Microsoft Graph on this machine that takes
as long as the real one does: `CALL` for an answer, and `EACH` for every event, of which it makes four at a
time. Nothing leaves the machine.
"""

import contextlib
import os
import sys
import time

import frappe

from tests.meetings.fake_graph import FakeGraph

CALL, EACH = 0.08, 0.25
PEERS = 40


def main(site: str) -> None:
    """Print a line per way, and the ratio."""
    frappe.init(site=site)
    frappe.connect()
    from ouderavond.evening.online import accounts, job, rows
    from ouderavond.meetings import teams

    evening = frappe.get_all("Parent Evening", pluck="name", limit=1)[0]
    prepare(evening)
    people = [one.email for one in accounts.of_evening(evening).values() if one]
    with FakeGraph(*people) as server:
        configure(server)
        server.hook = slow
        number, took = timed(lambda: job.synchronise())
        waiting = frappe.db.count(rows.DOCTYPE, {"evening": evening, "state": ("!=", "Made")})
        print(f"in batches    {number.done['create']} meetings in {took:.1f} s, {waiting} not made")
        again, looking = timed(lambda: job.synchronise(look=True))
        print(f"looking       {sum(again.done.values())} repaired, in {looking:.1f} s")
        teams.Teams.batch = teams.Teams.per_account = 1
        clear(evening, server)
        with limited(PEERS):
            _done, alone = timed(lambda: job.synchronise())
        print(f"one by one    {PEERS} meetings in {alone:.1f} s")
        print(
            f"ratio         {(alone / PEERS) / (took / number.done['create']):.1f} times as fast in batches"
        )
    frappe.destroy()


def prepare(evening: str) -> None:
    """The conversations of an evening are online, and people know."""
    frappe.db.sql(
        "update `tabEvening Booking` set mode = 'Online', published_mode = 'Online' where evening = %s",
        evening,
    )
    values = {"mode": "Online", "meeting_provider": "Microsoft Teams"}
    frappe.db.set_value("Parent Evening", evening, values)
    clear(evening)


def clear(evening: str, server: FakeGraph | None = None) -> None:
    """Nothing has been made yet."""
    frappe.db.delete("Evening Meeting", {"evening": evening})
    frappe.db.commit()
    for user in server.users.values() if server else ():
        user.events.clear()


def configure(server: FakeGraph) -> None:
    """Let the site use the server on this machine."""
    from ouderavond.evening import identity

    os.environ.update(server.environment)
    frappe.conf.update(ouderavond_microsoft_login=server.login, ouderavond_microsoft_graph=server.graph)
    settings = frappe.get_doc("Ouderavond Settings")
    settings.microsoft_tenant, settings.microsoft_client_id = server.tenant, server.client_id
    settings.microsoft_client_secret = server.secret
    settings.save()
    identity.confirm()
    frappe.db.commit()


def slow(moment: str, operation: str, account: str) -> None:
    """How long the real one takes, by what was seen of it."""
    if moment == "before":
        time.sleep({"batch": CALL, "create": EACH / 4}.get(operation, 0))


@contextlib.contextmanager
def limited(number: int):
    """Only so many conversations are wanted."""
    from ouderavond.evening.online import wanted

    whole = wanted.of_evening
    wanted.of_evening = lambda evening: dict(list(whole(evening).items())[:number])
    try:
        yield
    finally:
        wanted.of_evening = whole


def timed(work) -> tuple:
    """What a call answers, and how many seconds it took."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


if __name__ == "__main__":
    main(sys.argv[1])
