"""Fixtures for tests on the platform: see the end of CONTRIBUTING.md for how to run them."""

import subprocess

import pytest

from tests.harness.commands import Commands
from tests.harness.fixtures import *  # noqa: F403


@pytest.fixture(scope="session")
def commands(bench_site):
    found = Commands(bench_site.bench, bench_site.name)
    yield found
    found.stop()


@pytest.fixture
def run(commands):
    """`run("status", …)` is `bench --site … ouderavond status …`: the finished process, with its output."""
    import frappe

    def call(*arguments):
        frappe.db.commit()
        done = commands.run(*arguments)
        frappe.db.rollback()
        return done

    return call


@pytest.fixture
def run_alone(bench_site):
    """As `run`, in a process that shares nothing with others: slow."""
    import frappe

    def call(*arguments):
        frappe.db.commit()
        command = ["frappe", "--site", bench_site.name, "ouderavond", *arguments]
        done = subprocess.run(
            [str(bench_site.bench.python), "-m", "frappe.utils.bench_helper", *command],
            cwd=bench_site.bench.sites,
            capture_output=True,
            text=True,
            timeout=300,
        )
        frappe.db.rollback()
        return done

    return call


@pytest.fixture
def outgoing_mail(site, monkeypatch):
    """An outgoing account, and a site that may send."""
    import frappe

    from ouderavond.evening import identity
    from tests.platform.school import DOMAIN

    for key, value in {"mail_server": "localhost", "auto_email_id": f"school@{DOMAIN}"}.items():
        monkeypatch.setitem(frappe.local.conf, key, value)
    frappe.local.outgoing_email_account = {}
    identity.confirm()
    frappe.db.commit()
    yield
    frappe.local.outgoing_email_account = {}
