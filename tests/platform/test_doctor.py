"""The doctor finds what is wrong, says what to do, and lets nothing leave an unconfirmed site."""

import frappe
import pytest

from ouderavond.evening import doctor, identity
from ouderavond.ouderavond.doctype.ouderavond_settings import ouderavond_settings as settings
from tests.platform.school import MANAGER, PLANNER, as_user


@pytest.fixture(autouse=True)
def nothing_remembered(site):
    """What these tests change in settings is rolled back, and must not stay in the caches either."""
    yield
    frappe.db.rollback()
    frappe.clear_document_cache("System Settings", "System Settings")
    frappe.db.value_cache.clear()


def _found(part: str):
    return [finding for finding in doctor.check() if part in finding.name]


def _level(part: str) -> str:
    return doctor.worst(_found(part))


def test_every_finding_has_a_level_and_advice_where_something_is_wrong(site, school):
    findings = doctor.check()
    assert len(findings) > 15
    for finding in findings:
        assert finding.level in (doctor.OK, doctor.WARNING, doctor.ERROR)
        assert finding.what
        assert bool(finding.do) == (finding.level != doctor.OK), finding


def test_the_unique_keys_are_in_the_database(site):
    assert _level("Unique key") == doctor.OK
    assert len(_found("Unique key")) == len(doctor.UNIQUE_KEYS)


def test_a_missing_key_is_an_error(site, monkeypatch):
    monkeypatch.setattr(doctor, "UNIQUE_KEYS", {"Booking Claim": ("who", "kind")})
    (finding,) = _found("Unique key")
    assert finding.level == doctor.ERROR
    assert "reload-doc ouderavond doctype booking_claim" in finding.do


def test_machinery(site):
    assert _level("Redis") == doctor.OK
    assert _level("OR-Tools") == doctor.OK
    assert _level("Transaction isolation") == doctor.OK
    assert _level("Claims") == doctor.OK


def test_a_check_that_breaks_does_not_hide_the_others(site, monkeypatch):
    def _broken():
        raise RuntimeError("no connection")

    monkeypatch.setattr(doctor, "CHECKS", (_broken, doctor._roles))
    findings = doctor.check()
    assert (findings[0].name, findings[0].level, findings[0].what) == (
        "Broken",
        doctor.ERROR,
        "no connection",
    )
    assert len(findings) > 1


def test_a_permission_for_guardians_is_an_error(site):
    row = {"doctype": "Custom DocPerm", "parent": "Evening Booking", "role": "Guardian", "read": 1}
    frappe.get_doc(row).insert()
    (finding,) = _found("Permissions of")
    assert finding.level == doctor.ERROR
    assert "Guardian" in finding.what


def test_an_open_student_list_is_a_warning(site):
    assert _level("Students and other students") == doctor.OK
    frappe.db.set_single_value(identity.SETTINGS, "restrict_students", 0)
    assert _level("Students and other students") == doctor.WARNING


def test_an_unlikely_time_zone_is_a_warning(site):
    frappe.db.set_single_value("System Settings", "time_zone", "UTC")
    frappe.clear_document_cache("System Settings", "System Settings")
    assert _level("Time zone") == doctor.WARNING


def test_people_without_users_are_counted(site, school):
    (finding,) = _found("Guardians without a user")
    without = frappe.db.count("Guardian", {"user": ("is", "not set")})
    assert finding.level == doctor.WARNING
    assert f"{without} of {len(school.guardian)}" in finding.what


# The identity of the site


def test_nothing_leaves_a_site_before_it_is_confirmed(site):
    assert not identity.is_confirmed()
    assert _level("Identity") == doctor.WARNING
    with as_user(MANAGER):
        settings.confirm_site()
    assert identity.is_confirmed()
    assert _level("Identity") == doctor.OK


@pytest.mark.parametrize("key", ["db_name", "host_name"])
def test_a_copy_stays_silent(site, monkeypatch, key):
    identity.confirm()
    monkeypatch.setitem(frappe.local.conf, key, "another")
    assert not identity.is_confirmed()


def test_a_copy_is_an_error_until_confirmed(site):
    identity.confirm()
    frappe.db.set_single_value(identity.SETTINGS, "confirmed_database", "another")
    frappe.clear_document_cache(identity.SETTINGS, identity.SETTINGS)
    assert _level("Identity") == doctor.ERROR


def test_the_address_does_not_come_from_the_request(site, monkeypatch):
    before = identity.identity()
    monkeypatch.setattr(frappe.local, "request", frappe._dict(host="evil.example"), raising=False)
    assert identity.identity() == before


def test_only_managers_confirm_and_look(site, school):
    for user in (PLANNER, school.user("jan"), school.user("anna.devries")):
        with as_user(user):
            for call in (settings.confirm_site, settings.check_site):
                with pytest.raises(frappe.PermissionError):
                    call()
    with as_user(MANAGER):
        assert settings.check_site()[0]["name"]
    assert "POST" in frappe.allowed_http_methods_for_whitelisted_func[settings.confirm_site]
