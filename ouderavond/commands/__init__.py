"""`bench --site … ouderavond …`: what the desk can do, from the command line. A refusal exits with 1."""

import sys

import click
import frappe
from frappe.commands import pass_context

from ouderavond.commands.meetings import meetings
from ouderavond.commands.offers import offers
from ouderavond.commands.planning import planning
from ouderavond.commands.planning.board import board
from ouderavond.commands.planning.lobby import delays, lobby
from ouderavond.commands.planning.overviews import outage_pack, overview
from ouderavond.commands.planning.publish import archive, changes, publish, retention
from ouderavond.commands.planning.runs import COMMANDS as RUNS
from ouderavond.commands.site import (
    dry_run_option,
    evening_option,
    on_site,
    print_table,
    progress_bar,
    the_evening,
)
from ouderavond.commands.waiting import waiting


@click.group("ouderavond")
def ouderavond():
    """Parent evenings: offers, schedule, apply, publish, status, cant-come, demo, doctor."""


@ouderavond.command()
@evening_option
@pass_context
def status(context, evening):
    """Where an evening stands, and what is due."""
    from ouderavond.evening import status as evening_status

    with on_site(context):
        print_table(evening_status.table(the_evening(evening)), ["", ""])


@ouderavond.command()
@click.option("--students", type=click.IntRange(40, 5_000), default=1300, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--logins", type=click.Choice(["some", "all"]), default="some", show_default=True)
@click.option("--direct", is_flag=True, help="Families book times themselves instead of requesting.")
@click.option("--force", is_flag=True, help="Also on a site that has students of its own.")
@click.option("--remove", is_flag=True, help="Remove the demo school and nothing else.")
@click.option("--yes", is_flag=True, help="Remove without asking.")
@pass_context
def demo(context, students, seed, logins, direct, force, remove, yes):
    """Make a demo school in Education's own records, or remove it."""
    from ouderavond import demo as school

    if remove and not yes:
        click.confirm("Remove the demo school, with all that was booked in it?", abort=True)
    with on_site(context), progress_bar("Demo school") as bar:
        if remove:
            report = school.remove(progress=bar)
        else:
            report = school.create(students, seed, logins, force, bar, direct=direct)
    click.echo(str(report))


@ouderavond.command()
@pass_context
def doctor(context):
    """Look whether everything that an evening needs is in order, and say what to do."""
    from ouderavond.evening.doctor import check

    with on_site(context):
        findings = check()
        for finding in findings:
            click.echo(f"{finding.level:<8} {finding.name}: {finding.what}")
            if finding.do:
                click.echo(f"         {finding.do}")
        if any(finding.level == "error" for finding in findings):
            sys.exit(1)


@ouderavond.command("cant-come")
@evening_option
@click.option("--booking", help="Show the free times for this conversation.")
@click.option("--start", help="Give it this time, such as 2027-02-09T19:20.")
@dry_run_option
@pass_context
def cant_come(context, evening, booking, start, dry_run):
    """Who can't come, what would suit them, and the free times; or give one another time."""
    from ouderavond.evening import cant_come as giving_up

    with on_site(context):
        if not booking:
            rows = giving_up.given_up(the_evening(evening))
            cells = [
                [row.name, row.when, row.student_name, row.subject, ", ".join(row.wishes)] for row in rows
            ]
            print_table(cells, ["booking", "given up", "student", "subject", "would suit"])
        elif not start or dry_run:
            rows = giving_up.alternatives(booking)
            print_table(
                [[row["start"], row["label"], "yes" if row["fits"] else ""] for row in rows],
                ["start", "time", "suits"],
            )
        else:
            click.echo(giving_up.place(booking, start))
            frappe.db.commit()


for command in (archive, changes, publish, retention):
    ouderavond.add_command(command)
ouderavond.add_command(delays)
ouderavond.add_command(lobby)
ouderavond.add_command(meetings)
ouderavond.add_command(offers)
ouderavond.add_command(board)
ouderavond.add_command(planning)
ouderavond.add_command(outage_pack)
ouderavond.add_command(overview)
ouderavond.add_command(waiting)
for command in RUNS:
    ouderavond.add_command(command)

commands = [ouderavond]
