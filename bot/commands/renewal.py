"""What the guide notes of a certificate."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias, assert_never

from bot.commands.office import Errand
from conversations.effects import FindCertificate, RecordCertificate, RecordIssue, RecordSubmission
from conversations.events import CertificateFound, Recorded

Noted: TypeAlias = FindCertificate | RecordCertificate | RecordSubmission | RecordIssue


async def carry_out(errand: Errand, command: Noted) -> CertificateFound | Recorded:
    tx, scene, chat_id, at = errand.tx, errand.scene, errand.chat_id, errand.at
    match command:
        case FindCertificate():
            return CertificateFound(at, scene.memory.expires_on)
        case RecordCertificate(expires_on):
            scene.memory = replace(scene.memory, expires_on=expires_on)
        case RecordSubmission(submitted_at, due_at):
            await tx.record_submission(chat_id, submitted_at, due_at, at)
        case RecordIssue():
            await tx.record_issue(chat_id, at)
        case _:
            assert_never(command)
    return Recorded(at)
