/* One phone: a chat with the bot. */

import { call, dayFormat, formatted, hourFormat, link, make, showOffline } from "./parts.js";

const ATTACHMENTS = [["photo", "🖼", "Foto"], ["document", "📄", "Dokumen"], ["voice", "🎤", "Pesan suara"], ["video", "🎬", "Video"], ["sticker", "👍", "Stiker"], ["contact", "👤", "Kontak"], ["location", "📍", "Lokasi"], ["forward", "↪", "Terusan dari orang lain"]];
const THINGS = { voice: ["🎤", "Pesan suara · 0.04"], video: ["🎬", "Video · 0.04"], contact: ["👤", "Kontak"], location: ["📍", "Lokasi"], document: ["📄", "Dokumen"], photo: ["🖼", "Foto"] };

function excerpt(message) {
  const words = message.text || THINGS[message.kind]?.[1] || "Stiker";
  return words.length > 60 ? `${words.slice(0, 59)}…` : words;
}

export class Phone {
  constructor(person) {
    this.id = person.id;
    this.name = person.name;
    this.version = 0;
    this.answered = null;
    this.replying = null; // the message that the next one answers
    this.bubbles = new Map();
    this.root = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.root.id = `phone-${person.id}`;
    this.root.setAttribute("aria-label", `Ponsel ${person.name}, ${person.role}, contoh`);
    this.part = (selector) => this.root.querySelector(selector);
    this.part("h2").textContent = person.name;
    this.part(".role").textContent = person.role;
    this.part(".scroll").setAttribute("aria-label", `Percakapan ${person.name} dengan Pandu`);
    this.part("textarea").setAttribute("aria-label", `Pesan dari ${person.name}`);
    this.listen();
  }

