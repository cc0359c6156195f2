"""`bench … ouderavond …` for tests: see `command_server`."""

import json
import subprocess
import tempfile
from pathlib import Path

from tests.harness.bench import CHECKOUT, Bench, environment


class Commands:
    """Runs commands of a site; started with the first one."""

    def __init__(self, bench: Bench, site: str):
        self.bench, self.site = bench, site
        self.folder = tempfile.TemporaryDirectory()
        self.server = None

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """`bench --site … ouderavond …`: the finished process, with its output."""
        out, err = (Path(self.folder.name) / name for name in ("out", "err"))
        command = ["frappe", "--site", self.site, "ouderavond", *map(str, arguments)]
        line = {"arguments": command, "out": str(out), "err": str(err)}
        server = self._server()
        server.stdin.write(json.dumps(line) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        return subprocess.CompletedProcess(command, status, out.read_text(), err.read_text())

    def _server(self) -> subprocess.Popen:
        if self.server is None or self.server.poll() is not None:
            self.server = subprocess.Popen(
                [str(self.bench.python), "-m", "tests.harness.command_server"],
                cwd=self.bench.sites,
                env={**environment(), "PYTHONPATH": str(CHECKOUT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self.server

    def stop(self) -> None:
        """End the server."""
        if self.server:
            self.server.stdin.close()
            self.server.wait(timeout=30)
        self.folder.cleanup()
