"""`bench --site … ouderavond …`: what the desk can do, from the command line. A refusal exits with 1."""

import sys
from contextlib import contextmanager

import click
import frappe
from frappe.commands import get_site, pass_context
from frappe.utils import cint


@click.group("ouderavond")
def ouderavond():
    """Parent evenings: offers, schedule, apply, publish, status, demo, doctor."""


@contextmanager
def _site(context):
    """Connect to the site; a refusal of the app becomes a sentence on stderr and exit code 1."""
    frappe.init(site=get_site(context))
    frappe.connect()
    frappe.set_user("Administrator")
    try:
        yield
    except (frappe.ValidationError, frappe.PermissionError, frappe.DoesNotExistError) as error:
        frappe.db.rollback()
        click.secho(_plain(str(error)), fg="red", err=True)
        sys.exit(1)
    finally:
        frappe.destroy()


def _plain(text: str) -> str:
    return frappe.utils.strip_html(text.replace("<br>", "\n"))


def _table(rows: list[list], heads: list[str]) -> None:
    """Print a table as wide as its contents; numbers to the right."""
    texts = [heads] + [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in texts) for column in range(len(heads))]
    for number, row in enumerate(texts):
        cells = []
        for column, cell in enumerate(row):
            right = number and isinstance(rows[number - 1][column], int | float)
            cells.append(cell.rjust(widths[column]) if right else cell.ljust(widths[column]))
        click.echo("  ".join(cells).rstrip())
        if not number:
            click.echo("  ".join("-" * width for width in widths))


def _evening(name: str | None) -> str:
    """The evening that is meant: by name, by title, or the only one that is not archived."""
    if name:
        found = frappe.db.exists("Parent Evening", name) or frappe.db.get_value(
            "Parent Evening", {"title": name}
        )
        if not found:
            frappe.throw(frappe._("There is no evening {0}.").format(name))
        return found
    names = frappe.get_all("Parent Evening", {"archived": 0}, pluck="name", order_by="name")
    if len(names) != 1:
        frappe.throw(
            frappe._("Say which evening with --evening: there are {0} ({1}).").format(
                len(names), ", ".join(names[:10]) or "-"
            )
        )
    return names[0]


evening_option = click.option("--evening", help="Name or title; may be left out where there is just one.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Count only, change nothing.")


@ouderavond.command()
@evening_option
@click.option("--program", "programs", multiple=True, help="Only this program; may be repeated.")
@click.option("--course", "courses", multiple=True, help="Only this course; may be repeated.")
@dry_run_option
@pass_context
def offers(context, evening, programs, courses, dry_run):
    """Offer conversations from the lessons of the reference week."""
    from ouderavond.evening.offers import make_offers

    with _site(context):
        name = _evening(evening)
        with _bar("Offers") as bar:
            report = make_offers(
                name, list(programs) or None, list(courses) or None, dry_run=dry_run, progress=bar
            )
        _table(
            [
                ["students", report.students],
                ["instructors", report.instructors],
                ["offers created" if not dry_run else "offers to create", report.created],
                ["offered again", report.switched_on],
                ["there already", report.existing],
                ["in a package, taught by nobody", sum(report.missing.values())],
            ],
            ["", "number"],
        )


