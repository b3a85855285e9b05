"""What an older version of the guide, or a turn that was cut off, left behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from conversations.effects import RecordSubmission
from conversations.events import CertificateFound, Recorded
from conversations.resume import restored
from conversations.session import Answer, Frame, Session
from tests.conversations.talk import GUIDE, MENU, MONDAY, TO_THE_LETTER, TO_THE_REVIEW, Talk, at_question, at_state

FACTS = GUIDE.book.facts(MONDAY)
IMPROVED = "The guide has been improved since. Your answers are kept."


def older(state: str, answers: dict[str, str], *, flow: str = "renewal") -> Session:
    trail = tuple(Answer(name, value) for name, value in answers.items())
    return Session(40, (Frame(flow, 0, state, trail),))


def test_an_older_version_is_resumed_at_its_question_with_the_answers_kept() -> None:
    talk = Talk(session=older("review", TO_THE_REVIEW))
    talk.types("/lanjut")
    assert talk.heard[0] == IMPROVED
    assert (talk.where, talk.answers) == ("renewal.review", TO_THE_REVIEW)
    talk.types("/lanjut")
    assert IMPROVED not in talk.heard


def test_a_state_that_there_is_no_more_resumes_at_the_first_question_without_an_answer() -> None:
    answers = {**TO_THE_LETTER, "letter": "yes", "gone": "yes"}
    talk = Talk(session=older("gone", answers))
    talk.says("???")
    assert (talk.where, talk.answers) == ("renewal.upload", {**TO_THE_LETTER, "letter": "yes"})


def test_an_answer_that_there_is_no_more_is_asked_again() -> None:
    talk = Talk(session=older("review", {**TO_THE_REVIEW, "check": "perhaps"}))
    talk.types("/lanjut")
    assert (talk.where, list(talk.answers)) == ("renewal.check", ["ready", "notified", "expiry", "expired", "login"])


def test_a_button_of_an_older_version_still_answers_its_question() -> None:
    talk = Talk(session=older("login", {"ready": "begin", "notified": "yes"}))
    talk.presses_data(talk.data("yes"))
    assert talk.where == "renewal.check"


def test_a_flow_that_there_is_no_more_is_dropped_with_what_lay_above_it() -> None:
    known = at_state("renewal", "login").stack[0]
    unknown = Frame("survey", 1, "first")
    talk = Talk(session=Session(9, (known, unknown, replace(known, flow="trouble", state="start"))))
    talk.types("/lanjut")
    assert (talk.where, talk.heard[0]) == ("renewal.login", IMPROVED)
    alone = Talk(session=Session(9, (unknown,)))
    alone.types("/lanjut")
    assert (alone.where, alone.heard[-1]) == ("", MENU)


def test_a_command_that_was_never_answered_is_given_again() -> None:
    session = at_state("renewal", "record", **TO_THE_REVIEW)
    for ask in ("/lanjut", "/bantuan", "/bahasa id"):
        talk = Talk(session=session)
        talk.types(ask)
        assert any(isinstance(command, RecordSubmission) for command in talk.commands)
        assert talk.where == "renewal.issued"


def test_a_command_with_other_answers_is_not_given_again_by_an_older_version() -> None:
    answers = {"nip": "none", "name": "Siti", "workplace": "Dinkes", "email": "siti@pekalongankota.go.id"}
    walked = {**answers, "review": "send", "prove": "2026-11-23T02:30:00+00:00", "code": "again"}
    flow = replace(GUIDE.flows["register"], states=GUIDE.flows["register"].states[3:], version=2)
    trail = tuple(Answer(name, value) for name, value in walked.items())
    session, changed = restored(Session(7, (Frame("register", 1, "code", trail),)), {"register": flow}, FACTS)
    assert changed
    assert session.top == Frame("register", 2, "review", trail[:4])


def test_a_command_that_is_walked_past_keeps_what_it_found() -> None:
    talk = Talk(session=older("good", {"find": "2026-12-20", "expiring": "ams"}, flow="reminder"))
    talk.certificate = date(2026, 12, 20)
    talk.types("/lanjut")
    assert MENU in talk.heard
    talk = Talk(session=older("expiring", {"find": "2026-12-20"}, flow="reminder"))
    talk.types("/lanjut")
    assert (talk.where, talk.answers, talk.commands) == ("reminder.expiring", {"find": "2026-12-20"}, [])


def test_an_answer_that_nobody_waits_for_moves_nothing() -> None:
    talk = at_question("login", {"ready": "begin", "notified": "yes"})
    session = talk.session
    talk.happens(Recorded(MONDAY))
    assert (talk.session, talk.effects) == (session, [])
    talk.happens(CertificateFound(MONDAY, date(2028, 1, 8)))
    assert talk.session == session
