"""`publish`, `changes`, `archive` and `retention`: telling people, and ending an evening."""

import click
from frappe.commands import pass_context

from ouderavond.commands.meetings import make_sure, nevertheless_option
from ouderavond.commands.site import dry_run_option, evening_option, on_site, print_table, the_evening

MOST_LINES = 40
chosen_options = (
    click.option("--class", "groups", multiple=True, help="Only of this class; may be repeated."),
    click.option("--instructor", "instructors", multiple=True, help="Only with this instructor."),
    click.option("--date", "dates", multiple=True, help="Only on this date, such as 2027-02-09."),
    click.option("--booking", "bookings", multiple=True, help="Only this conversation."),
)


def choosing(command):
    """The options that say which conversations are meant."""
    for option in reversed(chosen_options):
        command = option(command)
    return command


def _chosen(name: str, groups, instructors, dates, bookings) -> list:
    """The changes that the options say."""
    import frappe

    from ouderavond.commands.offers.views import record
    from ouderavond.evening.planning import publishing_changes

    found = publishing_changes.of(frappe.get_doc("Parent Evening", name))
    people = [record("Instructor", one) for one in instructors]
    return publishing_changes.chosen(found, groups=groups, instructors=people, dates=dates, bookings=bookings)


@click.command()
@evening_option
@choosing
@pass_context
def changes(context, evening, **options):
    """What is planned otherwise than people were told."""
    with on_site(context):
        _print(_chosen(the_evening(evening), **options))


def _print(found: list) -> None:
    rows = [
        [
            one.booking,
            ", ".join(one.kinds),
            one.student_name,
            one.subject,
            _side(one.before),
            _side(one.after),
        ]
        for one in found[:MOST_LINES]
    ]
    print_table(rows, ["booking", "what", "student", "subject", "people know", "planned now"])
    if len(found) > MOST_LINES:
        click.echo(f"… and {len(found) - MOST_LINES} more")


def _side(side) -> str:
    if side is None:
        return "-"
    return f"{side.start:%Y-%m-%d %H:%M} {side.names}" + (f", {side.place}" if side.place else "")


@click.command()
@evening_option
@choosing
@click.option("--tell", is_flag=True, help="Write to those concerned.")
@click.option("--hide", is_flag=True, help="Hide the schedule instead.")
@nevertheless_option
@dry_run_option
@pass_context
def publish(context, evening, tell, hide, nevertheless, dry_run, **options):
    """Publish what people do not know yet, all of it or some, and show the schedule; or hide it."""
    import frappe

    from ouderavond.api.planning.publish import sentence_of
    from ouderavond.evening import publishing, publishing_letters, status
    from ouderavond.evening.planning import publishing_changes

    with on_site(context):
        name = the_evening(evening)
        if hide:
            publishing.hide(name)
            frappe.db.commit()
            click.echo("The schedule is hidden.")
            return
        some = any(options.values())
        found = _chosen(name, **options)
        if dry_run:
            _print(found)
            return
        if some and not found:
            frappe.throw(frappe._("Nothing of what you chose differs from what people were told."))
        make_sure(name, nevertheless)
        published = publishing_changes.publish(name, [one.booking for one in found] if some else None)
        status.refresh(name)
        frappe.db.commit()
        click.echo(sentence_of(published.publication))
        if tell:
            told = publishing_letters.tell(published, whole=not some)
            click.echo(f"{told.sent} people are told by e-mail.")
            for who, why in told.not_told:
                click.echo(f"Not told: {who}: {why}", err=True)


@click.command()
@evening_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_context
def archive(context, evening, yes):
    """Archive an evening: it is only read from then on, and its figures are kept."""
    import frappe

    from ouderavond.evening.archiving import closing, figures

    with on_site(context):
        name = the_evening(evening)
        if not yes:
            click.confirm(f"Archive {name}?", abort=True)
        closing.archive(name)
        frappe.db.commit()
        kept = frappe.db.get_value("Parent Evening", name, "archive_figures")
        print_table([list(row) for row in figures.lines(kept)], ["figure", "number"])


@click.command()
@dry_run_option
@pass_context
def retention(context, dry_run):
    """Remove personal remarks of evenings that have been over for as long as the settings say."""
    from ouderavond.evening.archiving import retention as job

    with on_site(context):
        if dry_run:
            rows = [
                [one.evening, one.title, str(one.on), "yes" if one.archived else "", one.number]
                for one in job.coming()
            ]
            print_table(rows, ["evening", "title", "on", "archived", "records with remarks"])
            return
        click.echo(f"{job.daily()} evenings done.")
