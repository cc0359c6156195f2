"""The waiting list: who waits for a place with a full instructor, and what happens when one comes free.

entries.py   the rows: who is in line, in which order; the one writer of Waiting List Entry
asking.py    to wait, and to leave the line
clock.py     until when a place is held for whom it is offered to
places.py    which places may suit whom, read for all who wait at once
serving.py   offering places that came free to the first in line who can come, and passing them on
answering.py accepting an offered place, or declining it
showing.py   what those who wait see of it
letters.py   the e-mail
leaving.py   people and records that go or get another name
"""

from ouderavond.evening.waiting.showing import for_start, holds, rows

__all__ = ["for_start", "holds", "rows"]
