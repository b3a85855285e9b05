/* The mailbox: every mail that left, newest first, with links that can be pressed. */

import { call, dayFormat, hourFormat, link, make } from "./parts.js";

const sizeFormat = new Intl.NumberFormat("id-ID", { maximumFractionDigits: 1 });
const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)]/g;

function withLinks(text) {
  const root = document.createDocumentFragment();
  let at = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const node = link(found[0]);
    node.append(found[0]);
    root.append(text.slice(at, found.index), node);
    at = found.index + found[0].length;
  }
  root.append(text.slice(at));
  return root;
}

export class Mailbox {
  constructor() {
    this.root = document.getElementById("mailbox").content.firstElementChild.cloneNode(true);
    this.root.id = "phone-mailbox";
    this.root.setAttribute("aria-label", "Kotak surat, contoh");
    this.name = "E-mail";
    this.last = 0;
  }

  async look() {
    const mails = (await call("GET", `/mailbox?after=${this.last}`)).filter((mail) => mail.number > this.last);
    for (const mail of mails) {
      this.last = mail.number;
      const when = `${dayFormat.format(new Date(mail.at))}, ${hourFormat.format(new Date(mail.at))} WIB`;
      const head = make("summary", {}, make("strong", {}, mail.subject || "(tanpa judul)"), make("span", {}, `Kepada ${mail.to.join(", ")}`), make("span", {}, when));
      const files = make("ul", { className: "files" }, ...mail.files.map((file) => make("li", {}, `📎 ${file.name} (${sizeFormat.format(file.size / 1024)} kB)`)));
      this.root.querySelector(".mails").prepend(make("details", { className: "mail" }, head, make("pre", {}, withLinks(mail.text)), files));
    }
    this.root.querySelector(".empty").hidden = this.last > 0;
    if (mails.length) this.onNews?.();
  }
}
