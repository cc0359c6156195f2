"""Runs: which weights they may have, what may move, applying and going back, and waiting for each other."""

import inspect
import json
from datetime import timedelta

import frappe
import pytest

from ouderavond.api.planning import runs as api
from ouderavond.evening import claims, publishing, requests, runs
from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import changes, comparing, proposal, run_options, run_progress, run_reading
from ouderavond.evening.planning.run_options import RunOptions
from ouderavond.evening.problem import build_problem
from tests.platform.school import PLANNER, as_user, make_evening

ALL, NEW = RunOptions("all"), RunOptions("new")


@pytest.fixture
def evening(site, school):
    evening = make_evening(school)
    by_course.offer(evening.name)
    _ask(evening, school, "anna.devries", 2)
    return evening


def _ask(evening, school, guardian, count) -> list[str]:
    """Ask for so many conversations about each child of a guardian."""
    asked = []
    for student in school.students_of(guardian):
        offers = frappe.get_all(
            "Conversation Offer",
            {"evening": evening.name, "student": school.student[student]},
            pluck="name",
            order_by="subject",
            limit=count,
        )
        for offer in offers:
            asked.append(requests.request(offer, guardian=school.guardian[guardian]))
            frappe.db.commit()
    return asked


def _run(evening, options=None, **more) -> str:
    run = runs.start_run(evening.name, time_limit=2, now=True, options=options, **more)
    runs.run_job(run)
    assert frappe.db.get_value("Schedule Run", run, "state") == "Finished"
    return run


def _apply(evening, options=None, **more) -> str:
    run = _run(evening, options, **more)
    runs.apply_run(run)
    return run


def _starts() -> dict:
    return dict(
        frappe.get_all("Evening Booking", {"state": ("!=", "Cancelled")}, ["name", "start"], as_list=True)
    )


def _everything() -> dict:
    """All that applying a run may touch; what the platform notes by itself left out."""
    fields = ["name", "start", "end", "state", "room", "pinned", "request", "untold", "published_start"]
    return {
        "bookings": frappe.get_all(
            "Evening Booking", {"state": ("!=", "Cancelled")}, fields, order_by="name"
        ),
        "claims": frappe.get_all("Booking Claim", fields=["who", "tick", "reference"], order_by="who, tick"),
        "people": [
            frappe.get_all(f"Evening Booking {kind}", fields=["parent", kind.lower()], order_by="parent, idx")
            for kind in ("Guardian", "Instructor")
        ],
        "requests": frappe.get_all(
            "Conversation Request", fields=["name", "state", "reason", "reason_facts"], order_by="name"
        ),
        "applied": frappe.get_all("Schedule Run", fields=["name", "applied_on"], order_by="name"),
    }


def _nobody_can_come(evening) -> None:
    row = frappe.qb.DocType("Evening Instructor")
    frappe.qb.update(row).set(row.present_from, "22:00:00").where(row.evening == evening.name).run()
    frappe.db.commit()


# What a run starts with


def test_a_weight_that_cannot_be_is_refused_with_a_sentence(site):
    refusals = (
        ({"waiting": -1}, "must not be less than 0"),
        ({"waiting": 1.0001}, "at most 3 decimals"),
        ({"waiting": 2_000_000}, "must not be more than 1000000"),
        ({"waiting": "much"}, "must be a number"),
        ({"waiting": float("nan")}, "must be a number"),
        ({"wating": 1}, "no weight named wating"),
        ([1], "a number per name"),
    )
    for given, refusal in refusals:
        with pytest.raises(frappe.ValidationError, match=refusal):
            run_options.weights({"waiting": 1.0}, given)
    assert run_options.weights({"waiting": 1.0, "date": 2.0}, {"date": 0}) == {"waiting": 1.0, "date": 0}


