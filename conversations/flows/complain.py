"""A complaint: what it is about, who may see it, what happened, and a look at it all before it is sent.

Everybody may complain, registered or not. Where the guide stood stands in the trail as `origin` when the flow begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversations.answers import Message
from conversations.draft import Draft
from conversations.effects import FileComplaint
from conversations.flow import Ask, Choose, Do, End, Flow, Option, Review
from conversations.flows import channels
from conversations.text import N_

if TYPE_CHECKING:
    from conversations.facts import Facts
    from conversations.service import Service

NAME = "complain"

FILES = 5
_SHORTEST, _LONGEST = 10, 2000  # characters
_SECRET = "official"  # noqa: S105 - an answer, no password


def _complaint(facts: Facts) -> tuple[FileComplaint]:
    said = facts.answers
    known = [category.id for category in facts.book.service.complaint_categories]
    draft = Draft.read(said.get("description", ""))
    # The review showed the category; one that is gone from the service file since becomes the first.
    category = said.get("category", "")
    return (
        FileComplaint(
            category if category in known else known[0],
            draft.text,
            said.get("private") == _SECRET,
            draft.files,
            said.get("origin", ""),
        ),
    )


def flow(service: Service) -> Flow:
    """The categories are those of the service file."""
    return Flow(
        NAME,
        version=1,
        states=(
            Choose(
                "category",
                N_(
                    "I pass your complaint on to a person who takes care of it.\n\nWhat is it about? (You can also "
                    "complain by telephone, by e-mail or through LAPOR!: /kontak)"
                ),
                tuple(Option(each.id, each.label, then="private") for each in service.complaint_categories),
            ),
            Choose(
                "private",
                N_(
                    "Who may see your complaint?\n\nUsually the officers, who can help fastest. If it is about an "
                    "officer, or nobody else should know, choose the complaints official."
                ),
                (
                    Option("officers", N_("The officers may see it"), then="description"),
                    Option(_SECRET, N_("Only the official"), then="description"),
                    channels.DETOUR,
                ),
            ),
            Ask(
                "description",
                N_(
                    "What happened, when and where? Please write it here in your own words.\n\nYou can also send up "
                    "to 5 photos or files (20 MB each), before the text or instead of it. <b>Please no passphrase, "
                    "password, one-time code or NIK.</b>"
                ),
                Message(_SHORTEST, _LONGEST),
                then={"": "review"},
                options=(channels.DETOUR, Option("stop", N_("No complaint after all"), then="stopped")),
                files=FILES,
                keep=True,
            ),
            Review(
                "review",
                N_("Please check. Shall I send the complaint? You can still add photos or files: just send them here."),
                items=(
                    ("category", N_("About")),
                    ("private", N_("Seen by")),
                    ("description", N_("Text")),
                ),
                options=(Option("send", N_("Yes, send it"), then="file"), channels.DETOUR),
            ),
            Do("file", FileComplaint, _complaint, then={"filed": "filed"}),
            End("stopped", N_("All right, nothing was sent.")),
            End("filed"),  # number, due date and what happens next were said with the answer to the command
        ),
    )
