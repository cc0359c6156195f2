"""`offers list`: by program, class, student, instructor or household, on the terminal or in a file."""

import sys
from pathlib import Path

import click
from frappe.commands import pass_context

from ouderavond.commands.site import evening_option, on_site, print_table, the_evening

VIEWS = ("standard", "program", "class", "student", "instructor", "household", "overview")
YES_NO = ("offered", "requested", "in_package")


def filter_options(command):
    """The options that say which offers are meant."""
    for name in ("program", "group", "student", "instructor", "course", "subject", "source", "search"):
        label = "class" if name == "group" else name
        command = click.option(f"--{label}", name, help=f"Only this {label}.")(command)
    for name in YES_NO:
        option = name.replace("_", "-")
        text = f"Only what is {name.replace('_', ' ')}, or only what is not."
        command = click.option(f"--{option}/--not-{option}", name, default=None, help=text)(command)
    for name in ("department", "location"):
        command = click.option(f"--{name}", name, help=f"Only programs of this {name}.")(command)
    return command


def filters_of(options: dict) -> dict:
    """The filters of the list that the options say; people and courses also by code."""
    found = {
        name: int(value) if name in YES_NO else value
        for name, value in options.items()
        if value is not None and name not in ("department", "location")
    }
    for name in ("department", "location"):
        if options.get(name):
            found[f"program_{name}"] = options[name]
    for name, doctype in (("student", "Student"), ("instructor", "Instructor"), ("course", "Course")):
        if found.get(name):
            found[name] = record(doctype, found[name])
    return found


def record(doctype: str, text: str) -> str:
    """A record by name, timetable code or title."""
    import frappe

    title = {"Student": "student_name", "Instructor": "instructor_name", "Course": "course_name"}[doctype]
    if frappe.db.exists(doctype, text):
        return text
    found = frappe.get_all(doctype, or_filters={"ouderavond_code": text, title: text}, pluck="name", limit=2)
    if len(found) != 1:
        sentence = frappe._("{0} {1} is not known.") if not found else frappe._("There are several {0} {1}.")
        frappe.throw(sentence.format(frappe._(doctype), text))
    return found[0]


@click.command("list")
@evening_option
@click.option("--by", "view", type=click.Choice(VIEWS), default="standard", help="From which side.")
@filter_options
@click.option("--sort", "order_by", help="For example 'requested desc'.")
@click.option("--column", "columns", multiple=True, help="Only this column; may be repeated.")
@click.option("--export", "path", type=click.Path(dir_okay=False), help="Write a file: .xlsx or .csv.")
@pass_context
def list_offers(context, evening, view, order_by, columns, path, **options):
    """Show offers and requests with their totals, or write them to a file."""
    from ouderavond.evening.offering import export

    with on_site(context):
        name = the_evening(evening)
        kind = Path(path).suffix.lstrip(".").lower() if path else None
        if kind is not None and kind not in export.FORMATS:
            click.secho("The file's name must end in .xlsx or .csv.", fg="red", err=True)
            sys.exit(1)
        rows = export.table(name, view, filters_of(options), order_by, list(columns) or None)
        if path:
            Path(path).write_bytes(export.as_file(rows, kind))
            click.echo(f"{path}: {len(rows) - 2} rows")
        else:
            _print_tables(rows)


def _print_tables(rows: list[list]) -> None:
    """A table, or several with an empty line between, each with its heads."""
    block: list[list] = []
    for row in [*rows, []]:
        if row:
            block.append(row)
        elif block:
            print_table(block[1:], block[0])
            click.echo()
            block = []