def test_options_that_cannot_be_are_refused(evening):
    with pytest.raises(frappe.ValidationError, match="What may move is one of"):
        run_options.read(evening.name, "everything")
    with pytest.raises(frappe.ValidationError, match="Choose the instructors"):
        run_options.read(evening.name, "instructors", [])
    with pytest.raises(frappe.ValidationError, match="does not take part"):
        run_options.read(evening.name, "instructors", ["nobody"])
    with pytest.raises(frappe.ValidationError, match="number of seconds"):
        runs.start_run(evening.name, time_limit=-1, now=True)
    with pytest.raises(frappe.ValidationError, match="name of its own"):
        runs.start_scenarios(evening.name, [{"name": "a"}, {"name": "a"}], now=True)


def test_weights_of_a_run_are_its_own_and_its_progress_is_kept(evening):
    run = _run(evening, weights={"waiting": 7.5}, scenario="Short evenings")
    doc = frappe.get_doc("Schedule Run", run)
    data = frappe.get_doc("Schedule Run Data", run)
    assert json.loads(doc.weights)["waiting"] == json.loads(data.problem)["weights"]["waiting"] == 7.5
    assert json.loads(doc.weights)["must"] == evening.weight_must
    points = run_reading.live(evening.name, run)["points"]
    assert points and points[-1]["placed"] == doc.placed and points[-1]["objective"] == doc.objective
    assert run_reading.live(evening.name, run, since=len(points))["points"] == []


def test_a_long_series_is_thinned_out_and_keeps_its_ends():
    series = run_progress.Series(
        {"seconds": i, "objective": 1000 - i, "bound": i, "placed": i, "phase": "prices"} for i in range(2000)
    )
    points = run_progress.read(series.text())
    assert len(points) <= run_progress.MOST
    assert (points[0]["seconds"], points[-1]["seconds"]) == (0, 1999)


# What may move


def test_nothing_published_moves_by_default_and_only_chosen_things_move_otherwise(evening, school):
    _apply(evening)
    doc = frappe.get_doc("Parent Evening", evening.name)
    jan = frappe.get_all("Evening Booking Instructor", pluck="instructor", order_by="instructor")[0]

    def movable(options=None):
        found = build_problem(doc, options)["conversations"]
        return {item["id"] for item in found if "pinned" not in item}

    everything = set(frappe.get_all("Conversation Request", pluck="name"))
    of_jan = {
        row.request
        for row in frappe.get_all("Evening Booking", fields=["name", "request"])
        if frappe.db.exists("Evening Booking Instructor", {"parent": row.name, "instructor": jan})
    }
    assert movable() == movable(ALL) == everything and movable(NEW) == set()
    assert movable(RunOptions("instructors", (jan,))) == of_jan < everything
    publishing.publish(evening.name)
    frappe.db.commit()
    assert movable() == movable(RunOptions("instructors", (jan,))) == set()
    assert movable(ALL) == everything and movable(RunOptions("instructors", (jan,), True)) == of_jan
    name = next(iter(_starts()))
    changes.perform(evening.name, "Pin", lambda edit: edit.pin(name, True))
    frappe.db.commit()
    assert len(movable(ALL)) == len(everything) - 1


def test_new_requests_are_placed_around_what_has_a_time(evening, school):
    _apply(evening)
    before = _starts()
    asked = _ask(evening, school, "linda.vandijk", 2)
    run = _run(evening, NEW)
    found = proposal.of_run(run)
    assert {key for key, row in found["changes"].items() if row["change"] == "added"} == set(asked)
    report = runs.apply_run(run)
    assert (report.booked, report.kept, report.moved) == (len(asked), len(before), 0)
    assert before.items() <= _starts().items()
    # Its own work is what has changed since: nothing of it may move either.
    with pytest.raises(frappe.ValidationError, match="changed since this run"):
        runs.apply_run(run)


