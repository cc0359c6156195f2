"""Reading and writing files for the command line: a failure is one sentence, and nothing is half written."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from .reading import InputError


class Refusal(Exception):
    """A sentence for stderr; the command ends with exit code 2."""


def read_json(path: str) -> Any:
    """The JSON document of a file. Raises `Refusal` if it cannot be read or is no JSON."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is not UTF-8 text (byte {error.start}).") from None
    try:
        return json.loads(text, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refusal(f"{path} is not valid JSON: {error.msg} at {where}.") from None
    except RecursionError:
        raise Refusal(f"{path} is not valid input: it is nested too deeply.") from None
    except ValueError as error:
        raise Refusal(f"{path} is not valid input: {error}.") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {repeated!r} occurs twice in one object")
    return found


def read(path: str, reader: Callable[[Any], Any]) -> Any:
    """What `reader` makes of a file's document. Raises `Refusal` with the path of a value that is wrong."""
    document = read_json(path)
    try:
        return reader(document)
    except InputError as error:
        raise Refusal(f"{path}: {error}") from None


def probe(path: str) -> None:
    """Find out before the work, not after it, that a file cannot be written; it is left as it is."""
    with _sentence(path):
        if _is_special(path):
            open(path, "a", encoding="utf-8").close()
        else:
            _temporary(Path(os.path.realpath(path))).unlink()


def write(path: str, text: str) -> None:
    """Replace a file's content at once: whatever happens while writing, the old or the new one is there.

    A file that cannot be replaced, only written to (a device, a mount of its own), is written in place.
    """
    with _sentence(path):
        if _is_special(path):
            Path(path).write_text(text, encoding="utf-8")
            return
        target = Path(os.path.realpath(path))
        temporary = _temporary(target)
        try:
            with open(temporary, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            _replace(temporary, target, text)
        finally:
            temporary.unlink(missing_ok=True)


def write_json(path: str, document: Any) -> None:
    """Write a document as UTF-8 JSON that people can read too."""
    write(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def make_directory(path: str) -> None:
    """Make a directory if there is none. Raises `Refusal` if that cannot be done."""
    with _sentence(path):
        Path(path).mkdir(parents=True, exist_ok=True)


def file_names(names: Iterable[str], *, taken: Iterable[str] = ()) -> dict[str, str]:
    """A name for a JSON file for each of some texts: short, safe on every system, and none of them twice.

    `taken` are names that cannot be used; capitals do not make names different.
    """
    used = {name.casefold() for name in taken}
    found = {}
    for name in names:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", plain)[:60].strip("-") or "scenario"
        number, file = 1, f"{stem}.json"
        while file.casefold() in used:
            number += 1
            file = f"{stem}-{number}.json"
        used.add(file.casefold())
        found[name] = file
    return found


@contextlib.contextmanager
def _sentence(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror or error}.") from None


def _is_special(path: str) -> bool:
    """Is there something that is no ordinary file: a directory, a pipe, a terminal?"""
    return os.path.exists(path) and not os.path.isfile(path)


def _temporary(target: Path) -> Path:
    """A new empty file beside a file, with the rights the file has or would get."""
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    temporary.touch(exist_ok=False)
    if target.exists():
        temporary.chmod(target.stat().st_mode & 0o7777)
    return temporary


def _replace(temporary: Path, target: Path, text: str) -> None:
    try:
        temporary.replace(target)
    except OSError:
        target.write_text(text, encoding="utf-8")
