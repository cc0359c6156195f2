"""A run that is killed leaves its best schedule with whoever wrote it down."""

from ouderavond.scheduler import load, load_schedule, session, solve, verify
from ouderavond.scheduler.demo import demo_problem


def test_snapshots_keep_all_rules(monkeypatch):
    monkeypatch.setattr(session, "SNAPSHOT_SECONDS", 0.05)
    problem = load(demo_problem(students=200, seed=3))
    seen = []
    final = solve(problem, time_limit=4, seed=1, on_schedule=seen.append)
    assert len(seen) > 3
    for placements in (seen[0], seen[len(seen) // 2], seen[-1]):
        document = final.to_dict()
        document["placements"] = _documents(placements)
        placed = {item["conversation"] for item in document["placements"]}
        document["unplaced"] = [
            {"conversation": item.id, "reason": "time_limit"}
            for item in problem.conversations
            if item.id not in placed
        ]
        broken = verify(problem, load_schedule(document))
        # The figures are the final schedule's; the rules must hold all the same.
        assert not [line for line in broken if line.startswith("Rule")], broken


def _documents(placements):
    from ouderavond.scheduler.reading import moment_text

    return [{"conversation": item.conversation, "start": moment_text(item.start)} for item in placements]
