"""The command line: its options. Exit codes: 0 good, 1 not good, 2 invalid input."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from . import commands
from .files import Refusal


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors are sentences on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except Refusal as refusal:
        print(f"error: {refusal}", file=sys.stderr)
        return commands.INVALID
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ouderavond.scheduler", description="Schedule parent evenings, and check schedules."
    )
    known = parser.add_subparsers(required=True, metavar="command")
    _solve(known.add_parser("solve", help="schedule a problem file"))
    _scenarios(known.add_parser("scenarios", help="schedule a problem file under several sets of weights"))
    check = known.add_parser("check", help="check a schedule file against its problem file")
    _both_files(check)
    check.set_defaults(run=commands.check)
    changes = known.add_parser("changes", help="show what a schedule changes for whom")
    _both_files(changes)
    changes.add_argument("--output", help="file to write the changes to (ouderavond-changes/1)")
    changes.set_defaults(run=commands.changes)
    _forecast(known.add_parser("forecast", help="show how crowded an evening will be, before anybody asks"))
    demo = known.add_parser("demo", help="write the problem file of an invented school")
    demo.add_argument("--students", type=_count, default=1300)
    demo.add_argument("--seed", type=_natural, default=1)
    demo.add_argument("--output", required=True)
    demo.set_defaults(run=commands.demo)
    report = known.add_parser("report", help="write a schedule as a self-contained HTML page")
    _both_files(report)
    report.add_argument("--output", required=True)
    report.set_defaults(run=commands.report)
    return parser


def _solve(solve: argparse.ArgumentParser) -> None:
    solve.add_argument("problem", help="problem file (ouderavond-problem/1)")
    solve.add_argument("--output", required=True, help="schedule file to write")
    solve.add_argument(
        "--time-limit", type=_positive, help="seconds; default 60 unless --work-limit is given"
    )
    solve.add_argument("--work-limit", type=_positive, help="deterministic seconds of work")
    _running(solve)
    solve.set_defaults(run=commands.solve)


def _scenarios(scenarios: argparse.ArgumentParser) -> None:
    scenarios.add_argument("problem", help="problem file (ouderavond-problem/1)")
    scenarios.add_argument("scenarios", help="scenarios file (ouderavond-scenarios/1)")
    scenarios.add_argument("--output-dir", required=True, help="directory for schedules and comparison.json")
    scenarios.add_argument(
        "--time-limit", type=_positive, default=120.0, help="seconds for all together (default 120)"
    )
    _running(scenarios)
    scenarios.set_defaults(run=commands.scenarios)


def _forecast(forecast: argparse.ArgumentParser) -> None:
    forecast.add_argument("problem", help="problem file whose conversations are what may be asked")
    forecast.add_argument(
        "--asking", type=float, default=0.7, help="share of households that ask (default 0.7)"
    )
    forecast.add_argument(
        "--per-student", type=float, default=1.5, help="mean conversations asked per student (default 1.5)"
    )
    forecast.add_argument("--most", type=_count, default=3, help="most asked per student (default 3)")
    forecast.add_argument(
        "--popularity",
        type=_factor,
        action="append",
        default=[],
        metavar="INSTRUCTOR=FACTOR",
        help="how much more an instructor is asked than others (default 1); may be repeated",
    )
    forecast.add_argument("--output", help="file to write the forecast to (ouderavond-forecast/1)")
    forecast.set_defaults(run=commands.forecast)


def _running(parser: argparse.ArgumentParser) -> None:
    """The options of whatever solves."""
    parser.add_argument("--seed", type=_natural, default=0, help="random seed (default 0)")
    parser.add_argument("--threads", type=_count, help="processors to use (default: all, at most 8)")
    parser.add_argument("--progress", action="store_true", help="show progress on stderr")


def _both_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("problem", help="problem file (ouderavond-problem/1)")
    parser.add_argument("schedule", help="schedule file (ouderavond-schedule/1)")


def _factor(text: str) -> tuple[str, float]:
    name, separator, factor = text.rpartition("=")
    try:
        return name, float(factor if separator else "")
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected an instructor=factor, found {text!r}") from None


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
