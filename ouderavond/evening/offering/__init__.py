"""Putting together what guardians may ask for: every way in which staff make, change and remove offers."""
