"""The portal's own templates, compiled once per process and escaping everything.

The platform compiles the templates of a page at every request, which took longer than all the rest of ours.
"""

from functools import cache
from pathlib import Path

import frappe
from jinja2 import Environment, FileSystemLoader

from ouderavond.evening import wording


def render(**context) -> str:
    """The contents of the portal page."""
    return _environment().get_template("portal/page.html").render(**context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "includes"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["_"] = frappe._
    environment.globals["words"] = {"day": wording.day, "time": wording.time}
    return environment
