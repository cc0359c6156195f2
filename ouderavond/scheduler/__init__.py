"""The scheduling engine: it places requested conversations at times, and proves how good that is.

Pure Python and OR-Tools, usable by itself: ``python -m ouderavond.scheduler --help``. The public
interface is `load`, `solve`, `verify`, `load_schedule` and the dataclasses they take and return.
"""

from .problem import Problem, ProblemError, load
from .schedule import Progress, Schedule, ScheduleError, load_schedule
from .solve import solve
from .verify import verify

__all__ = [
    "Problem",
    "ProblemError",
    "Progress",
    "Schedule",
    "ScheduleError",
    "load",
    "load_schedule",
    "solve",
    "verify",
]
