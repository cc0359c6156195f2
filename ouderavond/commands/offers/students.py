"""`offers student …`: the possibilities of one student, each on or off, and requests for who phoned."""

import click
from frappe.commands import pass_context

from ouderavond.commands.offers.printing import carry_out, yes_option
from ouderavond.commands.site import dry_run_option, evening_option, on_site, print_table, the_evening

COLUMNS = ("possibility", "offered", "requested", "instructors", "in_package", "slots", "remark")
PANES = ("program", "classes", "students", "offered", "requested")


@click.group()
def student():
    """One student: the list, switching on and off, requests by telephone."""


@student.command("list")
@evening_option
@click.argument("who", required=False)
@pass_context
def list_of(context, evening, who):
    """The possibilities of WHO, a student's number or name; without WHO the programs and classes."""
    from ouderavond.evening.offering import student_panes, students

    with on_site(context):
        name = the_evening(evening)
        if who:
            rows = students.possibilities(name, _student(who))
            print_table([[row[key] for key in COLUMNS] for row in rows], list(COLUMNS))
            return
        for program in student_panes.programs(name):
            print_table([[program[key] for key in PANES]], list(PANES))
            heads = ["group", "students", "offered", "requested"]
            rows = student_panes.classes(name, program["program"])
            print_table([[row[key] for key in heads] for row in rows], ["class", *heads[1:]])


def _choosing(command):
    """The student, and which of the student's possibilities."""
    arguments = (
        click.argument("who"),
        click.argument("what", nargs=-1),
        click.option("--instructor", help="Only with this instructor: code or name."),
        evening_option,
    )
    for argument in reversed(arguments):
        command = argument(command)
    return command


@student.command()
@_choosing
@dry_run_option
@pass_context
def on(context, who, what, instructor, evening, dry_run):
    """Offer WHAT (abbreviations or subjects; without any: everything) to WHO."""
    _switch(context, evening, who, what, instructor, True, dry_run=dry_run)


@student.command()
@_choosing
@yes_option
@dry_run_option
@pass_context
def off(context, who, what, instructor, evening, yes, dry_run):
    """Do not offer WHAT to WHO any more."""
    _switch(context, evening, who, what, instructor, False, dry_run=dry_run, confirmed=yes)


def _switch(context, evening, who, what, instructor, offered, **options):
    from ouderavond.evening.offering import students

    with on_site(context):
        name = the_evening(evening)
        rows = _possible(name, who, what, instructor)
        carry_out(students.switch, name, rows=rows, offered=offered, **options)


@student.command()
@_choosing
@click.option("--guardian", help="Name of the guardian who phoned; needed where several attend separately.")
@click.option("--longer", is_flag=True, flag_value=1, default=None, help="A longer conversation.")
@click.option("--preference", type=click.Choice(["Early", "Late"]))
@click.option("--mode", type=click.Choice(["In Person", "Online"]))
@click.option("--remark", help="Passed on to the instructors.")
@click.option("--reason", help="Why an exception is made to the deadline or the maximum; it is kept.")
@click.option("--offer", "offer_first", is_flag=True, help="Offer it first where it is not offered.")
@pass_context
def request(context, who, what, instructor, evening, guardian, reason, offer_first, **wishes):
    """Ask for WHAT about WHO on behalf of a household."""
    from ouderavond.evening.offering import phoned

    with on_site(context):
        name = the_evening(evening)
        row = _one(name, who, what, instructor)
        party = _party(phoned.asking(name, row), guardian)
        answer = phoned.request(
            name,
            row,
            guardian=party["guardian"],
            wishes=wishes,
            override_reason=reason,
            offer_first=offer_first,
        )
        _print_answer(answer)


@student.command()
@_choosing
@click.option("--guardian", help="Name of the guardian who phoned; needed where several have asked.")
@click.option("--reason", help="Why an exception is made to the deadline; it is kept.")
@pass_context
def withdraw(context, who, what, instructor, evening, guardian, reason):
    """Withdraw the request for WHAT about WHO."""
    import frappe

    from ouderavond.evening.offering import phoned

    with on_site(context):
        name = the_evening(evening)
        found = phoned.asking(name, _one(name, who, what, instructor))
        found["parties"] = [party for party in found["parties"] if party["request"]]
        if not found["parties"]:
            frappe.throw(frappe._("Nobody has asked for this."))
        party = _party(found, guardian)
        _print_answer(phoned.withdraw(name, party["request"], override_reason=reason))


def _student(who: str) -> str:
    import frappe

    by_code = frappe.get_all("Student", {"ouderavond_code": who}, pluck="name", limit=2)
    names = by_code or frappe.get_all("Student", {"name": who}, pluck="name")
    names = names or frappe.get_all("Student", {"student_name": who}, pluck="name", limit=2)
    if len(names) != 1:
        frappe.throw(frappe._("{0} is not one student by number or by name.").format(who))
    return names[0]


def _possible(evening: str, who: str, what: tuple[str, ...], instructor: str | None) -> list:
    import frappe

    from ouderavond.evening.offering import students

    found = []
    rows = students.possibilities(evening, _student(who))
    for text in what or ("",):
        matching = [row for row in rows if _matches(row, text, instructor)]
        if not matching:
            frappe.throw(frappe._("{0} has no possibility {1}.").format(who, text))
        found += matching
    return [
        students.Possible(
            row["name"], row["student"], row["subject"], row["course"], tuple(row["instructor_list"])
        )
        for row in found
    ]


def _matches(row: dict, text: str, instructor: str | None) -> bool:
    about = not text or text.casefold() in (row["possibility"].casefold(), row["subject"].casefold())
    whom = [*row["instructors"].split(", "), *row["instructor_names"].split(", ")]
    return about and (not instructor or instructor in whom)


def _one(evening: str, who: str, what: tuple[str, ...], instructor: str | None):
    import frappe

    rows = _possible(evening, who, what, instructor)
    if len(rows) != 1:
        frappe.throw(
            frappe._("{0} possibilities match. Say which one, and with --instructor with whom.").format(
                len(rows)
            )
        )
    return rows[0]


def _party(asking: dict, guardian: str | None) -> dict:
    import frappe

    if asking["refused"]:
        frappe.throw(asking["refused"])
    parties = [party for party in asking["parties"] if not guardian or guardian in party["names"].split(", ")]
    if len(parties) != 1:
        names = "; ".join(party["names"] for party in asking["parties"])
        frappe.throw(frappe._("Say with --guardian for whom: {0}.").format(names))
    return parties[0]


def _print_answer(answer) -> None:
    click.echo(answer.sentence)
    if answer.told:
        click.echo(f"{answer.told} confirmations are on their way by e-mail.")
    for who, why in answer.not_told:
        click.echo(f"Not told: {who}: {why}", err=True)
