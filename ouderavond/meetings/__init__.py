"""Online meetings and calendar events in other systems: one protocol, a provider per file.

Nothing here knows the platform or the school's records. `evening.online` says what should be there, calls
these, and keeps what came of it.
"""
