"""The reminder that a certificate expires soon, for those who asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversations.effects import FindCertificate
from conversations.flow import Choose, Do, End, Flow, Link, Option
from conversations.text import N_

if TYPE_CHECKING:
    from conversations.facts import Facts

NAME = "reminder"


def _find(facts: Facts) -> tuple[FindCertificate]:  # noqa: ARG001 - the shape of Do.effects
    return (FindCertificate(),)


FLOW = Flow(
    NAME,
    version=1,
    states=(
        Do("find", FindCertificate, _find, then={"found": "expiring", "none": "gone"}),
        Choose(
            "expiring",
            N_(
                "Good day. You asked me to remind you: your certificate expires on <b>{certificate}</b>. As long as "
                "it is valid, AMS has its own renewal: open <b>Sertifikat Saya</b> and choose <b>Pembaruan</b>. "
                "{renewal_care}\n\nHow would you like to go on?"
            ),
            (
                Option("ams", N_("I renew it in AMS"), then="good"),
                Option("guide", N_("Guide me"), then="guide"),
            ),
            keep=True,
            links=(Link(N_("Open AMS"), "ams_url"),),
        ),
        End("good", N_("Good. If something goes wrong, just come back here.")),
        End("guide", begin="renewal"),
        End("gone"),
    ),
)
