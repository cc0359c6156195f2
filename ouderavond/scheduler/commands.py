"""The commands: each takes the parsed options, does its work on files, and returns an exit code."""

from __future__ import annotations

import argparse
import gc
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .changes import changes_document
from .console import ProgressLine, summary
from .files import Refusal, file_names, make_directory, probe, read, write, write_json
from .problem import Problem, load
from .schedule import Progress, Schedule, load_schedule
from .tables import changes_table, comparison, forecast_tables, shortened

GOOD, BROKEN, INVALID = 0, 1, 2


def solve(options: argparse.Namespace) -> int:
    """Schedule a problem file."""
    gc.set_threshold(200_000, 50, 50)  # a run makes millions of small objects and hardly a cycle
    problem: Problem = read(options.problem, load)
    probe(options.output)
    from .solve import solve as solver

    limit = options.time_limit
    if limit is None and options.work_limit is None:
        limit = 60.0
    show = ProgressLine(sys.stderr, limit) if options.progress else None
    schedule = solver(
        problem,
        time_limit=limit,
        work_limit=options.work_limit,
        seed=options.seed,
        threads=options.threads,
        on_progress=show,
        should_stop=_interrupted(),
    )
    if show is not None:
        show.close()
    write_json(options.output, schedule.to_dict())
    print(summary(problem, schedule))
    return GOOD


def _interrupted() -> Callable[[], bool]:
    """True after the first Ctrl-C, so that the best schedule so far is still written."""
    pressed: list[int] = []
    if threading.current_thread() is threading.main_thread():

        def note(number: int, _frame: Any) -> None:
            pressed.append(number)
            signal.signal(signal.SIGINT, signal.default_int_handler)

        signal.signal(signal.SIGINT, note)
    return lambda: bool(pressed)


def check(options: argparse.Namespace) -> int:
    """Check a schedule file against its problem file."""
    problem, schedule, errors = _checked(options)
    for error in errors:
        print(error, file=sys.stderr)
    if errors:
        return BROKEN
    print(
        f"Good: {len(schedule.placements)} of {len(problem.conversations)} conversations placed, "
        "every rule kept and every figure right."
    )
    return GOOD


def _checked(options: argparse.Namespace) -> tuple[Problem, Schedule, list[str]]:
    """A problem, a schedule and what the checker has to say about them."""
    from .verify import verify

    problem: Problem = read(options.problem, load)
    schedule: Schedule = read(options.schedule, load_schedule)
    return problem, schedule, verify(problem, schedule)


def changes(options: argparse.Namespace) -> int:
    """Show, and write if asked, what a schedule changes for whom."""
    problem, schedule, errors = _checked(options)
    if errors:
        return _not_good(options.schedule, errors)
    if options.output:
        write_json(options.output, changes_document(problem, schedule))
    print(changes_table(problem, schedule))
    return GOOD


COMPARISON = "comparison.json"


def scenarios(options: argparse.Namespace) -> int:
    """Schedule a problem file under several sets of weights, and compare what comes out."""
    from .scenarios import compare, comparison_document, load_scenarios, solve_scenarios

    problem: Problem = read(options.problem, load)
    wanted = read(options.scenarios, lambda document: load_scenarios(document, problem))
    make_directory(options.output_dir)
    files = file_names(wanted, taken=[COMPARISON])
    paths = {name: str(Path(options.output_dir, file)) for name, file in files.items()}
    compared = str(Path(options.output_dir, COMPARISON))
    for path in (*paths.values(), compared):
        probe(path)
    show = _ScenarioProgress(options.time_limit / len(wanted)) if options.progress else None
    schedules = solve_scenarios(
        problem,
        wanted,
        time_limit=options.time_limit,
        seed=options.seed,
        threads=options.threads,
        on_progress=show,
        should_stop=_interrupted(),
        on_schedule=lambda name, schedule: write_json(paths[name], schedule.to_dict()),
    )
    if show is not None:
        show.close()
    rows = compare(problem, wanted, schedules)
    write_json(compared, comparison_document(rows, files))
    print(comparison(rows))
    left_out = [name for name in wanted if name not in schedules]
    if left_out:
        print(f"Interrupted: no schedule for {', '.join(map(repr, left_out))}.", file=sys.stderr)
    return GOOD


class _ScenarioProgress:
    """A progress line per scenario; `limit` is the share of each in seconds."""

    def __init__(self, limit: float):
        self.limit, self.name = limit, ""
        self.line: ProgressLine | None = None

    def __call__(self, name: str, progress: Progress) -> None:
        if self.line is None or name != self.name:
            self.close()
            self.name, self.line = name, ProgressLine(sys.stderr, self.limit, f"{shortened(name)}  ")
        self.line(progress)

    def close(self) -> None:
        """End the last scenario's line."""
        if self.line is not None:
            self.line.close()


def forecast(options: argparse.Namespace) -> int:
    """Show, and write if asked, how crowded an evening will be if families may ask what is on offer."""
    from .forecast import forecast as expect

    problem: Problem = read(options.problem, load)
    try:
        found = expect(
            problem,
            asking=options.asking,
            per_student=options.per_student,
            most=options.most,
            popularity=dict(options.popularity),
        )
    except ValueError as error:
        raise Refusal(str(error)) from None
    if options.output:
        write_json(options.output, found.to_dict())
    print(forecast_tables(found))
    return GOOD


def demo(options: argparse.Namespace) -> int:
    """Write the problem file of an invented school."""
    from .demo import demo_problem

    document = demo_problem(options.students, options.seed)
    write_json(options.output, document)
    households = {item["household"] for item in document["conversations"]}
    print(
        f"{options.output}: {options.students} students, {len(document['conversations'])} conversations "
        f"asked by {len(households)} households, {len(document['instructors'])} instructors, "
        f"{len(document['dates'])} dates."
    )
    return GOOD


def report(options: argparse.Namespace) -> int:
    """Write a schedule as a page."""
    from .report import report as page

    problem, schedule, errors = _checked(options)
    if errors:
        return _not_good(options.schedule, errors)
    write(options.output, page(problem, schedule))
    print(f"{options.output} written.")
    return GOOD


def _not_good(path: str, errors: list[str]) -> int:
    print(f"error: {path} is not a good schedule: {errors[0]}", file=sys.stderr)
    return BROKEN
