"use strict";

/* Phones side by side. The server is asked for what changed since the last look; server-sent events say when to look.
   Texts of the bot become DOM nodes, never markup. */

const ZONE = "Asia/Jakarta";
const NARROW = matchMedia("(max-width: 760px)");
const clockFormat = new Intl.DateTimeFormat("id-ID", { timeZone: ZONE, weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });
const hourFormat = new Intl.DateTimeFormat("id-ID", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat("id-ID", { timeZone: ZONE, weekday: "long", day: "numeric", month: "long" });
const ATTACHMENTS = [["photo", "🖼", "Foto"], ["document", "📄", "Dokumen"], ["voice", "🎤", "Pesan suara"], ["video", "🎬", "Video"], ["sticker", "👍", "Stiker"], ["contact", "👤", "Kontak"], ["location", "📍", "Lokasi"], ["forward", "↪", "Terusan dari orang lain"]];
const THINGS = { voice: ["🎤", "Pesan suara · 0.04"], video: ["🎬", "Video · 0.04"], contact: ["👤", "Kontak"], location: ["📍", "Lokasi"], document: ["📄", "Dokumen"], photo: ["🖼", "Foto"] };

let offset = 0; // milliseconds that the sandbox's clock is ahead of this one

function make(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

async function call(method, path, body) {
  const answer = await fetch(`/people${path}`, {
    method, headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body),
  });
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error);
  return data;
}

/* Formatted text */

function formatted(text, entities, onCommand) {
  const root = document.createDocumentFragment();
  const open = [{ node: root, end: text.length }];
  let at = 0;
  const writeUntil = (end) => {
    while (at < end) {
      while (open.length > 1 && open.at(-1).end <= at) open.pop();
      const stop = Math.min(end, open.at(-1).end);
      open.at(-1).node.append(text.slice(at, stop));
      at = stop;
    }
  };
  for (const entity of entities) {
    writeUntil(entity.offset);
    while (open.length > 1 && open.at(-1).end <= at) open.pop();
    const words = text.slice(entity.offset, entity.offset + entity.length);
    const node = nodeFor(entity, words, onCommand);
    open.at(-1).node.append(node);
    open.push({ node, end: Math.min(entity.offset + entity.length, open.at(-1).end) });
  }
  writeUntil(text.length);
  return root;
}

function nodeFor(entity, words, onCommand) {
  switch (entity.type) {
    case "bold": return make("strong");
    case "italic": return make("em");
    case "underline": return make("u");
    case "strikethrough": return make("s");
    case "code": return make("code");
    case "pre": return make("pre");
    case "blockquote":
    case "expandable_blockquote": return make("blockquote");
    case "spoiler": return make("span", { className: "spoiler", tabIndex: 0 });
    case "text_link": return link(entity.url);
    case "url": return link(words);
    case "email": return make("a", { href: `mailto:${words}` });
    case "bot_command": return make("button", { type: "button", className: "command", onclick: () => onCommand(words) });
    default: return make("span");
  }
}

function link(url) {
  const safe = /^(https?|tg|mailto|tel):/i.test(url) ? url : `https://${url}`;
  return make("a", { href: safe, target: "_blank", rel: "noopener noreferrer" });
}

/* A phone */

class Phone {
  constructor(person) {
    this.id = person.id;
    this.name = person.name;
    this.version = 0;
    this.answered = null;
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

  say(text) { return this.act("POST", "messages", { text }); }

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
    if (message.forwarded) bubble.append(make("span", { className: "forwarded" }, `Diteruskan dari ${message.forwarded}`));
    if (message.kind !== "text") bubble.append(this.thing(message));
    const body = make("span", { className: "body" });
    body.append(formatted(message.text, message.entities, (command) => this.say(command)));
    const time = make("time", { dateTime: message.at }, hourFormat.format(new Date(message.at)));
    bubble.append(body, make("span", { className: "meta" }, message.edited ? "diedit " : "", time));
    item.append(bubble);
    if (message.buttons.length) item.append(this.keys(message));
    return item;
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
    start.hidden = chat.started && !chat.blocked;
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
      : this.act("POST", "attachments", { kind }))));
  }
}

/* The mailbox */

class Mailbox {
  constructor() {
    this.root = document.getElementById("mailbox").content.firstElementChild.cloneNode(true);
    this.root.id = "phone-mailbox";
    this.root.setAttribute("aria-label", "Kotak surat, contoh");
    this.name = "Surat";
    this.last = 0;
  }

