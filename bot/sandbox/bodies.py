"""What the people API takes: the JSON of each request, checked."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bot.sandbox import acts
from bot.sandbox.acts import Kind, Sending


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewPerson(Body):
    first_name: str = Field(min_length=1, max_length=64)
    language_code: str | None = Field(default=None, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")
    role: str = ""
    id: int | None = Field(default=None, ge=1)


class Start(Body):
    payload: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,64}$")


class Opened(Body):
    url: str = Field(max_length=2048)


class Said(Body):
    text: str
    reply_to: int | None = None
    chat: int | None = None


class Edited(Body):
    text: str


class Pressed(Body):
    message: int
    data: str | None = None
    button: int | None = Field(default=None, ge=0)
    stale: bool = False
    chat: int | None = None


class Item(Body):
    kind: Kind
    caption: str = ""
    name: str = ""
    size: int | None = Field(default=None, ge=1, le=acts.MAX_SIZE)

    def sending(self) -> Sending:
        return Sending(self.kind, self.caption, self.name, self.size)


class Attached(Item):
    reply_to: int | None = None


class Album(Body):
    items: tuple[Item, ...]
    reply_to: int | None = None


class Forwarded(Body):
    message: int | None = None
    text: str = ""
    author: str = "Seseorang"


class Founded(Body):
    title: str = Field(min_length=1, max_length=128)


class Moved(Body):
    seconds: float | None = Field(default=None, ge=0)
    to: AwareDatetime | None = None
