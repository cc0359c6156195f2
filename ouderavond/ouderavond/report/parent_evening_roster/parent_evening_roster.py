"""The overview of the same name on the page Planning, as a report of the platform."""

from ouderavond.evening.overviews import reports


def execute(filters=None):
    """Columns and rows for the platform."""
    return reports.execute("roster", filters)
