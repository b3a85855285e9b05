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


async def walk(person: Person, random: Random, answers: tuple[str, ...] = ANSWERS) -> None:
    """From `/start` to the end; each answer waits until its button is there."""
    await person.start()
    begun = max(bubble.id for bubble in await person.looks() if not bubble.from_bot)
    for label in answers:
        await answer(person, label, begun, typed=random.random() < TYPED)
    if answers == ANSWERS:
        await person.hears(END, within=WITHIN)


async def answer(person: Person, label: str, begun: int, *, typed: bool) -> None:
    """Press the button, or type what stands on it; what was shown before this walk does not count."""

    def newest(chat: list[Bubble]) -> tuple[int, str] | None:
        for bubble in reversed(chat):
            for button in bubble.each_button():
                if bubble.id > begun and button.text == label and button.data is not None:
                    return bubble.id, button.data
        return None

    shown = await person.waits(newest, within=WITHIN)
    if typed:
        await person.says(label)
    else:
        await person.presses_data(*shown)


def seeded(seed: float) -> Random:
    """Chance that is the same in every run."""
    return Random(seed)  # noqa: S311 - repeatable on purpose
