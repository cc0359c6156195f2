"""The portal's own templates, compiled once per process and escaping everything.

The platform compiles the templates of a page at every request, which took longer than all the rest of ours.
"""

from functools import cache

from ouderavond.evening import wishes, wording
from ouderavond.templates import environment


def render(**context) -> str:
    """The contents of the portal page."""
    return _environment().get_template("portal/page.html").render(**context)


def render_mine(part: dict, alone: bool) -> str:
    """The conversations of one role alone, as they stand on the page.

    Args:
        part: as `start.part` gives it.
        alone: whether the page shows only this role, which makes its headings larger.
    """
    module = _environment().get_template("portal/start.html").module
    return str(module.mine_alone(part, 3 if alone else 4))


def render_times(evening: dict, level: int) -> str:
    """An instructor's own times of an evening, as they stand on the page below a heading of a level."""
    module = _environment().get_template("portal/instructor.html").module
    return str(module.times(evening, level))


@cache
def _environment():
    return environment.make(wishes=wishes.choices, words={"day": wording.day, "time": wording.time})
