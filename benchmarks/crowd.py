"""Many logged-in browsers at once, without their cost: sessions made in bulk, and a small HTTP client.

`make_sessions` needs frappe, connected to a site; everything else is the standard library alone, so that 800
browsers fit into one process beside the server that they load.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

TOKEN = "0" * 56
HOURS = 24


@dataclass
class Answer:
    """What a browser got. `status` is 0 where nothing came; `seconds` go from the click to the last byte."""

    status: int
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def data(self) -> dict:
        """The JSON of a call; empty where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @property
    def message(self):
        """What the whitelisted function returned."""
        return self.data.get("message")

    @property
    def said(self) -> str:
        """The sentences of a refusal."""
        messages = json.loads(self.data.get("_server_messages") or "[]")
        return " ".join(json.loads(one)["message"] for one in messages)


class Browser:
    """One logged-in person. Every call is a connection of its own, as behind a proxy."""

    def __init__(self, site: str, port: int, user: str, sid: str, timeout: float = 120):
        self.site, self.port, self.user, self.sid, self.timeout = site, port, user, sid, timeout

    async def get(self, path: str, values: dict | None = None, **headers: str) -> Answer:
        """GET a path; underscores in the names of headers stand for hyphens."""
        query = f"?{urlencode(values)}" if values else ""
        return await self._send("GET", path + query, headers)

    async def post(self, method: str, **values) -> Answer:
        """POST to a whitelisted method."""
        headers = {"Content_Type": "application/json", "X_Frappe_CSRF_Token": TOKEN}
        return await self._send("POST", f"/api/method/{method}", headers, json.dumps(values).encode())

    async def read(self, method: str, etag: str | None = None, **values) -> Answer:
        """GET a whitelisted method, if it has changed since `etag`."""
        conditions = {"If_None_Match": etag} if etag else {}
        return await self.get(f"/api/method/{method}", values, **conditions)

    async def _send(self, verb: str, path: str, headers: dict, body: bytes = b"") -> Answer:
        lines = {
            "Host": f"{self.site}:{self.port}",
            "X-Frappe-Site-Name": self.site,
            "Cookie": f"sid={self.sid}",
            "Accept": "application/json" if path.startswith("/api/") else "text/html",
            "Connection": "close",
            "Content-Length": str(len(body)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        request = f"{verb} {path} HTTP/1.1\r\n{head}\r\n".encode() + body
        began = time.perf_counter()
        try:
            raw = await asyncio.wait_for(self._exchange(request), self.timeout)
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
            return Answer(0, time.perf_counter() - began)
        return _parse(raw, time.perf_counter() - began)

    async def _exchange(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            await writer.drain()
            return await reader.read(-1)
        finally:
            writer.close()


def _parse(raw: bytes, seconds: float) -> Answer:
    head, separator, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    if not separator or len(lines[0].split()) < 2:
        return Answer(0, seconds)
    headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    headers = {name.lower(): value for name, value in headers.items()}
    if len(body) < int(headers.get("content-length") or 0):
        return Answer(0, seconds)
    return Answer(int(lines[0].split()[1]), seconds, headers, body)


def make_sessions(users: Iterable[str]) -> dict[str, str]:
    """{user: sid} of new sessions, written in bulk as the platform writes one; committed."""
    import frappe

    now = frappe.utils.now()
    rows, sids = [], {}
    for user in users:
        sids[user] = sid = frappe.generate_hash()
        data = {
            "user": user,
            "session_ip": "127.0.0.1",
            "last_updated": now,
            "session_expiry": f"{HOURS}:00:00",
            "full_name": user,
            "user_type": "Website User",
            "csrf_token": TOKEN,
        }
        rows.append((str(data), user, now, sid, "Active"))
        kept = frappe._dict(user=user, sid=sid, data=frappe._dict(data))
        frappe.cache.hset("session", sid, kept)
    frappe.db.sql(
        "insert into `tabSessions` (sessiondata, user, lastupdate, sid, status) values "
        + ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows)),
        [value for row in rows for value in row],
    )
    frappe.db.commit()
    return sids


def end_sessions(sids: Iterable[str]) -> None:
    """Remove sessions again; committed."""
    import frappe

    sids = list(sids)
    frappe.db.delete("Sessions", {"sid": ("in", sids or [""])})
    for sid in sids:
        frappe.cache.hdel("session", sid)
        frappe.cache.hdel("last_db_session_update", sid)
    frappe.db.commit()
