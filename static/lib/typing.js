// Tells the other side that somebody types: at most every 4.5 s, and that they stopped after 2.5 s of silence.

const EVERY_MS = 4500;
const IDLE_MS = 2500;

/** @param {(on: boolean) => void} tell */
export function typist(tell) {
  let told = 0;
  let idle;
  const quiet = () => {
    clearTimeout(idle);
    if (!told) return;
    told = 0;
    tell(false);
  };
  return {
    /** Call at every input, with the text as it stands. */
    typed(text) {
      clearTimeout(idle);
      if (!text.trim()) return quiet();
      idle = setTimeout(quiet, IDLE_MS);
      if (Date.now() - told < EVERY_MS) return;
      told = Date.now();
      tell(true);
    },
    quiet,
    /** The message itself says that typing ended. */
    sent() {
      clearTimeout(idle);
      told = 0;
    },
  };
}
