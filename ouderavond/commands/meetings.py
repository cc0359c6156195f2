"""`bench --site … ouderavond meetings`: testing, bringing up to date, looking, trying again."""

import sys

import click
from frappe.commands import pass_context

from ouderavond.commands.site import evening_option, on_site, print_table, the_evening

PROVIDERS = ("Microsoft Teams", "Google Meet", "Link Template")
# What stands before a finding, and its colour.
MARKS = {"good": ("ok", "green"), "note": ("note", "yellow"), "bad": ("wrong", "red")}
nevertheless_option = click.option(
    "--nevertheless", is_flag=True, help="Go on even if the connection test of its meetings finds something."
)


@click.group()
def meetings():
    """Online meetings: test, synchronise, status, retry."""


@meetings.command()
@evening_option
@click.option(
    "--provider", type=click.Choice(PROVIDERS), help="Test this one instead of an evening's accounts."
)
@pass_context
def test(context, evening, provider):
    """Test the connection of a provider, or of an evening with the accounts of all its instructors."""
    import frappe

    from ouderavond.evening.online import before_publishing, testing

    with on_site(context):
        if provider:
            found = testing.of_provider(provider)
            for one in found:
                _say(one.level, one.text)
            good = all(one.level != "bad" for one in found)
        else:
            doc = frappe.get_doc("Parent Evening", the_evening(evening))
            if not before_publishing.needs(doc):
                frappe.throw(frappe._("This evening makes no events, so there is nothing to test."))
            good = run_test(doc)["is_good"]
        if not good:
            sys.exit(1)


def run_test(doc) -> dict:
    """Test all accounts of an evening and print what was found."""
    from ouderavond.evening.online import before_publishing

    part = before_publishing.step(doc)
    while not part.is_finished:
        part = before_publishing.step(doc, part.next)
    found = before_publishing.as_dict(part)
    for one in found["general"]:
        _say(one["level"], one["text"])
    for group in found["groups"]:
        _say(group["level"], group["text"])
        for who in group["who"]:
            click.echo(f"         {who['name']} {who['account']}".rstrip())
    _say("good" if found["is_good"] else "bad", found["sentence"])
    return found


def make_sure(name: str, nevertheless: bool) -> None:
    """Before people are told: test the meetings of an evening where that is due; ask if anything is wrong."""
    import frappe

    from ouderavond.evening.online import before_publishing

    doc = frappe.get_doc("Parent Evening", name)
    if not before_publishing.is_due(doc) or run_test(doc)["is_good"]:
        return
    if not nevertheless:
        click.confirm("Publish nevertheless?", abort=True)
    before_publishing.accept(doc)
    frappe.db.commit()


def _say(level: str, text: str) -> None:
    mark, colour = MARKS[level]
    click.secho(f"{mark:<8} ", fg=colour, nl=False)
    click.echo(text)


@meetings.command()
@click.option(
    "--look", is_flag=True, help="Also look into the calendars for what was deleted or moved there."
)
@pass_context
def synchronise(context, look):
    """Make, change and take away now what is due in all calendars."""
    from ouderavond.evening.online import job

    with on_site(context):
        done = job.synchronise(look=look)
    if done is None:
        click.echo("Another job is at it.")
        return
    actions = ", ".join(f"{number} {action}" for action, number in sorted(done.done.items()))
    click.echo(f"Done: {actions or 'nothing'}; not done: {done.failed}.")


@meetings.command()
@evening_option
@pass_context
def status(context, evening):
    """How many events of an evening are where, and why some are not."""
    import frappe

    from ouderavond.evening.online import report

    with on_site(context):
        doc = frappe.get_doc("Parent Evening", the_evening(evening))
        found = report.figures(doc)
        figures = ("made", "making", "retry", "failed", "leaving", "over", "follows")
        print_table([[name, getattr(found, name)] for name in figures], ["events", "number"])
        for reason in report.reasons(doc.name):
            click.echo()
            _say("bad", f"{reason.number}: {reason.sentence}")
            for who in reason.instructors:
                click.echo(f"         {who['number']:>4}  {who['title']} {who['account']}".rstrip())


@meetings.command()
@evening_option
@click.option("--reason", help="Only what failed for this reason, such as licence_missing.")
@pass_context
def retry(context, evening, reason):
    """Let what failed be tried again at once."""
    import frappe

    from ouderavond.evening.online import rows, waking

    with on_site(context):
        filters = {"evening": the_evening(evening), **({"code": reason} if reason else {})}
        number = rows.retry(filters)
        frappe.db.commit()
        if number:
            waking.start()
        click.echo(f"{number} are tried again now.")
