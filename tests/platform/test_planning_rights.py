"""Every call of the page Planning is for staff alone: found by themselves, so that none is forgotten."""

import importlib
import inspect
import pkgutil

import frappe
import pytest

from ouderavond.api import planning
from tests.platform.school import as_user, make_evening

MODULES = [
    importlib.import_module(f"{planning.__name__}.{module.name}")
    for module in pkgutil.iter_modules(planning.__path__)
]
CALLS = [
    function
    for module in MODULES
    for _name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and function in frappe.whitelisted
]

REFUSALS = ("Only staff who run parent evenings can do this.", "Please log in.")


def _arguments(function, evening: str) -> dict:
    """A believable value for each argument that has to be given."""
    values = {"evening": evening}
    return {
        name: values.get(name, "x")
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    }


def test_no_call_of_the_page_answers_anybody_but_staff(site, school):
    evening = make_evening(school)
    assert len(CALLS) > 50
    for who in ("jan", "anna.devries", "s01", None):
        with as_user(school.user(who) if who else "Guest"):
            for function in CALLS:
                where = f"{function.__module__}.{function.__name__} for {who}"
                with pytest.raises(frappe.PermissionError) as refused:
                    function(**_arguments(function, evening.name))
                    pytest.fail(where)
                # What stands on a form of the platform is refused by the platform, in its own words.
                if function.__name__ != "retention_sentences":
                    assert str(refused.value) in REFUSALS, where


def test_every_call_that_changes_something_is_a_post():
    reads = {"GET", "POST"}
    for function in CALLS:
        methods = set(frappe.allowed_http_methods_for_whitelisted_func[function])
        assert methods in (reads, {"POST"}, {"GET"}), function.__name__
        assert function not in frappe.guest_methods
