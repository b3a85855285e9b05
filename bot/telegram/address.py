"""A URL as the HTTP client needs it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit


class Origin(NamedTuple):
    """Where a connection leads."""

    host: str
    port: int
    tls: bool


class Address(NamedTuple):
    """A URL taken apart: the server, what the request line names, and the Host header."""

    origin: Origin
    target: bytes
    host: bytes


@lru_cache(maxsize=64)  # one for each method that the bot calls
def address(url: str) -> Address:
    """Take a URL apart. Raises `ValueError`: it is none that can be asked."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    # What goes into the head of a request must not be able to end it.
    if not host or parts.scheme not in {"http", "https"} or not (url.isascii() and url.isprintable()) or " " in url:
        raise ValueError("Not an address of HTTP")  # which one is not said: it may hold the token
    tls = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    origin = Origin(host, port or (443 if tls else 80), tls)
    return Address(origin, target.encode(), parts.netloc.rpartition("@")[2].encode())