  async look() {
    const mails = (await call("GET", `/mailbox?after=${this.last}`)).filter((mail) => mail.number > this.last);
    for (const mail of mails) {
      this.last = mail.number;
      const when = `${dayFormat.format(new Date(mail.at))}, ${hourFormat.format(new Date(mail.at))} WIB`;
      const head = make("summary", {}, make("strong", {}, mail.subject || "(tanpa judul)"), make("span", {}, `Kepada ${mail.to.join(", ")}`), make("span", {}, when));
      this.root.querySelector(".mails").prepend(make("details", { className: "mail" }, head, make("pre", {}, mail.text)));
    }
    this.root.querySelector(".empty").hidden = this.last > 0;
    if (mails.length) this.onNews?.();
  }
}

/* The desk */

const desk = { panels: [], chosen: null };

function choose(panel, focus) {
  desk.chosen = panel;
  for (const each of desk.panels) {
    const chosen = each === panel;
    each.root.classList.toggle("chosen", chosen);
    each.tab.setAttribute("aria-selected", String(chosen));
    each.tab.tabIndex = chosen ? 0 : -1;
    if (chosen) each.tab.classList.remove("news");
    if (chosen && focus) each.tab.focus();
  }
  const scroll = panel.root.querySelector(".scroll");
  scroll.scrollTop = scroll.scrollHeight;
}

function addPanel(panel) {
  panel.tab = make("button", { type: "button", id: `tab-${panel.root.id}` }, panel.name);
  panel.tab.setAttribute("role", "tab");
  panel.tab.setAttribute("aria-controls", panel.root.id);
  panel.tab.onclick = () => choose(panel, false);
  panel.onNews = () => { if (panel !== desk.chosen) panel.tab.classList.add("news"); };
  desk.panels.push(panel);
  document.getElementById("tabs").append(panel.tab);
  document.getElementById("desk").append(panel.root);
}

document.getElementById("tabs").onkeydown = (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = (desk.panels.indexOf(desk.chosen) + step + desk.panels.length) % desk.panels.length;
  choose(desk.panels[next], true);
};

/* On a wide screen the phones stand side by side: then they are regions, not tabs. */
function adapt() {
  for (const panel of desk.panels) panel.root.setAttribute("role", NARROW.matches ? "tabpanel" : "region");
}
NARROW.addEventListener("change", adapt);

/* The clock */

const sandboxNow = () => new Date(Date.now() + offset);

function showClock() {
  const now = sandboxNow();
  const node = document.getElementById("now");
  node.dateTime = now.toISOString();
  node.textContent = `${clockFormat.format(now).replace(" pukul", ",")} WIB`;
}

async function readClock(answer) {
  offset = new Date((await answer).now) - Date.now();
  showClock();
}

function nextMorning() {
  const now = new Date(sandboxNow().getTime() + 7 * 3_600_000); // its UTC fields read as WIB
  const morning = new Date(now);
  morning.setUTCHours(8, 0, 0, 0);
  while (morning <= now || [0, 6].includes(morning.getUTCDay())) morning.setUTCDate(morning.getUTCDate() + 1);
  return new Date(morning.getTime() - 7 * 3_600_000).toISOString();
}

for (const button of document.querySelectorAll("[data-move]")) {
  button.onclick = () => {
    const move = button.dataset.move === "morning" ? { to: nextMorning() } : { seconds: Number(button.dataset.move) };
    readClock(call("POST", "/clock", move)).catch(() => showOffline(true));
  };
}

/* News */

async function refresh(topics) {
  const looks = desk.panels.filter((panel) => {
    if (!topics) return true;
    return panel instanceof Phone ? topics.has(`chat:${panel.id}`) : topics.has("mailbox");
  }).map((panel) => panel.look());
  if (!topics || topics.has("clock")) looks.push(readClock(call("GET", "/clock")));
  await Promise.all(looks);
}

function showOffline(offline) { document.getElementById("offline").hidden = !offline; }

function follow() {
  let sandbox = null;
  const events = new EventSource("/people/events");
  events.onopen = () => { showOffline(false); };
  events.onerror = () => { showOffline(true); };
  events.onmessage = (event) => {
    const news = JSON.parse(event.data);
    if (sandbox && news.sandbox && news.sandbox !== sandbox) return void location.reload(); // another one, with other chats
    sandbox ??= news.sandbox;
    refresh(news.sandbox ? null : new Set(news.topics)).catch(() => showOffline(true));
  };
}

async function open() {
  const everybody = await call("GET", "");
  for (const person of everybody.filter((each) => each.role)) addPanel(new Phone(person));
  addPanel(new Mailbox());
  adapt();
  choose(desk.panels[0], false);
  setInterval(showClock, 1000);
  follow();
}

open();
