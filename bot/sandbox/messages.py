"""What the bot does in chats: the Bot API's methods, as strict as Telegram and in its words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

from bot.sandbox import entities, keyboards
from bot.sandbox.chats import Chat, Group, Json, Message, World
from bot.sandbox.errors import Refused, bad_request
from bot.sandbox.files import MAX_PHOTO, MAX_UPLOAD, StoredFile, image_type
from bot.sandbox.params import Params

Method: TypeAlias = Callable[[World, Params], object]

SORTS = {"photos": "Photo", "documents": "Document", "voice": "VoiceNote", "videos": "Video", "stickers": "Sticker"}
"""Folders of files, and what Telegram calls a file of each: it can be sent again as that alone."""

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_NOTICE = 200
DELETABLE = timedelta(hours=48)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


def open_chat(world: World, params: Params) -> Chat:
    """The chat that a request names, if the bot may write there.

    Raises:
        Refused: Nobody there ever pressed Start, or the bot is blocked.

    """
    raw = params.text("chat_id")
    if not raw:
        raise bad_request("chat_id is empty")
    chat = world.chats.get(params.integer("chat_id"))
    if chat is None:
        raise bad_request("chat not found")
    match chat.peer:
        case Group():
            return chat
        case person if person.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        case person if not person.started and person.known:
            raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        case person if not person.started:
            raise bad_request("chat not found")
    return chat


def _formatted(params: Params, name: str) -> tuple[str, list[entities.Entity]]:
    if params.text("entities") or params.text("caption_entities"):
        raise bad_request("the sandbox takes parse_mode HTML, and no entities")
    return entities.parse(params.text(name), params.text("parse_mode"))


def _text(params: Params) -> Json:
    if not params.text("text"):
        raise bad_request("message text is empty")
    text, marks = _formatted(params, "text")
    if not text:
        raise bad_request("text must be non-empty")
    if entities.units(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return {"text": text, "entities": marks} if marks else {"text": text}


def _caption(params: Params) -> Json:
    text, marks = _formatted(params, "caption")
    if entities.units(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": marks} if marks else {"caption": text}


def send_message(world: World, params: Params) -> object:
    chat = open_chat(world, params)
    content = _text(params)
    return world.post(chat, world.profile.user(), content, keyboards.read(params)).shape()


def send_photo(world: World, params: Params) -> object:
    chat = open_chat(world, params)
    file = _file(world, params, "photo", "photos", MAX_PHOTO)
    if image_type(file.content) is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    return _send_file(world, params, chat, {"photo": [{**file.shape(), "width": 800, "height": 600}]})


def send_document(world: World, params: Params) -> object:
    chat = open_chat(world, params)
    file = _file(world, params, "document", "documents", MAX_UPLOAD)
    return _send_file(
        world, params, chat, {"document": {"file_name": file.name, "mime_type": file.mime, **file.shape()}}
    )


def send_voice(world: World, params: Params) -> object:
    chat = open_chat(world, params)
    file = _file(world, params, "voice", "voice", MAX_UPLOAD)
    return _send_file(world, params, chat, {"voice": {"duration": 4, "mime_type": file.mime, **file.shape()}})


def send_video(world: World, params: Params) -> object:
    chat = open_chat(world, params)
    file = _file(world, params, "video", "videos", MAX_UPLOAD)
    size = {"duration": 4, "width": 640, "height": 360}
    return _send_file(world, params, chat, {"video": {**size, "mime_type": file.mime, **file.shape()}})


def _send_file(world: World, params: Params, chat: Chat, content: Json) -> object:
    keyboard = keyboards.read(params)
    return world.post(chat, world.profile.user(), {**content, **_caption(params)}, keyboard).shape()


def _file(world: World, params: Params, name: str, folder: str, limit: int) -> StoredFile:
    """The file that a request uploads, or names by its id."""
    upload = params.upload(name)
    if upload is not None:
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > limit:
            raise bad_request("file is too big")
        return world.files.add(folder, upload.name, upload.mime, upload.content)
    text = params.text(name)
    if not text:
        raise bad_request(f"there is no {name} in the request")
    if text.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")  # the sandbox fetches nothing from outside
    file = world.files.named(text)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if (sort := SORTS.get(file.folder, "")) != SORTS[folder]:
        raise bad_request(f"can't use file of type {sort} as {SORTS[folder]}")
    return file


def _message_to_edit(world: World, params: Params) -> Message:
    if not params.integer("message_id"):
        raise bad_request("message identifier is not specified")
    message = open_chat(world, params).message(params.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return message


def _edit(world: World, message: Message, content: Json, keyboard: keyboards.Keyboard) -> object:
    if content == message.content and keyboard == message.keyboard:
        raise bad_request(NOT_MODIFIED)
    world.edit(message, content, keyboard)
    return message.shape()


def edit_message_text(world: World, params: Params) -> object:
    message = _message_to_edit(world, params)
    content = _text(params)
    keyboard = keyboards.read(params)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return _edit(world, message, content, keyboard)


def edit_message_reply_markup(world: World, params: Params) -> object:
    message = _message_to_edit(world, params)
    return _edit(world, message, message.content, keyboards.read(params))


def delete_message(world: World, params: Params) -> object:
    if not params.integer("message_id"):
        raise bad_request("message identifier is not specified")
    message = open_chat(world, params).message(params.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if message.at + DELETABLE <= world.clock.now():
        raise bad_request("message can't be deleted for everyone")
    if isinstance(message.chat.peer, Group) and not message.from_bot:
        raise bad_request("message can't be deleted")  # the bot is no administrator of the sandbox's groups
    world.delete(message)
    return True


def answer_callback_query(world: World, params: Params) -> object:
    text = params.text("text")
    if entities.units(text) > MAX_NOTICE:
        raise bad_request("MESSAGE_TOO_LONG")
    press = world.live_press(params.text("callback_query_id"))
    if press is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if not press.answered:
        world.answer(press, text, alert=params.flag("show_alert"))
    return True


def send_chat_action(world: World, params: Params) -> object:
    chat = open_chat(world, params)
    if params.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.typing(chat)
    return True


def get_chat(world: World, params: Params) -> object:
    chat = open_chat(world, params)
    gifts = dict.fromkeys(GIFTS, True)
    return {**chat.peer.shape(), "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


def get_file(world: World, params: Params) -> object:
    if not params.text("file_id"):
        raise bad_request("file_id not specified")
    file = world.files.to_download(params.text("file_id"))
    return {**file.shape(), "file_path": file.path}


METHODS: dict[str, Method] = {
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "senddocument": send_document,
    "sendvoice": send_voice,
    "sendvideo": send_video,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback_query,
    "sendchataction": send_chat_action,
    "getchat": get_chat,
    "getfile": get_file,
}
"""By name in lower case: Telegram does not mind capitals."""
