"""The renewal with key-pair replacement, in the order of the service standard.

| step | the standard says                                   | states                        |
|------|-----------------------------------------------------|-------------------------------|
| 1    | the e-mail that the certificate has expired          | notified … later              |
| 2    | log in to AMS                                        | login                         |
| 3    | make sure that the data are right                    | check                         |
| 4    | change of data by its own procedure                  | change … change_wait          |
| 5    | request issuance with the recommendation letter      | letter … review               |
| 6    | the e-mail that the certificate has been issued      | issued … done                 |

A certificate that has not expired takes another way (AMS has its own renewal for the last days), and one that was
revoked or suspended goes to the officer.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from conversations.answers import NOW, ExpiryDate, NewExpiryDate, SubmissionMoment
from conversations.effects import DropAlarm, RecordCertificate, RecordIssue, RecordSubmission, SetAlarm
from conversations.flow import Ask, Choose, Do, End, Flow, Link, Option, Remind, Review, Switch
from conversations.picker import DatePicker
from conversations.text import N_

if TYPE_CHECKING:
    from conversations.facts import Facts

NAME = "renewal"
EXPIRY_ALARM = "expiry"

_AMS = Link(N_("Open AMS"), "ams_url")
_TROUBLE = Option("trouble", N_("I have a problem"), detour="trouble")

_CHANGE_AGAIN = N_("Good day. Has the change of your data in AMS been approved?")
_LETTER_AGAIN = N_("Good day. Do you have the signed Recommendation Letter now?")
_DUE = N_("Good day. Your new certificate was due at the latest <b>{due}</b>. Has it been issued?")
_LATE_AGAIN = N_("Good day. Your certificate was due {due}. Has it been issued in the meantime?")


def _submission(facts: Facts) -> tuple[RecordSubmission]:
    return (RecordSubmission(facts.submitted_at, facts.due_at),)


def _issue(facts: Facts) -> tuple[DropAlarm, RecordIssue]:  # noqa: ARG001 - the shape of Do.effects
    return (DropAlarm(EXPIRY_ALARM), RecordIssue())  # the certificate that it was about is replaced


def _expiry(facts: Facts) -> tuple[RecordCertificate]:
    return (RecordCertificate(facts.day("new_expiry") or facts.day("expiry") or date.max),)


def _no_reminder(facts: Facts) -> tuple[DropAlarm, RecordCertificate]:
    return (DropAlarm(EXPIRY_ALARM), *_expiry(facts))


def _reminder(facts: Facts) -> tuple[SetAlarm, RecordCertificate]:
    return (SetAlarm(EXPIRY_ALARM, facts.remind_at), *_expiry(facts))


FLOW = Flow(
    NAME,
    version=2,
    states=(
        Choose(
            "ready",
            N_(
                "I will guide you through six steps, one question at a time. You can stop and come back later; your "
                "answers are kept.\n\nPlease have ready:\n{preparation}\n\n<b>Never write your passphrase, password or "
                "one-time code here.</b> We never ask for them, nor for NIK, KTP or a selfie. Documents are uploaded "
                "in AMS, not here."
            ),
            (Option("begin", N_("Begin"), then="notified"),),
            keep=True,
        ),
        Choose(
            "notified",
            N_("Have you received the e-mail that says your certificate has <b>expired</b>?"),
            (
                Option("yes", N_("Yes, I have"), then="login"),
                Option("no", N_("Not yet"), then="expiry"),
                Option("unsure", N_("I don't know"), then="expiry"),
                Option("revoked", N_("It was revoked or suspended"), then="officer"),
            ),
            step=1,
        ),
        Ask(
            "expiry",
            N_("On which date does your certificate expire, or did it? Please type it, for example: 23 November 2026."),
            ExpiryDate(),
            then={"expired": "expired", "window": "window", "later": "later"},
            options=(Option("unknown", N_("I don't know the date"), then="look_up"),),
            step=1,
            picker=DatePicker(),
        ),
        Choose(
            "look_up",
            N_(
                "The date stands in AMS: open <b>Sertifikat Saya</b>, then <b>Daftar Sertifikat Elektronik</b>. "
                "Have you found it?"
            ),
            (
                Option("found", N_("Yes, I have the date"), then="expiry"),
                Option("expired", N_("AMS says it has expired"), then="login"),
                _TROUBLE,
            ),
            step=1,
            keep=True,
            links=(_AMS,),
        ),
        Choose(
            "expired",
            N_("It expired on <b>{expiry}</b>, so this guide is for you. Shall we go on?"),
            (Option("go", N_("Yes, go on"), then="login"),),
            step=1,
        ),
        Choose(
            "window",
            N_(
                "Your certificate is valid until <b>{expiry}</b>. In the last {window_days} days AMS has its own "
                "renewal: open <b>Sertifikat Saya</b> and choose <b>Pembaruan</b>. {renewal_care}\n\nDoes AMS let you "
                "renew it there?"
            ),
            (
                Option("done", N_("Yes, I renew it there"), then="window_end"),
                Option("no", N_("No, it asks for issuance"), then="login"),
                Option("officer", N_("Contact the office"), then="officer"),
                _TROUBLE,
            ),
            step=1,
            keep=True,
            links=(_AMS,),
        ),
        Choose(
            "later",
            N_(
                "Your certificate is valid until <b>{expiry}</b>. Nothing needs to be done yet.\n\nShall I remind you "
                "on {remind_on}, {window_days} days before?"
            ),
            (
                Option("yes", N_("Yes, remind me"), then="later_set"),
                Option("no", N_("No, thank you"), then="later_unset"),
            ),
            step=1,
        ),
        Do("later_set", RecordCertificate, _reminder, then={"done": "later_kept"}),
        End(
            "later_kept",
            N_(
                "I will remind you on {remind_on}, or on the first working day after it. Until then nothing needs "
                "to be done."
            ),
        ),
        Do("later_unset", RecordCertificate, _no_reminder, then={"done": "later_end"}),
        End("later_end", N_("All right. You are welcome to come back when the e-mail of BSrE arrives.")),
        End(
            "window_end",
            N_("Good. Please follow the instructions in AMS. If something goes wrong, just come back here."),
        ),
        End(
            "officer",
            N_(
                "This has to be seen by our officer.\n\nTelephone: {phones}\nE-mail: {email}\n\n{hours_now} Please say "
                "what AMS shows you. Do not give your passphrase or NIK."
            ),
        ),
        Choose(
            "login",
            N_(
                "Please open AMS and log in.\n\n{ams_url}\n\nA genuine address of BSrE always ends in "
                "<b>{domain}</b>. Enter your password only there.\n\nAre you logged in?"
            ),
            (Option("yes", N_("Yes, I am logged in"), then="check"), _TROUBLE),
            step=2,
            keep=True,
            links=(_AMS,),
        ),
        Choose(
            "check",
            N_("Please compare your data in AMS, one by one:\n{data_check}\n\nIs everything right?"),
            (
                Option("right", N_("Everything is right"), then="letter"),
                Option("wrong", N_("Something wrong or changed"), then="change"),
                _TROUBLE,
            ),
            step=3,
            keep=True,
        ),
        Choose(
            "change",
            N_(
                "The data must be changed first.\n\nThese can be changed:\n{change_data}\n\nPlease have ready:\n"
                "{change_documents}\n\nThe way in AMS:\n{change_steps}\n\nHave you sent the change?"
            ),
            (Option("sent", N_("Yes, I have sent it"), then="change_wait"), _TROUBLE),
            step=4,
            keep=True,
            links=(_AMS,),
        ),
        Choose(
            "change_wait",
            N_(
                "The change takes effect when the verifier has approved it; an e-mail tells you. I will ask again "
                "{next_morning}.\n\nHas the change been approved?"
            ),
            (
                Option("yes", N_("Yes, approved"), then="check"),
                Option("no", N_("Not yet"), then="change_wait"),
                Option("refused", N_("It was refused"), then="change_refused"),
                _TROUBLE,
            ),
            step=4,
            remind=Remind("next_morning", 2, _CHANGE_AGAIN),
        ),
        Choose(
            "change_refused",
            N_(
                "Please read the reason in the e-mail or in AMS, correct the data or the file, and send it again. If "
                "the reason is not clear, our officer will help: {phones}.\n\n{hours_now}"
            ),
            (Option("again", N_("I have sent it again"), then="change_wait"), _TROUBLE),
            step=4,
            keep=True,
            links=(_AMS,),
        ),
        Choose(
            "letter",
            N_(
                "Now you need the <b>Recommendation Letter</b> (Surat Rekomendasi, SR). It contains:\n"
                "{letter_contents}\n\nSigned by: {letter_signatory}\nForm: {letter_format} {letter_care}\n\nDo you "
                "have it, signed?"
            ),
            (
                Option("yes", N_("Yes, I have it"), then="upload"),
                Option("no", N_("Not yet"), then="letter_wait"),
                _TROUBLE,
            ),
            step=5,
            keep=True,
        ),
        Choose(
            "letter_wait",
            N_(
                "Please ask your unit for the letter and have it signed. The form is with our office: {phones}. I "
                "will ask again {next_morning}.\n\nDo you have the letter now?"
            ),
            (
                Option("yes", N_("Yes, I have it"), then="upload"),
                Option("no", N_("Not yet"), then="letter_wait"),
                _TROUBLE,
            ),
            step=5,
            remind=Remind("next_morning", 2, _LETTER_AGAIN),
        ),
        Choose(
            "upload",
            N_(
                "In AMS, request the <b>issuance of a certificate</b> (Penerbitan Sertifikat Elektronik) and upload "
                "the Recommendation Letter there, not here. Then send the request.\n\nHave you sent it?"
            ),
            (Option("yes", N_("Yes, I have sent it"), then="submitted"), _TROUBLE),
            step=5,
            keep=True,
            links=(_AMS,),
        ),
        Ask(
            "submitted",
            N_("When did you send the request? Press the button, or type the date."),
            SubmissionMoment(),
            then={"": "review"},
            options=(Option(NOW, N_("Just now")),),
            step=5,
            picker=DatePicker(),
        ),
        Review(
            "review",
            N_("Please check before I note this down. Is it right?"),
            items=(("expiry", N_("Expiry date")), ("submitted", N_("Request sent"))),
            options=(Option("yes", N_("Yes, that is right"), then="record"),),
            step=5,
        ),
        Do("record", RecordSubmission, _submission, then={"done": "issued"}),
        Choose(
            "issued",
            N_(
                "Noted: the request was sent {submitted}.\n\nBy the service standard the certificate is issued at the "
                "latest <b>{due}</b>. {due_reason}\n\nI will ask you then. If the e-mail from BSrE comes earlier, "
                "press the button: has the certificate been issued?"
            ),
            (
                Option("yes", N_("Yes, it has been issued"), then="record_issue"),
                Option("no", N_("Not yet"), then="waited"),
                _TROUBLE,
            ),
            step=6,
            keep=True,
            remind=Remind("due", 2, _DUE),
        ),
        Switch("waited", "deadline", {"before": "patience", "after": "late"}),
        Choose(
            "patience",
            N_(
                "There is still time: the certificate is due at the latest <b>{due}</b>. I will ask you then.\n\n"
                "Has it been issued in the meantime?"
            ),
            (
                Option("yes", N_("Yes, it has been issued"), then="record_issue"),
                Option("no", N_("Not yet"), then="waited"),
                _TROUBLE,
            ),
            step=6,
            remind=Remind("due", 2, _DUE),
        ),
        Choose(
            "late",
            N_(
                "I am sorry, that took longer than the service standard allows. Please contact our officer and give "
                "these facts:\n\nRequest sent: {submitted}\nDue: {due}\n\nTelephone: {phones}\nE-mail: {email}\n\n"
                "{hours_now} I will ask again {next_morning}. Has the certificate been issued?"
            ),
            (
                Option("yes", N_("Yes, it has been issued"), then="record_issue"),
                Option("no", N_("Not yet"), then="late"),
                _TROUBLE,
            ),
            step=6,
            keep=True,
            remind=Remind("next_morning", 2, _LATE_AGAIN),
        ),
        Do("record_issue", RecordIssue, _issue, then={"done": "test"}),
        Choose(
            "test",
            N_("That is good news. Please test the new certificate:\n{certificate_test}\n\nDoes it work?"),
            (Option("yes", N_("Yes, it works"), then="new_expiry"), _TROUBLE),
            step=6,
            keep=True,
        ),
        Ask(
            "new_expiry",
            N_(
                "Until when is the new certificate valid? The date stands in AMS. A certificate is usually valid for "
                "{validity_years} years, that would be {usual_expiry}. Is that the date?"
            ),
            NewExpiryDate(),
            then={"": "remind"},
            options=(
                Option("usual", N_("Yes, that date")),
                Option("skip", N_("I will look later"), then="done_open"),
            ),
            step=6,
            picker=DatePicker(),
        ),
        Choose(
            "remind",
            N_("Shall I remind you on {remind_on}, {window_days} days before it expires on {new_expiry}?"),
            (
                Option("yes", N_("Yes, remind me"), then="remind_set"),
                Option("no", N_("No, thank you"), then="keep_expiry"),
            ),
            step=6,
        ),
        Do("remind_set", RecordCertificate, _reminder, then={"done": "done_reminded"}),
        Do("keep_expiry", RecordCertificate, _no_reminder, then={"done": "done"}),
        End(
            "done_reminded",
            N_("The renewal is finished. I will remind you on {remind_on}. Thank you for your patience."),
        ),
        End(
            "done_open",
            N_("The renewal is finished. Once you know the date, come back with /perbarui and I will remind you."),
        ),
        End("done", N_("The renewal is finished. Thank you for your patience.")),
    ),
)
