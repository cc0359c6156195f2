"""Carrying out an operation on the terminal, and printing its report."""

import sys
from collections.abc import Callable

import click

from ouderavond.commands.site import print_table, progress_bar

# More lines than this say nothing more to anybody; the rest is counted.
MOST_LINES = 25

yes_option = click.option("--yes", is_flag=True, help="Also where people asked for it already.")


def carry_out(operation: Callable, evening: str, **arguments):
    """Run an operation of `evening.offering` with a progress bar, print its report and return it.

    Exits with 1 where it needs a confirmation that was not given with --yes.
    """
    with progress_bar("Offers") as bar:
        report = operation(evening, progress=bar, **arguments)
    print_report(report)
    if report.needs_confirmation:
        click.echo("Nothing was changed. Say --yes to do it all the same.", err=True)
        sys.exit(1)
    return report


def print_report(report) -> None:
    """The figures in a sentence, who is concerned, and what yields nothing."""
    click.echo(report.sentence)
    if report.concerned:
        click.echo()
        _print_some(
            [
                [row.student_name, row.subject, row.instructors, row.household, row.start or row.state]
                for row in report.concerned
            ],
            ["student", "conversation", "instructors", "household", "requested or booked"],
        )
    if report.skipped:
        click.echo()
        _print_some(
            [[row.line, row.number, row.sentence, row.name] for row in report.skipped],
            ["line", "number", "nothing, because", "record"],
        )
    for who, why in report.not_told:
        click.echo(f"Not told: {who}: {why}", err=True)


def _print_some(rows: list[list], heads: list[str]) -> None:
    print_table(rows[:MOST_LINES], heads)
    if len(rows) > MOST_LINES:
        click.echo(f"… and {len(rows) - MOST_LINES} more")
