"""Runs commands as `bench` does, each in a process of its own that finds the platform loaded already.

`python -m tests.harness.command_server`, started in the bench's sites folder, reads one command per line: a
JSON object with `arguments` (as of the command line), `out` and `err` (files for what it prints). It answers
each with a line that says the exit status. Loading the platform takes longer than most commands do.
"""

import importlib
import json
import os
import pkgutil
import sys
import traceback

LATE = ("ouderavond.evening", "frappe.model", "frappe.desk.form.load", "frappe.email.queue")


def serve() -> None:
    """Answer commands until there are no more."""
    import click
    from frappe.utils import bench_helper

    # Loads the commands of all apps, and with them most of the platform; then what ours load late.
    group = click.Group(commands=bench_helper.get_app_groups())
    for part in LATE:
        _load(part)
    for line in sys.stdin:
        print(_status_of(group, json.loads(line)), flush=True)


def _load(package: str) -> None:
    module = importlib.import_module(package)
    for found in pkgutil.walk_packages(getattr(module, "__path__", []), f"{package}."):
        importlib.import_module(found.name)


def _status_of(group, command: dict) -> int:
    child = os.fork()
    if child == 0:
        _become(group, command)
    _pid, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _become(group, command: dict) -> None:
    """Be the process of a command, and end with its status."""
    status = 1
    try:
        for number, path in ((1, command["out"]), (2, command["err"])):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.argv = ["bench", *command["arguments"]]
        group(prog_name="bench")
        status = 0
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else int(bool(ending.code))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    serve()
