"""The road at a school's size, timed on a demo school: offers, apply, publish, and every page and list.

    cd BENCH/sites && ../env/bin/python CHECKOUT/benchmarks/road.py SITE

SITE holds the demo school (`bench --site SITE ouderavond demo`). Offers and bookings are written for a second
evening, which is deleted afterwards. Each bulk figure stands beside its peer in the same run: the platform's
ordinary way, a record at a time, on a sample.
"""

import argparse
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager

import frappe
import requests

PORT = 8109
SAMPLE = 50
CALLS = 40
PLANNER = "planner@school.example"
LISTS = (
    "Parent Evening",
    "Evening Instructor",
    "Conversation Offer",
    "Conversation Request",
    "Evening Booking",
    "Evening Block",
    "Schedule Run",
)


def main() -> None:
    """Run the whole benchmark and print its two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site")
    parser.add_argument("--time-limit", type=int, default=30, help="seconds for the scheduler")
    arguments = parser.parse_args()
    frappe.init(site=arguments.site)
    frappe.connect()
    frappe.set_user("Administrator")
    first = frappe.get_all("Parent Evening", pluck="name", order_by="creation")[0]
    second = copy_of(first)
    try:
        bulk(first, second, arguments.time_limit)
    finally:
        frappe.db.rollback()
        frappe.db.set_value("Parent Evening", second, "archived", 1)
        frappe.delete_doc("Parent Evening", second)
        frappe.db.commit()
    pages(arguments.site, first)


def copy_of(evening: str) -> str:
    """Another evening on other dates, with the same participants."""
    doc = frappe.copy_doc(frappe.get_doc("Parent Evening", evening))
    for row in doc.dates:
        row.date = frappe.utils.add_days(row.date, 7)
    doc.update({"title": "Benchmark", "published": 1, "schedule_visible": 0})
    doc.insert()
    frappe.db.commit()
    return doc.name


def bulk(first: str, second: str, time_limit: int) -> None:
    """Offers, schedule, apply and publish of the second evening."""
    from ouderavond.evening import publishing, runs
    from ouderavond.evening.offering import by_course

    print(f"{'step':<14}{'rows':>8}{'seconds':>10}  peer")
    with timed() as took:
        count = by_course.offer(second).created
    print_row("offers", count, took[0], one_at_a_time(second) * count)
    copy_requests(first, second)
    run = runs.start_run(second, time_limit=time_limit, now=True)
    with timed() as took:
        runs.run_job(run)
    print_row("schedule", frappe.db.get_value("Schedule Run", run, "placed"), took[0])
    with timed() as took:
        report = runs.apply_run(run)
    claims = frappe.db.count("Booking Claim", {"evening": second})
    print_row("apply", report.booked, took[0], booked_by_hand(second) * report.booked)
    print(f"{'':<14}{claims:>8}            claims among them")
    with timed() as took:
        published = publishing.publish(second)
        frappe.db.commit()
    print_row("publish", published, took[0])


@contextmanager
def timed():
    """Seconds of the block, as the one element of a list."""
    took, begin = [], time.perf_counter()
    yield took
    took.append(time.perf_counter() - begin)


def print_row(step: str, rows: int, seconds: float, peer: float | None = None) -> None:
    beside = f"{peer:8.1f} s a record at a time (sampled): {peer / seconds:.0f} times" if peer else ""
    print(f"{step:<14}{rows:>8}{seconds:>10.1f}  {beside}")


def one_at_a_time(evening: str) -> float:
    """Seconds that the platform's `insert` takes for an offer; the sample is rolled back."""
    names = frappe.get_all("Conversation Offer", {"evening": evening}, pluck="name", limit=SAMPLE)
    samples = [frappe.copy_doc(frappe.get_doc("Conversation Offer", name)) for name in names]
    begin = time.perf_counter()
    for sample in samples:
        sample.subject = f"{sample.subject} (benchmark)"
        sample.course = None
        sample.insert()
    seconds = (time.perf_counter() - begin) / len(samples)
    frappe.db.rollback()
    return seconds


def copy_requests(first: str, second: str) -> None:
    """The first evening's requests, for the same conversations of the second."""
    request = frappe.qb.DocType("Conversation Request")
    key = ("student", "subject", "instructors_key")
    offers = {
        tuple(row[field] for field in key): row.name
        for row in frappe.get_all("Conversation Offer", {"evening": second}, ["name", *key])
    }
    old = {row.name: row for row in frappe.get_all("Conversation Offer", {"evening": first}, ["name", *key])}
    rows = frappe.qb.from_(request).select("*").where(request.evening == first).run(as_dict=True)
    copies = []
    for row in rows:
        offer = offers.get(tuple(old[row.offer][field] for field in key))
        if offer and row.state != "Withdrawn":
            row.update({"name": frappe.generate_hash(length=10), "evening": second, "offer": offer})
            row.update({"state": "Requested", "reason": None, "reason_facts": None})
            copies.append(frappe.get_doc({"doctype": "Conversation Request", **row}))
    frappe.model.document.bulk_insert("Conversation Request", copies)
    frappe.db.commit()


