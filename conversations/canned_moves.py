"""What staff do with the canned answers of the office: look at them, keep one, remove one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conversations import canned_cards, cards, complaint_cards
from conversations.cards import number_of
from conversations.complaint import Act
from conversations.complaint_moves import WORKERS, ComplaintMoves
from conversations.draft import Draft
from conversations.effects import FindCanned, FindComplaint, RecordRefusal, RemoveCanned
from conversations.flows import KEEP
from conversations.flows.keep import TITLE, WORDS
from conversations.session import Answer

if TYPE_CHECKING:
    from conversations.canned import Canned
    from conversations.events import CannedFound, ComplaintFound

_KEEP = "contoh"  # what a complaint was looked up for


class CannedMoves(ComplaintMoves):
    """A step in the making that may concern a canned answer."""

    def about_complaints(self, name: str, argument: str) -> None:
        if name == "contoh":
            self.contoh(argument)
        else:
            super().about_complaints(name, argument)

    def contoh(self, argument: str) -> None:
        match argument.split():
            case ["baru" | "simpan", *_] if not self.standing.may(WORKERS):
                self.effects.append(RecordRefusal("/contoh"))
                self.card(cards.refused(WORKERS, going=self.session.top is not None))
            case ["baru"]:
                self.in_place = False  # the list stays where it is
                self.enter_above(self.fresh(KEEP))
            case ["simpan", number, *sure]:
                self.effects.append(FindComplaint(number, " ".join([_KEEP, *sure[:1]])))
            case [number, "hapus", "ya"] if (canned := number_of(number)) is not None:
                self.effects.append(RemoveCanned(canned))
            case _:
                self.effects.append(FindCanned(argument))

    def complaint_found(self, event: ComplaintFound) -> None:
        what, _, sure = event.about.partition(" ")
        if what == _KEEP:
            self.keep_answer(event, sure=sure == "ya")
        else:
            super().complaint_found(event)

    def keep_answer(self, event: ComplaintFound, *, sure: bool) -> None:
        """Keep the last answer to a complaint that this person works on; of a confidential one, if that is meant."""
        complaint = event.complaint
        if not self.standing.may(WORKERS):
            return  # the role has ended since it was looked up
        if complaint is None:
            self.card(complaint_cards.gone())
        elif event.mine:
            self.card(complaint_cards.handled(complaint, Act.ANSWER, "employee", done=False, why="own"))
        elif complaint_cards.view_of(complaint, self.standing.roles) == "reader":
            self.card(complaint_cards.handled(complaint, Act.ANSWER, "staff", done=False))
        elif complaint.confidential and not sure:
            self.card(canned_cards.ask_confidential(complaint))
        else:
            frame, number = self.fresh(KEEP), Answer("number", complaint.number)
            answers = [line.text for line in event.history if line.act == Act.ANSWER and line.text]
            if answers:
                seeds = (number, Answer(WORDS, Draft(answers[-1]).write()))
                frame = replace(frame, state=TITLE, trail=seeds)
            else:  # it was a photo or a file alone
                frame = replace(frame, trail=(number,))
            self.in_place = False  # what came of the answer stays where it is
            self.enter_above(frame)

    def canned_found(self, event: CannedFound) -> None:
        """A card about the canned answers; which one depends on what was typed or pressed."""
        if not self.standing.may(cards.STAFF):
            return  # as above
        keeps = self.standing.may(WORKERS)
        if event.removed is not None:
            said = canned_cards.REMOVED if event.removed else canned_cards.GONE
            self.card(canned_cards.listed(event.answers, keeps=keeps, notice=said))
            return
        match event.about.split():
            case ["hal", page]:
                self.card(canned_cards.listed(event.answers, number_of(page) or 1, keeps=keeps))
            case [number, *asked] if (canned := number_of(number)) is not None:
                found = next((each for each in event.answers if each.id == canned), None)
                if found is None:
                    self.card(canned_cards.listed(event.answers, keeps=keeps, notice=canned_cards.GONE))
                else:
                    self.show_canned(found, asked)
            case _:
                self.card(canned_cards.listed(event.answers, keeps=keeps))

    def show_canned(self, found: Canned, asked: list[str]) -> None:
        self.card(canned_cards.ask_removal(found) if asked[:1] == ["hapus"] else canned_cards.one(found))
