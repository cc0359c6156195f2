"""`bench --site … ouderavond planning …`: what staff do on the page Planning."""

import click
from frappe.commands import pass_context

from ouderavond.commands.planning import blocks, disruptions, places
from ouderavond.commands.site import evening_option, on_site, print_table, the_evening


@click.group()
def planning():
    """Finish, publish and run the schedule of an evening."""


@planning.command()
@evening_option
@pass_context
def history(context, evening):
    """The latest changes."""
    import frappe

    from ouderavond.evening.planning import changes

    with on_site(context):
        doc = frappe.get_doc("Parent Evening", the_evening(evening))
        rows = [
            [row["change"], row["on"][:16], row["by"], row["operation"], row["sentence"]]
            for row in changes.recent(doc)
        ]
        print_table(rows, ["change", "on", "by", "what", "figures"])


@planning.command()
@click.argument("change", required=False)
@evening_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_context
def undo(context, change, evening, yes):
    """Take a change back as a whole: the last one, or CHANGE."""
    import frappe

    from ouderavond.evening.planning import changes

    with on_site(context):
        name = the_evening(evening)
        rows = changes.recent(frappe.get_doc("Parent Evening", name))
        found = next((row for row in rows if not change or row["change"] == change), None)
        if not found:
            click.echo("There is nothing to undo.")
            return
        click.echo(f"{found['operation']}, by {found['by']} on {found['on'][:16]}: {found['sentence']}")
        if not yes:
            click.confirm("Undo this change?", abort=True)
        click.echo(changes.undo(name, found["change"]).sentence)


disruptions.add_to(planning)
places.add_to(planning)
blocks.add_to(planning)
