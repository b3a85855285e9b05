"""What the people API shows, typed for its client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


class View(BaseModel):
    model_config = ConfigDict(frozen=True)


class Button(View):
    text: str
    data: str | None
    url: str | None


class File(View):
    """`name` is empty for a photo; `size` in bytes. Its content is at `/people/files/ID`."""

    id: str
    name: str
    size: int


class Replied(View):
    """The message that another one answers."""

    id: int
    name: str
    kind: str
    text: str


class Bubble(View):
    """A message as a person sees it.

    `sender` is `bot` or a person's id; `at` in UTC; `kind` is `text` or what was sent instead of one.
    """

    id: int
    version: int
    sender: str | int = Field(alias="from")
    name: str
    at: datetime
    edited: bool
    kind: str
    text: str
    entities: tuple[dict[str, object], ...]
    forwarded: str | None
    replied: Replied | None
    album: str | None
    file: File | None
    buttons: tuple[tuple[Button, ...], ...]

    @property
    def from_bot(self) -> bool:
        return self.sender == "bot"

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(button.text for button in self.each_button())

    def each_button(self) -> Iterator[Button]:
        for row in self.buttons:
            yield from row


class Answer(View):
    """What the bot answered to the last press."""

    query: str
    text: str
    alert: bool
    version: int


class Enclosed(View):
    """A file in a mail; `size` in bytes."""

    name: str
    size: int


class Mail(View):
    """`at` in UTC."""

    number: int
    at: datetime
    sender: str = Field(alias="from")
    to: tuple[str, ...]
    subject: str
    text: str
    headers: tuple[tuple[str, str], ...]
    files: tuple[Enclosed, ...]

    @property
    def links(self) -> tuple[str, ...]:
        return tuple(_LINK.findall(self.text))

    def header(self, name: str) -> str:
        """The value of a header, empty if there is none."""
        return next((value for each, value in self.headers if each.casefold() == name.casefold()), "")


class Command(View):
    command: str
    description: str


class Call(View):
    """A call of the bot. `at` in seconds of this machine's monotonic clock; `status` 0 when no answer left."""

    at: float
    method: str
    chat_id: int | None
    status: int
    description: str


class Gone(View):
    id: int
    version: int
    deleted: bool


class Chat(View):
    version: int
    typing: bool
    answer: Answer | None
    messages: tuple[Bubble | Gone, ...]


class Who(View):
    id: int
    name: str


class Opened(View):
    payload: str


class Titled(View):
    id: int
    title: str


class Pressed(View):
    query: str
    data: str


class Now(View):
    now: datetime


class Queued(View):
    update_id: int
