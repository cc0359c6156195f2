"""`board …`: what staff do on the planning board with single conversations."""

import click
from frappe.commands import pass_context

from ouderavond.commands.site import dry_run_option, evening_option, on_site, print_table, the_evening

reason_option = click.option("--reason", help="Why rules are set aside; never a double booking.")
MOST = 200


@click.group()
def board():
    """The planning board: what has a time, what has none, where it fits, moving and placing."""


def _evening(name: str | None):
    import frappe

    return frappe.get_doc("Parent Evening", the_evening(name))


@board.command("show")
@click.argument("text", required=False)
@evening_option
@click.option("--unplaced", "waiting", is_flag=True, help="What has no time instead, and what could be done.")
@pass_context
def show(context, text, evening, waiting):
    """The conversations with TEXT in the student, class, subject or instructor."""
    from ouderavond.evening.planning import board as boards

    with on_site(context):
        found = boards.read(_evening(evening))
        titles = {row["name"]: row["title"] for row in found["instructors"]}
        rows = [row for row in found["unplaced" if waiting else "bookings"] if _has(row, text, titles)]
        if waiting:
            _print_waiting(rows[:MOST], titles)
        else:
            heads = ["booking", "start", "student", "class", "subject", "instructors", "room", "state"]
            print_table([_booked(row, titles, found["rooms"]) for row in rows[:MOST]], heads)
        click.echo(f"{min(len(rows), MOST)} of {len(rows)}")


def _has(row: dict, text: str | None, titles: dict[str, str]) -> bool:
    facts = [
        row["name"],
        row["class"],
        row["subject"],
        *(titles.get(name, name) for name in row["instructors"]),
    ]
    return all(word in " ".join(filter(None, facts)).lower() for word in (text or "").lower().split())


def _booked(row: dict, titles: dict[str, str], rooms: dict[str, str]) -> list:
    people = ", ".join(titles.get(name, name) for name in row["instructors"])
    marks = [row["state"].lower(), row["pinned"] and "pinned", row["untold"] and "change not published"]
    where = rooms.get(row["room"], row["room"]) or row["mode"]
    start = row["start"].replace("T", " ")
    state = ", ".join(filter(None, marks))
    return [row["booking"], start, row["name"], row["class"], row["subject"], people, where, state]


def _print_waiting(rows: list[dict], titles: dict[str, str]) -> None:
    for row in rows:
        people = ", ".join(titles.get(name, name) for name in row["instructors"])
        click.echo(f"{row['request']}  {row['name']} ({row['class']}), {row['subject']}, {people}")
        click.echo(f"    {row['sentence']}")
        for option in row["alternatives"]:
            possible = "" if option["possible"] else "  (not possible any more)"
            click.echo(f"    {option['kind']} {option['start']}: {option['sentence']}{possible}")


@board.command("fits")
@click.option("--booking", help="A conversation that has a time.")
@click.option("--request", help="One that was asked for.")
@click.option("--offer", help="One that could be.")
@click.option("--guardian", help="For whom an offer would be booked.")
@click.option("--slots", type=click.IntRange(1), help="How long.")
@click.option("--instructor", help="Another instructor (record or code); by default its own.")
@evening_option
@pass_context
def show_fits(context, booking, request, offer, guardian, slots, instructor, evening):
    """Where a conversation fits, start by start, and why not where it does not."""
    import frappe

    from ouderavond.evening.planning import fits

    with on_site(context):
        if sum(map(bool, (booking, request, offer))) != 1:
            frappe.throw(frappe._("Give one of --booking, --request and --offer."))
        doc = _evening(evening)
        what = {"booking": booking, "request": request, "offer": offer}
        found = fits.fits(doc, **what, guardian=guardian, slots=slots)
        name = _instructor(instructor) or next(iter(found["own"]), None)
        if name not in found["rows"]:
            frappe.throw(frappe._("This instructor does not take part in this evening."))
        print_table(list(_starts(doc, found, name)), ["start", "fits", "why not"])


