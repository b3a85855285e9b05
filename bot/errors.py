# ruff: noqa: N818 - the glossary names the outcomes; each is an error by its base
"""What can become of a request to a channel, by what has to be done next.

    DeliveryError
    ├── TryLater      not carried out: the same request again, later
    ├── Unknown       sent, but no answer came: it may have been carried out
    ├── Unreachable   this person cannot be written to here (blocked, deactivated, chat not found)
    ├── Refused       the request itself is wrong: it will never be accepted
    ├── Fatal         nothing will be accepted: the token is wrong, or somebody else uses it
    ├── AlreadySo     what was asked for is the case already: done
    └── Migrated      the chat has another number now

The message of each is Telegram's own description or ours. It may quote a piece of the request, so it is stored with
the message and never logged; it never holds an address, because the token is part of it.
"""

from __future__ import annotations


class DeliveryError(Exception):
    """A request that was not simply carried out."""


class TryLater(DeliveryError):
    """Not carried out.

    `after` is the number of seconds that the channel asked for, None if it asked for none. `reached` is False if the
    request never got to the channel.
    """

    def __init__(self, message: str, *, after: float | None, reached: bool) -> None:
        super().__init__(message)
        self.after = after
        self.reached = reached


class Unknown(DeliveryError):
    """The request left, no answer came: nobody knows whether it was carried out."""


class Unreachable(DeliveryError):
    """The person cannot be written to on this channel."""


class Refused(DeliveryError):
    """The request is malformed: a mistake of ours, and the same request will be refused again."""


class Fatal(DeliveryError):
    """Nothing will be accepted until the operator has corrected something."""


class AlreadySo(DeliveryError):
    """A change that changes nothing: it is done. `message_id` is the message that an edit was to change."""

    def __init__(self, message: str, message_id: int | None = None) -> None:
        super().__init__(message)
        self.message_id = message_id


class Migrated(DeliveryError):
    """The group has become a supergroup; `new_chat_id` is its number from now on."""

    def __init__(self, message: str, new_chat_id: int) -> None:
        super().__init__(message)
        self.new_chat_id = new_chat_id
