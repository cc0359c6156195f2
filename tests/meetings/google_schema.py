"""Is what was sent allowed by Google's published description of the Calendar API?

The description (discovery document) is the one that ships inside google-api-python-client.
"""

import json
import re
from functools import lru_cache

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
WITH_OFFSET = re.compile(r".*(Z|[+-]\d\d:\d\d)")
FORMATS = {"date": re.compile(r"\d{4}-\d\d-\d\d"), "date-time": RFC3339}
BOUNDS = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}

# Scopes that Google added after some of the documents were published; each is narrower than those in them.
NEWER_SCOPES = {
    "calendar.events": ("https://www.googleapis.com/auth/calendar.events.owned",),
    "calendar.calendars.get": (
        "https://www.googleapis.com/auth/calendar.calendars",
        "https://www.googleapis.com/auth/calendar.calendars.readonly",
    ),
}


@lru_cache
def document() -> dict:
    """The description of the Calendar API, version 3."""
    from googleapiclient.discovery_cache import get_static_doc

    return json.loads(get_static_doc("calendar", "v3"))


def method(resource: str, name: str) -> dict:
    """One method of the API, such as `events`, `insert`."""
    return document()["resources"][resource]["methods"][name]


def scopes(resource: str, name: str) -> set[str]:
    """Which scopes allow this method; one of them is enough."""
    newer = (
        more for prefix, more in NEWER_SCOPES.items() if f"calendar.{resource}.{name}".startswith(prefix)
    )
    return set(method(resource, name)["scopes"]).union(*newer)


def wrong_parameters(resource: str, name: str, query: dict[str, list[str]]) -> list[str]:
    """What is wrong with the parameters of a call."""
    known = {**document()["parameters"], **method(resource, name)["parameters"]}
    wrong = [f'Unknown parameter: "{key}"' for key in query if key not in known]
    for key, values in query.items():
        if key in known:
            wrong += [f"{key}: {problem}" for value in values for problem in _parameter(value, known[key])]
            if len(values) > 1 and not known[key].get("repeated"):
                wrong.append(f"{key}: given {len(values)} times")
    return wrong


def _parameter(value: str, schema: dict) -> list[str]:
    kind = schema["type"]
    if kind == "boolean":
        return [] if value in ("true", "false") else ["not a boolean"]
    if kind == "integer":
        if not re.fullmatch(r"-?\d+", value):
            return ["not an integer"]
        if not int(schema.get("minimum", value)) <= int(value) <= int(schema.get("maximum", value)):
            return ["out of bounds"]
        return []
    if schema.get("format") == "date-time" and not (
        RFC3339.fullmatch(value) and WITH_OFFSET.fullmatch(value)
    ):
        return ["not a date-time with an offset"]
    return _text(value, schema)


def wrong_body(resource: str, name: str, body) -> list[str]:
    """What is wrong with the body of a call. Only patches may contain nulls: they take a value away."""
    description = method(resource, name)
    schema = description["request"]
    wrong = list(_value(body, schema, "", nulls=name == "patch"))
    if not wrong:
        wrong += [f"Missing {field}." for field in _required(schema, description["id"]) if field not in body]
    return wrong


def _required(schema: dict, method_id: str) -> list[str]:
    fields = document()["schemas"][schema["$ref"]]["properties"]
    return [name for name, of in fields.items() if method_id in of.get("annotations", {}).get("required", ())]


def _value(value, schema: dict, where: str, nulls: bool):
    """Problems of a value, each with where it is."""
    if "$ref" in schema:
        schema = document()["schemas"][schema["$ref"]]
    if value is None:
        if not nulls:
            yield f"{where}: null"
    elif schema["type"] == "object":
        yield from _object(value, schema, where, nulls)
    elif schema["type"] == "array":
        yield from _array(value, schema, where, nulls)
    else:
        for problem in _plain(value, schema):
            yield f"{where}: {problem}"


def _object(value, schema, where, nulls):
    if not isinstance(value, dict):
        yield f"{where}: not an object"
        return
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name, inner in value.items():
        described = known.get(name, others)
        if described is None:
            yield f'Invalid JSON payload received. Unknown name "{name}" at "{where}": Cannot find field.'
        else:
            yield from _value(inner, described, f"{where}.{name}", nulls)


def _array(value, schema, where, nulls):
    if not isinstance(value, list):
        yield f"{where}: not an array"
        return
    for number, inner in enumerate(value):
        yield from _value(inner, schema["items"], f"{where}[{number}]", nulls)


def _plain(value, schema: dict) -> list[str]:
    kind = schema["type"]
    if kind == "boolean":
        return [] if isinstance(value, bool) else ["not a boolean"]
    if kind == "integer":
        low, high = BOUNDS[schema["format"]]
        whole = isinstance(value, int) and not isinstance(value, bool)
        return [] if whole and low <= value <= high else ["not an integer that fits"]
    if kind == "string":
        return _text(value, schema) if isinstance(value, str) else ["not a string"]
    return [f"a type that is not known here: {kind}"]


def _text(value: str, schema: dict) -> list[str]:
    form = FORMATS.get(schema.get("format", ""))
    if form and not form.fullmatch(value):
        return [f"not a {schema['format']}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"none of {', '.join(schema['enum'])}"]
    return []
