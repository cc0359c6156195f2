"""Install, migrate, use, uninstall, install: nothing of ours remains, nothing of the school's is lost."""

import re
from types import SimpleNamespace

import pytest

from tests.harness.bench import APP, CHECKOUT, Bench, environment, run
from tests.harness.sites import TestSite, cache, locked, site_name
from tests.platform.installing import CODE

# What may differ once the app is gone, and why.
MAY_DIFFER = {
    "tabInstalled Application": "the platform lists the installed apps when one goes",
    "tabScheduled Job Log": "the platform's own jobs",
    "tabTag": "a word that people of the school use",
    "tabVersion": "the history of the school's own users and portal settings",
}


@pytest.fixture(scope="module")
def trial(bench_site):
    """A site of its own, taken from the dump of the school without our app, through all steps."""
    bench = Bench()
    site = TestSite(bench, f"install-{site_name()}")
    with locked(cache() / "lock"):
        newest = max(cache().glob("school-*.sql"), key=lambda path: path.stat().st_mtime)
    site.load(newest)
    bench.frappe("--site", site.name, "clear-cache")
    seen = SimpleNamespace(site=site, before=look(bench, site))
    seen.versions_before = [row[0] for row in ask(bench, site, "select name from tabVersion")]
    bench.frappe("--site", site.name, "install-app", APP)
    seen.installed = look(bench, site)
    step(bench, site, "use")
    seen.used = look(bench, site)
    files = list((site.path / "private/files").glob("parent_evening*"))
    assert files
    bench.frappe("--site", site.name, "migrate", "--skip-search-index")
    seen.migrated = look(bench, site)
    bench.frappe("--site", site.name, "uninstall-app", APP, "--yes", "--no-backup")
    seen.files = list((site.path / "private/files").glob("parent_evening*"))
    seen.after = look(bench, site)
    seen.text = everything(bench, site)
    statement = "select distinct ref_doctype from tabVersion where name not in ({})"
    names = ", ".join(f"'{name}'" for name in seen.versions_before) or "''"
    seen.versions_of = [row[0] for row in ask(bench, site, statement.format(names))]
    bench.frappe("--site", site.name, "install-app", APP)
    seen.again = look(bench, site)
    return seen


def step(bench, site, name: str) -> None:
    """Run a step of tests/platform/installing.py in a process of its own."""
    command = [bench.python, "-m", "tests.platform.installing", name, site.name, bench.sites]
    run(command, cwd=CHECKOUT, env=environment())


def look(bench, site) -> SimpleNamespace:
    """The number of rows of every table, and the names of DocTypes, custom fields, roles and so on."""
    tables = ask(
        bench,
        site,
        f"select table_name from information_schema.tables where table_schema = '{site.database}'",
    )
    counting = " union all ".join(f"select '{table}', count(*) from `{table}`" for (table,) in tables)
    named = ("DocType", "Custom Field", "Role", "Module Def", "Report", "Print Format", "Workspace", "Page")
    naming = " union all ".join(f"select '{doctype}', name from `tab{doctype}`" for doctype in named)
    return SimpleNamespace(
        rows={table: int(count) for table, count in ask(bench, site, counting)},
        names={tuple(row) for row in ask(bench, site, naming)},
        codes=ask(bench, site, codes_of(bench, site)),
        settings=dict(
            ask(bench, site, "select field, value from tabSingles where doctype = 'Ouderavond Settings'")
        ),
    )


def codes_of(bench, site) -> str:
    column = "select 1 from information_schema.columns where table_schema = '{}' and column_name = '{}'"
    if ask(bench, site, column.format(site.database, "ouderavond_code")):
        return "select ouderavond_code from tabInstructor where ouderavond_code is not null"
    return "select 1 from dual where false"


def ask(bench, site, statement: str) -> list[list[str]]:
    """Rows of text, from the database itself."""
    said = bench.mariadb("--batch", "--skip-column-names", statement=statement, database=site.database)
    return [line.split("\t") for line in said.splitlines()]


def everything(bench, site) -> str:
    """The database as text: all rows, without the definitions of the tables."""
    from tests.harness.sites import client

    command = [client("mariadb-dump", "mysqldump"), *bench.login(), "--no-create-info", site.database]
    # The history of the school's own users tells that they had our roles.
    command.append(f"--ignore-table={site.database}.tabVersion")
    return run(command, env=environment(MYSQL_PWD=bench.root_password))


def test_installing_adds_what_the_app_brings(trial):
    new = trial.installed.names - trial.before.names
    assert ("DocType", "Parent Evening") in new
    assert {("Role", "Ouderavond Manager"), ("Role", "Ouderavond Planner"), ("Role", "Guardian")} <= new
    assert ("Custom Field", "Instructor-ouderavond_code") in new
    assert trial.installed.settings["restrict_students"] == "1"


def test_migrating_changes_nothing(trial):
    assert trial.migrated.names == trial.used.names
    assert trial.migrated.settings == trial.used.settings
    assert trial.migrated.settings["maximum_per_student"] == "3"
    ours = {table for table in trial.installed.rows if table not in trial.before.rows}
    assert {table: trial.migrated.rows[table] for table in ours} == {
        table: trial.used.rows[table] for table in ours
    }


def test_no_name_of_ours_remains(trial):
    assert trial.after.names == trial.before.names
    assert set(trial.after.rows) == set(trial.before.rows)


def test_no_row_of_ours_remains(trial):
    """Of every table as many rows as before, but for what the platform itself writes."""
    changed = {
        table: (trial.before.rows[table], count)
        for table, count in trial.after.rows.items()
        if count != trial.before.rows[table] and table not in MAY_DIFFER
    }
    assert changed == {}


def test_no_word_of_ours_remains(trial):
    doctypes = [name for kind, name in trial.installed.names - trial.before.names if kind == "DocType"]
    words = [f"'{name}'" for name in doctypes] + ["Ouderavond", "ouderavond.", "/ouderavond", "'OA-", "'RUN-"]
    found = {
        word: re.findall(rf".{{80}}{re.escape(word)}.{{80}}", trial.text)[:3]
        for word in words
        if word in trial.text
    }
    assert found == {}


def test_no_version_of_ours_remains(trial):
    assert set(trial.versions_of) <= {"User", "Portal Settings", "Installed Applications"}


def test_attached_files_are_gone(trial):
    assert trial.files == []


def test_no_record_of_the_school_is_lost_and_its_values_return(trial):
    assert [CODE] in trial.used.codes
    assert trial.after.codes == trial.used.codes
    assert trial.again.codes == trial.used.codes
    assert trial.again.names == trial.installed.names


def test_installing_again_starts_afresh(trial):
    when = ("creation", "modified")
    fresh = {key: value for key, value in trial.again.settings.items() if key not in when}
    assert fresh == {key: value for key, value in trial.installed.settings.items() if key not in when}
    assert trial.again.rows["tabParent Evening"] == 0
