"""While an evening goes on: how late the own next conversations of a family or student are."""

import json

import frappe
from frappe.utils import now_datetime
from werkzeug.wrappers import Response

from ouderavond import busy
from ouderavond.api import callers
from ouderavond.evening import versions
from ouderavond.evening.live import families


@frappe.whitelist(methods=["GET"])
def read(role: str) -> Response:
    """My conversations of today with how late they are expected to be; 304 while nothing has changed.

    Args:
        role: "guardian" or "student".
    """
    callers.asker(role)
    now = now_datetime()
    parts = [*families.tag_parts(now), now.strftime("%Y-%m-%dT%H:%M"), frappe.session.user, role]
    tag = f'"{frappe.utils.sha256_hash("|".join(parts))[:24]}"'
    if frappe.get_request_header("If-None-Match") == tag:
        return Response(status=304, headers={"ETag": tag})
    versions.read_anew()
    rows = families.of(role, frappe.session.user, now)
    every = families.every(rows, now)
    answer = {"conversations": rows, "every": every, "slower": busy.seconds_to_spare()}
    body = json.dumps({"message": answer}, separators=(",", ":"))
    return Response(body, headers={"ETag": tag}, mimetype="application/json")
