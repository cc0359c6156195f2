"""Several sets of weights for one problem: a schedule for each, and how they compare.

A scenario is a name and weights; the weights it does not name are the problem's own. Every schedule is
also valued under the weights of all the others, so that one sees what each choice costs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from .grid import Grid
from .points import families_value
from .problem import Problem, Weights
from .reading import REQUIRED, InputError, identifier, join, list_of, one_of, record, shown, weight
from .schedule import Criteria, Progress, Schedule
from .score import Score

FORMAT = "ouderavond-scenarios/1"
COMPARISON_FORMAT = "ouderavond-comparison/1"
LEAST_SECONDS = 0.01
BETTER = 1e-6  # points by which another schedule must be better to be called so


class ScenariosError(InputError):
    """The scenarios are invalid: `path` of the value and what was `expected` there."""


@dataclass(frozen=True)
class Row:
    """One scenario's schedule in the comparison; minutes are minutes, objectives are in points.

    `waiting_mean` is per household with a conversation, `waiting_worst` that of the household that waits
    longest, `instructor_waiting_worst` that of the instructor who is idle longest. `values` is the
    families' objective of this schedule under the weights of each scenario. `better` names a scenario
    whose schedule is better than this one under this one's weights, which a short run can leave; `differs`
    counts the conversations that are not where the first scenario has them.
    """

    name: str
    weights: Weights
    status: str
    placed: int
    criteria: Criteria
    waiting_mean: float
    waiting_worst: int
    instructor_waiting_worst: int
    objective: float
    bound: float | None
    instructors_objective: float
    values: Mapping[str, float]
    better: str | None
    differs: int
    seconds: float

    @property
    def gap(self) -> float | None:
        """Points between the objective and its bound; None without a bound."""
        return None if self.bound is None else max(0.0, self.objective - self.bound)

    def to_dict(self) -> dict[str, Any]:
        """The row in the document "ouderavond-comparison/1"."""
        found = {field: getattr(self, field) for field in self.__dataclass_fields__}
        found["weights"] = {key.rstrip("_"): value for key, value in asdict(self.weights).items()}
        found["criteria"] = asdict(self.criteria)
        return {**found, "values": dict(self.values), "gap": self.gap}


def load_scenarios(document: Mapping[str, Any], problem: Problem) -> dict[str, Weights]:
    """Read scenarios from a parsed document of the format "ouderavond-scenarios/1", in its order.

    Weights that a scenario does not name are the problem's. Raises `ScenariosError` with the path of the
    first value that is wrong and what was expected there.
    """

    def scenario(value: Any, path: str) -> tuple[str, Weights]:
        fields = {"name": (identifier, REQUIRED), "weights": (_weights_of(problem), problem.weights)}
        return tuple(record(value, path, fields).values())

    fields = {"format": (one_of(FORMAT), REQUIRED), "scenarios": (list_of(scenario), REQUIRED)}
    try:
        pairs = record(document, "", fields)["scenarios"]
        if not pairs:
            raise InputError("scenarios", "expected at least one scenario, found none")
        found: dict[str, Weights] = {}
        for index, (name, weights) in enumerate(pairs):
            if name in found:
                first = list(found).index(name)
                raise InputError(
                    f"scenarios[{index}].name", f"{shown(name)} is already used by scenarios[{first}]"
                )
            found[name] = weights
    except InputError as error:
        raise ScenariosError(error.path, error.expected) from None
    return found


def _weights_of(problem: Problem) -> Callable[[Any, str], Weights]:
    """A check for weights; those that are not named are the problem's."""
    names = list(problem.weights.__dataclass_fields__)
    fields = {name.rstrip("_"): (weight, getattr(problem.weights, name)) for name in names}

    def read(value: Any, path: str) -> Weights:
        found = record(value, path, fields)
        return Weights(**{name: found[name.rstrip("_")] for name in names})

    return read


def scenario_problem(problem: Problem, weights: Weights) -> Problem:
    """The problem with a scenario's weights: what its schedule is to be checked against."""
    return replace(problem, weights=weights)


