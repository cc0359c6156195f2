"""`planning blocks …`: times that are blocked, many at once, and fixed breaks."""

import click
from frappe.commands import pass_context

from ouderavond.commands.planning.places import record
from ouderavond.commands.site import dry_run_option, evening_option, on_site, print_table, the_evening

KINDS = {
    "instructor": "Instructor",
    "room": "Room",
    "class": "Student Group",
    "everyone": "Everyone",
}
over_option = click.option(
    "--over",
    type=click.Choice(("move", "cancel", "skip")),
    help="Conversations in it: move them to free times, put them on the list of what is not placed, or leave "
    "them and block where there are none.",
)


@click.group(invoke_without_command=True)
@evening_option
@pass_context
def blocks(context, evening):
    """Blocked times; without a subcommand: list them."""
    if click.get_current_context().invoked_subcommand:
        return
    import frappe

    with on_site(context):
        rows = frappe.get_all(
            "Evening Block",
            {"evening": the_evening(evening)},
            ["name", "who_type", "who_name", "from_time", "to_time", "reason", "source"],
            order_by="from_time, who_name",
            as_list=True,
        )
        print_table([list(row) for row in rows], ["block", "kind", "who", "from", "to", "reason", "by"])


@blocks.command("add")
@click.argument("kind", type=click.Choice(tuple(KINDS)))
@click.argument("who", nargs=-1)
@evening_option
@click.option("--from", "start", required=True, help="As '2027-02-09 18:30'.")
@click.option("--to", "end", required=True, help="As '2027-02-09 19:00'.")
@click.option("--reason")
@over_option
@dry_run_option
@pass_context
def add(context, kind, who, evening, start, end, reason, over, dry_run):
    """Block a time for instructors, rooms, classes or everyone, by code or name."""
    import frappe

    from ouderavond.evening.planning import blocking

    with on_site(context):
        doc = frappe.get_doc("Parent Evening", the_evening(evening))
        names = [record(KINDS[kind], text) for text in who]
        wants = blocking.wanted(doc, KINDS[kind], names, start, end, reason)
        _carry_out(doc, wants, over, dry_run)


@blocks.command()
@click.argument("names", nargs=-1, required=True)
@evening_option
@pass_context
def remove(context, names, evening):
    """Remove blocks by their names."""
    import frappe

    from ouderavond.evening.planning import blocking

    with on_site(context):
        report = blocking.remove(the_evening(evening), names)
        frappe.db.commit()
        click.echo(report.sentence)


@blocks.command()
@evening_option
@click.option("--after", type=int, help="A break after so many conversations.")
@click.option("--instructor", "instructors", multiple=True, help="Code or name; may be repeated. None: all.")
@click.option("--date", "dates", multiple=True, help="A date; may be repeated. None: all.")
@click.option("--staggered", is_flag=True, help="Not everybody at the same moment.")
@click.option("--dynamic", is_flag=True, help="No blocks: a slot stays free wherever a break is due.")
@click.option("--remove", "removing", is_flag=True, help="Remove the fixed breaks.")
@over_option
@dry_run_option
@pass_context
def breaks(context, evening, after, instructors, dates, staggered, dynamic, removing, over, dry_run):
    """Make fixed breaks instead of those that are there, or give a rule."""
    import frappe

    from ouderavond.evening import grid
    from ouderavond.evening.planning import breaks as domain

    with on_site(context):
        doc = frappe.get_doc("Parent Evening", the_evening(evening))
        who = [record("Instructor", text) for text in instructors]
        on = [grid.day(day) for day in dates]
        if removing or dynamic:
            change = domain.remove if removing else domain.rule
            report = change(doc.name, *(() if removing else (after or 0,)), who, on)
            frappe.db.commit()
            click.echo(report.sentence)
            return
        wants = domain.wanted(doc, after or 0, instructors=who, dates=on, staggered=staggered)
        earlier = domain.existing(doc.name, who, on)
        _carry_out(doc, wants, over, dry_run, replacing=earlier, operation="Breaks")


def _carry_out(evening, wants: list, over: str | None, dry_run: bool, **options) -> None:
    import frappe

    from ouderavond.evening.planning import blocking

    seen = None
    if dry_run or over == blocking.MOVE:
        seen = blocking.preview(evening, wants, options.get("replacing", ()))
    if dry_run:
        click.echo(seen.sentence)
        rows = [
            [row.start, row.student_name, row.subject, row.instructors, row.to] for row in seen.conversations
        ]
        print_table(rows, ["start", "student", "subject", "instructors", "would go to"])
        return
    moves = {row.booking: row.to for row in seen.conversations if row.to} if seen else {}
    report = blocking.block(evening.name, wants, over=over, moves=moves, **options)
    frappe.db.commit()
    click.echo(report.sentence)


def add_to(group) -> None:
    """Add these commands to `planning`."""
    group.add_command(blocks)