def booked_by_hand(evening: str) -> float:
    """Seconds that moving a booking to the place where it is takes: locks, rules, claims, one record."""
    from ouderavond.evening import booking

    rows = frappe.get_all("Evening Booking", {"evening": evening}, ["name", "start"], limit=SAMPLE)
    begin = time.perf_counter()
    for row in rows:
        booking.move(row.name, row.start)
        frappe.db.commit()
    return (time.perf_counter() - begin) / len(rows)


def pages(site: str, evening: str) -> None:
    """Milliseconds per page and list, one warm client, over HTTP."""
    print(f"\n{'page or list':<44}{'median ms':>10}{'p95 ms':>9}{'kB':>8}")
    with server(site):
        staff = log_in(site, PLANNER)
        for doctype in LISTS:
            measure(f"list {doctype}", lambda doctype=doctype: staff.post(url(LIST), data=list_of(doctype)))
        form = {"doctype": "Parent Evening", "name": evening}
        measure("form Parent Evening", lambda: staff.get(url("frappe.desk.form.load.getdoc"), params=form))
        summary = url("ouderavond.api.staff.summary")
        measure("counts of the evening", lambda: staff.get(summary, params={"evening": evening}))
        for role, user in people(evening).items():
            session = log_in(site, user)
            measure(f"/ouderavond as {role}", lambda s=session: s.get(f"http://127.0.0.1:{PORT}/ouderavond"))


LIST = "frappe.desk.reportview.get"


def url(method: str) -> str:
    return f"http://127.0.0.1:{PORT}/api/method/{method}"


def list_of(doctype: str) -> dict:
    """What the desk asks for a list: all its columns, the first page, sorted."""
    meta = frappe.get_meta(doctype)
    names = ["name", "modified", *[field.fieldname for field in meta.fields if field.in_list_view]]
    fields = [f"`tab{doctype}`.`{name}`" for name in names]
    return {
        "doctype": doctype,
        "fields": frappe.as_json(fields),
        "filters": "[]",
        "order_by": f"`tab{doctype}`.`{meta.sort_field}` desc",
        "start": 0,
        "page_length": 20,
        "view": "List",
    }


def people(evening: str) -> dict[str, str]:
    """A user for each part of the portal: those with the most to see."""
    found = {}
    for role, child in (("guardian", "Guardian"), ("instructor", "Instructor")):
        user = "user" if child == "Guardian" else "ouderavond_user"
        rows = frappe.db.sql(
            f"""select p.{user} from `tabEvening Booking {child}` c
            join `tab{child}` p on p.name = c.{child.lower()}
            where p.{user} is not null and p.{user} != '' group by 1 order by count(*) desc limit 1"""
        )
        if rows:
            found[role] = rows[0][0]
    return found


def log_in(site: str, user: str) -> requests.Session:
    session = requests.Session()
    session.headers.update({"X-Frappe-Site-Name": site, "Accept": "application/json"})
    answer = session.post(url("login"), data={"usr": user, "pwd": "ouderavond-demo"})
    answer.raise_for_status()
    return session


def measure(label: str, call) -> None:
    """Print the median and the 95th percentile of some warm calls."""
    times = []
    for number in range(CALLS + 5):
        begin = time.perf_counter()
        answer = call()
        if answer.status_code != 200:
            print(f"{label:<44}  HTTP {answer.status_code}")
            return
        if number >= 5:
            times.append(1000 * (time.perf_counter() - begin))
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"{label:<44}{statistics.median(times):>10.0f}{p95:>9.0f}{len(answer.content) / 1024:>8.0f}")


@contextmanager
def server(site: str):
    """The platform's web server, without a cache of its own in between."""
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{PORT}", "-w", "1", "--preload"]
    process = subprocess.Popen([*command, "frappe.app:application"], stderr=subprocess.DEVNULL)
    try:
        for _attempt in range(100):
            time.sleep(0.2)
            try:
                headers = {"X-Frappe-Site-Name": site}
                requests.get(url("ping"), headers=headers, timeout=5).raise_for_status()
                break
            except requests.RequestException:
                continue
        yield
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
