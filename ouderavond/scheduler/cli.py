"""The command line: solve, check, demo and report. Exit codes: 0 good, 1 not good, 2 invalid input."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

from .problem import Problem, load
from .reading import InputError
from .schedule import Progress, Schedule, load_schedule

GOOD, BROKEN, INVALID = 0, 1, 2
BAR = 30
LINE_SECONDS = 2.0


class _Refusal(Exception):
    """A sentence for stderr; the command ends with exit code 2."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors are sentences on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except _Refusal as refusal:
        print(f"error: {refusal}", file=sys.stderr)
        return INVALID
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ouderavond.scheduler", description="Schedule parent evenings, and check schedules."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    solve = commands.add_parser("solve", help="schedule a problem file")
    solve.add_argument("problem", help="problem file (ouderavond-problem/1)")
    solve.add_argument("--output", required=True, help="schedule file to write")
    solve.add_argument(
        "--time-limit", type=_positive, help="seconds; default 60 unless --work-limit is given"
    )
    solve.add_argument("--work-limit", type=_positive, help="deterministic seconds of work")
    solve.add_argument("--seed", type=_natural, default=0, help="random seed (default 0)")
    solve.add_argument("--threads", type=_count, help="processors to use (default: all, at most 8)")
    solve.add_argument("--progress", action="store_true", help="show progress on stderr")
    solve.set_defaults(run=_solve)
    check = commands.add_parser("check", help="check a schedule file against its problem file")
    check.add_argument("problem")
    check.add_argument("schedule")
    check.set_defaults(run=_check)
    demo = commands.add_parser("demo", help="write the problem file of an invented school")
    demo.add_argument("--students", type=_count, default=1300)
    demo.add_argument("--seed", type=_natural, default=1)
    demo.add_argument("--output", required=True)
    demo.set_defaults(run=_demo)
    report = commands.add_parser("report", help="write a schedule as a self-contained HTML page")
    report.add_argument("problem")
    report.add_argument("schedule")
    report.add_argument("--output", required=True)
    report.set_defaults(run=_report)
    return parser


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, found {text!r}")
    return value


def _whole(text: str, least: int) -> int:
    if not (text.isascii() and text.isdigit()) or not least <= int(text[:12]) <= 2**31 - 1 or len(text) > 10:
        raise argparse.ArgumentTypeError(f"expected a whole number from {least}, found {text!r}")
    return int(text)


def _count(text: str) -> int:
    return _whole(text, 1)


def _natural(text: str) -> int:
    return _whole(text, 0)


# -- files


