"""Texts before they are sealed: values as JSON, and what could not be understood as something that can be shown."""

from __future__ import annotations

import json

import orjson


def pack(value: object) -> str:
    """A value as JSON: the fast way, and for half a surrogate pair or a long number the one that takes any."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, separators=(",", ":"))


def unpack(text: str) -> object:
    """The value that was packed."""
    try:
        return orjson.loads(text)
    except ValueError:
        value: object = json.loads(text)
        return value


def legible(text: str) -> str:
    """What came from outside, with NUL and half surrogate pairs written as escapes: no terminal shows them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "\\x00")
