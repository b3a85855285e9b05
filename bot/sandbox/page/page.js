/* Phones side by side. The server is asked for what changed since the last look; server-sent events say when to look. */

import { Mailbox } from "./mailbox.js";
import { ZONE, call, make, showOffline } from "./parts.js";
import { Phone } from "./phone.js";

const NARROW = matchMedia("(max-width: 760px)");
const clockFormat = new Intl.DateTimeFormat("id-ID", { timeZone: ZONE, weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });

let offset = 0; // milliseconds that the sandbox's clock is ahead of this one

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

/* A link into the chat: whose phone opens it? There it waits for a tap on Start, as in Telegram. */
document.addEventListener("chat-link", ({ detail: url }) => {
  const dialog = document.getElementById("whose");
  const phones = desk.panels.filter((panel) => panel instanceof Phone);
  dialog.querySelector("div").replaceChildren(...phones.map((phone) => make("button", {
    type: "button",
    onclick: async () => {
      dialog.close();
      choose(phone, false);
      phone.root.scrollIntoView({ inline: "nearest", block: "nearest" });
      if (!await phone.act("POST", "links", { url })) return;
      await phone.look();
      phone.part(".start").focus();
    },
  }, phone.name)));
  dialog.showModal();
});

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
