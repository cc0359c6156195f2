"""Journals of changes: records before and after, compressed in one field of a record."""

import base64
import json
import zlib


def pack(entries: list) -> str:
    """Entries of plain values, dates and times among them, as text."""
    return base64.b64encode(zlib.compress(json.dumps(entries, default=str).encode(), 1)).decode()


def unpack(text: str | None) -> list:
    """What was packed, dates and times as text."""
    return json.loads(zlib.decompress(base64.b64decode(text))) if text else []