def test_a_published_conversation_that_moves_is_still_told_as_it_was(evening):
    """Its instructors are gone from its time: it moves in a run that may, and people see the old time."""
    _apply(evening)
    publishing.publish(evening.name)
    frappe.db.commit()
    name, start = next(iter(_starts().items()))
    instructor = frappe.db.get_value("Evening Booking Instructor", {"parent": name}, "instructor")
    row = frappe.db.get_value(
        "Evening Instructor", {"evening": evening.name, "instructor": instructor, "date": start.date()}
    )
    frappe.db.set_value("Evening Instructor", row, "present_from", (start + timedelta(minutes=10)).time())
    frappe.db.commit()
    run = _run(evening, ALL)
    change = next(row for row in proposal.of_run(run)["changes"].values() if row["booking"] == name)
    assert (change["change"], change["published"]) == ("moved", True)
    told = run_reading.summary(evening.name, run)
    assert told["told"] and "until you publish" in " ".join(told["lines"])
    report = runs.apply_run(run)
    doc = frappe.get_doc("Evening Booking", name)
    assert (doc.state, doc.untold, doc.published_start) == ("Published", 1, start) and doc.start != start
    assert report.untold >= 1 and claims.check() == []
    changes.undo(evening.name, report.change)
    frappe.db.commit()
    doc.reload()
    assert (doc.start, doc.untold, doc.state) == (start, 0, "Published") and claims.check() == []


def test_a_published_conversation_without_a_place_is_cancelled_and_not_yet_told(evening):
    _apply(evening)
    publishing.publish(evening.name)
    frappe.db.commit()
    _nobody_can_come(evening)
    report = runs.apply_run(_run(evening, ALL))
    rows = frappe.get_all("Evening Booking", fields=["state", "untold", "request", "published_start"])
    assert {(row.state, row.untold) for row in rows} == {("Cancelled", 1)} and report.removed == len(rows)
    assert all(row.published_start for row in rows)
    states = frappe.get_all("Conversation Request", pluck="state", distinct=True)
    assert states == ["Not Placed"]
    assert frappe.db.count("Booking Claim", {"kind": "Booking"}) == 0
    changes.undo(evening.name, report.change)
    frappe.db.commit()
    assert {row.state for row in frappe.get_all("Evening Booking", fields=["state"])} == {"Published"}
    assert claims.check() == []


# Applying, and going back


def test_apply_and_back_leaves_everything_exactly_as_it_was(evening, school):
    """Bookings, claims, people, and what became of the requests, with the reasons."""
    _apply(evening)
    _ask(evening, school, "linda.vandijk", 2)
    before = _everything()
    # Another run, after one instructor cannot come any more: things move, are added and lose their place.
    one = frappe.get_all("Evening Booking Instructor", pluck="instructor", order_by="instructor")[0]
    row = frappe.qb.DocType("Evening Instructor")
    frappe.qb.update(row).set(row.present_from, "22:00:00").where(row.instructor == one).run()
    frappe.db.commit()
    report = runs.apply_run(_run(evening, seed=3))
    assert report.not_placed and _everything() != before and claims.check() == []
    with as_user(PLANNER):
        assert api.applied(evening.name)["change"] == report.change
        api.back(evening.name)
    frappe.db.commit()
    after = _everything()
    after["applied"] = [row for row in after["applied"] if row.name in {r.name for r in before["applied"]}]
    assert after == before and claims.check() == []


# Several runs


def test_scenarios_run_one_after_the_other_and_are_compared(evening, jobs_at_once):
    names = runs.start_scenarios(
        evening.name,
        [{"name": "Usual"}, {"name": "Late", "weights": {"preference": 50}}, {"name": "Idle"}],
        time_limit=1,
    )
    rows = [frappe.db.get_value("Schedule Run", name, ["state", "batch"], as_dict=True) for name in names]
    assert {row.state for row in rows} == {"Finished"} and len({row.batch for row in rows}) == 1
    found = comparing.compare(evening.name, names)
    assert [row["title"] for row in found["runs"]] == ["Usual", "Late", "Idle"] and found["same_input"]
    for row in found["runs"]:
        stored = frappe.get_doc("Schedule Run", row["run"])
        assert row["values"][row["run"]] == pytest.approx(stored.objective)
        assert row["criteria"]["wanted_unplaced"] == stored.wanted_unplaced
    other = comparing.difference(evening.name, names[0], names[1])
    assert len(other["rows"]) == found["runs"][0]["differs"][names[1]]


