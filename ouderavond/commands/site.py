"""What every command needs: the site, the evening that is meant, tables and progress on the terminal."""

import sys
from contextlib import contextmanager

import click
import frappe
from frappe.commands import get_site


@contextmanager
def on_site(context):
    """Connect to the site; a refusal of the app becomes a sentence on stderr and exit code 1."""
    frappe.init(site=get_site(context))
    frappe.connect()
    frappe.set_user("Administrator")
    try:
        yield
    except (frappe.ValidationError, frappe.PermissionError, frappe.DoesNotExistError) as error:
        frappe.db.rollback()
        click.secho(_plain(str(error)), fg="red", err=True)
        sys.exit(1)
    finally:
        frappe.destroy()


def _plain(text: str) -> str:
    return frappe.utils.strip_html(text.replace("<br>", "\n"))


def print_table(rows: list[list], heads: list[str]) -> None:
    """Print a table as wide as its contents; numbers to the right."""
    texts = [heads] + [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in texts) for column in range(len(heads))]
    for number, row in enumerate(texts):
        cells = []
        for column, cell in enumerate(row):
            right = number and isinstance(rows[number - 1][column], int | float)
            cells.append(cell.rjust(widths[column]) if right else cell.ljust(widths[column]))
        click.echo("  ".join(cells).rstrip())
        if not number:
            click.echo("  ".join("-" * width for width in widths))


def the_evening(name: str | None) -> str:
    """The evening that is meant: by name, by title, or the only one that is not archived."""
    if name:
        found = frappe.db.exists("Parent Evening", name) or frappe.db.get_value(
            "Parent Evening", {"title": name}
        )
        if not found:
            frappe.throw(frappe._("There is no evening {0}.").format(name))
        return found
    names = frappe.get_all("Parent Evening", {"archived": 0}, pluck="name", order_by="name")
    if len(names) != 1:
        frappe.throw(
            frappe._("Say which evening with --evening: there are {0} ({1}).").format(
                len(names), ", ".join(names[:10]) or "-"
            )
        )
    return names[0]


evening_option = click.option("--evening", help="Name or title; may be left out where there is just one.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Count only, change nothing.")


@contextmanager
def progress_bar(label: str):
    """A progress callback (done, total[, title]) that draws a bar on a terminal and is silent elsewhere."""

    def show(done: int, total: int, title: str | None = None) -> None:
        if sys.stderr.isatty() and total:
            filled = round(30 * done / total)
            bar = "#" * filled + "." * (30 - filled)
            click.echo(f"\r{(title or label)[:36]:<36} [{bar}] {done}/{total} ", nl=False, err=True)

    yield show
    if sys.stderr.isatty():
        click.echo(err=True)
