"""`offers change` and `offers remove`: of all that the options find."""

import click
from frappe.commands import pass_context

from ouderavond.commands.offers.printing import carry_out, yes_option
from ouderavond.commands.offers.views import filter_options, filters_of, record
from ouderavond.commands.site import dry_run_option, evening_option, on_site, print_table, the_evening


@click.command()
@evening_option
@filter_options
@click.option("--offer", "offers", multiple=True, help="This offer, by name; may be repeated.")
@click.option("--replace", nargs=2, metavar="A B", help="Instructor B instead of A.")
@click.option("--add", multiple=True, help="One instructor more; may be repeated.")
@click.option("--take-out", multiple=True, help="Without this instructor; may be repeated.")
@click.option("--exactly", multiple=True, help="With these instructors only; may be repeated.")
@click.option("--slots", type=int, help="The duration.")
@click.option("--forbid", multiple=True, help="Not on this date; may be repeated.")
@click.option("--allow", multiple=True, help="Again on this date; may be repeated.")
@click.option("--remark", help="Empty takes it away.")
@yes_option
@dry_run_option
@pass_context
def change(context, evening, offers, yes, dry_run, **options):
    """Change instructors, duration, forbidden dates or remark."""
    from ouderavond.evening.offering import change as changing

    with on_site(context):
        wish = _wish(options)
        report = carry_out(
            changing.change,
            the_evening(evening),
            **_which(offers, options),
            **wish,
            dry_run=dry_run,
            confirmed=yes,
        )
        figures = report.more.get("figures")
        if figures:
            click.echo()
            print_table(
                [[row["label"], row["before"], row["after"]] for row in figures], ["", "before", "after"]
            )
        for note in report.more.get("notes", ()):
            click.echo(note)


@click.command()
@evening_option
@filter_options
@click.option("--offer", "offers", multiple=True, help="This offer, by name; may be repeated.")
@yes_option
@dry_run_option
@pass_context
def remove(context, evening, offers, yes, dry_run, **options):
    """Remove offers; what was requested or booked only with --yes."""
    from ouderavond.evening.offering import change as changing

    with on_site(context):
        which = _which(offers, options)
        carry_out(changing.remove, the_evening(evening), **which, dry_run=dry_run, confirmed=yes)


def _wish(options: dict) -> dict:
    """What shall be other; taken out of the options."""
    replace, by = options.pop("replace") or (None, None)
    exactly = _instructors(options.pop("exactly"))
    return {
        "replace": replace and record("Instructor", replace),
        "by": by and record("Instructor", by),
        "add": _instructors(options.pop("add")),
        "take_out": _instructors(options.pop("take_out")),
        "exactly": exactly or None,
        "slots": options.pop("slots"),
        "forbid": list(options.pop("forbid")),
        "allow": list(options.pop("allow")),
        "remark": options.pop("remark"),
    }


def _instructors(texts) -> list[str]:
    return [record("Instructor", text) for text in texts]


def _which(offers: tuple[str, ...], options: dict) -> dict:
    """Some offers or those that the filters find; never all of an evening by mistake."""
    filters = filters_of(options)
    if not offers and not filters:
        raise click.UsageError("Say which offers: --offer, or a filter such as --class or --course.")
    return {"offers": list(offers)} if offers else {"filters": filters}
