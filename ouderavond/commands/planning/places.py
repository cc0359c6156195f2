"""`planning places …`: who sits where, as a list, from values or a file, with rooms given by themselves."""

from pathlib import Path

import click
from frappe.commands import pass_context

from ouderavond.commands.site import dry_run_option, evening_option, on_site, print_table, the_evening

UNFIT = ("stay", "not-placed")
HEADS = [
    "code",
    "instructor",
    "date",
    "from",
    "until",
    "room",
    "shared",
    "table",
    "break",
    "maximum",
    "booked",
]
FIELDS = (
    *("code", "title", "date", "present_from", "present_until", "room", "shared_room", "table_label"),
    *("break_after", "maximum_conversations", "conversations"),
)
unfit_option = click.option(
    "--unfit", type=click.Choice(UNFIT), help="What becomes of conversations that no longer fit."
)


@click.group(invoke_without_command=True)
@evening_option
@pass_context
def places(context, evening):
    """Who sits where and when; without a subcommand: list it."""
    if click.get_current_context().invoked_subcommand:
        return
    import frappe

    from ouderavond.evening.planning import places as domain

    with on_site(context):
        found = domain.read(frappe.get_doc("Parent Evening", the_evening(evening)))
        titles = {room["name"]: room["title"] for room in found["rooms"]}
        rows = [{**row, "room": titles.get(row["room"])} for row in found["rows"]]
        print_table([[row[field] or "" for field in FIELDS] for row in rows], HEADS)


@places.command("set")
@evening_option
@click.option("--instructor", "instructors", multiple=True, help="Code or name; may be repeated. None: all.")
@click.option("--date", "dates", multiple=True, help="A date as 2027-02-09; may be repeated. None: all.")
@click.option("--from", "present_from", help="Present from, as 18:30.")
@click.option("--until", "present_until", help="Present until.")
@click.option("--room")
@click.option("--shared", "shared_room", type=click.Choice(("yes", "no")))
@click.option("--table", "table_label")
@click.option("--break-after", type=int)
@click.option("--maximum", "maximum_conversations", type=int)
@unfit_option
@dry_run_option
@pass_context
def set_values(context, evening, instructors, dates, unfit, dry_run, **values):
    """Set values for instructors, who are added where they are not there yet."""
    with on_site(context):
        name = the_evening(evening)
        chosen = {field: value for field, value in values.items() if value is not None}
        edits = [
            {"instructor": who, "date": day, "values": chosen} for who, day in _keys(name, instructors, dates)
        ]
        _carry_out(name, edits, unfit, dry_run)


@places.command()
@evening_option
@click.option(
    "--instructor", "instructors", multiple=True, required=True, help="Code or name; may be repeated."
)
@click.option("--date", "dates", multiple=True, help="A date; may be repeated. None: all.")
@dry_run_option
@pass_context
def remove(context, evening, instructors, dates, dry_run):
    """Remove instructors who have no conversations."""
    with on_site(context):
        name = the_evening(evening)
        edits = [
            {"instructor": who, "date": day, "remove": 1} for who, day in _keys(name, instructors, dates)
        ]
        _carry_out(name, edits, None, dry_run)


@places.command("rooms")
@evening_option
@click.option(
    "--source", type=click.Choice(("lessons", "list", "hall")), default="lessons", show_default=True
)
@click.option("--room", "rooms", multiple=True, help="For list and hall; may be repeated.")
@click.option("--first-table", type=int, default=1, show_default=True)
@click.option("--everybody", is_flag=True, help="Also who has a room already.")
@dry_run_option
@pass_context
def give_rooms(context, evening, source, rooms, first_table, everybody, dry_run):
    """Give rooms: of the reference week's lessons, of a list, or tables in a hall."""
    import frappe

    from ouderavond.evening.planning import rooms as domain

    with on_site(context):
        name = the_evening(evening)
        found = domain.propose(
            frappe.get_doc("Parent Evening", name),
            source,
            rooms=list(rooms),
            only_empty=not everybody,
            first_table=first_table,
        )
        for sentence in found.left:
            click.secho(sentence, fg="yellow", err=True)
        _carry_out(name, found.edits, None, dry_run)


