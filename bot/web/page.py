"""The pages of the web edge as HTML: small, without a script, an image or anything from elsewhere. Pure."""

from __future__ import annotations

import base64
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from bot.web.links import LONGEST_WORDS, NEED_WORDS, Offer, Outcome
from conversations.complaint import Act, Status
from conversations.text import N_, Text, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.catalogs import Catalog

STYLE = (
    ":root{color-scheme:light dark}"
    "body{max-width:34rem;margin:3rem auto;padding:0 1.25rem;font:1.05rem/1.55 system-ui,sans-serif}"
    "h1{font-size:1.4rem;line-height:1.3;margin:0 0 .25rem}.about{margin:0 0 1.5rem;opacity:.8}"
    "label{display:block;font-weight:600;margin:0 0 .35rem}"
    "textarea{box-sizing:border-box;width:100%;min-height:9rem;padding:.6rem;font:inherit;border:1px solid #7a8896;"
    "border-radius:.4rem}"
    "button{margin-top:1rem;padding:.75rem 1.5rem;font:inherit;font-weight:600;color:#fff;background:#17669a;border:0;"
    "border-radius:.4rem;cursor:pointer}:focus-visible{outline:3px solid #62b3ea;outline-offset:2px}"
    ".wrong{margin:0 0 1rem;padding:.6rem .9rem;border-left:4px solid #b3261e}.small{font-size:.9rem;opacity:.8}"
)
STYLE_HASH = f"'sha256-{base64.b64encode(sha256(STYLE.encode()).digest()).decode()}'"

_ABOUT = N_("Complaint {number} · {category}")
_UNTIL = N_("This link serves once, until {until}. Nothing happens before you press the button.")
_TOO_SHORT = N_("Please write a few words.")
_TOO_LONG = N_("That is too long: {most} characters at most.")
_SECRET = N_("Please write no passphrase, password, code or NIK here. Nothing was stored.")
_STALE = N_("This page was open for too long, or was opened in another place. Please press the button once more.")

_TITLES: Mapping[Act, str] = {
    Act.TAKE: N_("Take over the complaint"),
    Act.DIRECT: N_("Give directions"),
    Act.RETURN: N_("Return the complaint"),
    Act.ANSWER: N_("Answer the employee"),
}
_EFFECTS: Mapping[Act, str] = {
    Act.TAKE: N_("You take over this complaint. The employee and the officer are told so, and the reminders end."),
    Act.DIRECT: N_("Your directions go to the officer, who works on the complaint again."),
    Act.RETURN: N_("The complaint goes back to the officer, with your reason."),
    Act.ANSWER: N_("Your answer goes to the employee, who is asked whether it is solved."),
}
_FIELDS: Mapping[Act, str] = {
    Act.DIRECT: N_("Your directions"),
    Act.RETURN: N_("Your reason"),
    Act.ANSWER: N_("Your answer"),
}
_BUTTONS: Mapping[Act, str] = {
    Act.TAKE: N_("Yes, I take it over"),
    Act.DIRECT: N_("Send the directions"),
    Act.RETURN: N_("Return it"),
    Act.ANSWER: N_("Send the answer"),
}
_DONE_TITLE = N_("Thank you, it is done")
_DONE = N_("Complaint {number}: what you did is recorded, and everybody concerned is told. You can close this page.")
_REFUSED_TITLE = N_("This is not possible any more")
_REFUSED = N_("Complaint {number} stands differently now: {status}. Nothing was changed.")
_SPENT_TITLE = N_("This link is not valid")
_SPENT = N_(
    "It was used already, has expired, or is not complete. If you have just pressed its button, what you did is "
    "recorded. Otherwise please take a link of the newest mail."
)
_LATER_TITLE = N_("Please try again in a moment")
_LATER = N_("The service cannot store anything just now. Nothing was changed, and the link stays valid.")
_STATUSES: Mapping[Status, str] = {
    Status.NEW: N_("new"),
    Status.TAKEN: N_("somebody works on it"),
    Status.WAITING: N_("it waits for the employee"),
    Status.ESCALATED: N_("it waits for the complaints official"),
    Status.ANSWERED: N_("it was answered"),
    Status.SOLVED: N_("it is solved"),
    Status.CLOSED: N_("it is closed"),
    Status.REOPENED: N_("it was reopened"),
    Status.WITHDRAWN: N_("it was withdrawn"),
}

WRONG: Mapping[str, str] = {"short": _TOO_SHORT, "long": _TOO_LONG, "secret": _SECRET, "stale": _STALE}
"""Why a form is shown again."""


def confirmation(catalog: Catalog, offer: Offer, signature: str, *, wrong: str = "", words: str = "") -> str:
    """What a link will do, and the button that does it; the form goes where the page came from."""

    def say(msgid: str, **values: Value) -> str:
        return _said(catalog, msgid, **values)

    about = say(_ABOUT, number=offer.number, category=offer.category)
    body = [
        f"<h1>{say(_TITLES[offer.act])}</h1>",
        f'<p class="about">{about}</p>',
        f"<p>{say(_EFFECTS[offer.act])}</p>",
    ]
    if wrong:
        body.append(f'<p class="wrong" role="alert">{say(WRONG[wrong], most=LONGEST_WORDS)}</p>')
    body.append(f'<form method="post"><input type="hidden" name="form" value="{escape(signature)}">')
    if offer.act in NEED_WORDS:
        label = f'<label for="words">{say(_FIELDS[offer.act])}</label>'
        field = f'<textarea id="words" name="words" required maxlength="{LONGEST_WORDS}" autocomplete="off">'
        body.append(f"{label}{field}\n{escape(words)}</textarea>")
    body.append(f'<button type="submit">{say(_BUTTONS[offer.act])}</button></form>')
    body.append(f'<p class="small">{say(_UNTIL, until=offer.until)}</p>')
    return _page(catalog, say(_TITLES[offer.act]), "\n".join(body))


def result(catalog: Catalog, offer: Offer | None, outcome: Outcome) -> str:
    """What became of it."""
    if outcome.what == "spent" or offer is None:
        return spent(catalog)
    if outcome.what == "done":
        return _notice(catalog, _DONE_TITLE, _DONE, number=offer.number)
    status: Value = Text(_STATUSES[outcome.status]) if outcome.status is not None else ""
    return _notice(catalog, _REFUSED_TITLE, _REFUSED, number=offer.number, status=status)


def spent(catalog: Catalog) -> str:
    """A link that is not valid; which of the reasons it is, is not told."""
    return _notice(catalog, _SPENT_TITLE, _SPENT)


def later(catalog: Catalog) -> str:
    """Storage cannot be reached."""
    return _notice(catalog, _LATER_TITLE, _LATER)


def _notice(catalog: Catalog, title: str, text: str, **values: Value) -> str:
    said = _said(catalog, title)
    return _page(catalog, said, f"<h1>{said}</h1>\n<p>{_said(catalog, text, **values)}</p>")


def _said(catalog: Catalog, msgid: str, **values: Value) -> str:
    return escape(catalog.plain(Text(msgid, values)))


def _page(catalog: Catalog, title: str, body: str) -> str:
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex, nofollow">'
        f"<title>{title} – Pandu</title><style>{STYLE}</style>"
    )
    shown = f"<body>\n<main>\n{body}\n</main>\n</body>"
    return f'<!doctype html>\n<html lang="{catalog.language}"><head>{head}</head>\n{shown}</html>\n'
