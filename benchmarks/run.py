"""One peer on one problem file, in a process of its own.

    python -m benchmarks.run one_model problem.json schedule.json --seconds 50 --seed 1

Exit code 3: the peer needs something that is not installed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ouderavond.scheduler import Problem, load

from . import NOT_INSTALLED
from .judge import schedule_of
from .peers.tables import Answer

PEERS = {
    "one_model": ("one_model", "solve_one_model"),
    "placement_first": ("placement_first", "solve_placement_first"),
    "timefold": ("timefold_peer", "solve_timefold"),
    "first_come": ("first_come", "solve_first_come"),
}


def peer(name: str) -> Callable[[Problem, float, int], Answer]:
    """The function of a peer; ImportError if what it needs is not installed."""
    module, function = PEERS[name]
    return getattr(importlib.import_module(f"benchmarks.peers.{module}"), function)


def main(arguments: Sequence[str] | None = None) -> int:
    """Solve a problem file with a peer and write its schedule file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="One peer on one problem.")
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("problem")
    parser.add_argument("schedule")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    try:
        solve = peer(options.peer)
    except ImportError as error:
        print(f"{options.peer} is not installed: {error}", file=sys.stderr)
        return NOT_INSTALLED
    problem = load(json.loads(Path(options.problem).read_text(encoding="utf-8")))
    schedule = schedule_of(problem, solve(problem, options.seconds, options.seed))
    Path(options.schedule).write_text(json.dumps(schedule.to_dict()) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
