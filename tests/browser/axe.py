"""axe-core in a page: violations of WCAG 2.2 AA, as lines to read."""

import subprocess
import tarfile

import pytest

from tests.harness.sites import cache

VERSION = "4.10.3"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page, within: str) -> list[str]:
    """What axe finds wrong within a part of the page."""
    page.add_script_tag(path=_script())
    rules = {"runOnly": {"type": "tag", "values": TAGS}}
    found = page.evaluate(
        "([within, rules]) => axe.run(within, rules).then((result) => result.violations)", [within, rules]
    )
    return [f"{row['id']}: {node['html'][:200]}" for row in found for node in row["nodes"]]


def _script() -> str:
    folder = cache() / f"axe-core-{VERSION}"
    script = folder / "package/axe.min.js"
    if not script.exists():
        folder.mkdir(exist_ok=True)
        command = ["npm", "pack", "--silent", f"axe-core@{VERSION}", "--pack-destination", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=120, check=False)
        except OSError:
            pytest.skip("npm is not installed, so axe-core can't be fetched")
        if done.returncode:
            pytest.skip("axe-core can't be fetched")
        with tarfile.open(folder / f"axe-core-{VERSION}.tgz") as package:
            package.extract("package/axe.min.js", folder, filter="data")
    return str(script)
