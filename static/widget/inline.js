// The chat inside the host page's own shadow root: for pages of the company itself. A script of the host page can read it;
// foreign shops get the frame.

import base from "../lib/base.css.js";
import tokens from "../lib/tokens.css.js";
import { adopt } from "../lib/dom.js";
import { createChat } from "./chat.js";
import chat from "./chat.css.js";
import place from "./place.css.js";

/** Called by the loader, see `createChat`. */
export function mount(where) {
  adopt(where.box.getRootNode(), tokens, base, place, chat);
  return createChat({ ...where, lang: document.documentElement.lang });
}
