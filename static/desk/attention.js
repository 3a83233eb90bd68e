// What the page says by itself: the number in its title, each new row and each offer once.

import { t } from "../lib/i18n.js";
import { words } from "./texts.js";

/** More new rows than this in one moment are told as a number. */
const FEW = 2;

export class Attention {
  /**
   * @param {import("./model.js").Model} model
   * @param {{say: (text: string) => void, notice: (text: string, open: () => void) => void, open: (id: string) => void}} wants
   */
  constructor(model, wants) {
    this.model = model;
    this.wants = wants;
    this.offered = new Set();
    this.known = null;
  }

  /** Also while the page is hidden, so not with the frames of the screen. */
  look() {
    const { model } = this;
    const unread = model.mine.reduce((sum, row) => sum + model.talk(row.conversation).unread, 0);
    const badge = model.waiting.length + unread;
    const title = (badge ? `(${badge}) ` : "") + t("desk");
    if (document.title !== title) document.title = title;
    this.#offers();
    this.#rows();
  }

  #offers() {
    const { offers } = this.model;
    const fresh = offers.filter((row) => !this.offered.has(row.conversation));
    this.offered = new Set(offers.map((row) => row.conversation));
    if (!fresh.length) return;
    const [row] = fresh;
    const text = fresh.length > 1 ? t("offered_many", { n: fresh.length }) : t("offered_to_you", { name: row.customer || t("guest"), reason: words(row.reason) });
    this.wants.notice(text, () => this.wants.open(row.conversation));
  }

  #rows() {
    const { waiting } = this.model;
    const fresh = this.known ? waiting.filter((row) => !this.known.has(row.conversation)) : [];
    this.known = new Set(waiting.map((row) => row.conversation));
    if (fresh.length > FEW) return this.wants.say(t("new_many", { n: fresh.length }));
    for (const row of fresh) this.wants.say(t("new_waiting", { name: row.customer || t("guest"), reason: words(row.reason) }));
  }
}
