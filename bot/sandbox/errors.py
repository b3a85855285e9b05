"""What can go wrong in the sandbox, by whose turn it is.

SandboxError
├── PortTaken   another program listens there: the operator chooses another port
├── Refused     what Telegram answers to a request it does not carry out: the bot reads it
└── Impossible  what a person cannot do just now: the caller of the people API reads it
"""


class SandboxError(Exception):
    """Something that the sandbox cannot or will not do; the message says why."""


class PortTaken(SandboxError):  # noqa: N818 - the name says whose turn it is
    """Another program listens on the port. `setting` is where another one is chosen."""

    def __init__(self, port: int, setting: str = "PANDU_SANDBOX_PORT") -> None:
        super().__init__(
            f"Port {port} is already in use on this machine. "
            f"Stop the program that uses it, or set {setting} to a free port."
        )


class Refused(SandboxError):  # noqa: N818 - as above
    """Telegram's refusal, in Telegram's words. `retry_after` is in seconds."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


class Impossible(SandboxError):  # noqa: N818 - as above
    """A person cannot do that now, as the sentence says. `status` is the HTTP status of the answer."""

    def __init__(self, sentence: str, status: int = 409) -> None:
        super().__init__(sentence)
        self.status = status


def bad_request(reason: str) -> Refused:
    return Refused(400, f"Bad Request: {reason}")
