"""Troubleshooting: what do you see, what to try, and who can help. Its questions come from the service file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from conversations.flow import Choose, End, Flow, Option, State
from conversations.text import N_, numbered

if TYPE_CHECKING:
    from conversations.service import Service

NAME = "trouble"

_STEPS = N_("{see}\n\nPlease try:\n{steps}\n\nHas that helped?")
_UNCONFIRMED_STEPS = N_("{see}\n\nPlease try:\n{steps}\n\n{unconfirmed} Has that helped?")


def flow(service: Service) -> Flow:
    """First the group, then the symptom, then a few things to try; the last way is a person."""
    return Flow(NAME, version=2, states=tuple(_states(service)))


def _states(service: Service) -> Iterator[State]:
    groups = tuple(group for group in service.symptom_groups if service.symptoms_of(group.id))
    yield Choose(
        "start",
        N_("I am sorry to hear that. What is it about?"),
        tuple(Option(group.id, group.label, then=f"g_{group.id}") for group in groups),
    )
    for group in groups:
        symptoms = service.symptoms_of(group.id)
        yield Choose(
            f"g_{group.id}",
            "{question}",
            tuple(Option(symptom.id, symptom.label, then=f"s_{symptom.id}") for symptom in symptoms),
            values={"question": group.question},
        )
        for symptom in symptoms:
            yield Choose(
                f"s_{symptom.id}",
                _STEPS if symptom.confirmed else _UNCONFIRMED_STEPS,
                (
                    Option("solved", N_("Yes, solved"), then="solved"),
                    Option("stuck", N_("Still stuck"), then="person"),
                ),
                keep=True,
                values={"see": symptom.see, "steps": numbered(symptom.steps)},
            )
    yield End("solved", N_("I am glad to hear that."))
    yield Choose(
        "person",
        N_(
            "Then a person should look at it.\n\nTelephone: {phones}\nE-mail: {email}\n\n{hours_now} Please say at "
            "which step you are and what the screen shows. Do not give your passphrase, password or NIK."
        ),
        (
            Option("complain", N_("Write to an officer here"), detour="complain"),
            Option("ok", N_("Back to where I was"), then="left"),
        ),
        keep=True,
    )
    yield End("left")
