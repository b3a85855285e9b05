"""A whole renewal as one person walks it, by pressing buttons and sometimes by typing what stands on them."""

from __future__ import annotations

from random import Random

from bot.sandbox import Bubble, Person

ANSWERS = (
    "Perbarui sertifikat",
    "Mulai",
    "Sudah",
    "Sudah masuk",
    "Semua sudah benar",
    "Sudah ada",
    "Sudah dikirim",
    "Baru saja",
    "Ya, benar",
    "Sudah terbit",
    "Ya, berhasil",
    "Ya, tanggal itu",
    "Ya, ingatkan saya",
)
END = "Pembaruan selesai"
UPDATES = 1 + len(ANSWERS)
"""How many updates a walk is, `/start` included."""

TYPED = 0.25  # of the answers
WITHIN = 90.0  # seconds: restarts take theirs


async def walk(person: Person, random: Random) -> None:
    """From `/start` to the end; each answer waits until its button is there."""
    await person.start()
    for label in ANSWERS:
        await answer(person, label, random)
    await person.hears(END, within=WITHIN)


async def answer(person: Person, label: str, random: Random) -> None:
    """Press the button, or type what stands on it."""
    if random.random() >= TYPED:
        await person.presses(label, within=WITHIN)
        return

    def offered(chat: list[Bubble]) -> bool:
        return any(label in bubble.labels for bubble in chat if bubble.from_bot)

    await person.waits(offered, within=WITHIN)
    await person.says(label)


def seeded(seed: float) -> Random:
    """Chance that is the same in every run."""
    return Random(seed)  # noqa: S311 - repeatable on purpose
