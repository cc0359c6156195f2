"""`overview` and `outage-pack`: what staff print, as files."""

from pathlib import Path

import click
from frappe.commands import pass_context

from ouderavond.commands.site import evening_option, on_site, print_table, progress_bar, the_evening

KINDS = (
    "instructor",
    "household",
    "class",
    "room",
    "roster",
    "not_placed",
    "unanswered",
    "logins",
    "occupancy",
    "slots",
    "phones",
)
FILTERS = ("date", "instructor", "group", "room", "student", "household", "state")


def filter_options(command):
    """The options that say which part of the evening is meant."""
    for name in FILTERS:
        option = "class" if name == "group" else name
        text = f"Only this {option}; may be repeated."
        command = click.option(f"--{option}", name, multiple=True, help=text)(command)
    return command


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@evening_option
@click.option("--format", "file_format", type=click.Choice(["pdf", "xlsx", "csv"]), help="Of the file.")
@click.option("--output", type=click.Path(dir_okay=False), help="The file; without it the rows are shown.")
@click.option("--names", is_flag=True, help="Also the names of students on what hangs on doors.")
@click.option("--untold", is_flag=True, help="Also what is not published.")
@click.option("--letter-head", "head", help="Its name, or none; by default the platform's.")
@filter_options
@pass_context
def overview(context, kind, evening, file_format, output, names, untold, head, **filters):
    """An overview of an evening: shown here, or as a PDF or a file for a spreadsheet."""
    from ouderavond.evening.overviews import choosing, files, kinds, labels
    from ouderavond.evening.overviews.reading import Facts

    chosen = {**{name: list(value) for name, value in filters.items()}, "names": names, "untold": untold}
    with on_site(context):
        name = the_evening(evening)
        if output:
            file_format = file_format or Path(output).suffix.lstrip(".").lower()
            with progress_bar(kind) as bar:
                content = files.content(name, kind, file_format, chosen, head, bar)
            Path(output).write_bytes(content)
            click.echo(f"{output}: {len(content):,} bytes")
            return
        found = kinds.page(Facts(name, choosing.read(chosen)), kind)
        keys = [column["key"] for column in found["columns"]]
        rows = [
            [row[key] if isinstance(row[key], int) else labels.text(row[key]) for key in keys]
            for row in found["rows"]
        ]
        print_table(rows, [column["label"] for column in found["columns"]])


@click.command("outage-pack")
@evening_option
@click.option("--output", type=click.Path(dir_okay=False), help="A file; without it, kept with the evening.")
@pass_context
def outage_pack(context, evening, output):
    """A zip with all sheets and a roster that opens without a network."""
    import frappe

    from ouderavond.evening.overviews import outage

    with on_site(context), progress_bar("Outage pack") as bar:
        name = the_evening(evening)
        if output:
            content, problems = outage.build(name, bar)
            Path(output).write_bytes(content)
            click.echo(f"{output}: {len(content):,} bytes")
        else:
            report = outage.make(name, progress=bar)
            frappe.db.commit()
            problems = report.more["problems"]
            click.echo(report.more["url"])
        for problem in problems:
            click.secho(problem, fg="red", err=True)
