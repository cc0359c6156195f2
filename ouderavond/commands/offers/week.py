"""`offers week`: who gives the conversations where the reference week had several instructors."""

import click
from frappe.commands import pass_context

from ouderavond.commands.offers.printing import carry_out
from ouderavond.commands.site import dry_run_option, evening_option, on_site, print_table, the_evening

HOW = {"together": 1, "each": 0}


@click.command()
@evening_option
@click.option(
    "--choose",
    "picks",
    multiple=True,
    nargs=4,
    metavar="GROUP COURSE INSTRUCTORS HOW",
    help="Instructors by code or name, separated by commas; how: together or each. May be repeated.",
)
@click.option(
    "--all",
    "everybody",
    type=click.Choice(["regular", "substitutes", "together", "each"]),
    help="For all cases that --choose does not name.",
)
@click.option("--replace", is_flag=True, help="Also what was offered and nobody asked for.")
@dry_run_option
@pass_context
def week(context, evening, picks, everybody, replace, dry_run):
    """Where there is something to choose; with --choose or --all: choose."""
    import frappe

    from ouderavond.evening.offering import week as week_of

    with on_site(context):
        name = the_evening(evening)
        if picks or everybody:
            chosen = [_pick(*pick) for pick in picks]
            report = carry_out(
                week_of.choose, name, picks=chosen, everybody=everybody, replace=replace, dry_run=dry_run
            )
            if report.more.get("replaceable") and not replace:
                number = report.more["replaceable"]
                click.echo(f"{number} offers have other instructors; --replace makes them anew.")
            return
        rows = week_of.cases(frappe.get_doc("Parent Evening", name))
        print_table(
            [[row["group"], row["course"], row["students"], _people(row), _chosen(row)] for row in rows],
            ["group", "course", "students", "instructors (lessons in the week)", "chosen"],
        )


def _pick(group: str, course: str, instructors: str, how: str) -> dict:
    import frappe

    if how not in HOW:
        raise click.BadParameter(f"{how} is neither together nor each.")
    names = []
    for text in filter(None, (part.strip() for part in instructors.split(","))):
        found = frappe.db.get_value("Instructor", {"ouderavond_code": text})
        if not found and not frappe.db.exists("Instructor", text):
            frappe.throw(frappe._("There is no instructor {0}.").format(text))
        names.append(found or text)
    found = frappe.db.get_value("Course", {"ouderavond_code": course}) or course
    return {"group": group, "course": found, "instructors": names, "together": HOW[how]}


def _people(row: dict) -> str:
    texts = []
    for one in row["instructors"]:
        role = ", substitute" if one["role"] == "Substitute" else ""
        texts.append(f"{one['code'] or one['title']} ({one['lessons']}{role})")
    return ", ".join(texts)


def _chosen(row: dict) -> str:
    if not row["chosen"]:
        return "not yet"
    codes = {one["name"]: one["code"] or one["title"] for one in row["instructors"]}
    names = ", ".join(codes[name] for name in row["chosen"])
    return names if row["together"] or len(row["chosen"]) == 1 else f"{names} (each)"
