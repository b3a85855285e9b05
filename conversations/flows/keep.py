"""An answer is kept for the office: what it says, and what it is called.

The answer to a complaint is known already when the flow begins: then it stands in the trail, as `text`, beside the
`number` of the complaint, and only the title is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversations.answers import Message, Phrase
from conversations.canned import LONGEST_TITLE, SHORTEST_TITLE
from conversations.draft import Draft
from conversations.effects import KeepCanned
from conversations.flow import Ask, Do, End, Flow, Option, Review
from conversations.people import Role
from conversations.text import N_

if TYPE_CHECKING:
    from conversations.facts import Facts

NAME = "keep"
WORDS, TITLE = "text", "title"

_STOP = Option("stop", N_("Keep nothing"), then="stopped")


def _kept(facts: Facts) -> tuple[KeepCanned]:
    said = facts.answers
    return (KeepCanned(said.get(TITLE, ""), Draft.read(said.get(WORDS, "")).text, said.get("number", "")),)


FLOW = Flow(
    NAME,
    version=1,
    roles=frozenset({Role.OFFICER, Role.OFFICIAL}),
    states=(
        Ask(
            WORDS,
            N_(
                "What shall the ready answer say? Everybody who answers in this office can use it, so please leave out "
                "names, numbers and whatever concerns one person only."
            ),
            Message(),
            then={"": TITLE},
            options=(_STOP,),
        ),
        Ask(
            TITLE,
            N_(
                "What shall this ready answer be called? A few words that tell what it is for (at most {most} letters)."
            ),
            Phrase(SHORTEST_TITLE, LONGEST_TITLE),
            then={"": "review"},
            options=(_STOP,),
            values={"most": LONGEST_TITLE},
        ),
        Review(
            "review",
            N_(
                "Please read it once more: all staff see it, and it may go to any employee. If it holds a name, a "
                "number or anything else about one person, please correct it first.\n\nTo change the text, copy it, "
                "press “Correct” and send it anew."
            ),
            items=((TITLE, N_("Title")), (WORDS, N_("Text"))),
            options=(Option("keep", N_("Yes, keep it"), then="keep"), _STOP),
        ),
        Do("keep", KeepCanned, _kept, then={"kept": "done", "taken": TITLE, "full": "done"}),
        End("done"),  # what came of it is said with the answer to the command
        End("stopped", N_("All right, nothing was kept.")),
    ),
)
