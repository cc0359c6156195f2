"""`offers tailored`: offers for students who follow a lesson group without enrolment for its course."""

import click
from frappe.commands import pass_context

from ouderavond.commands.offers.printing import carry_out
from ouderavond.commands.site import dry_run_option, evening_option, on_site, the_evening


@click.command()
@evening_option
@dry_run_option
@pass_context
def tailored(context, evening, dry_run):
    """Offer what students follow without it being in their packages."""
    from ouderavond.evening.offering import tailored as programs

    with on_site(context):
        carry_out(programs.offer, the_evening(evening), dry_run=dry_run)
