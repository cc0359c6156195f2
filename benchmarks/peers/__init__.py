"""Other ways to schedule an evening, each beside the engine: `solve_x(problem, seconds, seed) -> Answer`."""
