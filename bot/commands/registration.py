"""An employee is tied to a chat by proof: a one-time link or a code, sent to the official e-mail address.

Nothing here tells whether an address is known: a mail leaves for whichever was given, and only who reads it can go on.
Link and code are stored as keyed fingerprints, live for half an hour, and serve once, in the chat that asked.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Literal

from bot.commands.office import Errand
from bot.commands.trace import actor, note
from bot.mail.letter import Letter
from bot.scene import person_of
from conversations.effects import BeginProof
from conversations.events import ProofBegun, ProofChecked, Redeemed
from conversations.people import Claim, Details, Person
from conversations.text import N_, Text, Value
from storage.records import Channel, Proof

LIFETIME = timedelta(minutes=30)
TRIES = 5
MAILS_AN_HOUR = 3
HOUR = timedelta(hours=1)

_SUBJECT = N_("Pandu: confirm your e-mail address")
_LETTER = (
    N_("Good day, {name}."),
    N_("Somebody, most likely you, gives this address to register with Pandu on Telegram."),
    N_("Open this link on your phone and press Start:\n{link}"),
    N_("Or type this code in the chat: {code}"),
    N_("Both are valid once, until {until}. If it was not you, nothing needs to be done: do not pass them on."),
    N_("This mail was sent automatically. We never ask for passphrases, passwords or NIK."),
)


async def begin(errand: Errand, command: BeginProof) -> ProofBegun:
    """Make a new link and code, in the place of earlier ones, and enqueue the mail."""
    if not (errand.office.sends_mail and errand.office.username):  # without its name there is no link
        return ProofBegun(errand.at, "off")
    address = command.details.email
    counted = [errand.fingerprint("mail from", errand.chat_id), errand.fingerprint("mail to", address)]
    if any(mails >= MAILS_AN_HOUR for mails in (await errand.tx.proofs.mails(counted, errand.at - HOUR)).values()):
        return ProofBegun(errand.at, "too_many")
    token, code = errand.office.tokens.token(), errand.office.tokens.code()
    until = errand.at + LIFETIME
    proof = Proof(
        chat_id=errand.chat_id,
        token_lookup=errand.fingerprint("token", token),
        code_lookup=_code(errand, code),
        details=json.dumps(asdict(command.details)),
        consented_at=command.consented_at,
        expires_at=until,
        tries_left=TRIES,
    )
    await errand.tx.proofs.begin(proof)
    await errand.tx.proofs.count_mail(counted, errand.at)
    values: dict[str, Value] = {
        "name": command.details.name,
        "link": errand.office.link(token),
        "code": code,
        "until": until,
    }
    key, catalog = errand.scene.key(), errand.scene.catalog
    letter = Letter.of(
        key,
        to=address,
        subject=catalog.plain(Text(_SUBJECT)),
        paragraphs=[catalog.plain(Text(part, values)) for part in _LETTER],
    )
    lane = f"mail:{counted[0]}"  # by the chat, so that an erasure finds mails to addresses that were given up
    errand.scene.outcome.add(key, lane, letter.payload(), errand.at, channel=Channel.MAIL)
    return ProofBegun(errand.at, "sent", until)


async def check_code(errand: Errand, code: str) -> ProofChecked:
    """Compare a typed code; the fifth wrong one ends the proof."""
    proof = await errand.tx.proofs.of(errand.chat_id)
    if proof is None or proof.expires_at <= errand.at:
        return ProofChecked(errand.at, "spent")
    if proof.code_lookup != _code(errand, code):
        left = await errand.tx.proofs.miss(errand.chat_id)
        if left > 0:
            return ProofChecked(errand.at, "wrong", tries_left=left)
        await errand.tx.proofs.end(errand.chat_id)
        await note(errand, "code_guessed")
        return ProofChecked(errand.at, "spent")
    tied = await _prove(errand, proof)
    return ProofChecked(errand.at, tied.outcome, signed_out=tied.signed_out, claim=tied.claim)


async def redeem(errand: Errand, lookup: str) -> Redeemed | None:
    """Use the token of a registration, in the chat that asked for it and nowhere else; None if it is none."""
    proof = await errand.tx.proofs.by_token(lookup)
    if proof is None:
        return None
    if proof.chat_id != errand.chat_id:
        await note(errand, "link_of_another")
        return Redeemed(errand.at, "spent")
    if proof.expires_at <= errand.at:
        return Redeemed(errand.at, "spent")
    tied = await _prove(errand, proof)
    return Redeemed(errand.at, tied.outcome, signed_out=tied.signed_out, claim=tied.claim)


@dataclass(frozen=True, slots=True)
class Tied:
    """What came of a proof, who was signed out by it, and who stands against whom."""

    outcome: Literal["proved", "claimed"]
    signed_out: Person | None = None
    claim: Claim | None = None


async def _prove(errand: Errand, proof: Proof) -> Tied:
    """Tie the employee to this chat, unless the NIP is somebody else's."""
    tx, scene = errand.tx, errand.scene
    await tx.proofs.end(errand.chat_id)
    details = Details(**json.loads(proof.details))
    registered = await tx.employees.register(errand.chat_id, details, proof.consented_at, errand.at)
    if registered is None:
        return await _claimed(errand, details)
    scene.memory = replace(scene.memory, registered=True)
    old = registered.moved_from
    subject = f"employee:{registered.employee.id}"
    await tx.audit.append(await actor(errand), "registered" if old is None else "moved", subject, {}, errand.at)
    if old is None:
        return Tied("proved")
    scene.outcome.drop(tx.mail_lane(old))
    if (known := scene.outcome.memories.get(old)) is not None:  # it writes in this very batch
        scene.outcome.memories[old] = replace(known, session=None, screen=None, registered=False)
    return Tied("proved", signed_out=person_of(old))


async def _claimed(errand: Errand, details: Details) -> Tied:
    """Somebody with another proved address has this NIP: which of them is right only people can find out."""
    holder = await errand.tx.employees.holder_of(details.nip)
    if holder is None:
        raise LookupError("an NIP that is claimed has a holder")
    await note(errand, "nip_claimed", f"employee:{holder.id}")
    return Tied("claimed", claim=Claim(f"{details.name} ({details.email})", f"{holder.name} ({holder.email})"))


def _code(errand: Errand, code: str) -> str:
    return errand.fingerprint("code", f"{errand.chat_id}:{code}")
