"""Read a service file and, if something in it is wrong, say in which line and what belongs there."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from conversations.service.fields import KEYBOARD_ROOM, Component
from conversations.service.lines import Lines, Path
from conversations.service.model import Service

_PLAIN = {
    "Value error, ": "",
    "Input should be": "takes",
    "String should have": "takes a text with",
    "Tuple should have": "takes a list with",
    " after validation": "",
    "a valid time": "a time, such as 08:00:00",
    "a valid date": "a date, such as 2026-11-23",
    "a valid integer": "a whole number",
    "a valid boolean": "true or false",
    "a valid string": "a text between quotation marks",
    "a valid tuple": "a list between [ and ]",
    "a valid dictionary": "a table of keys",
}
"""The technical words in pydantic's sentences, and the ones for whoever edits the file."""


class ServiceError(Exception):
    """The service file is wrong; each line of the message names file, line and key, and what belongs there."""


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


class _Grouped(Protocol):
    @property
    def group(self) -> str: ...


def read_service(text: str, name: str) -> Service:
    """Read the text of a service file; `name` is what the operator calls the file, for the sentences of errors.

    Raises ServiceError with one sentence for every fault, in the order of the file.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ServiceError(_syntax(name, text, error)) from error
    try:
        service = Service.model_validate(content)
    except ValidationError as error:
        faults = [(details["loc"], _sentence(details)) for details in error.errors(include_url=False)]
        raise ServiceError(_report(name, text, faults)) from error
    if faults := list(_contradictions(service)):
        raise ServiceError(_report(name, text, faults))
    return service


def _syntax(name: str, text: str, error: tomllib.TOMLDecodeError) -> str:
    found = re.fullmatch(
        r"(?P<what>.*?) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", str(error)
    )
    if found is None:
        return f"{name}: this is not TOML: {error}."
    line = found["line"] or str(text.count("\n") + 1)
    column = f", column {found['column']}" if found["column"] else ""
    return f"{name}, line {line}{column}: this is not TOML: {found['what']}."


def _report(name: str, text: str, faults: Iterable[tuple[Path, str]]) -> str:
    lines = Lines(text)
    placed = sorted((lines.of(path), _key(path), sentence) for path, sentence in faults)
    return "\n".join(f"{name}, line {line}: {key} {sentence}." for line, key, sentence in placed)


def _key(path: Path) -> str:
    """Write a path as people count: `info[3].label` is the label of the third entry."""
    key = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path)
    return key.removeprefix(".") or "the file"


def _sentence(details: ErrorDetails) -> str:
    """Say what the key takes, in the words of the rule that it broke, and what it has."""
    match details["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a key that this file knows; it may be a typing error"
    takes = details["msg"]
    for technical, plain in _PLAIN.items():
        takes = takes.replace(technical, plain)
    value = details["input"]
    return f"{takes}, not {value!r}" if isinstance(value, str | int | float) else takes


def _contradictions(service: Service) -> Iterator[tuple[Path, str]]:
    """Find what is right by itself and wrong together."""
    lists: dict[str, Sequence[_Identified]] = {
        "info_groups": service.info_groups,
        "info": service.info,
        "symptom_groups": service.symptom_groups,
        "symptoms": service.symptoms,
        "channels": service.channels,
        "complaint_categories": service.complaint_categories,
    }
    for key, entries in lists.items():
        yield from _repeated(key, entries)
    yield from _misplaced("info", service.info, "info_groups", service.info_groups)
    yield from _misplaced("symptoms", service.symptoms, "symptom_groups", service.symptom_groups)
    yield from _components(service)
    yield from _same_names(service)
    for place, opened in enumerate(service.open_days):
        if any(opened.meets(closed) for closed in service.closed_days):
            yield ("open_days", place, "first"), "takes days that are not among closed_days too"


def _repeated(key: str, entries: Sequence[_Identified]) -> Iterator[tuple[Path, str]]:
    seen: set[str] = set()
    for place, entry in enumerate(entries):
        if entry.id in seen:
            yield (key, place, "id"), f"takes an id that no other entry has, not {entry.id!r} again"
        seen.add(entry.id)


def _same_names(service: Service) -> Iterator[tuple[Path, str]]:
    """Find places that a typed name could not tell apart."""
    seen: dict[str, str] = {}
    for number, place in enumerate(service.places):
        for name in {name.casefold() for name in (place.name, *place.aliases)}:
            if (other := seen.setdefault(name, place.name)) != place.name:
                yield ("places", number, "name"), f"takes names that no other place has, not {name!r}, as {other} has"


def _misplaced(
    key: str, entries: Sequence[_Grouped], group_key: str, groups: Sequence[_Identified]
) -> Iterator[tuple[Path, str]]:
    names = [group.id for group in groups]
    sizes = Counter(entry.group for entry in entries)
    for place, entry in enumerate(entries):
        if entry.group not in names:
            yield (key, place, "group"), f"takes the id of one of {group_key}: {', '.join(names)}; not {entry.group!r}"
    for place, name in enumerate(names):
        if not 0 < sizes[name] < KEYBOARD_ROOM:
            room = KEYBOARD_ROOM - 1
            yield (group_key, place, "id"), f"takes a group of 1 to {room} {key}, and {name!r} has {sizes[name]}"


def _components(service: Service) -> Iterator[tuple[Path, str]]:
    counts = Counter(info.component for info in service.info)
    for component in get_args(Component):
        if counts[component] != 1:
            yield ("info",), f"takes exactly one entry with component = {component!r}, and has {counts[component]}"
