"""`bench --site … ouderavond schedule`, `scenarios`, `compare`, `apply` and `back`: runs of the scheduler."""

import sys

import click
import frappe
from frappe.commands import pass_context
from frappe.utils import cint

from ouderavond.commands.site import dry_run_option, evening_option, on_site, print_table, the_evening
from ouderavond.evening.planning.run_options import MOVES, WEIGHTS

FINISHED = ("Finished", "Cancelled", "Interrupted")


def _weights(context, parameter, values) -> dict[str, float]:
    """`waiting=5,date=90` as weights by name."""
    found = {}
    for part in (part for value in values for part in value.split(",") if part.strip()):
        name, separator, number = part.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            separator = ""
        if not separator:
            raise click.BadParameter(f"{part}: expected NAME=NUMBER, such as waiting=5")
    return found


def _of_a_run(command):
    """The options that every way of starting a run has."""
    options = (
        evening_option,
        click.option("--time-limit", type=click.IntRange(1, 86400), help="Seconds."),
        click.option("--seed", type=click.IntRange(0), default=1, show_default=True),
        click.option("--move", type=click.Choice(MOVES), default="planned", show_default=True),
        click.option(
            "--instructor", "instructors", multiple=True, help="Whose may move, with --move instructors."
        ),
        click.option("--published", is_flag=True, help="With --move instructors: also what was published."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@_of_a_run
@click.option("--scenario", help="A name to tell runs apart.")
@click.option(
    "--weights",
    multiple=True,
    callback=_weights,
    help=f"Others than the evening's: waiting=5,date=90 ({', '.join(WEIGHTS)}).",
)
@click.option("--apply", "apply_it", is_flag=True, help="Apply the result at once.")
@dry_run_option
@pass_context
def schedule(
    context, evening, time_limit, seed, move, instructors, published, scenario, weights, apply_it, dry_run
):
    """Run the scheduler here and now. Ctrl-C keeps the best schedule so far."""
    from ouderavond.evening import problem, runs
    from ouderavond.evening.planning import run_options

    with on_site(context):
        name = the_evening(evening)
        options = run_options.read(name, move, instructors, published)
        if dry_run:
            _print_problem(problem.build_problem(frappe.get_doc("Parent Evening", name), options))
            return
        run = runs.start_run(
            name,
            time_limit=time_limit,
            scenario=scenario,
            seed=seed,
            weights=weights or None,
            options=options,
            now=True,
        )
        doc = _solve(run)
        _print_run(doc)
        if apply_it:
            _print_applied(runs.apply_run(run))


def _print_problem(document: dict) -> None:
    keys = ("conversations", "households", "instructors", "students")
    stay = sum("pinned" in item for item in document["conversations"])
    print_table(
        [*([key, len(document[key])] for key in keys), ["of these stay where they are", stay]], ["", "number"]
    )


def _solve(run: str, *, advance: bool = True):
    from ouderavond.evening import runs

    runs.run_job(run, on_progress=_show_progress, advance=advance)
    click.echo(err=True)
    doc = frappe.get_doc("Schedule Run", run)
    if doc.state == "Failed":
        frappe.throw(doc.message)
    return doc


def _show_progress(progress) -> None:
    objective = "-" if progress.objective is None else f"{progress.objective:,.0f}"
    line = (
        f"{progress.seconds:6.1f} s  {progress.phase:<24} {progress.placed}/{progress.total} placed  "
        f"objective {objective}  bound {progress.bound:,.0f}"
    )
    click.echo(
        ("\r" + line.ljust(100)) if sys.stderr.isatty() else line, nl=not sys.stderr.isatty(), err=True
    )


def _print_run(doc) -> None:
    def proven(bound: int) -> str:
        return f"(proven minimum {bound})" if cint(bound) >= 0 else "(minimum not proven)"

    print_table(
        [
            ["run", doc.name, doc.state.lower()],
            ["placed", doc.placed, f"of {doc.total}"],
            ["must see, not placed", doc.must_unplaced, proven(doc.must_unplaced_bound)],
            ["wanted, not placed", doc.wanted_unplaced, proven(doc.wanted_unplaced_bound)],
            ["households with nothing", doc.households_with_nothing, ""],
            ["moved", doc.moved, ""],
            ["extra dates", doc.extra_dates, ""],
            ["waiting", doc.waiting_minutes, "minutes, all households"],
            ["objective", f"{doc.objective:,.1f}", f"bound {doc.bound:,.1f}, {doc.status}"],
            ["seconds", round(doc.seconds, 1), ""],
        ],
        ["", "figure", ""],
    )


@click.command()
@_of_a_run
@click.argument("scenarios", nargs=-1, required=True)
@pass_context
def scenarios(context, evening, time_limit, seed, move, instructors, published, scenarios):
    """Run several sets of weights one after the other, and compare them: NAME:waiting=5,date=90 each.

    The time limit is that of each run. A name alone has the evening's own weights.
    """
    from ouderavond.evening import runs
    from ouderavond.evening.planning import run_options

    wanted = []
    for text in scenarios:
        name, _separator, given = text.partition(":")
        wanted.append({"name": name, "weights": _weights(None, None, [given])})
    with on_site(context):
        name = the_evening(evening)
        found = runs.start_scenarios(
            name,
            wanted,
            time_limit=time_limit,
            seed=seed,
            options=run_options.read(name, move, instructors, published),
            now=True,
        )
        first = frappe.db.get_value("Schedule Run", found[0], "state") == "Queued"
        run = found[0] if first else runs.start_next(now=True)
        while run:
            click.echo(f"{run}  {frappe.db.get_value('Schedule Run', run, 'scenario') or ''}", err=True)
            _solve(run, advance=False)
            run = runs.start_next(now=True)
        _print_comparison(name, [each for each in found if _has_schedule(each)])


def _has_schedule(run: str) -> bool:
    return bool(frappe.db.get_value("Schedule Run Data", run, "schedule"))


@click.command()
@click.argument("runs", nargs=-1)
@evening_option
@pass_context
def compare(context, runs, evening):
    """Runs side by side: those that are named, or the last three."""
    with on_site(context):
        name = the_evening(evening)
        _print_comparison(name, list(runs) or _last_runs(name, 3)[::-1])


def _print_comparison(evening: str, names: list[str]) -> None:
    from ouderavond.evening.planning import comparing

    found = comparing.compare(evening, names)
    columns = found["runs"]
    criteria = {
        "must see, not placed": "must_unplaced",
        "wanted, not placed": "wanted_unplaced",
        "households with nothing": "households_with_nothing",
        "extra dates": "extra_dates",
        "preferences missed": "preferences_missed",
        "moved": "moved",
        "instructors idle, minutes": "instructor_waiting_minutes",
        "breaks missed": "breaks_missed",
    }
    rows = [["run", *(row["run"] for row in columns)], ["placed", *(row["placed"] for row in columns)]]
    rows += [[label, *(row["criteria"][key] for row in columns)] for label, key in criteria.items()]
    rows += [
        ["waiting, minutes per household", *(row["waiting_mean"] for row in columns)],
        ["longest waiting, minutes", *(row["waiting_worst"] for row in columns)],
    ]
    rows += [
        [f"points by the weights of {judge['title']}", *(row["values"][judge["run"]] for row in columns)]
        for judge in columns
    ]
    rows.append(["elsewhere than in the first", *(row["differs"][columns[0]["run"]] for row in columns)])
    print_table(rows, ["", *(row["title"] for row in columns)])
    if not found["same_input"]:
        click.echo("These runs were calculated from different requests, times or freedoms.")


@click.command()
@click.option("--run", help="The Schedule Run; by default the evening's last one.")
@evening_option
@dry_run_option
@pass_context
def apply(context, run, evening, dry_run):
    """Make the bookings of a run: all of them, or none."""
    from ouderavond.evening import runs
    from ouderavond.evening.planning import run_reading

    with on_site(context):
        run = run or next(iter(_last_runs(the_evening(evening), 1)), None)
        if not run:
            frappe.throw(frappe._("There is no run to apply. Run the scheduler first."))
        doc = frappe.get_doc("Schedule Run", run)
        if dry_run:
            _print_run(doc)
            found = run_reading.summary(doc.evening, run)
            click.echo("\n".join(filter(None, [*found["lines"], found["refusal"]])))
            return
        _print_applied(runs.apply_run(run))


def _last_runs(evening: str, number: int) -> list[str]:
    filters = {"evening": evening, "state": ("in", FINISHED), "placed": (">", 0)}
    return frappe.get_all(
        "Schedule Run", filters, pluck="name", order_by="creation desc, name desc", limit=number
    )


def _print_applied(report) -> None:
    print_table(
        [
            ["conversations booked", report.booked],
            ["kept where they were (published, pinned)", report.kept],
            ["of these moved", report.moved],
            ["removed", report.removed],
            ["not placed", report.not_placed],
            ["changed for people who were told a time", report.untold],
        ],
        ["", "number"],
    )


@click.command()
@evening_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_context
def back(context, evening, yes):
    """Go back to the state before the run that was applied last."""
    from ouderavond.evening import runs
    from ouderavond.evening.planning import changes

    with on_site(context):
        name = the_evening(evening)
        change = runs.applied_change(frappe.get_doc("Parent Evening", name))
        click.echo(f"{change['run']}, by {change['by']} on {change['on'][:16]}: {change['sentence']}")
        if not yes:
            click.confirm("Go back to the state before?", abort=True)
        click.echo(changes.undo(name, change["change"]).sentence)
        frappe.db.commit()


COMMANDS = (schedule, scenarios, compare, apply, back)
