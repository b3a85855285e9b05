"""What is done about complaints inside the transaction. What may be done is decided in `conversations/case.py`.

filing       taken in, and found again
access       who may see one, and on which side somebody acts
handling     somebody acts, in a chat or by a link
course       what follows of anything that happened: stored, told, shown
telling      who is told, on Telegram or by mail
screens      the cards on the screens of staff
escalation   the packet that officials get by mail, with links to act
about        what a message of the outbox is about
losses       a message did not arrive: another way, and who is told
clock        a complaint rings
handover     an official is appointed, and gets what waits
erasing      somebody has everything erased
outage       AMS does not work, and works again
export       a table of all complaints of a period, as a file
digest       what staff read at opening time
duty         who of the staff is there
matter       what all of these have at hand
"""