def _read(path: str) -> Any:
    """The JSON document of a file."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _Refusal(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise _Refusal(f"{path} is not UTF-8 text (byte {error.start}).") from None
    try:
        return json.loads(text, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _Refusal(f"{path} is not valid JSON: {error.msg} at {where}.") from None
    except RecursionError:
        raise _Refusal(f"{path} is not valid input: it is nested too deeply.") from None
    except ValueError as error:
        raise _Refusal(f"{path} is not valid input: {error}.") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {repeated!r} occurs twice in one object")
    return found


def _load(path: str, reader: Callable[[Any], Any]) -> Any:
    document = _read(path)
    try:
        return reader(document)
    except InputError as error:
        raise _Refusal(f"{path}: {error}") from None


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise _Refusal(f"{path} cannot be written: {error.strerror or error}.") from None


def _probe(path: str) -> None:
    """Find out before the work, not after it, that a file cannot be written."""
    try:
        with open(path, "a", encoding="utf-8"):
            pass
    except OSError as error:
        raise _Refusal(f"{path} cannot be written: {error.strerror or error}.") from None


def _write_json(path: str, document: Any) -> None:
    _write(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


# -- commands


def _solve(options: argparse.Namespace) -> int:
    problem: Problem = _load(options.problem, load)
    _probe(options.output)
    from .solve import solve

    limit = options.time_limit
    if limit is None and options.work_limit is None:
        limit = 60.0
    show = _Progress(sys.stderr, limit) if options.progress else None
    schedule = solve(
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
    _write_json(options.output, schedule.to_dict())
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


def _check(options: argparse.Namespace) -> int:
    from .verify import verify

    problem: Problem = _load(options.problem, load)
    schedule: Schedule = _load(options.schedule, load_schedule)
    errors = verify(problem, schedule)
    for error in errors:
        print(error, file=sys.stderr)
    if errors:
        return BROKEN
    print(
        f"Good: {len(schedule.placements)} of {len(problem.conversations)} conversations placed, "
        "every rule kept and every figure right."
    )
    return GOOD


def _demo(options: argparse.Namespace) -> int:
    from .demo import demo_problem

    document = demo_problem(options.students, options.seed)
    _write_json(options.output, document)
    households = {item["household"] for item in document["conversations"]}
    print(
        f"{options.output}: {options.students} students, {len(document['conversations'])} conversations "
        f"asked by {len(households)} households, {len(document['instructors'])} instructors, "
        f"{len(document['dates'])} dates."
    )
    return GOOD


def _report(options: argparse.Namespace) -> int:
    from .report import report
    from .verify import verify

    problem: Problem = _load(options.problem, load)
    schedule: Schedule = _load(options.schedule, load_schedule)
    errors = verify(problem, schedule)
    if errors:
        print(f"error: {options.schedule} is not a good schedule: {errors[0]}", file=sys.stderr)
        return BROKEN
    _write(options.output, report(problem, schedule))
    print(f"{options.output} written.")
    return GOOD


# -- what is shown


class _Progress:
    """A bar that is redrawn on a terminal, and now and then a line elsewhere."""

    def __init__(self, stream: TextIO, limit: float | None):
        self.stream, self.limit = stream, limit
        self.terminal = stream.isatty()
        self.last: tuple[float, str] = (-LINE_SECONDS, "")

    def __call__(self, progress: Progress) -> None:
        objective = "-" if progress.objective is None else f"{progress.objective:.1f}"
        text = (
            f"{progress.seconds:6.1f} s  {progress.phase:<15} placed {progress.placed}/{progress.total}  "
            f"objective {objective}  bound {progress.bound:.1f}"
        )
        if self.terminal:
            share = (
                min(1.0, progress.seconds / self.limit)
                if self.limit
                else progress.placed / max(1, progress.total)
            )
            filled = round(share * BAR)
            self.stream.write(f"\r[{'#' * filled}{'.' * (BAR - filled)}] {text}\x1b[K")
            self.stream.flush()
        elif progress.phase != self.last[1] or progress.seconds - self.last[0] >= LINE_SECONDS:
            self.last = (progress.seconds, progress.phase)
            print(text, file=self.stream, flush=True)

    def close(self) -> None:
        """End the bar's line."""
        if self.terminal:
            self.stream.write("\n")


def summary(problem: Problem, schedule: Schedule) -> str:
    """A table of what was reached, and how near it is to what is possible."""
    criteria, bounds = schedule.criteria, schedule.bounds
    served = {problem.conversation[item.conversation].household for item in schedule.placements}

    def proven(count: int, least: int | None) -> str:
        return f"{count} (proven minimum {least})" if least is not None else f"{count} (minimum not proven)"

    rows = [
        ("Status", schedule.status),
        ("Placed", f"{len(schedule.placements)} of {len(problem.conversations)}"),
        ("Must-see not placed", proven(criteria.must_unplaced, bounds.must_unplaced)),
        ("Wanted not placed", proven(criteria.wanted_unplaced, bounds.wanted_unplaced)),
        ("Families with nothing", str(criteria.households_with_nothing)),
        ("Moved", str(criteria.moved)),
        ("Extra dates for families", str(criteria.extra_dates)),
        ("Waiting per family", f"{criteria.waiting_minutes / max(1, len(served)):.1f} minutes"),
        ("Preferences missed", str(criteria.preferences_missed)),
        ("Breaks missed", str(criteria.breaks_missed)),
        ("Instructors' idle time", f"{criteria.instructor_waiting_minutes} minutes"),
        ("Objective and bound", _gap(schedule)),
        ("Warnings", str(len(schedule.warnings))),
        ("Seconds", f"{schedule.seconds:.1f}"),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _gap(schedule: Schedule) -> str:
    if schedule.bound is None:
        return f"{schedule.objective:.1f}, no bound"
    gap = schedule.objective - schedule.bound
    share = 100 * gap / schedule.objective if schedule.objective else 0.0
    return f"{schedule.objective:.1f} and {schedule.bound:.1f}: gap {gap:.1f} ({share:.2f} %)"
