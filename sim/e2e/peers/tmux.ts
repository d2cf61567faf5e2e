/** A terminal for programs: tmux on a socket of its own, ended with the test. */
import { PeerChild, poll, runToEnd } from "./child.ts";
import { needProgram } from "./packages.ts";

/** Columns and rows. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** One terminal with a shell in it. */
export class Tmux implements AsyncDisposable {
  readonly #server: PeerChild;
  readonly #program: string;
  readonly #socket: string;

  private constructor(program: string, socket: string, server: PeerChild) {
    this.#program = program;
    this.#socket = socket;
    this.#server = server;
  }

  /** Opens a terminal of a size; `folder`: where its shell is and its socket lies. */
  static async open(folder: string, { columns, rows }: TerminalSize): Promise<Tmux> {
    const program = await needProgram("tmux");
    const socket = `${folder}/tmux.socket`;
    // -D: the server stays our child, and ends with us
    const server = PeerChild.start(program, ["-S", socket, "-f", "/dev/null", "-D"], { env: { TERM: "xterm" } });
    const terminal = new Tmux(program, socket, server);
    try {
      const isThere = await poll(10_000, async () => await Deno.stat(socket).then(() => true, () => undefined));
      if (isThere === undefined) throw new Error(`tmux does not start: ${server.log()}`);
      const size = ["-x", String(columns), "-y", String(rows)];
      await terminal.#ask([
        "new-session",
        "-d",
        "-s",
        "t",
        "-c",
        folder,
        ...size,
        "env",
        "-u",
        "NO_COLOR",
        "PS1=$ ",
        "bash",
        "--norc",
      ]);
    } catch (error) {
      await terminal[Symbol.asyncDispose]();
      throw error;
    }
    return terminal;
  }

  /** Types a line. */
  async enter(line: string): Promise<void> {
    await this.#ask(["send-keys", "-t", "t", "-l", line]);
    await this.press("Enter");
  }

  /** Presses a key, as tmux names it: `q`, `C-c`, `Enter`. */
  async press(key: string): Promise<void> {
    await this.#ask(["send-keys", "-t", "t", key]);
  }

  /** Gives the terminal another size. */
  async resize({ columns, rows }: TerminalSize): Promise<void> {
    await this.#ask(["resize-window", "-t", "t", "-x", String(columns), "-y", String(rows)]);
  }

  /** What is on the screen, one line a row, without spaces at the ends; with colours where asked for. */
  async screen(colours = false): Promise<string[]> {
    const text = await this.#ask(["capture-pane", "-p", "-t", "t", ...(colours ? ["-e"] : [])]);
    return text.split("\n").slice(0, -1).map((line) => line.trimEnd());
  }

  /** A format of tmux, such as `#{alternate_on}`. */
  async ask(format: string): Promise<string> {
    return (await this.#ask(["display-message", "-p", "-t", "t", format])).trim();
  }

  /** Waits up to 20 s for a screen; throws with what was there instead. */
  async until(what: string, isThere: (screen: readonly string[]) => boolean): Promise<string[]> {
    let last: string[] = [];
    const found = await poll(20_000, async () => {
      last = await this.screen();
      return isThere(last) ? last : undefined;
    });
    if (found === undefined) throw new Error(`The terminal does not show: ${what}\n${last.join("\n")}`);
    return found;
  }

  /** Ends the terminal and what runs in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop("SIGTERM", 2000);
  }

  async #ask(args: readonly string[]): Promise<string> {
    const { code, output, errors } = await runToEnd(this.#program, ["-S", this.#socket, ...args], 10_000);
    if (code !== 0) throw new Error(`tmux ${args[0]} ended with ${code}: ${errors}`);
    return output;
  }
}
