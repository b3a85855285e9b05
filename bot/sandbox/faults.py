"""Faults on demand: what the network and Telegram do to a bot on a bad day.

A fault strikes the next calls that match it. Its `answer` is one of:

    error    `code` with `description`; 429 with `retry_after`
    silence  no answer for `seconds`, as when a request times out
    reset    the connection breaks
    delay    the answer comes, `seconds` later

With `carried_out` the call has taken place before the fault strikes, so that the bot cannot know (`delay` is always
carried out, after waiting).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

DESCRIPTIONS = {
    400: "Bad Request: the sandbox was told to refuse",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}
TOO_MANY_REQUESTS = 429


class Fault(BaseModel):
    """A fault and which calls it strikes.

    `times` counts down; None strikes until the fault is taken away. `seconds` are real ones, not the sandbox clock's.
    """

    model_config = ConfigDict(extra="forbid")

    answer: Literal["error", "silence", "reset", "delay"]
    method: str | None = Field(default=None, description="A Bot API method; without it every call but getUpdates")
    chat_id: int | None = Field(default=None, description="Only calls about this chat")
    times: int | None = Field(default=1, ge=1)
    carried_out: bool = False
    code: int = Field(default=500, ge=400, le=599)
    description: str | None = None
    retry_after: int = Field(default=1, ge=1, le=86_400)
    seconds: float = Field(default=3600, ge=0, le=86_400)

    def strikes(self, method: str, chat_id: int | None) -> bool:
        wanted = method != "getupdates" if self.method is None else method == self.method.lower()
        return wanted and self.chat_id in {None, chat_id}

    def words(self) -> str:
        if self.description is not None:
            return self.description
        if self.code == TOO_MANY_REQUESTS:
            return f"Too Many Requests: retry after {self.retry_after}"
        return DESCRIPTIONS.get(self.code, "Internal Server Error")


class MailFault(BaseModel):
    """What the mailbox does to the next mails: a fault strikes `times` times, None until it is taken away.

    error    answers `code` at `stage`, and takes nothing
    reset    at `stage` the connection breaks; at `data` the mail was taken before
    silence  at `stage` no answer for `seconds` (real ones); at `data` the mail was taken before
    down     nobody listens until the faults are taken away
    """

    model_config = ConfigDict(extra="forbid")

    answer: Literal["error", "reset", "silence", "down"]
    stage: Literal["mail", "rcpt", "data"] = "rcpt"
    code: int = Field(default=451, ge=400, le=599)
    times: int | None = Field(default=1, ge=1)
    seconds: float = Field(default=3600, ge=0, le=86_400)


Kind = TypeVar("Kind", Fault, MailFault)


class Waiting(Generic[Kind]):
    """Faults that wait for what they strike, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Kind] = []

    @property
    def waiting(self) -> tuple[Kind, ...]:
        return tuple(self._waiting)

    def add(self, fault: Kind) -> None:
        self._waiting.append(fault)

    def clear(self) -> None:
        self._waiting.clear()

    def _first(self, meets: Callable[[Kind], bool]) -> Kind | None:
        """The first that is met, counted down."""
        fault = next(filter(meets, self._waiting), None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
            if not fault.times:
                self._waiting.remove(fault)
        return fault


class MailFaults(Waiting[MailFault]):
    """The faults that wait for their mail."""

    def strike(self, stage: str) -> MailFault | None:
        """The fault that a mail meets at that stage."""
        return self._first(lambda fault: fault.stage == stage and fault.answer != "down")


class Faults(Waiting[Fault]):
    """The faults that wait for their call."""

    def strike(self, method: str, chat_id: int | None) -> Fault | None:
        """The fault that this call meets. `method` in lower case."""
        return self._first(lambda fault: fault.strikes(method, chat_id))
