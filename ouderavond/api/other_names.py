"""The platform's calls that we stand in for, under every other name by which they can be reached.

`override_whitelisted_methods` holds for one name of a function that a request calls itself. A module that
imports the function is another name for it, and some calls take the name of a function from their arguments.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache

import frappe
from frappe.modules.utils import load_doctype_module
from frappe.utils.caching import request_cache

# A function as it is named in an argument or an address; names are no longer.
NAMED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
LENGTH = 200
# How deep in an argument a name is looked for.
DEPTH = 8
# What calls a function that is named in its arguments: nobody names one of these there.
CALLERS = (
    "frappe.desk.treeview.get_all_nodes",
    "frappe.model.mapper.make_mapped_doc",
    "frappe.model.mapper.map_docs",
)
# Ours look for what stands in for their `query`.
SEARCHES = {"frappe.desk.search.search_link", "frappe.desk.search.search_widget"}
METHOD = re.compile(r"/api/(?:v\d+/)?method/(?P<names>[^?]+)")


def refuse() -> None:
    """Refuse a request that would reach the platform's own function past ours.

    Raises:
        frappe.PermissionError: it names the function otherwise than the platform looks for ours.
    """
    ours, called = _ours(), list(_called())
    looked_up = {"cmd", "query"} if SEARCHES.intersection(called) else {"cmd"}
    given = [value for key, value in (frappe.local.form_dict or {}).items() if key not in looked_up]
    if any(name not in ours and _is_one_of(name, ours) for name in called):
        raise frappe.PermissionError
    if any(_is_one_of(name, (*ours, *CALLERS)) for name in _texts(given)):
        raise frappe.PermissionError


def stand_in(name: str) -> str:
    """Ours for a function by any of its names; the name itself where there is none."""
    ours = _ours()
    if not _is_one_of(name, ours):
        return name
    return next(by for one, by in ours.items() if _function(one) == _function(name))


def _texts(value, depth: int = 0) -> Iterator[str]:
    """The texts in an argument, also in JSON within it, of those that could hold the name of a function."""
    if isinstance(value, dict | list) and depth < DEPTH:
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one, depth + 1)
    elif isinstance(value, str):
        yield value
        if value.lstrip()[:1] in ("[", "{", '"') and any(last in value for last in _last_parts()):
            with suppress(RecursionError, ValueError):
                yield from _texts(json.loads(value), depth + 1)


def _called() -> Iterator[str]:
    """The functions that a request calls itself."""
    command = (frappe.local.form_dict or {}).get("cmd")
    if isinstance(command, str):
        yield command
    if found := METHOD.match(frappe.local.request.path):
        parts = found["names"].strip("/").split("/")
        yield from parts
        if len(parts) > 1 and parts[1] in _last_parts() and frappe.db.exists("DocType", parts[0]):
            yield f"{load_doctype_module(parts[0]).__name__}.{parts[1]}"


@request_cache
def _ours() -> dict[str, str]:
    found = frappe.get_hooks("override_whitelisted_methods", {})
    return {name: by[-1] for name, by in found.items() if by[-1].startswith("ouderavond.")}


@request_cache
def _last_parts() -> set[str]:
    return {name.rpartition(".")[2] for name in (*_ours(), *CALLERS)}


def _is_one_of(name: str, functions: Iterable[str]) -> bool:
    """Whether a text names one of these functions; what cannot be one is not looked for."""
    name = name.strip()
    if len(name) > LENGTH or name.rpartition(".")[2] not in _last_parts() or not NAMED.fullmatch(name):
        return False
    if name.partition(".")[0] not in frappe.get_installed_apps():
        return False
    return _function(name) in {_function(one) for one in functions}


@cache
def _resolved(name: str) -> Callable:
    return frappe.get_attr(name)


def _function(name: str) -> Callable | str:
    try:
        return _resolved(name)
    except Exception:
        # There is no such function, so nothing is called by this name.
        return name
