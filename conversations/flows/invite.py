"""The invitation of a member of staff by an administrator: which role, who, and how to reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversations.cards import ADMINS, ROLES
from conversations.effects import Invite
from conversations.flow import Ask, Choose, Do, End, Flow, Option, Review
from conversations.identity import AnyEmail, PersonName
from conversations.people import Role
from conversations.text import N_

if TYPE_CHECKING:
    from conversations.facts import Facts

NAME = "invite"

_NO_EMAIL = "none"


def _invitation(facts: Facts) -> tuple[Invite]:
    said = facts.answers
    role = said.get("role", "")
    email = said.get("email", _NO_EMAIL)
    # The review showed the role; what cannot be read any more becomes the one that may do least.
    chosen = Role(role) if role in set(Role) else Role.LEADER
    return (Invite(chosen, said.get("name", ""), "" if email == _NO_EMAIL else email),)


FLOW = Flow(
    NAME,
    version=1,
    roles=ADMINS,
    states=(
        Choose(
            "role",
            N_(
                "Which role shall the new member have?\n\nOfficer: answers employees\nComplaints official: takes what "
                "the officer cannot solve\nAdministrator: invites and revokes, reads the audit\nLeadership: reads "
                "reports"
            ),
            tuple(Option(role.value, ROLES[role], then="name") for role in Role),
        ),
        Ask("name", N_("What is the full name of the new member?"), PersonName(), then={"": "email"}),
        Ask(
            "email",
            N_(
                "What is the e-mail address of {staff_name}? A complaints official who does not use Telegram is "
                "reached by e-mail only: then it is needed."
            ),
            AnyEmail(),
            then={"": "review"},
            options=(Option(_NO_EMAIL, N_("No e-mail"), then="review"),),
        ),
        Review(
            "review",
            N_("Please check. Shall I make the invitation?"),
            items=(("role", N_("Role")), ("name", N_("Name")), ("email", N_("E-mail"))),
            options=(Option("yes", N_("Yes, make the link"), then="make"),),
        ),
        Do("make", Invite, _invitation, then={"invited": "made"}),
        End("made"),  # link and time were said with the answer to the command
    ),
)
