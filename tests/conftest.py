"""Where there is no bench, says so in one line and leaves out what needs one."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.harness import bench

HERE = Path(__file__).resolve().parent
NEED_BENCH = (HERE / "platform", HERE / "browser")


def pytest_ignore_collect(collection_path):
    """Leave out the tests that need the platform, where there is none."""
    return True if bench.missing() and _overlaps(collection_path, from_above=False) else None


def pytest_terminal_summary(terminalreporter, config):
    """One plain line about what did not run, where it was asked for."""
    why = bench.missing()
    asked = (Path(config.invocation_params.dir, argument.split("::")[0]) for argument in config.args)
    if why and any(_overlaps(path.resolve(), from_above=True) for path in asked):
        terminalreporter.write_line(f"skipped: {why} – platform and browser tests did not run")


def _overlaps(path: Path, from_above: bool) -> bool:
    """Is this a folder that needs a bench, within one, or (from above) a folder around one?"""
    return any(
        path == folder or folder in path.parents or (from_above and path in folder.parents)
        for folder in NEED_BENCH
    )
