/**
 * A terminal that is drawn on: another screen than the one with the user's text, which comes back however we end.
 *
 * Escape sequences of xterm, which every terminal of today knows; one that does not know synchronised output ignores it.
 */
import { draw, terminalSize } from "./print.ts";

/** The alternate screen, without cursor, and lines cut instead of wrapped. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";
/** What is between these two is shown at once. */
const BEGIN = "\x1b[?2026h";
const END = "\x1b[?2026l";

/** What people do to a screen. */
export interface ScreenUser {
  /** Draw again: the size may be another. */
  readonly onResize: () => void;
  readonly onKey: (key: string) => void;
  /** The terminal has gone, or somebody asked for the end by SIGQUIT. */
  readonly onHangUp: () => void;
}

/** An open screen; `close` brings the old one back. */
export class Screen {
  readonly #user: ScreenUser;
  #lines: readonly string[] = [];
  #size = terminalSize();
  #open = true;
  readonly #signals: readonly (readonly [Deno.Signal, () => void])[];
  readonly #restore = (): void => this.close();

  /** Takes the terminal of standard error, and the keys of standard input where that is one. */
  constructor(user: ScreenUser) {
    this.#user = user;
    draw(ENTER);
    // a program that ends by a fault of its own, or by Deno.exit, passes one of these
    for (const event of ENDINGS) globalThis.addEventListener(event, this.#restore);
    this.#signals = Deno.build.os === "windows" ? [] : [
      ["SIGWINCH", () => this.#resized()],
      ["SIGCONT", () => this.#resized()],
      // Ctrl-Z would leave the terminal as it is now, and a stopped generator measures itself
      ["SIGTSTP", () => {}],
      ["SIGHUP", user.onHangUp],
      ["SIGQUIT", user.onHangUp],
    ];
    for (const [signal, listener] of this.#signals) Deno.addSignalListener(signal, listener);
    if (Deno.stdin.isTerminal()) {
      Deno.stdin.setRaw(true, { cbreak: true });
      void this.#readKeys();
    }
  }

  /** Shows lines, of which only those that changed are written. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return;
    const before = this.#lines;
    const height = Math.max(before.length, lines.length);
    let text = "";
    for (let row = 0; row < height; row++) {
      if (lines[row] !== before[row]) text += `\x1b[${row + 1};1H${lines[row] ?? ""}\x1b[0m\x1b[K`;
    }
    this.#lines = lines;
    if (text !== "") draw(`${BEGIN}${text}${END}`);
  }

  /** Columns and rows for lines. One column stays free: the erasing behind a line would take its last character. */
  size(): { readonly columns: number; readonly rows: number } {
    return { columns: Math.max(1, this.#size.columns - 1), rows: this.#size.rows };
  }

  /** Brings the old screen back; does nothing the second time. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const event of ENDINGS) globalThis.removeEventListener(event, this.#restore);
    for (const [signal, listener] of this.#signals) Deno.removeSignalListener(signal, listener);
    if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(false);
    draw(LEAVE);
  }

  #resized(): void {
    this.#size = terminalSize();
    this.#lines = [];
    draw("\x1b[2J");
    this.#user.onResize();
  }

  async #readKeys(): Promise<void> {
    const octets = new Uint8Array(64);
    const decoder = new TextDecoder();
    while (this.#open) {
      const length = await Deno.stdin.read(octets).catch(() => null);
      if (length === null || !this.#open) return;
      for (const key of decoder.decode(octets.subarray(0, length))) this.#user.onKey(key);
    }
  }
}

const ENDINGS = ["unload", "error", "unhandledrejection"] as const;
