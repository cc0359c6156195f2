"""`offers matrix` and `offers remove-by-course`."""

import click
from frappe.commands import pass_context

from ouderavond.commands.offers.printing import carry_out, yes_option
from ouderavond.commands.site import dry_run_option, evening_option, on_site, print_table, the_evening


@click.command()
@evening_option
@click.option("--remove", is_flag=True, help="What can be removed: also labels and courses outside packages.")
@pass_context
def matrix(context, evening, remove):
    """Programs by courses: offered/could be offered, and +requested."""
    import frappe

    from ouderavond.evening.offering import matrix as matrix_of

    with on_site(context):
        doc = frappe.get_doc("Parent Evening", the_evening(evening))
        found = matrix_of.to_remove(doc) if remove else matrix_of.to_offer(doc)
        cells = {(row, column): figures for column, row, *figures in found["cells"]}
        print_table(
            [
                [place["code"], place["title"]]
                + [_text(cells.get((row, column)), remove) for column in range(len(found["programs"]))]
                for row, place in enumerate(found["rows"])
            ],
            ["code", "course", *(program["title"] for program in found["programs"])],
        )


def _text(figures: list | None, remove: bool) -> str:
    if not figures:
        return "-"
    total, offered, requested = figures
    number = str(total) if remove else f"{offered}/{total}"
    return f"{number} +{requested}" if requested else number


@click.command("remove-by-course")
@evening_option
@click.option("--program", "programs", multiple=True, help="Only of this program; may be repeated.")
@click.option("--course", "courses", multiple=True, help="This course; may be repeated.")
@click.option("--label", "labels", multiple=True, help="This subject that is no course; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="Everything that is offered to participants.")
@yes_option
@dry_run_option
@pass_context
def remove_by_course(context, evening, programs, courses, labels, everything, yes, dry_run):
    """Remove what is offered for programs, courses and labels."""
    import frappe

    from ouderavond.evening.offering import by_course

    if not (programs or courses or labels or everything):
        raise click.UsageError("Say what to remove: --program, --course, --label or --all.")
    with on_site(context):
        name = the_evening(evening)
        cells = None
        if not everything:
            cells = _cells(frappe.get_doc("Parent Evening", name), programs, courses, labels)
        carry_out(by_course.remove, name, cells=cells, confirmed=yes, dry_run=dry_run)


def _cells(evening, programs: tuple, courses: tuple, labels: tuple) -> list:
    """The cells of the matrix that the options name."""
    from ouderavond.evening.offering import matrix as matrix_of

    found = matrix_of.to_remove(evening)
    rows = [
        row
        for row in found["rows"]
        if not (courses or labels) or row["course"] in courses or row["label"] in labels
    ]
    columns = [column["name"] for column in found["programs"] if not programs or column["name"] in programs]
    return [matrix_of.Cell(program, row["course"], row["label"]) for row in rows for program in columns]
