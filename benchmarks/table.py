"""The results as tables in Markdown: per size and solver the median of the seeds, and the worst."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

Result = dict[str, Any]

NAMES = {
    "ouderavond": "**this engine**",
    "one_model": "one CP-SAT model",
    "placement_first": "placement, then neighbourhoods",
    "timefold": "Timefold",
    "first_come": "first come, first served",
}
# heading, figure, decimals
COLUMNS = (
    ("seconds", "seconds", 1),
    ("must unplaced", "must_unplaced", 0),
    ("wanted unplaced", "wanted_unplaced", 0),
    ("households with nothing", "households_with_nothing", 0),
    ("extra dates", "extra_dates", 0),
    ("waiting minutes", "waiting_minutes", 0),
    ("preferences missed", "preferences_missed", 0),
    ("breaks missed", "breaks_missed", 0),
    ("instructors' idle minutes", "instructor_waiting_minutes", 0),
    ("objective", "objective", 1),
    ("bound", "bound", 1),
    ("above best bound", "above", 1),
    ("memory MB", "memory_mb", 0),
)
SLACK = 1e-6


def table(results: Sequence[Result]) -> str:
    """All tables, under the machine they were made on, and what went wrong."""
    good = [result for result in results if result["status"] == "good"]
    bounds = best_bounds(good)
    rows = [{**result, "above": _above(result, bounds)} for result in good]
    parts = [_machines(results), "Median of the seeds, and in brackets the worst where it differs.", ""]
    for size in dict.fromkeys(result["size"] for result in results):
        parts += _size([result for result in results if result["size"] == size], rows, size)
    parts += [f"- Failed: {_name(each)}: {each['message']}" for each in results if each["status"] == "failed"]
    parts += [f"- Wrong bound: {_name(each)} is below it." for each in rows if _below(each)]
    return "\n".join(parts).rstrip() + "\n"


def best_bounds(results: Iterable[Result]) -> dict[tuple[str, int], float]:
    """Per instance the highest bound that any solver has proven."""
    best: dict[tuple[str, int], float] = {}
    for result in results:
        if result["bound"] is not None:
            key = result["size"], result["seed"]
            best[key] = max(result["bound"], best.get(key, 0.0))
    return best


def _above(result: Result, bounds: dict[tuple[str, int], float]) -> float | None:
    bound = bounds.get((result["size"], result["seed"]))
    return None if bound is None else result["objective"] - bound


def _below(result: Result) -> bool:
    """Is a schedule better than what was proven to be possible?"""
    return result["above"] is not None and result["above"] < -SLACK * max(1.0, result["objective"])


def _name(result: Result) -> str:
    return f"{result['size']} {result['seed']} {result['solver']}"


def _machines(results: Iterable[Result]) -> str:
    lines = [
        f"{each['cores']} cores of {each['cpu']}, Python {each['python']}, OR-Tools {each['ortools']}."
        for each in (result["machine"] for result in results)
    ]
    return "\n".join(dict.fromkeys(lines)) + "\n"


def _size(results: Sequence[Result], rows: Sequence[Result], size: str) -> list[str]:
    seeds = len({result["seed"] for result in results})
    headings = ["solver", "limit s", "placed / asked", *(heading for heading, _, _ in COLUMNS)]
    lines = [f"### {size} ({seeds} {'seed' if seeds == 1 else 'seeds'})", "", _row(headings)]
    lines.append(_row(["---"] + ["---:"] * (len(headings) - 1)))
    for solver, limit in dict.fromkeys((result["solver"], result["limit"]) for result in results):
        known = [each for each in results if (each["solver"], each["limit"]) == (solver, limit)]
        of_solver = [
            each for each in rows if (each["size"], each["solver"], each["limit"]) == (size, solver, limit)
        ]
        start = [NAMES.get(solver, solver), f"{limit:g}"]
        if of_solver:
            lines.append(_row([*start, _placed(of_solver), *_cells(of_solver)]))
        else:
            lines.append(_row([*start, known[0]["status"], *[""] * len(COLUMNS)]))
    return [*lines, ""]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _placed(rows: Sequence[Result]) -> str:
    placed, asked = (median(each[name] for each in rows) for name in ("placed", "asked"))
    return f"{placed:,.0f} / {asked:,.0f}"


def _cells(rows: Sequence[Result]) -> list[str]:
    return [_cell([row[name] for row in rows], decimals, _worst(name)) for _, name, decimals in COLUMNS]


def _worst(name: str) -> Callable[[Iterable[float]], float]:
    """A bound is worst when it is low, everything else when it is high."""
    return min if name == "bound" else max


def _cell(values: list[float | None], decimals: int, worst: Callable[[Iterable[float]], float]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    middle, end = (f"{value:,.{decimals}f}" for value in (median(known), worst(known)))
    return middle if middle == end else f"{middle} ({end})"
