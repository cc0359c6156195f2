"""`bench --site … ouderavond offers check`: what is wrong with the offers of an evening."""

import sys

import click
from frappe.commands import pass_context

from ouderavond.commands.offers.printing import carry_out, yes_option
from ouderavond.commands.site import dry_run_option, evening_option, on_site, print_table, the_evening

COLOURS = {"error": "red", "warning": "yellow", "note": None}
MOST_ROWS = 25


@click.command()
@evening_option
@click.option("--program", help="Only students of this program.")
@click.option("--class", "group", help="Only students of this class.")
@click.option("--show", "code", help="List the rows of one check, by its code.")
@click.option("--repair", "how", help="Repair all rows of the check named with --show, in this way.")
@click.option("--forecast", is_flag=True, help="Also forecast how crowded the evening will be.")
@click.option("--asking", type=float, default=0.7, show_default=True, help="Forecast: share of households.")
@click.option("--per-student", type=float, default=1.5, show_default=True, help="Forecast: mean requests.")
@click.option("--most", type=int, default=3, show_default=True, help="Forecast: most requests per student.")
@yes_option
@dry_run_option
@pass_context
def check(context, evening, program, group, code, how, forecast, asking, per_student, most, yes, dry_run):
    """What is wrong with the offers, and repairing it. Exits with 1 where there are errors."""
    import frappe

    from ouderavond.evening.offering import check as checks
    from ouderavond.evening.offering.checks.kinds import Scope

    if how and not code:
        raise click.UsageError("Say with --show which check is to be repaired.")
    with on_site(context):
        name = the_evening(evening)
        if how:
            arguments = {"code": code, "how": how, "program": program, "group": group}
            carry_out(checks.repair, name, **arguments, dry_run=dry_run, confirmed=yes)
        scope = Scope(frappe.get_doc("Parent Evening", name), program, group)
        if code:
            _print_rows(checks.rows(scope, code, 0, MOST_ROWS + 1))
        findings = checks.overview(scope, [code] if code else None)
        _print_findings(findings)
        if forecast:
            _print_forecast(name, asking, per_student, most)
        errors = checks.worst(findings) == "error"
    if errors:
        sys.exit(1)


def _print_findings(findings: list) -> None:
    found = [one for one in findings if one.number]
    if not found:
        click.secho("All in order.", fg="green")
        return
    print_table(
        [
            [
                one.kind.severity,
                one.number,
                one.kind.title(),
                one.kind.code,
                ", ".join(repair.how for repair in one.kind.repairs),
            ]
            for one in found
        ],
        ["severity", "number", "what", "code", "repairs"],
    )


def _print_rows(rows: list) -> None:
    print_table(
        [
            [row.record.label if row.record else "", row.classes, row.detail, row.record and row.record.name]
            for row in rows[:MOST_ROWS]
        ],
        ["who or what", "class", "detail", "record"],
    )
    if len(rows) > MOST_ROWS:
        click.echo("… and more; the page Offers lists them all, and exports them.")
    click.echo()


def _print_forecast(evening: str, asking: float, per_student: float, most: int) -> None:
    from ouderavond.evening.offering.forecast import expected

    found = expected(evening, asking, per_student, most)
    click.echo()
    click.echo(
        f"Forecast: {found.asked:.0f} requests expected, {found.demand:.0f} slots of {found.slots}; "
        f"{found.short:.1f} without a place."
    )
    if found.instructors:
        print_table(
            [
                [each["label"], each["slots"], each["demand"], f"{each['chance']:.0%}", each["short"]]
                for each in found.instructors[:MOST_ROWS]
            ],
            ["instructor", "slots", "expected", "chance of too few", "short"],
        )
    if found.extras:
        click.echo()
        print_table(
            [
                [each["label"], each["start"].replace("T", " "), each["kind"], each["gain"]]
                for each in found.extras[:MOST_ROWS]
            ],
            ["instructor", "extra time", "kind", "gain"],
        )
