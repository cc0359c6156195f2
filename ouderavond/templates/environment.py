"""What parts of pages are rendered with where the platform's own environment would not escape."""

from pathlib import Path

import frappe
from jinja2 import Environment, FileSystemLoader


def make(**functions) -> Environment:
    """An environment for the files in `includes/`, which escapes, with `_` and these functions."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "includes"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(functions, _=frappe._)
    return environment