@ouderavond.command()
@evening_option
@click.option("--time-limit", type=click.IntRange(1, 86400), help="Seconds.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--scenario", help="A name to tell runs apart.")
@click.option("--apply", "apply_it", is_flag=True, help="Apply the result at once.")
@dry_run_option
@pass_context
def schedule(context, evening, time_limit, seed, scenario, apply_it, dry_run):
    """Run the scheduler here and now. Ctrl-C keeps the best schedule so far."""
    from ouderavond.evening import problem, runs

    with _site(context):
        name = _evening(evening)
        if dry_run:
            document = problem.build_problem(frappe.get_doc("Parent Evening", name))
            keys = ("conversations", "households", "instructors", "students")
            _table([[key, len(document[key])] for key in keys], ["", "number"])
            return
        run = runs.start_run(name, time_limit=time_limit, scenario=scenario, seed=seed, now=True)
        runs.run_job(run, on_progress=_show_progress)
        click.echo(err=True)
        doc = frappe.get_doc("Schedule Run", run)
        if doc.state == "Failed":
            frappe.throw(doc.message)
        _print_run(doc)
        if apply_it:
            _print_applied(runs.apply_run(run))


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

    _table(
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


@ouderavond.command()
@click.option("--run", help="The Schedule Run; by default the evening's last one.")
@evening_option
@dry_run_option
@pass_context
def apply(context, run, evening, dry_run):
    """Make the bookings of a run: all of them, or none."""
    from ouderavond.evening import runs

    with _site(context):
        run = run or _last_run(_evening(evening))
        doc = frappe.get_doc("Schedule Run", run)
        if dry_run:
            _print_run(doc)
            return
        _print_applied(runs.apply_run(run))


def _last_run(evening: str) -> str:
    filters = {"evening": evening, "state": ("in", ("Finished", "Cancelled", "Interrupted"))}
    found = frappe.get_all("Schedule Run", filters, pluck="name", order_by="creation desc", limit=1)
    if not found:
        frappe.throw(frappe._("There is no run to apply. Run the scheduler first."))
    return found[0]


def _print_applied(report) -> None:
    _table(
        [
            ["conversations booked", report.booked],
            ["kept where they were (published, pinned)", report.kept],
            ["of these moved", report.moved],
            ["removed", report.removed],
            ["not placed", report.not_placed],
        ],
        ["", "number"],
    )


@ouderavond.command()
@evening_option
@click.option("--hide", is_flag=True, help="Hide the schedule instead.")
@dry_run_option
@pass_context
def publish(context, evening, hide, dry_run):
    """Publish the planned conversations and show the schedule."""
    from ouderavond.evening import publishing

    with _site(context):
        name = _evening(evening)
        if dry_run:
            count = frappe.db.count("Evening Booking", {"evening": name, "state": "Planned"})
            click.echo(f"{count} conversations would be published.")
            return
        if hide:
            publishing.hide(name)
            click.echo("The schedule is hidden.")
        else:
            click.echo(f"{publishing.publish(name)} conversations published.")
        frappe.db.commit()


@ouderavond.command()
@evening_option
@pass_context
def status(context, evening):
    """Where an evening stands, and what is due."""
    from ouderavond.evening import status as evening_status

    with _site(context):
        _table(evening_status.table(_evening(evening)), ["", ""])


@ouderavond.command()
@click.option("--students", type=click.IntRange(40, 5_000), default=1300, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--logins", type=click.Choice(["some", "all"]), default="some", show_default=True)
@click.option("--force", is_flag=True, help="Also on a site that has students of its own.")
@click.option("--remove", is_flag=True, help="Remove the demo school and nothing else.")
@click.option("--yes", is_flag=True, help="Remove without asking.")
@pass_context
def demo(context, students, seed, logins, force, remove, yes):
    """Make a demo school in Education's own records, or remove it."""
    from ouderavond import demo as school

    if remove and not yes:
        click.confirm("Remove the demo school, with all that was booked in it?", abort=True)
    with _site(context), _bar("Demo school") as bar:
        report = school.remove(progress=bar) if remove else school.create(students, seed, logins, force, bar)
    click.echo(str(report))


@ouderavond.command()
@pass_context
def doctor(context):
    """Look whether everything that an evening needs is in order, and say what to do."""
    from ouderavond.evening.doctor import check

    with _site(context):
        findings = check()
        for finding in findings:
            click.echo(f"{finding.level:<8} {finding.name}: {finding.what}")
            if finding.do:
                click.echo(f"         {finding.do}")
        if any(finding.level == "error" for finding in findings):
            sys.exit(1)


@contextmanager
def _bar(label: str):
    """A progress callback (done, total[, title]) that draws a bar on a terminal and is silent elsewhere."""

    def show(done: int, total: int, title: str | None = None) -> None:
        if sys.stderr.isatty() and total:
            filled = round(30 * done / total)
            bar = "#" * filled + "." * (30 - filled)
            click.echo(f"\r{(title or label)[:36]:<36} [{bar}] {done}/{total} ", nl=False, err=True)

    yield show
    if sys.stderr.isatty():
        click.echo(err=True)


commands = [ouderavond]
