"""`offers file`: offers from a tab-separated file."""

import click
from frappe.commands import pass_context

from ouderavond.commands.offers.printing import carry_out
from ouderavond.commands.site import dry_run_option, evening_option, on_site, the_evening


@click.command()
@click.argument("path", type=click.File("rb"))
@evening_option
@dry_run_option
@pass_context
def file(context, path, evening, dry_run):
    """Offer what a file says (- for standard input): student number, instructor and course, with tabs."""
    from ouderavond.evening.offering import from_file

    with on_site(context):
        report = carry_out(from_file.offer, the_evening(evening), content=path.read(), dry_run=dry_run)
        more = report.more
        click.echo(
            f"{more['lines']} lines: {more['outcomes']['refused']} refused, {more['outcomes']['repeated']} "
            f"repeated, {more['not_in_package']} not in the package, {more['not_in_timetable']} not in the "
            "timetable."
        )