def _starts(evening, found: dict, name: str):
    from ouderavond.evening import grid
    from ouderavond.evening.planning.fits import SOFT

    for day in grid.slots(evening):
        for start, number in zip(day.starts, found["rows"][name][str(day.date)], strict=True):
            said = found["reasons"][number]
            fits = "yes" if not said or said.startswith(SOFT) else "no"
            yield [f"{start:%Y-%m-%d %H:%M}", fits, said.removeprefix(SOFT)]


def _instructor(name: str | None) -> str | None:
    import frappe

    return frappe.db.get_value("Instructor", {"ouderavond_code": name}) or name if name else None


@board.command()
@click.argument("booking")
@click.argument("start")
@click.option("--instructor", help="Another instructor (record or code).")
@click.option("--slots", type=click.IntRange(1), help="Another length.")
@reason_option
@evening_option
@pass_context
def move(context, booking, start, instructor, slots, reason, evening):
    """Move BOOKING to START, such as "2027-02-09 18:30"."""
    from ouderavond.evening.planning import placing

    with on_site(context):
        other = _instructor(instructor)
        report = placing.move(_evening(evening), booking, start, instructor=other, slots=slots, reason=reason)
        click.echo(report.sentence)


@board.command()
@click.argument("booking")
@click.argument("other")
@reason_option
@evening_option
@pass_context
def swap(context, booking, other, reason, evening):
    """Let BOOKING and OTHER take each other's time."""
    from ouderavond.evening.planning import placing

    with on_site(context):
        click.echo(placing.swap(_evening(evening), booking, other, reason=reason).sentence)


@board.command()
@click.argument("request")
@click.argument("start", required=False)
@click.option(
    "--kind", default="move", show_default=True, help="Which alternative, as `show --unplaced` says."
)
@click.option("--by-hand", is_flag=True, help="At any START, whether or not it is an alternative.")
@reason_option
@dry_run_option
@evening_option
@pass_context
def place(context, request, start, kind, by_hand, reason, dry_run, evening):
    """Give REQUEST a time: an alternative, with the moves that it needs; the first possible one."""
    import frappe

    from ouderavond.evening.planning import conversation, placing

    with on_site(context):
        doc = _evening(evening)
        if by_hand:
            one = conversation.of_request(doc, request)
            click.echo(placing.book(doc, one, start, reason=reason).sentence)
            return
        options = [row.as_dict() for row in placing.options(doc, request)]
        chosen = [row for row in options if row["possible"] and (not start or row["start"] == start)]
        if not chosen:
            frappe.throw(frappe._("There is no such alternative that is possible now."))
        click.echo(chosen[0]["sentence"])
        if not dry_run:
            report = placing.place(
                doc, request, chosen[0]["kind"] if not start else kind, chosen[0]["start"], reason=reason
            )
            click.echo(report.sentence)


@board.command()
@click.argument("bookings", nargs=-1, required=True)
@reason_option
@evening_option
@pass_context
def cancel(context, bookings, reason, evening):
    """Cancel BOOKINGS; their requests wait for a time again."""
    from ouderavond.evening.planning import conversation, moves

    with on_site(context):
        doc = _evening(evening)
        names = [conversation.of_booking(doc, name).booking for name in bookings]
        click.echo(moves.cancel(names, reason=reason).sentence)


@board.command()
@click.argument("bookings", nargs=-1, required=True)
@click.option("--off", is_flag=True, help="Unpin them.")
@evening_option
@pass_context
def pin(context, bookings, off, evening):
    """Pin BOOKINGS: the scheduler leaves them where they are."""
    from ouderavond.evening.planning import conversation, moves

    with on_site(context):
        doc = _evening(evening)
        names = [conversation.of_booking(doc, name).booking for name in bookings]
        click.echo(moves.pin(names, not off).sentence)
