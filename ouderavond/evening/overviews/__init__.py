"""Overviews of an evening: on the screen, as files for a spreadsheet, and on paper."""
