"""Does the commands of the core inside the transaction of the turn, and answers each with what happened.

registration   an employee is tied to a chat by proof
staff          who has which role: invited, accepted, away, revoked
privacy        what is kept of a chat: shown, copied, taken back, erased
renewal        what the guide notes of a certificate
complaints     filed, handled and rung, with the messages and cards that everybody else gets
trace          who does it, for the audit
"""

from bot.commands.carry import Commands
from bot.commands.office import Office

__all__ = ["Commands", "Office"]
