"""Finds the bench, links this checkout into it, and starts its database and Redis where they are down."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlparse

CHECKOUT = Path(__file__).resolve().parents[2]
APP = "ouderavond"
NEEDED = ("ortools", "msal", "pytest", "hypothesis", "playwright", "icalendar")


class BenchError(Exception):
    """Why the tests cannot use the bench, as a plain sentence."""


def bench_path() -> Path:
    """Where the bench should be."""
    return Path(os.environ.get("OUDERAVOND_BENCH") or Path.home() / "frappe-bench")


def missing() -> str | None:
    """Why platform and browser tests cannot run in this process, or None when they can."""
    bench = bench_path()
    if not (bench / "env/bin/python").exists() or not (bench / "sites").is_dir():
        return f"no bench at {bench}"
    if Path(sys.prefix).resolve() != (bench / "env").resolve():
        return f"not the interpreter of the bench at {bench}"
    return None


class Bench:
    """The bench in which the tests run."""

    def __init__(self, path: Path | None = None):
        self.path = (path or bench_path()).resolve()
        self.sites = self.path / "sites"
        self.python = self.path / "env/bin/python"

    @property
    def config(self) -> dict:
        """What all sites of the bench share."""
        return json.loads((self.sites / "common_site_config.json").read_text())

    @property
    def root_password(self) -> str:
        """The password of MariaDB's root."""
        return os.environ.get("OUDERAVOND_DB_ROOT_PASSWORD", "root")

    @property
    def db_host(self) -> str:
        """Where MariaDB listens."""
        return self.config.get("db_host") or "127.0.0.1"

    @property
    def db_port(self) -> int:
        """The port on which MariaDB listens."""
        return int(self.config.get("db_port") or 3306)

    def frappe(self, *arguments: str) -> None:
        """Run a command as `bench` does, without needing that tool."""
        command = [self.python, "-m", "frappe.utils.bench_helper", "frappe", *arguments]
        run(command, cwd=self.sites, env=environment())

    def prepare(self) -> None:
        """Link this checkout, install what is missing, have the services up and the scripts built."""
        self.link()
        self.install_missing()
        self.start_services()
        self.build_assets()

    @property
    def linked(self) -> Path | None:
        """The checkout that the bench uses now."""
        link = self.path / "apps" / APP
        return link.resolve() if link.is_symlink() else None

    def give_back(self, checkout: Path | None) -> None:
        """Let the bench use the checkout that it used before, or none."""
        if checkout and checkout.exists():
            self.link(checkout)
            self.install_app(checkout)
            self.build_assets(checkout)
        elif self.linked:
            (self.path / "apps" / APP).unlink()
            apps = (self.sites / "apps.txt").read_text().split()
            (self.sites / "apps.txt").write_text("\n".join(app for app in apps if app != APP) + "\n")

    def link(self, checkout: Path = CHECKOUT) -> None:
        """Make `apps/ouderavond` and the assets of the app those of a checkout."""
        point(self.path / "apps" / APP, checkout)
        (self.sites / "assets").mkdir(exist_ok=True)
        point(self.sites / "assets" / APP, checkout / APP / "public")
        apps_txt = self.sites / "apps.txt"
        apps = apps_txt.read_text().split()
        if APP not in apps:
            apps_txt.write_text("\n".join([*apps, APP]) + "\n")

    def install_app(self, checkout: Path = CHECKOUT) -> None:
        """Let the bench's interpreter find the app in a checkout, without installing what it needs."""
        if self.location_of(APP) != checkout / APP:
            self.pip("--no-deps", "--editable", str(self.path / "apps" / APP))

    def install_missing(self) -> None:
        """Install the app, and the tests' packages where missing."""
        self.install_app()
        wanted = [name for name in NEEDED if not self.location_of(name)]
        if wanted:
            requirements = {"ortools": "ortools>=9.15,<10", "msal": "msal>=1.28,<2"}
            self.pip(*(requirements.get(name, name) for name in wanted))
        found = self.location_of(APP)
        if found != CHECKOUT / APP:
            raise BenchError(
                f"The bench imports {APP} from {found}, not from this checkout, {CHECKOUT / APP}."
            )

    def location_of(self, package: str) -> Path | None:
        """Where a fresh interpreter of the bench, started in its sites folder, finds a package."""
        code = (
            "import importlib.util as u, sys; s = u.find_spec(sys.argv[1]); "
            "print(s.submodule_search_locations[0] if s else '')"
        )
        command = [self.python, "-c", code, package]
        found = subprocess.run(
            command, cwd=self.sites, env=environment(), capture_output=True, text=True, check=True
        )
        return Path(found.stdout.strip()).resolve() if found.stdout.strip() else None

    def build_assets(self, checkout: Path = CHECKOUT) -> None:
        """Build the scripts and styles of pages where they are missing or older than their sources."""
        public = checkout / APP / "public"
        index = self.sites / "assets/assets.json"
        built = json.loads(index.read_text()) if index.exists() else {}
        sources = sources_in(public)
        # A file that was taken away changes its folder.
        newest = max((path.stat().st_mtime for path in [*sources, *folders_of(sources)]), default=0)
        for bundle in (path for path in sources if ".bundle." in path.name):
            target = built.get(bundle.name.replace(".scss", ".css"), "")
            target = public / target.removeprefix(f"/assets/{APP}/")
            if not target.is_file() or target.stat().st_mtime < newest:
                begun = time.time()
                self.frappe("build", "--app", APP)
                # What is the same as before is not written anew, and would be built again each time.
                date_files(public / "dist", begun)
                return

    def pip(self, *arguments: str) -> None:
        """Install into the bench's environment, with uv where the environment has no pip."""
        if self.location_of("pip"):
            command = [self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        else:
            command = ["uv", "pip", "install", "--quiet", "--python", str(self.python)]
        run([*command, *arguments], cwd=self.path)

    def start_services(self) -> None:
        """Start MariaDB and both Redis servers that do not answer."""
        if not answers(self.db_host, self.db_port):
            start_mariadb(self.db_host, self.db_port)
        for key in ("redis_cache", "redis_queue"):
            self.start_redis(key)

    def start_redis(self, key: str) -> None:
        """Start one of the bench's Redis servers."""
        where = urlparse(self.config[key])
        if answers(where.hostname, where.port):
            return
        settings = self.path / "config" / f"{key}.conf"
        arguments = [str(settings)] if settings.exists() else ["--port", str(where.port), "--save", ""]
        run(["redis-server", *arguments, "--daemonize", "yes"], cwd=self.path)
        wait_until(lambda: answers(where.hostname, where.port), 20, f"Redis did not start at {where.netloc}.")

    def mariadb(self, *arguments: str, statement: str | None = None, database: str | None = None) -> str:
        """Run a statement as MariaDB's root."""
        command = [client("mariadb", "mysql"), *self.login(), *arguments]
        if statement:
            command += ["-e", statement]
        if database:
            command.append(database)
        return run(command, env=environment(MYSQL_PWD=self.root_password))

    def login(self) -> list[str]:
        """The arguments with which MariaDB's own programs reach the server as root."""
        return ["-uroot", "-h", self.db_host, "-P", str(self.db_port)]


def sources_in(public: Path) -> list[Path]:
    """The scripts and styles of an app, without what is built from them or installed."""
    kinds = (".js", ".css", ".scss")
    return [
        path for kind in ("js", "css", "scss") for path in public.glob(f"{kind}/**/*") if path.suffix in kinds
    ]


def folders_of(files: list[Path]) -> set[Path]:
    """The folders in which files lie."""
    return {path.parent for path in files}


def date_files(folder: Path, moment: float) -> None:
    """Let no file of a folder be older than a moment."""
    for path in folder.glob("**/*"):
        if path.is_file() and path.stat().st_mtime < moment:
            os.utime(path, (moment, moment))


def environment(**extra: str) -> dict[str, str]:
    """The environment for the bench's processes.

    The platform's workers set `frappe.flags.in_test` when CI is set, and that hides permission checks.
    """
    kept = {key: value for key, value in os.environ.items() if key not in ("CI", "PYTHONPATH")}
    return {**kept, **extra}


def run(command: list, cwd: Path | None = None, env: dict | None = None) -> str:
    """Run a program to its end; what it said becomes the error where it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = (done.stdout[-1500:] + done.stderr[-3000:]).strip()
        raise BenchError(f"{Path(str(command[0])).name} {command[1]} … failed ({done.returncode}):\n{said}")
    return done.stdout


def point(link: Path, target: Path) -> None:
    """Make a symbolic link point at the target; a real folder in its place is somebody's work."""
    if link.is_symlink() and link.resolve() == target.resolve():
        return
    if link.exists() and not link.is_symlink():
        raise BenchError(f"{link} is a folder of its own, not a link to this checkout; move it away first.")
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.symlink_to(target)
    fresh.replace(link)


def client(*names: str) -> str:
    """The first of MariaDB's programs that this machine has."""
    for name in names:
        if shutil.which(name):
            return name
    raise BenchError(f"{names[0]} is not installed.")


def start_mariadb(host: str, port: int) -> None:
    """Start the machine's MariaDB, as a service or by itself."""
    if shutil.which("service"):
        subprocess.run(["service", "mariadb", "start"], stdin=subprocess.DEVNULL, capture_output=True)
    if not answers(host, port, 5):
        subprocess.Popen(
            [client("mariadbd-safe", "mysqld_safe")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    wait_until(lambda: answers(host, port), 60, f"MariaDB did not start at {host}:{port}.")


def answers(host: str, port: int, patience: float = 0.0) -> bool:
    """Does something listen there?"""
    until = time.monotonic() + patience
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
            return True
        except OSError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.2)


def wait_until(holds, seconds: float, sentence: str) -> None:
    """Wait for a condition, and stop with a sentence where it never comes true."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise BenchError(sentence)
        time.sleep(0.1)


def main(arguments: list[str]) -> int:
    """`prepare`, `linked`, or `give-back CHECKOUT`, for the Makefile and CI."""
    bench = Bench()
    try:
        if arguments[0] == "linked":
            print(bench.linked or "")
        elif arguments[0] == "give-back":
            bench.give_back(Path(arguments[1]) if arguments[1:] and arguments[1] else None)
        else:
            bench.prepare()
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
