"""A strict stand-in for the Telegram Bot API, with people to chat with, a mailbox and a clock that can be moved."""

from bot.sandbox.client import Group, People, Person, Unheard
from bot.sandbox.errors import PortTaken, SandboxError
from bot.sandbox.faults import Fault, MailFault
from bot.sandbox.seen import Bubble, Call, Mail
from bot.sandbox.server import CAST, DEFAULT_PORT, Sandbox

__all__ = [
    "CAST",
    "DEFAULT_PORT",
    "Bubble",
    "Call",
    "Fault",
    "Group",
    "Mail",
    "MailFault",
    "People",
    "Person",
    "PortTaken",
    "Sandbox",
    "SandboxError",
    "Unheard",
]
