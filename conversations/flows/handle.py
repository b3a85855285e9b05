"""Words for a complaint: of staff (`handle`), and of the employee who filed it (`reply`).

Which complaint and what is done with the words stands in the trail when the flow begins, as `number` and `act`, and so
do the answers that are `offered` (`conversations/ready.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversations.answers import Message
from conversations.complaint import Act
from conversations.draft import Draft
from conversations.effects import HandleComplaint
from conversations.flow import Ask, Do, End, Flow, Option, Review, State, Switch
from conversations.people import Role
from conversations.ready import ReadyAnswers
from conversations.text import N_

if TYPE_CHECKING:
    from conversations.facts import Facts

STAFF, MINE = "handle", "reply"

FILES = 5
_LONGEST = 2000  # characters

_STOP = Option("stop", N_("Write nothing"), then="stopped")


def _act(facts: Facts) -> tuple[HandleComplaint]:
    said = facts.answers
    draft = Draft.read(said.get("text", ""))
    act = said.get("act", "")
    # An act that cannot be read any more becomes one that is refused or harms nobody.
    chosen = Act(act) if act in set(Act) else Act.NOTE
    return (HandleComplaint(said.get("number", ""), chosen, draft.text, draft.files, canned=draft.canned),)


def _sent() -> tuple[State, ...]:
    """What came of it is said with the answer to the command."""
    return (
        Do("act", HandleComplaint, _act, then={"done": "done", "refused": "done", "gone": "done"}),
        End("done"),
        End("stopped", N_("All right, nothing was sent.")),
    )


FLOW = Flow(
    STAFF,
    version=1,
    roles=frozenset({Role.OFFICER, Role.OFFICIAL}),
    states=(
        Ask(
            "text",
            N_("{handle_ask}"),
            Message(most=_LONGEST),
            then={"": "length"},
            picker=ReadyAnswers(),
            options=(_STOP,),
            files=FILES,
            keep=True,
        ),
        Switch("length", "handle_preview", {"yes": "review", "no": "act"}),
        Review(
            "review",
            N_(
                "Please read it once more. {handle_goes}\n\nTo change it, copy the text, press “Correct” and send "
                "it anew."
            ),
            items=(("text", N_("Text")),),
            options=(Option("send", N_("Yes, send it"), then="act"),),
        ),
        *_sent(),
    ),
)

REPLY = Flow(
    MINE,
    version=1,
    states=(
        Ask(
            "text",
            N_("{handle_ask}\n\nYou can also send photos or files."),
            Message(most=_LONGEST),
            then={"": "act"},
            options=(_STOP,),
            files=FILES,
            keep=True,
        ),
        *_sent(),
    ),
)
