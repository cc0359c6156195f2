"""Fixtures for tests on the platform: see the end of CONTRIBUTING.md for how to run them."""

import subprocess

import pytest

from tests.harness.fixtures import *  # noqa: F403


@pytest.fixture
def run(bench_site):
    """`run("status", …)` is `bench --site … ouderavond status …`: the finished process, with its output."""
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
