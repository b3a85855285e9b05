"""AMS does not work: an administrator says so in words that everybody then reads who needs AMS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversations.answers import Message
from conversations.cards import ADMINS
from conversations.draft import Draft
from conversations.effects import DeclareOutage
from conversations.flow import Ask, Do, End, Flow, Option, Review
from conversations.text import N_

if TYPE_CHECKING:
    from conversations.facts import Facts

NAME = "outage"

_SHORTEST, _LONGEST = 10, 500  # characters
_UNSAID = "AMS"


def _outage(facts: Facts) -> tuple[DeclareOutage]:
    return (DeclareOutage(Draft.read(facts.answers.get("text", "")).text or _UNSAID),)  # an empty one would lift it


FLOW = Flow(
    NAME,
    version=1,
    roles=ADMINS,
    states=(
        Ask(
            "text",
            N_(
                "What does not work, since when, and what should people do meanwhile? They read your words as you "
                "write them, for example: AMS tidak dapat dibuka sejak pukul 09.00. Mohon dicoba lagi besok."
            ),
            Message(_SHORTEST, _LONGEST),
            then={"": "review"},
            options=(Option("stop", N_("Announce nothing"), then="stopped"),),
        ),
        Review(
            "review",
            N_("Please check. Everybody who needs AMS reads this, and the time of all complaints stands still."),
            items=(("text", N_("Text")),),
            options=(Option("yes", N_("Yes, tell everybody"), then="declare"),),
        ),
        Do("declare", DeclareOutage, _outage, then={"done": "declared"}),
        End("declared", N_("Noted. When AMS works again, please say so with /gangguan, so that the time goes on.")),
        End("stopped", N_("All right, nothing was announced.")),
    ),
)
