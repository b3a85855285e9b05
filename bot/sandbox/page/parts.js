/* What phones, mailbox and desk share: nodes, requests, times, and texts of the bot, which become nodes and never markup. */

export const ZONE = "Asia/Jakarta";
export const hourFormat = new Intl.DateTimeFormat("id-ID", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
export const dayFormat = new Intl.DateTimeFormat("id-ID", { timeZone: ZONE, weekday: "long", day: "numeric", month: "long" });

export function make(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export async function call(method, path, body) {
  const answer = await fetch(`/people${path}`, {
    method, headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body),
  });
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error);
  return data;
}

export function showOffline(offline) { document.getElementById("offline").hidden = !offline; }

/* Formatted text */

export function formatted(text, entities, onCommand) {
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

/* A link into the chat with a bot opens a phone here, as it opens Telegram elsewhere: whose phone, the page asks. */
const INTO_CHAT = /^(https?:\/\/(www\.)?(t\.me|telegram\.me|telegram\.dog)\/\w+\?start=|tg:\/\/resolve\?)/i;

export function link(url) {
  if (INTO_CHAT.test(url)) {
    const open = () => document.dispatchEvent(new CustomEvent("chat-link", { detail: url }));
    return make("button", { type: "button", className: "command", title: "Buka di ponsel …", onclick: open });
  }
  const safe = /^(https?|tg|mailto|tel):/i.test(url) ? url : `https://${url}`;
  return make("a", { href: safe, target: "_blank", rel: "noopener noreferrer" });
}
