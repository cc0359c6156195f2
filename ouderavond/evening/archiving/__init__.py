"""Archiving an evening, and what becomes of what people wrote once it is long over.

`closing` ends everything that an evening has going on and keeps its figures; `personal` knows where personal
remarks stand; `retention` removes them when the time in the settings has passed.
"""
