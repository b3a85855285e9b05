"""The registration of an employee: consent, who they are, and the proof that the official address is theirs.

Nothing is known of anybody before the proof, and nothing that is said here tells whether an address is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversations.effects import BeginProof, CheckCode
from conversations.flow import Ask, Choose, Do, End, Flow, Option, Review
from conversations.identity import AGREE, Consent, Nip, OfficialEmail, PersonName, SixDigits
from conversations.people import Details
from conversations.places import PlacePicker, Workplace
from conversations.text import N_

if TYPE_CHECKING:
    from conversations.facts import Facts

NAME = "register"

NO_NIP = "none"

_AGAIN = (
    Option("again", N_("Send a new e-mail"), then="prove"),
    Option("address", N_("Correct the address"), then="email"),
)


def _proof(facts: Facts) -> tuple[BeginProof]:
    said = facts.answers
    nip = "" if said.get("nip") == NO_NIP else said.get("nip", "")
    details = Details(said.get("name", ""), said.get("workplace", ""), said.get("email", ""), nip)
    return (BeginProof(details, facts.moment("consent") or facts.at),)


def _check(facts: Facts) -> tuple[CheckCode]:
    return (CheckCode(facts.answers.get("code_wrong") or facts.answers.get("code", "")),)


FLOW = Flow(
    NAME,
    version=1,
    states=(
        Ask(
            "consent",
            N_(
                "To register, I need your consent first.\n\n{consent}\n• How long: until you withdraw, at most "
                "{person_period} after you were last here. {retention_care}\n\nDo you agree? Without it the guide "
                "and /info still work."
            ),
            Consent(),
            then={"": "nip"},
            options=(
                Option(AGREE, N_("I agree")),
                Option("more", N_("Read more"), then="more"),
                Option("no", N_("No, thank you"), then="declined"),
            ),
            keep=True,
        ),
        Choose(
            "more",
            N_("{rights}\n\nWith /privasi you can see, copy, correct and erase what is kept of you, at any time."),
            (Option("ok", N_("Back to the question"), then="consent"),),
        ),
        End("declined", N_("All right, nothing is kept. You can still use the guide and /info.")),
        Ask(
            "nip",
            N_("What is your <b>NIP</b>? It has 18 digits, for PNS and for PPPK."),
            Nip(),
            then={"": "name"},
            options=(Option(NO_NIP, N_("I have no NIP"), then="name"),),
        ),
        Ask("name", N_("What is your full name?"), PersonName(), then={"": "workplace"}),
        Ask(
            "workplace",
            N_("In which unit do you work? Please type its name or a part of it, for example: Dinkes."),
            Workplace(),
            then={"": "email"},
            picker=PlacePicker(),
        ),
        Ask(
            "email",
            N_("What is your <b>official e-mail address</b>? It ends in {email_domains}."),
            OfficialEmail(),
            then={"": "review"},
        ),
        Review(
            "review",
            N_("Please check. If it is right, I send an e-mail to that address, to make sure that it is yours."),
            items=(
                ("nip", N_("NIP")),
                ("name", N_("Name")),
                ("workplace", N_("Unit")),
                ("email", N_("E-mail")),
            ),
            options=(Option("send", N_("Right, send the e-mail"), then="prove"),),
        ),
        Do("prove", BeginProof, _proof, then={"sent": "code", "too_many": "too_many", "off": "off"}),
        Ask(
            "code",
            N_(
                "I have sent an e-mail to <b>{masked_email}</b>. Please press the link in it, or type its "
                "<b>6 digits</b> here. They are valid until {proof_until}.\n\nIf it does not come, please look into "
                "the spam folder too."
            ),
            SixDigits(),
            then={"": "check"},
            options=_AGAIN,
        ),
        Do(
            "check",
            CheckCode,
            _check,
            then={"proved": "registered", "wrong": "code_wrong", "spent": "spent", "claimed": "claimed"},
        ),
        Ask(
            "code_wrong",
            N_(
                "That is not the code of the last e-mail. Please compare it and type it again. You can try "
                "{tries_left} more times."
            ),
            SixDigits(),
            then={"": "check"},
            options=_AGAIN,
        ),
        Choose(
            "spent",
            N_("That code cannot be used any more. Shall I send you a new e-mail?"),
            (
                Option("again", N_("Send a new e-mail"), then="prove"),
                Option("stop", N_("No, stop here"), then="stopped"),
            ),
        ),
        End(
            "registered",
            N_(
                "Thank you, you are registered. From now on the office knows that it is you who writes.\n\nWith "
                "/privasi you can see and erase what is kept of you, with /daftar correct it."
            ),
        ),
        End(
            "claimed",
            N_(
                "Your address is proved, but this NIP is registered with another address. I have changed nothing and "
                "told an administrator, who will look into it. You can also ask the office: {phones}."
            ),
        ),
        End(
            "too_many",
            N_(
                "For safety I send only a few e-mails an hour. Please try again with /daftar in an hour. If the last "
                "e-mail has come, its link still works."
            ),
        ),
        End(
            "off",
            N_(
                "I am sorry, registration is not possible at the moment, because no e-mail can be sent. Please "
                "contact the office: {phones}."
            ),
        ),
        End("stopped", N_("All right, I stop here. You can begin again with /daftar.")),
    ),
)