def solve_scenarios(
    problem: Problem,
    scenarios: Mapping[str, Weights | Mapping[str, float]],
    *,
    time_limit: float = 120.0,
    seed: int = 0,
    threads: int | None = None,
    on_progress: Callable[[str, Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    on_schedule: Callable[[str, Schedule], None] | None = None,
) -> dict[str, Schedule]:
    """A schedule for each scenario, in order; each is accepted by `verify` with the scenario's weights.

    `time_limit` is the total in wall-clock seconds: each run gets an even share of what is left, so that
    what one leaves goes to those after it. `on_progress` is called with the scenario's name too, and
    `on_schedule` with each schedule as soon as it is there. Once `should_stop` has answered true the
    scenario at work keeps its best schedule, and those after it are not begun: they are
    not in the answer. Raises `ScenariosError` for weights that are none.
    """
    from .solve import solve

    read = _weights_of(problem)
    every = {name: _as_weights(read, value, join("scenarios", name)) for name, value in scenarios.items()}
    end = time.monotonic() + time_limit
    stopped: list[bool] = []

    def stop() -> bool:
        if should_stop is not None and not stopped and should_stop():
            stopped.append(True)
        return bool(stopped)

    found: dict[str, Schedule] = {}
    for name, weights in every.items():
        share = (end - time.monotonic()) / (len(every) - len(found))
        found[name] = solve(
            scenario_problem(problem, weights),
            time_limit=max(LEAST_SECONDS, share),
            seed=seed,
            threads=threads,
            on_progress=_named(on_progress, name),
            should_stop=stop,
        )
        if on_schedule is not None:
            on_schedule(name, found[name])
        if stop():
            break
    return found


def _as_weights(read: Callable[[Any, str], Weights], value: Any, path: str) -> Weights:
    if isinstance(value, Weights):
        return value
    try:
        return read(value, path)
    except InputError as error:
        raise ScenariosError(error.path, error.expected) from None


def _named(
    on_progress: Callable[[str, Progress], None] | None, name: str
) -> Callable[[Progress], None] | None:
    if on_progress is None:
        return None
    return lambda progress: on_progress(name, progress)


def compare(
    problem: Problem, scenarios: Mapping[str, Weights], schedules: Mapping[str, Schedule]
) -> tuple[Row, ...]:
    """What each scenario's schedule reaches, and what it is worth to the others, in their order.

    Scenarios without a schedule are left out.
    """
    names = [name for name in scenarios if name in schedules]
    sides = _Sides(problem)
    starts = {name: _starts(schedules[name]) for name in names}
    values = {
        name: {other: families_value(problem, schedules[name], scenarios[other]) for other in names}
        for name in names
    }
    rows = []
    for name in names:
        schedule = schedules[name]
        best = min(names, key=lambda other: values[other][name])
        served = {problem.conversation[item.conversation].household for item in schedule.placements}
        waiting, idle = sides.worst(starts[name])
        rows.append(
            Row(
                name=name,
                weights=scenarios[name],
                status=schedule.status,
                placed=len(schedule.placements),
                criteria=schedule.criteria,
                waiting_mean=schedule.criteria.waiting_minutes / max(1, len(served)),
                waiting_worst=waiting,
                instructor_waiting_worst=idle,
                objective=schedule.objective,
                bound=schedule.bound,
                instructors_objective=schedule.instructors_objective,
                values=values[name],
                better=best if values[best][name] < values[name][name] - BETTER else None,
                differs=_different(problem, starts[names[0]], starts[name]),
                seconds=schedule.seconds,
            )
        )
    return tuple(rows)


def _starts(schedule: Schedule) -> dict[str, int]:
    return {item.conversation: item.start for item in schedule.placements}


def _different(problem: Problem, one: Mapping[str, int], other: Mapping[str, int]) -> int:
    """How many conversations do not have the same start, or only one has any."""
    return sum(one.get(item.id) != other.get(item.id) for item in problem.conversations)


class _Sides:
    """Waiting of the worst household and instructor, in minutes."""

    def __init__(self, problem: Problem):
        self.grid = Grid(problem)
        self.score = Score(self.grid)

    def worst(self, starts: Mapping[str, int]) -> tuple[int, int]:
        """The longest wait of a household and the longest idle time of an instructor."""
        grid = self.grid
        cells = [
            -1 if (start := starts.get(item.id)) is None else grid.cell_at[start]
            for item in grid.conversations
        ]
        waiting = max((self._household(members, cells) for members in grid.of_household), default=0)
        people = range(len(grid.problem.instructors))
        return waiting, max((self.score.instructor(each, cells)[1] for each in people), default=0)

    def _household(self, members: list[int], cells: list[int]) -> int:
        evenings: dict[int, list[tuple[int, int]]] = {}
        for index in members:
            if cells[index] >= 0:
                evenings.setdefault(self.grid.date_of[cells[index]], []).append((cells[index], index))
        return sum(self.score.evening(sorted(evening)) for evening in evenings.values())


def comparison_document(rows: tuple[Row, ...], files: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The document "ouderavond-comparison/1"; `files` are the names of the schedules' files."""
    scenarios = [{**row.to_dict(), **({"file": files[row.name]} if files else {})} for row in rows]
    return {"format": COMPARISON_FORMAT, "scenarios": scenarios}
