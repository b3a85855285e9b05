"""Whatever kind of message a secret comes in, it is taken back, nothing of it is stored, and the person is taught."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import Store
from tests.clocks import FakeClock
from tests.databases import RING, fresh_url, opened_everywhere
from tests.whole.desk import Desk, Raw, said

SITI = 710_000_101
NIK = "3375011234560001"
FORWARD = {"type": "hidden_user", "date": 1, "sender_user_name": "X"}
PHOTO = [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with fresh_url("sqlite", tmp_path) as url, await Store.open(url, ring=RING) as store:
        yield Desk(store, FakeClock())


def edited(update: Raw) -> Raw:
    return {"update_id": update["update_id"], "edited_message": update["message"]}


@pytest.mark.parametrize("update", [
    said(1, SITI, text=f"NIK saya {NIK}"),
    edited(said(1, SITI, text=NIK)),
    said(1, SITI, text=NIK, forward_origin=FORWARD),
    said(1, SITI, text=f"{NIK} {'panjang ' * 520}"),
    said(1, SITI, text=f"/start {NIK}"),
    said(1, SITI, text=f"/{NIK}"),
    said(1, SITI, text=f"/menu {NIK}"),
    said(1, SITI, photo=PHOTO, caption="KTP saya"),
    said(1, SITI, photo=PHOTO, caption="ini ktp", forward_origin=FORWARD),
    said(1, SITI, document={"file_id": "x", "file_unique_id": "x", "file_name": "KTP_Siti.jpg"}),
    said(1, SITI, document={"file_id": "x", "file_unique_id": "x", "file_name": f"{NIK}.pdf"}),
], ids=lambda update: str(list(update)[-1]))  # fmt: skip
async def test_a_secret_is_taken_back(desk: Desk, update: Raw) -> None:
    await desk.take([update])
    assert desk.handed[0].payload["method"] == "deleteMessage"
    assert "dihapus" in str(desk.handed[1].payload) or "hapus" in str(desk.handed[1].payload)
    assert not any(NIK in text for text in await opened_everywhere(desk.store))


async def test_a_token_of_ours_is_no_secret(desk: Desk) -> None:
    await desk.take([said(1, SITI, text="/start ambmJ17h8iGCuDQ70gO1rlunD9sAmfTP")])
    assert desk.handed[0].payload["method"] == "sendMessage"
