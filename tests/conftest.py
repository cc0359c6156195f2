"""Where there is no bench, says so in one line and leaves out what needs one."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.harness import bench

HERE = Path(__file__).resolve().parent
NEED_BENCH = (HERE / "platform", HERE / "browser")


def pytest_ignore_collect(collection_path):
    """Leave out the tests that need the platform, where there is none."""
    if any(collection_path == folder or folder in collection_path.parents for folder in NEED_BENCH):
        return True if bench.missing() else None
    return None


def pytest_terminal_summary(terminalreporter):
    """One plain line about what did not run."""
    why = bench.missing()
    if why:
        terminalreporter.write_line(f"skipped: {why} – platform and browser tests did not run")
