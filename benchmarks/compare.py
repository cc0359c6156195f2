"""The scheduler beside its peers: each run in a fresh process, one after the other, all on this machine.

    python -m benchmarks.compare --sizes S,M,L --seeds 5 --output results.jsonl
    python -m benchmarks.compare --table results.jsonl

A run's seconds go from the start of its process to the end of it, with the schedule written; its memory is
the most its process had. Each result is added to the output at once; `--resume` leaves out what is there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from . import NOT_INSTALLED
from .generate import SIZES
from .table import table

ROOT = Path(__file__).resolve().parent.parent
OUR_SECONDS = {"S": 5.0, "M": 15.0, "L": 30.0, "XL": 120.0, "XXL": 300.0}
# How many times our time each solver gets; first come takes what it needs, which is less.
TIMES = {"ouderavond": 1, "one_model": 10, "placement_first": 5, "timefold": 5, "first_come": 1}
PATIENCE = 600.0  # seconds beyond its limit after which a run is ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked, and print the table."""
    options = _parser().parse_args(arguments)
    if options.table:
        print(table(_read(Path(options.table))))
        return 0
    output = Path(options.output)
    results = _read(output) if options.resume and output.exists() else []
    if not options.resume:
        output.write_text("", encoding="utf-8")
    known = {_key(result) for result in results}
    for job in _jobs(options):
        if _key(job) not in known:
            result = {**job, **_run(job), "machine": machine()}
            results.append(result)
            with output.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(result) + "\n")
            print(_line(result), file=sys.stderr, flush=True)
    print(table(results))
    return 0 if all(result["status"] != "failed" for result in results) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description="Engine beside peers.")
    parser.add_argument("--sizes", type=_some_of(SIZES), default=["S", "M", "L"], help="such as S,M,L")
    parser.add_argument("--seeds", type=int, default=5, help="seeds 1 to this number")
    parser.add_argument("--solvers", type=_some_of(TIMES), default=list(TIMES), help=",".join(TIMES))
    parser.add_argument("--our-seconds", type=_seconds, default=OUR_SECONDS, help="30, or S=5,L=30")
    parser.add_argument("--output", default="results.jsonl", help="a line of JSON per run")
    parser.add_argument("--resume", action="store_true", help="keep what the output has, and add the rest")
    parser.add_argument("--table", metavar="RESULTS", help="only print the table of such a file")
    return parser


def _some_of(known: dict[str, Any]) -> Any:
    def read(text: str) -> list[str]:
        names = text.split(",")
        unknown = [name for name in names if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
        return names

    return read


def _seconds(text: str) -> dict[str, float]:
    """One number for all sizes, or some sizes with theirs."""
    if "=" not in text:
        return dict.fromkeys(SIZES, float(text))
    pairs = (pair.split("=") for pair in text.split(","))
    return {**OUR_SECONDS, **{size: float(seconds) for size, seconds in pairs}}


def _jobs(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for size in options.sizes:
        for seed in range(1, options.seeds + 1):
            for solver in options.solvers:
                limit = options.our_seconds[size] * TIMES[solver]
                yield {"size": size, "seed": seed, "solver": solver, "limit": limit}


def _key(result: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(result[name] for name in ("size", "seed", "solver", "limit"))


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _line(result: dict[str, Any]) -> str:
    name = f"{result['size']} {result['seed']} {result['solver']}"
    if result["status"] != "good":
        return f"{name}: {result['status']} {result['message']}".rstrip()
    return f"{name}: {result['objective']:.1f} in {result['seconds']:.1f} s, {result['memory_mb']:.0f} MB"


def _run(job: dict[str, Any]) -> dict[str, Any]:
    """One run: seconds, memory and, when the checker accepts the schedule, its figures."""
    with tempfile.TemporaryDirectory() as folder:
        problem, schedule = f"{folder}/problem.json", f"{folder}/schedule.json"
        arguments = ["--size", job["size"], "--seed", str(job["seed"]), "--output", problem]
        # In processes of their own, as memory this process has had would count as that of those it starts.
        _python("benchmarks.generate", *arguments)
        code, message, seconds, memory = measured(command(job, problem, schedule), job["limit"] + PATIENCE)
        if code:
            status = "not installed" if code == NOT_INSTALLED else "failed"
            return {"status": status, "message": message if status == "failed" else ""}
        judged = _python("benchmarks.judge", problem, schedule, check=False)
        if judged.returncode:
            return {"status": "failed", "message": judged.stderr.strip()}
        return {"status": "good", "seconds": seconds, "memory_mb": memory, **json.loads(judged.stdout)}


def _python(module: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", module, *arguments]
    return subprocess.run(line, cwd=ROOT, check=check, capture_output=True, text=True)


def command(job: dict[str, Any], problem: str, schedule: str) -> list[str]:
    """The command line of a run: our engine through its own, a peer through `benchmarks.run`."""
    limit, seed = str(job["limit"]), str(job["seed"])
    if job["solver"] == "ouderavond":
        module = ["ouderavond.scheduler", "solve", problem, "--output", schedule, "--time-limit", limit]
    else:
        module = ["benchmarks.run", job["solver"], problem, schedule, "--seconds", limit]
    return [sys.executable, "-m", *module, "--seed", seed]


def measured(line: list[str], patience: float) -> tuple[int, str, float, float]:
    """Run a command; its exit code, the end of what it said on stderr, its seconds and its megabytes."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        begin = time.monotonic()
        process = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=said)
        end = threading.Timer(patience, process.kill)
        end.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begin
        end.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return process.returncode, said.read().strip()[-500:], seconds, usage.ru_maxrss / 1024


def machine() -> dict[str, Any]:
    """What the figures depend on; neither the machine's name nor a path."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _processor(),
        "python": platform.python_version(),
        "ortools": metadata.version("ortools"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    raise SystemExit(main())
