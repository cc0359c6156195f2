"""`planning ill`, `later`, `room-closed`, `date-moved`: the smallest change, shown and then carried out."""

import click
import frappe
from frappe.commands import pass_context

from ouderavond.commands.site import dry_run_option, evening_option, on_site, print_table, the_evening

yes_option = click.option("--yes", is_flag=True, help="Carry it out without asking.")
stay_option = click.option("--nothing-else", is_flag=True, help="No other conversation may move.")
date_option = click.option("--date", "dates", multiple=True, help="YYYY-MM-DD; may be repeated; else all.")
one_date_option = click.option("--date", required=True, help="YYYY-MM-DD.")


def _instead(choices: tuple[str, ...]):
    return click.option("--do", "choice", type=click.Choice(choices), default=choices[0], show_default=True)


@click.command()
@click.argument("instructor")
@date_option
@_instead(("rerun", "substitute", "online", "cancel"))
@click.option("--substitute", help="Who takes over; else whoever is free.")
@stay_option
@evening_option
@yes_option
@dry_run_option
@pass_context
def ill(context, instructor, dates, choice, substitute, nothing_else, evening, yes, dry_run):
    """INSTRUCTOR (name, code or title) is not there."""
    with on_site(context):
        wish = {"kind": "ill", "instructor": _instructor(instructor), "dates": list(dates), "choice": choice}
        wish |= {"substitute": substitute and _instructor(substitute), "nothing_else": nothing_else}
        _carry_out(evening, wish, yes, dry_run)


@click.command()
@click.argument("instructor")
@one_date_option
@click.option("--from", "present_from", help="There from HH:MM.")
@click.option("--until", "present_until", help="There until HH:MM.")
@_instead(("rerun", "substitute", "online", "cancel"))
@click.option("--substitute", help="Who takes over; else whoever is free.")
@stay_option
@evening_option
@yes_option
@dry_run_option
@pass_context
def later(
    context,
    instructor,
    date,
    present_from,
    present_until,
    choice,
    substitute,
    nothing_else,
    evening,
    yes,
    dry_run,
):
    """INSTRUCTOR (name, code or title) comes later or leaves earlier."""
    with on_site(context):
        wish = {"kind": "later", "instructor": _instructor(instructor), "dates": [date], "choice": choice}
        wish |= {"present_from": present_from, "present_until": present_until, "nothing_else": nothing_else}
        wish["substitute"] = substitute and _instructor(substitute)
        _carry_out(evening, wish, yes, dry_run)


@click.command("room-closed")
@click.argument("room")
@date_option
@_instead(("room", "online", "rerun", "cancel"))
@click.option("--to", "to_room", help="The other room.")
@stay_option
@evening_option
@yes_option
@dry_run_option
@pass_context
def room_closed(context, room, dates, choice, to_room, nothing_else, evening, yes, dry_run):
    """ROOM (name or number) cannot be used."""
    with on_site(context):
        wish = {"kind": "room_closed", "room": _room(room), "dates": list(dates), "choice": choice}
        wish |= {"to_room": to_room and _room(to_room), "nothing_else": nothing_else}
        _carry_out(evening, wish, yes, dry_run)


@click.command("date-moved")
@one_date_option
@click.option("--to", "new_date", help="The new date, YYYY-MM-DD.")
@click.option("--first", "first_time", help="The new first time, HH:MM.")
@click.option("--end", "end_time", help="The new end time, HH:MM.")
@click.option("--keep-times", is_flag=True, help="Who still fits keeps their time, instead of the order.")
@stay_option
@evening_option
@yes_option
@dry_run_option
@pass_context
def date_moved(
    context, date, new_date, first_time, end_time, keep_times, nothing_else, evening, yes, dry_run
):
    """A date of the evening becomes another one, or gets other times."""
    with on_site(context):
        wish = {"kind": "date_moved", "dates": [date], "new_date": new_date, "first_time": first_time}
        wish |= {"end_time": end_time, "order": "clock" if keep_times else "shift"}
        _carry_out(evening, {**wish, "nothing_else": nothing_else}, yes, dry_run)


def _instructor(text: str) -> str:
    from ouderavond.commands.offers.views import record

    return record("Instructor", text)


def _room(text: str) -> str:
    if frappe.db.exists("Room", text):
        return text
    found = frappe.get_all("Room", or_filters={"room_name": text, "room_number": text}, pluck="name", limit=2)
    if len(found) != 1:
        frappe.throw(frappe._("There is no room {0}.").format(text))
    return found[0]


def _carry_out(evening: str | None, wish: dict, yes: bool, dry_run: bool) -> None:
    from ouderavond.evening.planning.disruptions import applying, solving

    name = the_evening(evening)
    run = solving.propose(name, wish, now=True)
    state = solving.state(name, run)
    if state["state"] != "Ready":
        frappe.throw(state["message"] or frappe._("There is no proposal."))
    _show(state["proposal"])
    if dry_run or not (yes or click.confirm("Carry this out and tell those concerned?")):
        return
    report = applying.confirm(name, run=run)
    click.echo(f"{report.sentence} {report.told} letters.")
    for who, why in report.not_told:
        click.echo(f"not told: {who}: {why}")
    _show_phones(name, run)


def _show(proposal: dict) -> None:
    click.echo(proposal["title"])
    click.echo(proposal["sentence"])
    for note in proposal["notes"]:
        click.echo(note)
    rows = [
        [row["name"], row["class"], row["subject"], _side(row["before"]), _side(row["after"])]
        for row in proposal["rows"]
    ]
    if rows:
        print_table(rows, ["student", "class", "subject", "before", "after"])


def _side(side: dict | None) -> str:
    if not side:
        return "-"
    parts = (f"{side['start'].replace('T', ' ')}", ", ".join(side["names"]), side["place"])
    return ", ".join(part for part in parts if part)


def _show_phones(evening: str, run: str) -> None:
    from ouderavond.evening.planning.disruptions import asking

    rows = [
        [
            ", ".join(one["name"] for one in row["people"]),
            ", ".join(one["phone"] for one in row["people"] if one["phone"]),
            line["text"],
        ]
        for row in asking.result(evening, run)["people"]
        if not row["told"]
        for line in row["lines"]
    ]
    if rows:
        click.echo()
        print_table(rows, ["to phone", "number", "what"])


def add_to(group: click.Group) -> None:
    """Add these commands to the group of the page Planning."""
    for command in (ill, later, room_closed, date_moved):
        group.add_command(command)
