"""`bench --site … ouderavond offers …`: every way of making, changing and removing offers."""

import click
from frappe.commands import pass_context

from ouderavond.commands.offers.by_course import matrix, remove_by_course
from ouderavond.commands.offers.by_hand import hand, remove_hand
from ouderavond.commands.offers.change import change, remove
from ouderavond.commands.offers.check import check
from ouderavond.commands.offers.classes import classes
from ouderavond.commands.offers.files import file
from ouderavond.commands.offers.mentors import mentors
from ouderavond.commands.offers.printing import carry_out
from ouderavond.commands.offers.students import student
from ouderavond.commands.offers.tailored import tailored
from ouderavond.commands.offers.views import list_offers
from ouderavond.commands.offers.week import week
from ouderavond.commands.site import dry_run_option, evening_option, on_site, the_evening


@click.group(invoke_without_command=True)
@evening_option
@click.option("--program", "programs", multiple=True, help="Only this program; may be repeated.")
@click.option("--course", "courses", multiple=True, help="Only this course; may be repeated.")
@dry_run_option
@pass_context
def offers(context, evening, programs, courses, dry_run):
    """Offers; without a subcommand: by course, from the lessons of the reference week."""
    if click.get_current_context().invoked_subcommand:
        return
    from ouderavond.evening.offering import by_course

    with on_site(context):
        carry_out(
            by_course.offer,
            the_evening(evening),
            programs=list(programs) or None,
            courses=list(courses) or None,
            dry_run=dry_run,
        )


@offers.command()
@evening_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_context
def undo(context, evening, yes):
    """Take the last change back, as a whole."""
    import frappe

    from ouderavond.evening.offering import journal

    with on_site(context):
        name = the_evening(evening)
        last = journal.last(frappe.get_doc("Parent Evening", name))
        if not last:
            click.echo("There is nothing to undo.")
            return
        click.echo(f"{last['operation']}, by {last['by']} on {last['on'][:16]}: {last['sentence']}")
        if not last["allowed"]:
            frappe.throw(last["why_not"])
        if not yes:
            click.confirm("Undo this change?", abort=True)
        result = journal.undo(name, last["change"])
        click.echo(
            f"{result['restored']} records are as before, {result['kept']} were changed since and stay."
        )


offers.add_command(check)
offers.add_command(classes)


offers.add_command(file)
offers.add_command(tailored)
offers.add_command(hand)
offers.add_command(remove_hand)
offers.add_command(student)
offers.add_command(matrix)
offers.add_command(remove_by_course)
offers.add_command(mentors)
offers.add_command(week)
offers.add_command(change)
offers.add_command(remove)
offers.add_command(list_offers)
