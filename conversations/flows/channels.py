"""The other ways to complain, shown above whatever is under way; the same list stands under /kontak."""

from __future__ import annotations

from conversations.flow import Choose, End, Flow, Option
from conversations.text import N_

NAME = "channels"

DETOUR = Option("channels", N_("Other ways to complain"), detour=NAME)
"""Stands under a question of the complaint."""

FLOW = Flow(
    NAME,
    version=1,
    states=(
        Choose(
            "list",
            N_("You can also complain in another way:\n{channels}\n\n{hours_now}"),
            (Option("ok", N_("Back to where I was"), then="left"),),
            keep=True,
        ),
        End("left"),
    ),
)
