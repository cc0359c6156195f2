"""The platform's calls that we stand in for, under every other name by which they can be reached.

`override_whitelisted_methods` holds for one name of a function that a request calls itself. A module that
imports the function is another name for it, and some calls take the name of a function from their arguments.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

import frappe
from frappe.modules.utils import load_doctype_module

# A function as it is named in an argument or an address; names are no longer.
NAMED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
LENGTH = 200
# Where the platform looks for ours, or our own search does.
LOOKED_UP = ("cmd", "query")
METHOD = re.compile(r"/api/(?:v\d+/)?method/(?P<names>[^?]+)")


def refuse() -> None:
    """Refuse a request that would reach the platform's own function past ours.

    Raises:
        frappe.PermissionError: it names the function otherwise than the platform looks for ours.
    """
    ours = _ours()
    for name in _called():
        if name not in ours and _is_original(name):
            raise frappe.PermissionError
    for key, value in (frappe.local.form_dict or {}).items():
        if key not in LOOKED_UP and isinstance(value, str) and _is_original(value):
            raise frappe.PermissionError


def _called() -> Iterator[str]:
    """The functions that a request calls itself."""
    command = (frappe.local.form_dict or {}).get("cmd")
    if isinstance(command, str):
        yield command
    if found := METHOD.match(frappe.local.request.path):
        first, _slash, last = found["names"].strip("/").rpartition("/")
        if first and last in _last_parts() and frappe.db.exists("DocType", first):
            yield f"{load_doctype_module(first).__name__}.{last}"
        yield last


def _ours() -> dict[str, str]:
    found = frappe.get_hooks("override_whitelisted_methods", {})
    return {name: by[-1] for name, by in found.items() if by[-1].startswith("ouderavond.")}


def _last_parts() -> set[str]:
    return {name.rpartition(".")[2] for name in _ours()}


def _is_original(name: str) -> bool:
    """Whether a text names one of the functions; what cannot be one is not looked for."""
    name = name.strip()
    if len(name) > LENGTH or name.rpartition(".")[2] not in _last_parts() or not NAMED.fullmatch(name):
        return False
    if name.partition(".")[0] not in frappe.get_installed_apps():
        return False
    return _function(name) in {_function(one) for one in _ours()}


@cache
def _resolved(name: str) -> Callable:
    return frappe.get_attr(name)


def _function(name: str) -> Callable | str:
    try:
        return _resolved(name)
    except Exception:
        # There is no such function, so nothing is called by this name.
        return name
