"""The fixtures that platform and browser tests share.

`frappe.flags.in_test` stays off: with it on, `frappe.only_for` lets everyone pass, workers and versions
behave otherwise, and a test would prove less than it says.
"""

import os
from types import SimpleNamespace

import pytest

from tests.harness.bench import Bench, BenchError
from tests.harness.sites import TestSite

__all__ = [
    "bench_site",
    "connected",
    "school",
    "site",
    "jobs_at_once",
    "restored_afterwards",
    "web",
    "worker",
]

# Tables of the platform's own that collect what tests do.
LITTER = (
    "Version",
    "Comment",
    "Activity Log",
    "Error Log",
    "Email Queue",
    "Email Queue Recipient",
    "Notification Log",
    "Integration Request",
)


@pytest.fixture(scope="session")
def bench_site():
    """The restored test site, not yet connected: for tests that only use processes."""
    # The platform behaves otherwise where CI is set: its workers then hide permission checks.
    os.environ.pop("CI", None)
    try:
        bench = Bench()
        bench.prepare()
        site = TestSite(bench)
        site.restore()
    except BenchError as error:
        pytest.exit(str(error), returncode=1)
    return site


@pytest.fixture(scope="session")
def connected(bench_site):
    """frappe, connected to the test site for the whole session."""
    before = os.getcwd()
    os.chdir(bench_site.bench.sites)
    _connect(bench_site)
    yield bench_site
    _disconnect()
    os.chdir(before)


def _connect(bench_site) -> None:
    import frappe

    import ouderavond
    from tests.harness.bench import CHECKOUT

    if not ouderavond.__file__.startswith(str(CHECKOUT)):
        pytest.exit(
            f"ouderavond is imported from {ouderavond.__file__}, not from this checkout.", returncode=1
        )
    frappe.init(site=bench_site.name)
    frappe.connect()
    frappe.flags.mute_emails = True


def _disconnect() -> None:
    import frappe

    # Where a browser was used, stopping it may have taken frappe's context with it.
    if getattr(frappe.local, "db", None):
        frappe.db.rollback()
        frappe.destroy()


@pytest.fixture(scope="session")
def school(connected):
    """The school's records by code: see tests/platform/school.py."""
    from tests.platform.school import load_school

    return load_school()


@pytest.fixture
def site(connected):
    """frappe as Administrator on the test site, with our own tables empty."""
    import frappe

    _reset(frappe)
    yield frappe
    # Again, for a test after it that stands on the site without this fixture.
    _reset(frappe)


def _reset(frappe) -> None:
    frappe.db.rollback()
    frappe.set_user("Administrator")
    for doctype in _not_empty(frappe, [*_own_tables(frappe), *LITTER]):
        # TRUNCATE is slow and commits.
        frappe.db.sql(f"delete from `tab{doctype}`")
    frappe.cache.delete_value("global_search_queue")
    frappe.db.sql("delete from `__global_search`")
    frappe.db.sql("delete from `tabSingles` where doctype = 'Ouderavond Settings'")
    frappe.db.sql("delete from `__Auth` where doctype = 'Ouderavond Settings'")
    # What an earlier test queued for the search would be written down in the middle of this one.
    frappe.cache.delete_value("global_search_queue")
    _default_settings(frappe)
    frappe.db.commit()
    frappe.clear_messages()
    frappe.cache.delete_keys("document_cache::")
    frappe.clear_document_cache("Ouderavond Settings", "Ouderavond Settings")
    frappe.local.request_cache.clear()
    frappe.local.form_dict = frappe._dict()
    frappe.local.response = frappe._dict(docs=[])
    frappe.flags.mute_emails = True


def _not_empty(frappe, doctypes: list[str]) -> list[str]:
    """Those with rows: most tables are empty, and are found so by one query."""
    found = " union all ".join(f"(select '{doctype}' from `tab{doctype}` limit 1)" for doctype in doctypes)
    return [row[0] for row in frappe.db.sql(found)]


def _own_tables(frappe) -> list[str]:
    return frappe.get_all("DocType", {"module": "Ouderavond", "issingle": 0, "is_virtual": 0}, pluck="name")


def _default_settings(frappe) -> None:
    """As after a fresh installation."""
    meta = frappe.get_meta("Ouderavond Settings")
    values = {field.fieldname: field.default for field in meta.fields if field.default is not None}
    for fieldname, value in values.items():
        row = {"doctype": "Ouderavond Settings", "field": fieldname, "value": value}
        frappe.db.sql(
            "insert into `tabSingles` (doctype, field, value) values (%(doctype)s, %(field)s, %(value)s)", row
        )


@pytest.fixture
def jobs_at_once(site, monkeypatch):
    """Background jobs run at once in the test's own process; what was asked for is kept in `.calls`."""
    from frappe.utils import background_jobs

    kept = SimpleNamespace(calls=[])
    real = background_jobs.enqueue

    def enqueue(method, **options):
        kept.calls.append((method, options))
        options.pop("enqueue_after_commit", None)
        return real(method, **{**options, "now": True})

    monkeypatch.setattr(background_jobs, "enqueue", enqueue)
    return kept


@pytest.fixture
def restored_afterwards(connected):
    """For a test that changes the school's own records for good: the site is restored after it."""
    import frappe

    yield
    _disconnect()
    connected.restore()
    _connect(connected)
    assert frappe.db


@pytest.fixture(scope="session")
def web(bench_site):
    """The test site served by gunicorn: `web.url` for a browser, `web.session(user)` for calls."""
    from tests.harness.servers import web_server

    with web_server(bench_site) as server:
        yield server


@pytest.fixture
def worker(bench_site):
    """A worker process for the background jobs of the test site."""
    from tests.harness.servers import rq_worker

    with rq_worker(bench_site) as started:
        yield started
