"""The conversations of Pandu. A new flow is one module here and one line below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversations.flows import (
    channels,
    complain,
    handle,
    invite,
    keep,
    leave,
    outage,
    register,
    reminder,
    renewal,
    trouble,
)
from conversations.flows.renewal import EXPIRY_ALARM

if TYPE_CHECKING:
    from conversations.flow import Flow
    from conversations.service import Service

RENEWAL = renewal.NAME
TROUBLE = trouble.NAME
REGISTER = register.NAME
INVITE = invite.NAME
LEAVE = leave.NAME
COMPLAIN = complain.NAME
HANDLE, REPLY = handle.STAFF, handle.MINE
OUTAGE = outage.NAME
KEEP = keep.NAME

ALARM_FLOWS = {EXPIRY_ALARM: reminder.NAME}
"""The flow that each alarm begins; an alarm that is not here belongs to the question that waits."""


def all_flows(service: Service) -> tuple[Flow, ...]:
    own = (renewal.FLOW, reminder.FLOW, trouble.flow(service), register.FLOW, invite.FLOW, leave.FLOW)
    return (*own, complain.flow(service), channels.FLOW, handle.FLOW, handle.REPLY, outage.FLOW, keep.FLOW)
