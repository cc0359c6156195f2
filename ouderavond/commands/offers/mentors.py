"""`offers mentors`: conversations with the mentors of classes."""

import click
from frappe.commands import pass_context

from ouderavond.commands.offers.printing import carry_out
from ouderavond.commands.site import dry_run_option, evening_option, on_site, print_table, the_evening


@click.command()
@evening_option
@click.option("--class", "groups", multiple=True, help="Only this class; may be repeated.")
@click.option("--subject", help="The full name, as guardians will read it.")
@click.option("--abbreviation", help="Its short form, at most 20 characters.")
@click.option("--list", "only_list", is_flag=True, help="Show the classes and their mentors.")
@dry_run_option
@pass_context
def mentors(context, evening, groups, subject, abbreviation, only_list, dry_run):
    """Offer each student a conversation with the mentors of the class."""
    import frappe

    from ouderavond.evening.offering import mentors as mentors_of

    with on_site(context):
        name = the_evening(evening)
        if only_list:
            rows = mentors_of.classes(frappe.get_doc("Parent Evening", name))
            print_table(
                [
                    [row["title"], row["program"], _people(row), row["students"], row["offered"]]
                    for row in rows
                ],
                ["class", "program", "mentors", "students", "offered"],
            )
            return
        report = carry_out(
            mentors_of.offer,
            name,
            groups=list(groups) or None,
            subject=subject,
            abbreviation=abbreviation,
            dry_run=dry_run,
        )
        if report.more.get("course"):
            click.echo(f"There is a course {report.more['course']} too.", err=True)


def _people(row: dict) -> str:
    names = ", ".join(one["code"] or one["title"] for one in row["mentors"])
    if not names:
        return "no mentor"
    return names if row["marked"] else f"{names} (only instructor)"
