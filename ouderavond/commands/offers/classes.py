"""`bench --site … ouderavond offers classes`: on which dates the conversations of a class may be."""

import click
from frappe.commands import pass_context

from ouderavond.commands.site import dry_run_option, evening_option, on_site, print_table, the_evening


@click.command()
@evening_option
@click.option("--date", "day", help="The date to forbid or allow classes on, such as 2027-02-09.")
@click.option(
    "--forbid", multiple=True, help="A class, or a program for all of its classes; may be repeated."
)
@click.option("--allow", multiple=True, help="The same, to allow them again.")
@dry_run_option
@pass_context
def classes(context, evening, day, forbid, allow, dry_run):
    """Classes per date; without --forbid or --allow: the table of how many may come when."""
    import frappe

    from ouderavond.evening.offering import classes as dates_of_classes

    if (forbid or allow) and not day:
        raise click.UsageError("Say with --date which date is meant.")
    with on_site(context):
        name = the_evening(evening)
        doc = frappe.get_doc("Parent Evening", name)
        for words, forbidden in ((forbid, True), (allow, False)):
            if words:
                chosen = _classes(dates_of_classes.read(doc), words)
                report = dates_of_classes.set_forbidden(name, chosen, day, forbidden, dry_run=dry_run)
                _print_report(report)
        _print_table(dates_of_classes.read(doc), dates_of_classes.days(doc))
        _print_warnings(dates_of_classes.warnings(doc))


def _classes(found: list, words: tuple[str, ...]) -> list[str]:
    """The classes that are meant by names of classes and programs; an unknown name stays, to be refused."""
    chosen: list[str] = []
    for word in words:
        chosen += [one.name for one in found if one.program == word] or [word]
    return chosen


def _print_report(report) -> None:
    click.echo(f"{report.more['what']} {report.sentence}")
    staying, planned = report.more.get("staying", []), report.more.get("planned", [])
    if staying:
        click.echo(f"{len(staying)} conversations have a time on that date and stay where they are:")
        print_table(
            [[row["student_name"], row["subject"], row["start"][:16]] for row in staying],
            ["student", "conversation", "time"],
        )
    if planned:
        click.echo(f"{len(planned)} planned conversations there move with the next run of the scheduler.")


def _print_table(found: list, days: list) -> None:
    print_table(
        [[one.program, one.name, *(_cell(one.places[day]) for day in days)] for one in found],
        ["program", "class", *(str(day) for day in days)],
    )


def _cell(place) -> str:
    text = f"{place.students_free}/{place.students}, {place.offers_free}/{place.offers}"
    return f"{text} forbidden" if place.forbidden else text


def _print_warnings(found) -> None:
    for name in found.nowhere:
        click.secho(f"{name} is forbidden on all dates.", fg="yellow", err=True)
    if found.requests_nowhere:
        click.secho(f"{found.requests_nowhere} requests have no date left.", fg="yellow", err=True)
    if found.households:
        text = f"{found.households} households have children in classes without a common date."
        click.secho(text, fg="yellow", err=True)
