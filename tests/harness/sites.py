"""The test site: made once, kept as dumps, and restored from the newest that fits.

Three dumps, each made from the one before: `platform` (frappe, erpnext and education, set up), `school` (with
the school of tests/platform/school.py) and `app` (with ouderavond installed). A dump's name holds a hash of
what it depends on, so a changed DocType makes a new `app` dump and nothing else.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from tests.harness.bench import APP, CHECKOUT, Bench, BenchError, client, environment, run

DEFAULT_SITE = "ouderavond-test.localhost"
ADMIN_PASSWORD = "admin"
# Bumped when the way in which a dump is made changes.
RECIPE = "2"
TABLE_MARK = b"--\n-- Table structure for table `"


def site_name() -> str:
    """The site on which the tests run."""
    return os.environ.get("OUDERAVOND_TEST_SITE") or DEFAULT_SITE


def cache() -> Path:
    """Where the dumps are kept."""
    path = Path(os.environ.get("OUDERAVOND_TEST_CACHE") or Path.home() / ".cache/ouderavond-tests")
    path.mkdir(parents=True, exist_ok=True)
    return path


class TestSite:
    """A site of our own on the bench."""

    __test__ = False

    def __init__(self, bench: Bench, name: str | None = None):
        self.bench = bench
        self.name = name or site_name()
        self.path = bench.sites / self.name
        digest = hashlib.sha256(self.name.encode()).hexdigest()
        self.database = f"_t{digest[:14]}"
        self.password = digest[14:30]
        # Jobs of this site go to a Redis database of their own, so that only its own worker takes them.
        self.queue = f"{bench.config['redis_queue'].rstrip('/')}/{1 + int(digest[-4:], 16) % 15}"

    def restore(self) -> None:
        """Bring the site to the state of its newest dump, making the dump first where there is none."""
        with locked(cache() / "lock"):
            dump = self.app_dump()
        self.bring_to(dump)

    def app_dump(self) -> Path:
        """The dump with the app installed."""
        versions = self.versions()
        platform = self.level("platform", [versions], None, self.make_platform)
        school = [versions, text_of(CHECKOUT / "tests/platform/school.py"), f"{date.today():%Y-%m}"]
        dump = self.level("school", school, platform, lambda: self.build("school"))
        return self.level("app", [*school, *self.app_sources()], dump, self.install)

    def level(self, kind: str, parts: list[str], below: Path | None, make: Callable[[], None]) -> Path:
        """The dump of a kind, made from the one below it where it is missing."""
        key = hashlib.sha256("\0".join([RECIPE, kind, *parts]).encode()).hexdigest()[:16]
        dump = cache() / f"{kind}-{key}.sql"
        if not dump.exists():
            if below:
                self.load(below)
            make()
            self.save(dump)
            forget_old(kind, dump)
        return dump

    def versions(self) -> str:
        """The versions of the apps below ours."""
        found = []
        for app in ("frappe", "erpnext", "education"):
            source = self.bench.path / "apps" / app / app
            found.append(text_of(source / "__init__.py"))
            found.append(text_of(source / "hooks.py"))
        return "\n".join(found)

    def app_sources(self) -> list[str]:
        """What decides about the state of the database after installing the app."""
        app = CHECKOUT / APP
        files = [app / "hooks.py", app / "patches.txt", *app.glob("setup/*.py"), *app.glob("fixtures/*")]
        files += [*app.glob(f"{APP}/*/*/*.json"), CHECKOUT / "tests/harness/build.py"]
        files += [
            path for path in app.glob(f"{APP}/doctype/*/*.py") if "def on_doctype_update" in text_of(path)
        ]
        return [f"{path.relative_to(CHECKOUT)}\n{text_of(path)}" for path in sorted(files)]

    def make_platform(self) -> None:
        """A new site with ERPNext and Education, past the setup wizard."""
        self.empty()
        command = [
            "new-site",
            self.name,
            "--force",
            "--db-name",
            self.database,
            "--db-password",
            self.password,
        ]
        command += ["--db-root-password", self.bench.root_password, "--admin-password", ADMIN_PASSWORD]
        self.bench.frappe(*command, "--no-mariadb-socket")
        self.configure()
        for app in ("erpnext", "education"):
            self.bench.frappe("--site", self.name, "install-app", app)
        self.build("platform")

    def install(self) -> None:
        """Install the app as a school does."""
        self.bench.frappe("--site", self.name, "install-app", APP)
        self.build("app")

    def build(self, step: str) -> None:
        """Run a step of tests/harness/build.py in a process of its own, so that nothing stays in memory."""
        command = [self.bench.python, "-m", "tests.harness.build", step, self.name, self.bench.sites]
        run(command, cwd=CHECKOUT, env=environment())

    def configure(self) -> None:
        """Write the site's configuration."""
        for folder in ("private/files", "private/backups", "public/files", "locks", "logs"):
            (self.path / folder).mkdir(parents=True, exist_ok=True)
        key = base64.urlsafe_b64encode(hashlib.sha256(b"ouderavond-tests").digest()).decode()
        settings = {
            "db_name": self.database,
            "db_password": self.password,
            "db_type": "mariadb",
            # The page cache and the CSRF check show only as on a school's own site.
            "developer_mode": 0,
            "encryption_key": key,
            "host_name": f"http://{self.name}",
            "mute_emails": 1,
            # On a slow machine the page would be put off in the middle of a test about something else.
            "ouderavond_busy_percent": 0,
            "pause_scheduler": 1,
            "redis_queue": self.queue,
            # The platform's own limit is 60 new users an hour.
            "throttle_user_limit": 10000,
        }
        (self.path / "site_config.json").write_text(json.dumps(settings, indent=1) + "\n")

    def empty(self) -> None:
        """An empty database with its user."""
        grants = "".join(
            f"create or replace user '{self.database}'@'{host}' identified by '{self.password}';"
            f"grant all on `{self.database}`.* to '{self.database}'@'{host}';"
            for host in ("%", "localhost")
        )
        statement = (
            f"drop database if exists `{self.database}`; create database `{self.database}` "
            f"character set utf8mb4 collate utf8mb4_unicode_ci; {grants}"
        )
        try:
            self.bench.mariadb(statement=statement)
        except BenchError as error:
            if "Access denied" in str(error):
                raise BenchError(
                    "MariaDB's root does not accept the password in OUDERAVOND_DB_ROOT_PASSWORD."
                ) from error
            raise

    def load(self, dump: Path) -> None:
        """Replace the database by a dump."""
        self.configure()
        self.empty()
        command = [client("mariadb", "mysql"), *self.bench.login(), self.database]
        with dump.open("rb") as source:
            pipe(command, self.bench.root_password, stdin=source)
        self.forget_cached()

    def forget_cached(self) -> None:
        """Remove what Redis holds about the database that was there before; other sites keep theirs."""
        import redis

        cached = redis.from_url(self.bench.config["redis_cache"])
        for key in cached.scan_iter(f"{self.database}|*", count=1000):
            cached.delete(key)
        jobs = redis.from_url(self.queue)
        for queue in jobs.scan_iter("rq:queue:*", _type="list"):
            for job in jobs.lrange(queue, 0, -1):
                if job.startswith(f"{self.name}::".encode()):
                    jobs.lrem(queue, 0, job)
                    jobs.delete(b"rq:job:" + job)

    def bring_to(self, dump: Path) -> None:
        """Load a dump, or of a database that came from it only the tables that have changed since.

        Creating some 770 tables takes ten times as long as comparing their checksums.
        """
        wanted = json.loads(sums_of(dump).read_text())
        found = self.sums()
        differing = {table for table in wanted.keys() | found.keys() if wanted.get(table) != found.get(table)}
        if len(differing) > 150:
            self.load(dump)
            return
        self.configure()
        if differing:
            self.load_tables(dump, differing)
        self.forget_cached()

    def load_tables(self, dump: Path, tables: set[str]) -> None:
        """Replace some tables by those of a dump; what the dump lacks is dropped."""
        part = cache() / f"part-{self.database}.sql"
        with part.open("wb") as target:
            target.write(b"set foreign_key_checks = 0;\n")
            target.writelines(f"drop table if exists `{table}`;\n".encode() for table in sorted(tables))
            head, *sections = dump.read_bytes().split(TABLE_MARK)
            target.write(head)
            for section in sections:
                if section[: section.index(b"`")].decode() in tables:
                    target.write(TABLE_MARK + section)
        command = [client("mariadb", "mysql"), *self.bench.login(), self.database]
        with part.open("rb") as source:
            pipe(command, self.bench.root_password, stdin=source)
        part.unlink()

    def sums(self) -> dict[str, str]:
        """Per table a checksum of its rows and one of its columns; empty where there is no database."""
        parts = "column_name, column_type, is_nullable, column_key, column_default"
        statement = (
            "set session group_concat_max_len = 1000000; "
            f"select table_name, md5(group_concat(concat_ws('|', {parts}) order by ordinal_position)) "
            f"from information_schema.columns where table_schema = '{self.database}' group by table_name"
        )
        columns = self.bench.mariadb("-N", statement=statement)
        tables = dict(line.split("\t") for line in columns.splitlines())
        if not tables:
            return {}
        names = ", ".join(f"`{table}`" for table in tables)
        rows = self.bench.mariadb("-N", statement=f"checksum table {names}", database=self.database)
        data = (line.rsplit("\t", 1) for line in rows.splitlines())
        return {name.split(".", 1)[1]: f"{tables[name.split('.', 1)[1]]} {number}" for name, number in data}

    def save(self, dump: Path) -> None:
        """Write the database to a dump, complete or not at all."""
        sums_of(dump).write_text(json.dumps(self.sums()))
        command = [
            client("mariadb-dump", "mysqldump"),
            *self.bench.login(),
            "--single-transaction",
            self.database,
        ]
        half = dump.with_suffix(".half")
        with half.open("wb") as target:
            pipe(command, self.bench.root_password, stdout=target)
        half.replace(dump)


def sums_of(dump: Path) -> Path:
    """The checksums that belong to a dump."""
    return dump.with_suffix(".json")


def pipe(command: list[str], password: str, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) -> None:
    """Run one of MariaDB's programs on a file."""
    done = subprocess.run(
        command,
        env=environment(MYSQL_PWD=password),
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise BenchError(f"{command[0]} failed: {done.stderr.strip()[-1000:]}")


def text_of(path: Path) -> str:
    """A file's text; empty where there is none."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def forget_old(kind: str, newest: Path, keep: int = 4) -> None:
    """Remove dumps of a kind beyond the last few."""
    dumps = sorted(cache().glob(f"{kind}-*.sql"), key=lambda path: path.stat().st_mtime, reverse=True)
    for dump in dumps[keep:]:
        if dump != newest:
            dump.unlink(missing_ok=True)
            sums_of(dump).unlink(missing_ok=True)


@contextmanager
def locked(path: Path):
    """Dumps are shared: one process at a time makes them."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
