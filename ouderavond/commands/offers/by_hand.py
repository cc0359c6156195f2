"""`offers hand` and `offers remove-hand`: instructors × subjects × students, whatever the packages say."""

import click
from frappe.commands import pass_context

from ouderavond.commands.offers.printing import carry_out, yes_option
from ouderavond.commands.site import dry_run_option, evening_option, on_site, the_evening


def _choosing(command):
    """The options that say who, about what, and for whom; each may be repeated."""
    options = (
        ("--instructor", "instructors", "Code or name of an instructor."),
        ("--course", "courses", "Code or name of a course."),
        ("--label", "labels", "A subject of your own, or 'Name=abbr' with its abbreviation."),
        ("--program", "programs", "Students of a program."),
        ("--class", "classes", "Students of a class."),
        ("--student", "students", "Number or name of one student."),
    )
    for option, name, text in reversed(options):
        command = click.option(option, name, multiple=True, help=text)(command)
    return command


@click.command()
@evening_option
@_choosing
@click.option("--together", is_flag=True, help="All instructors in one conversation.")
@dry_run_option
@pass_context
def hand(context, evening, together, dry_run, **chosen):
    """Offer each subject with each instructor to each student."""
    from ouderavond.evening.offering import by_hand

    with on_site(context):
        report = carry_out(
            by_hand.offer,
            the_evening(evening),
            together=together,
            dry_run=dry_run,
            instructors=_records("Instructor", chosen["instructors"]),
            subjects=_subjects(chosen),
            students=_students(chosen),
        )
        if report.more["warning"]:
            click.secho(report.more["warning"], fg="yellow", err=True)


@click.command()
@evening_option
@_choosing
@yes_option
@dry_run_option
@pass_context
def remove_hand(context, evening, yes, dry_run, **chosen):
    """Remove what is offered with these instructors, about these subjects, to these students.

    Of whom or what nothing is said, all are meant.
    """
    from ouderavond.evening.offering import by_hand

    with on_site(context):
        students = _students(chosen)
        carry_out(
            by_hand.remove,
            the_evening(evening),
            instructors=_records("Instructor", chosen["instructors"]) or None,
            subjects=_subjects(chosen) or None,
            students=students if any(students.values()) else None,
            dry_run=dry_run,
            confirmed=yes,
        )


def _subjects(chosen: dict) -> list[dict]:
    labels = [label.partition("=") for label in chosen["labels"]]
    return [
        *({"course": course} for course in _records("Course", chosen["courses"])),
        *({"label": label, "abbreviation": abbreviation} for label, _sep, abbreviation in labels),
    ]


def _students(chosen: dict) -> dict:
    return {
        "programs": list(chosen["programs"]),
        "classes": list(chosen["classes"]),
        "students": _records("Student", chosen["students"]),
    }


def _records(doctype: str, texts: tuple[str, ...]) -> list[str]:
    """The records that are meant by code or by name."""
    import frappe

    found = []
    for text in texts:
        by_code = frappe.get_all(doctype, {"ouderavond_code": text}, pluck="name", limit=2)
        names = by_code or frappe.get_all(doctype, {"name": text}, pluck="name")
        if len(names) != 1:
            frappe.throw(frappe._("{0} is not one {1} by code or by name.").format(text, frappe._(doctype)))
        found += names
    return found
