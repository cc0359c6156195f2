"""`bench --site … ouderavond lobby` and `delays`: the screen in the hall, and how late everybody runs."""

import click
from frappe.commands import pass_context

from ouderavond.commands.site import evening_option, on_site, print_table, the_evening


@click.command()
@evening_option
@click.option("--renew", "action", flag_value="renew", help="A new address; the old one stops working.")
@click.option("--close", "action", flag_value="close", help="The address stops working.")
@pass_context
def lobby(context, evening, action):
    """The secret address of the screen in the hall, made if there is none."""
    import frappe

    from ouderavond.evening import lobby as screen

    with on_site(context):
        name = the_evening(evening)
        if action == "close":
            screen.close(name)
            click.echo("The screen is closed; its address stopped working.")
        else:
            click.echo(screen.renew(name) if action else screen.make(name))
        frappe.db.commit()


@click.command()
@evening_option
@pass_context
def delays(context, evening):
    """How late everybody runs today, by what instructors tapped."""
    from ouderavond.evening import lobby as screen

    with on_site(context):
        rows = [
            [row["name"], row["room"], row["now"] or "", row["next"] or "", _delay(row), row["last"] or ""]
            for row in screen.instructors(the_evening(evening))
        ]
        print_table(rows, ["instructor", "room", "now", "next", "delay", "last tap"])


def _delay(row: dict) -> str:
    if not row["is_known"]:
        return "not known"
    return "" if row["delay"] is None else f"{row['delay']} min"
