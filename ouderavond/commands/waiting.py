"""`bench --site … ouderavond waiting`: who waits for a place, in the order of the line."""

import click
import frappe
from frappe.commands import pass_context
from frappe.utils import format_datetime, get_timedelta

from ouderavond.commands.site import evening_option, on_site, print_table, the_evening


@click.command()
@evening_option
@click.option("--all", "everybody", is_flag=True, help="Also who is not in line any more.")
@pass_context
def waiting(context, evening, everybody):
    """List who waits for a place, the first in line first, and what is offered to whom until when."""
    from ouderavond.evening.waiting import entries

    with on_site(context):
        filters = {"evening": the_evening(evening)}
        if not everybody:
            filters["state"] = ("in", entries.OPEN)
        rows = frappe.get_all(
            entries.DOCTYPE, filters, [*entries.FIELDS, "guardian_name"], order_by="creation, name"
        )
        heads = ["since", "student", "asked by", "subject", "with", "between", "state", "offered", "until"]
        print_table([_line(row) for row in rows], heads)


def _line(row) -> list[str]:
    return [
        _moment(row.creation),
        row.student_name,
        row.guardian_name or row.student_name,
        row.subject,
        row.instructor_names,
        _between(row),
        row.state.lower(),
        _moment(row.offered_start),
        _moment(row.expires),
    ]


def _moment(value) -> str:
    return format_datetime(value, "d MMM HH:mm") if value else ""


def _between(row) -> str:
    if row.earliest is None and row.latest is None:
        return ""
    return f"{_clock(row.earliest)}–{_clock(row.latest)}"


def _clock(value) -> str:
    if value is None:
        return ""
    minutes = int(get_timedelta(value).total_seconds()) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"