def test_one_run_at_a_time_also_when_a_worker_was_killed(evening):
    first, second, third = runs.start_scenarios(
        evening.name, [{"name": "a"}, {"name": "b"}, {"name": "c"}], time_limit=1, now=True
    )

    def states():
        return [frappe.db.get_value("Schedule Run", name, "state") for name in (first, second, third)]

    assert states() == ["Queued", "Waiting", "Waiting"]
    assert runs.start_next(now=True) is None
    with pytest.raises(frappe.ValidationError, match="still going on"):
        runs.start_run(evening.name, now=True)
    # The worker of the first one is killed: the second one begins, and only that.
    frappe.db.set_value("Schedule Run", first, "state", "Running")
    frappe.cache.delete_value(f"ouderavond_run:{first}:alive")
    frappe.db.commit()
    runs.look_after()
    assert states() == ["Interrupted", "Queued", "Waiting"]
    runs.cancel_run(third)
    frappe.db.commit()
    assert runs.cancel_all(evening.name) == 1
    assert states() == ["Interrupted", "Cancelled", "Cancelled"]


def test_cancelling_keeps_the_best(evening, monkeypatch):
    run = runs.start_run(evening.name, time_limit=30, now=True)
    seen = []

    def stop_at_the_first_schedule(progress):
        if progress.objective is not None and not seen:
            seen.append(progress)
            runs.cancel_run(run)

    runs.run_job(run, on_progress=stop_at_the_first_schedule)
    doc = frappe.get_doc("Schedule Run", run)
    # It may have been proven best in the moment between.
    assert seen and doc.state in ("Cancelled", "Finished") and doc.placed == seen[0].placed == doc.total
    assert runs.apply_run(run).booked == doc.placed


# Who may


def test_nobody_but_staff_may_call(evening, school):
    calls = [
        (name, function)
        for name, function in inspect.getmembers(api, inspect.isfunction)
        if function in frappe.whitelisted
    ]
    for who in ("anna.devries", "jan", None):
        with as_user(school.user(who) if who else "Guest"):
            for _name, function in calls:
                wanted = inspect.signature(function).parameters.values()
                given = {p.name: evening.name for p in wanted if p.default is inspect.Parameter.empty}
                with pytest.raises(frappe.PermissionError, match="Only staff|log in"):
                    function(**given)
    for name, function in calls:
        methods = frappe.allowed_http_methods_for_whitelisted_func[function]
        writes = name in ("start", "start_scenarios", "cancel", "apply", "back")
        assert (set(methods) == {"POST"}) == writes, name


def test_a_planner_starts_looks_applies_and_nobody_reaches_another_evenings_run(
    evening, school, jobs_at_once
):
    other = make_evening(school)
    with as_user(PLANNER):
        begin = api.begin(evening.name)
        assert begin["requests"] == frappe.db.count("Conversation Request")
        run = api.start(evening.name, weights=json.dumps(begin["weights"]), time_limit=2, move="planned")[
            "run"
        ]
        assert [row["name"] for row in api.listing(evening.name)] == [run]
        assert api.read(evening.name, run)["going_on"] is False
        assert api.outlook(evening.name)["asked"] == begin["requests"]
        jan = api.instructors(evening.name, "jansma")
        assert [row["value"] for row in jan] == [school.instructor["jan"]]
        for call in (api.read, api.summary, api.apply, api.unplaced):
            with pytest.raises(frappe.ValidationError, match="not one of this evening"):
                call(other.name, run)
        assert "conversations have a time" in api.apply(evening.name, run)["report"]["sentence"]
        assert api.compare(evening.name, json.dumps([run]))["runs"][0]["placed"] == begin["requests"]