  listen() {
    const box = this.part("textarea");
    this.part(".start").onclick = () => this.act("POST", "start", {}).then(() => this.look()).then(() => box.focus());
    this.part(".block").onclick = () => this.act("POST", this.blocked ? "unblock" : "block", {});
    this.part(".commands").onclick = (event) => this.openMenu(event.currentTarget, () => this.commandItems());
    this.part(".attach").onclick = (event) => this.openMenu(event.currentTarget, () => this.attachItems());
    this.part(".replying button").onclick = () => { this.reply(null); box.focus(); };
    box.oninput = () => { this.part(".send").disabled = !box.value.trim(); };
    box.onkeydown = (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.part("form").requestSubmit();
      }
    };
    this.part("form").onsubmit = (event) => {
      event.preventDefault();
      const text = box.value.trim();
      if (!text) return;
      box.value = "";
      box.oninput();
      this.say(text);
    };
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.closeMenu(true);
    });
    this.root.addEventListener("focusout", (event) => {
      const menu = this.part(".menu");
      const next = event.relatedTarget;
      if (!menu.hidden && next && !menu.contains(next) && next !== this.opener) this.closeMenu(false);
    });
  }

  say(text) { return this.act("POST", "messages", { text, reply_to: this.answering() }); }

  /* Answering a message: what is sent next carries its number */

  reply(message) {
    this.replying = message;
    const bar = this.part(".replying");
    bar.hidden = !message;
    if (message) bar.querySelector("span").replaceChildren(make("b", {}, `Balas ${this.author(message)}`), ` ${excerpt(message)}`);
    if (message) this.part("textarea").focus();
  }

  answering() {
    const id = this.replying?.id ?? null;
    this.reply(null);
    return id;
  }

  author(message) { return message.from === "bot" ? this.part(".bot").textContent : message.name; }

  async act(method, what, body) {
    try {
      return await call(method, `/${this.id}/${what}`, body);
    } catch (error) {
      if (error instanceof TypeError) showOffline(true); // the network's own words are not for people
      else this.toast(error.message);
      return null;
    }
  }

  /* Reading: one look at a time, and another if something changed meanwhile */

  look() {
    this.again = Boolean(this.looking);
    this.looking ??= this.lookNow().finally(() => {
      this.looking = null;
      return this.again ? this.look() : null;
    });
    return this.looking;
  }

  async lookNow() {
    const chat = await call("GET", `/chats/${this.id}?after=${this.version}`);
    const scroll = this.part(".scroll");
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
    const news = chat.messages.filter((message) => this.show(message));
    this.version = chat.version;
    this.showState(chat);
    if (news.length) this.separateDays();
    if (atEnd || news.some((message) => message.from !== "bot")) {
      scroll.scrollTop = scroll.scrollHeight; // at once: a scroll under way would not count as the end
    }
    if (news.some((message) => message.from === "bot")) this.onNews?.();
  }

  show(message) {
    const old = this.bubbles.get(message.id);
    if (message.deleted) {
      old?.remove();
      this.bubbles.delete(message.id);
      return true;
    }
    const focus = old?.contains(document.activeElement);
    const item = this.item(message);
    if (old) old.replaceWith(item);
    else this.part(".log").append(item);
    if (old) item.style.animation = "none";
    if (focus) (item.querySelector("button, a") ?? this.part("textarea")).focus();
    this.bubbles.set(message.id, item);
    return !old;
  }

  item(message) {
    const mine = message.from !== "bot";
    const item = make("li", { className: `${mine ? "mine" : "theirs"} ${message.kind}` });
    item.dataset.at = message.at;
    item.dataset.id = message.id;
    const bubble = make("div", { className: "bubble" });
    if (message.replied) bubble.append(this.quote(message.replied));
    if (message.forwarded) bubble.append(make("span", { className: "forwarded" }, `Diteruskan dari ${message.forwarded}`));
    if (message.kind !== "text") bubble.append(this.thing(message));
    const body = make("span", { className: "body" });
    body.append(formatted(message.text, message.entities, (command) => this.say(command)));
    const time = make("time", { dateTime: message.at }, hourFormat.format(new Date(message.at)));
    bubble.append(body, make("span", { className: "meta" }, message.edited ? "diedit " : "", time));
    item.append(bubble);
    if (message.buttons.length) item.append(this.keys(message));
    item.append(make("button", { type: "button", className: "reply", title: "Balas", "aria-label": "Balas", onclick: () => this.reply(message) }, "↩"));
    bubble.oncontextmenu = (event) => { // on a touch screen: pressed for long
      if (event.pointerType !== "touch") return;
      event.preventDefault();
      this.reply(message);
    };
    return item;
  }

  quote(original) {
    const show = () => this.bubbles.get(original.id)?.scrollIntoView({ block: "center" });
    return make("button", { type: "button", className: "quote", title: "Ke pesan itu", onclick: show }, make("b", {}, original.name), excerpt(original));
  }

  thing(message) {
    if (message.kind === "sticker") return make("div", { className: "thing", role: "img", "aria-label": "Stiker jempol" }, "👍");
    if (message.kind === "photo" && message.file) return make("img", { src: `/people/files/${message.file.id}`, alt: "Foto" });
    const [icon, words] = THINGS[message.kind];
    const sign = make("b", { "aria-hidden": "true" }, icon);
    const label = message.file?.name
      ? make("a", { href: `/people/files/${message.file.id}`, download: message.file.name }, message.file.name)
      : words;
    return make("div", { className: "thing" }, sign, label);
  }

  keys(message) {
    const keys = make("div", { className: "keys", role: "group", "aria-label": "Tombol" });
    for (const row of message.buttons) {
      keys.append(make("div", {}, ...row.map((button) => this.key(message, button))));
    }
    return keys;
  }

  key(message, button) {
    if (button.url) {
      const key = link(button.url);
      key.className = "key link";
      key.textContent = button.text;
      return key;
    }
    const key = make("button", { type: "button", className: "key" }, button.text);
    key.dataset.data = button.data;
    key.onclick = () => this.act("POST", "presses", { message: message.id, data: button.data });
    return key;
  }

  showState(chat) {
    this.blocked = chat.blocked;
    const start = this.part(".start");
    start.hidden = chat.started && !chat.blocked && chat.opened === null; // an opened link is sent only by a tap
    start.textContent = chat.blocked ? "Buka blokir dan mulai lagi" : "Mulai";
    this.part(".composer").hidden = !start.hidden;
    this.part(".empty").hidden = this.bubbles.size > 0;
    const block = this.part(".block");
    block.hidden = !chat.started;
    block.title = chat.blocked ? "Buka blokir" : "Blokir bot";
    block.setAttribute("aria-label", block.title);
    const waiting = new Set(chat.waiting.map((press) => `${press.message} ${press.data}`));
    for (const key of this.root.querySelectorAll("button.key")) {
      const busy = waiting.has(`${key.closest("li").dataset.id} ${key.dataset.data}`);
      key.classList.toggle("waiting", busy);
      key.setAttribute("aria-busy", String(busy));
    }
    this.showTyping(chat.typing);
    this.showAnswer(chat.answer);
  }

  showTyping(typing) {
    clearTimeout(this.typingEnds);
    const status = this.part(".status");
    status.textContent = typing ? "mengetik…" : this.blocked ? "diblokir" : "bot";
    status.classList.toggle("busy", typing);
    this.part(".dots").hidden = !typing;
    if (typing) this.typingEnds = setTimeout(() => this.showTyping(false), 5000);
  }

  showAnswer(answer) {
    const fresh = answer && this.answered !== null && answer.version > this.answered;
    this.answered = answer ? answer.version : this.answered ?? 0;
    if (!fresh) return;
    if (!answer.alert) return void this.toast(answer.text);
    const dialog = document.getElementById("alert");
    dialog.querySelector("p").textContent = answer.text;
    if (!dialog.open) dialog.showModal();
  }

  toast(text) {
    const toast = this.part(".toast");
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(this.toastEnds);
    this.toastEnds = setTimeout(() => { toast.hidden = true; }, 4000);
  }

  separateDays() {
    for (const day of this.root.querySelectorAll(".day")) day.remove();
    let last = "";
    for (const item of [...this.part(".log").children]) {
      const day = dayFormat.format(new Date(item.dataset.at));
      if (day !== last) item.before(make("li", { className: "day" }, day));
      last = day;
    }
  }

  /* Menus */

  async openMenu(opener, items) {
    const menu = this.part(".menu");
    const again = !menu.hidden && this.opener === opener;
    this.closeMenu(false);
    if (again) return;
    const entries = await items();
    menu.replaceChildren(...entries);
    menu.setAttribute("aria-label", opener.getAttribute("aria-label"));
    menu.hidden = false;
    this.opener = opener;
    opener.setAttribute("aria-expanded", "true");
    menu.onkeydown = (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const buttons = [...menu.querySelectorAll("button")];
      buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length)?.focus();
    };
    menu.querySelector("button")?.focus();
  }

  closeMenu(back) {
    if (this.part(".menu").hidden) return;
    this.part(".menu").hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    if (back) this.opener.focus();
  }

  menuItem(children, act) {
    const item = make("button", { type: "button" }, ...children);
    item.setAttribute("role", "menuitem");
    item.onclick = () => { this.closeMenu(true); act(); };
    return item;
  }

  async commandItems() {
    const commands = await call("GET", `/${this.id}/commands`);
    if (!commands.length) return [make("p", {}, "Bot belum mendaftarkan perintah.")];
    return commands.map(({ command, description }) => this.menuItem([description, make("small", {}, `/${command}`)], () => this.say(`/${command}`)));
  }

  attachItems() {
    return ATTACHMENTS.map(([kind, icon, words]) => this.menuItem([make("span", {}, icon), words], () => (kind === "forward"
      ? this.act("POST", "forwards", { text: "Apakah sertifikat saya sudah terbit?", author: "Dewi (contoh)" })
      : this.act("POST", "attachments", { kind, reply_to: this.answering() }))));
  }
}