@places.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@evening_option
@pass_context
def export_file(context, file, evening):
    """Write FILE (.xlsx or .csv)."""
    import frappe

    from ouderavond.evening.planning import places_file

    with on_site(context):
        doc = frappe.get_doc("Parent Evening", the_evening(evening))
        file.write_bytes(places_file.as_file(doc, file.suffix.lstrip(".").lower()))


@places.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@evening_option
@unfit_option
@dry_run_option
@pass_context
def import_file(context, file, evening, unfit, dry_run):
    """Read FILE (.xlsx or .csv); with a line that cannot be used nothing is written."""
    import frappe

    from ouderavond.evening.planning import places_file

    with on_site(context):
        name = the_evening(evening)
        found = places_file.read(frappe.get_doc("Parent Evening", name), file.name, file.read_bytes())
        if found.problems:
            frappe.throw("<br>".join(map(frappe.utils.escape_html, found.problems)))
        _carry_out(name, found.edits, unfit, dry_run)


@places.command()
@evening_option
@click.option("--not-placed", is_flag=True, help="Put them on the list of what is not placed.")
@pass_context
def misfits(context, evening, not_placed):
    """The conversations that do not fit who sits where."""
    import frappe

    from ouderavond.evening.planning import places_change

    with on_site(context):
        name = the_evening(evening)
        found = places_change.misfits(frappe.get_doc("Parent Evening", name))
        print_table(
            [[row.booking, row.start, row.student_name, row.subject, row.sentence] for row in found],
            ["conversation", "start", "student", "subject", "why"],
        )
        if not_placed and found:
            report = places_change.put_back(name, [row.booking for row in found])
            frappe.db.commit()
            click.echo(report.sentence)


def _keys(evening: str, instructors: tuple[str, ...], dates: tuple[str, ...]) -> list[tuple[str, str]]:
    import frappe

    from ouderavond.evening.planning import places as domain

    there = domain.of_evening(evening)
    doc = frappe.get_doc("Parent Evening", evening)
    days = list(dates) or [str(row.date) for row in doc.dates]
    if not instructors:
        return [(who, str(day)) for who, day in sorted(there) if str(day) in days]
    return [(who, day) for text in instructors for who in [record("Instructor", text)] for day in days]


def record(doctype: str, text: str) -> str:
    """The record that is meant by code or by name."""
    import frappe

    meta = frappe.get_meta(doctype)
    for field in ("ouderavond_code", "name", meta.title_field or "name"):
        names = meta.has_field(field) or field == "name"
        found = frappe.get_all(doctype, {field: text}, pluck="name", limit=2) if names else []
        if len(found) == 1:
            return found[0]
    frappe.throw(frappe._("{0} is not one {1} by code or by name.").format(text, frappe._(doctype)))


def _carry_out(evening: str, edits: list[dict], unfit: str | None, dry_run: bool) -> None:
    import frappe

    from ouderavond.evening.planning import places_change

    if dry_run:
        seen = places_change.preview(frappe.get_doc("Parent Evening", evening), edits)
        click.echo(seen["sentence"])
        for sentence in [row["sentence"] for row in seen["problems"]] + seen["refused"] + seen["warnings"]:
            click.secho(sentence, fg="yellow", err=True)
        for row in seen["unfit"]:
            click.echo(f"{row['start']} {row['student_name']} ({row['subject']}): {row['sentence']}")
        return
    report = places_change.save(evening, edits, unfit=unfit and unfit.replace("-", "_"))
    frappe.db.commit()
    click.echo(report.sentence)
    for sentence in report.more.get("warnings", []):
        click.secho(sentence, fg="yellow", err=True)


def add_to(group) -> None:
    """Add these commands to `planning`."""
    group.add_command(places)
