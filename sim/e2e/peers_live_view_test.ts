/** The live view in a real terminal: it draws, follows the size, and leaves the terminal as it was, however the run ends. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Tmux } from "./peers/tmux.ts";
import { ROOT } from "./program.ts";
import { Folder, SHARED_MACHINE } from "./scenario_run.ts";

const SIZE = { columns: 100, rows: 40 };
const SCENARIO = `
name: watched
target: { uri: embedded }
populations:
  - name: phones
    clients: 20
    register: { rate: 200/s }
    messages: { size: [{ weight: 3, constant: 100 }, { weight: 1, constant: 4KiB }] }
phases:
  - { executor: constant-arrival-rate, rate: 40/s, duration: 10m }
thresholds: [messages.lost == 0, register.p99 < 1us]
`;

/** The program in a terminal; what it prints after its end is \`ended CODE\`. */
async function startRun(folder: Folder, terminal: Tmux, further = "", env = ""): Promise<void> {
  const file = await folder.write("scenario.yaml", SCENARIO);
  const program = `'${Deno.execPath()}' run -P --quiet '${ROOT}mod.ts'`;
  const script = `echo $$ > pid\ncd '${ROOT}'\n${env} exec ${program} run '${file}' --out '${folder.path}/out' ${
    SHARED_MACHINE.join(" ")
  } ${further}\n`;
  await folder.write("start.sh", script);
  await terminal.enter("echo before the run");
  await terminal.enter(`bash start.sh; echo "ended $?"`);
}

function shows(...texts: readonly string[]): (screen: readonly string[]) => boolean {
  return (screen) => texts.every((text) => screen.some((line) => line.includes(text)));
}

/** The number of the colour that a text is shown in. */
function colourBefore(text: string, screen: string): string | undefined {
  // deno-lint-ignore no-control-regex -- the escape sequences of a terminal begin with this control character
  return [...screen.slice(0, screen.indexOf(text)).matchAll(/\x1b\[(3[0-9])m/g)].at(-1)?.[1];
}

/** The screen of before is back, the cursor is seen, lines wrap, and keys are echoed by lines. */
async function assertClean(terminal: Tmux): Promise<void> {
  assertEquals(await terminal.ask("#{alternate_on} #{cursor_flag} #{wrap_flag}"), "0 1 1");
  await terminal.enter("clear; stty -a | tr ' ;' '\\n' | grep -x -e '-*icanon' -e '-*echo' | sort");
  const screen = await terminal.until(
    "modes of the terminal",
    (lines) => lines.some((line) => line.endsWith("icanon")),
  );
  assertEquals(screen.filter((line) => /^-?(echo|icanon)$/.test(line)), ["echo", "icanon"]);
}

Deno.test("the live view draws in colours, follows a resize, and q ends the run and leaves the terminal clean", async () => {
  await using folder = await Folder.make();
  await using terminal = await Tmux.open(folder.path, SIZE);
  await startRun(folder, terminal);
  const wide = await terminal.until("figures", shows("RUNNING", "pager_delivery", "large_delivery", "Each second"));
  assertEquals(await terminal.ask("#{alternate_on} #{cursor_flag}"), "1 0");
  assert(wide.every((line) => line.length < SIZE.columns), "one column stays free");
  assertStringIncludes(wide.join("\n"), "✓ messages.lost == 0");
  assertStringIncludes(wide.join("\n"), "✗ register.p99 < 1us");
  // a good threshold is green, a bad one is red
  const coloured = (await terminal.screen(true)).join("\n");
  assertEquals([colourBefore("✓ messages.lost", coloured), colourBefore("✗ register", coloured)], ["32", "31"]);

  await terminal.resize({ columns: 60, rows: 12 });
  const low = await terminal.until(
    "the view at its new size",
    (lines) => lines.length === 12 && lines[0]!.endsWith("RUNNING") && lines.at(-1)!.includes("q or Ctrl-C"),
  );
  assert(low.every((line) => line.length < 60), low.join("\n"));
  assert(!low.some((line) => line.includes("Each second")), low.join("\n"));
  await terminal.resize({ columns: 120, rows: 100 });
  await terminal.until("the view at its new size", shows("Each second"));

  // a stopped generator measures itself: Ctrl-Z does nothing
  await terminal.press("C-z");
  await terminal.press("q");
  const after = await terminal.until("the end", shows("ended 130"));
  assert(shows("interrupted: releasing sessions and bindings", "left behind: nothing")(after), after.join("\n"));
  assert(!after.some((line) => line.includes("Stopped")));
  await assertClean(terminal);
});

Deno.test("SIGTERM ends the run cleanly and leaves the terminal clean; NO_COLOR is honoured", async () => {
  await using folder = await Folder.make();
  await using terminal = await Tmux.open(folder.path, SIZE);
  await startRun(folder, terminal, "", "NO_COLOR=1");
  await terminal.until("figures", shows("RUNNING", "Latency"));
  const drawn = (await terminal.screen(true)).join("\n");
  assert(!drawn.includes("\x1b["), drawn);
  const pid = Number(await Deno.readTextFile(`${folder.path}/pid`));
  Deno.kill(pid, "SIGTERM");
  const after = await terminal.until("the end", shows("ended 130"));
  assert(shows("left behind: nothing")(after), after.join("\n"));
  await assertClean(terminal);
});

Deno.test("a second Ctrl-C and SIGQUIT stop at once and leave the terminal clean", async () => {
  await using folder = await Folder.make();
  await using terminal = await Tmux.open(folder.path, SIZE);
  await startRun(folder, terminal);
  await terminal.until("figures", shows("RUNNING", "Latency"));
  await terminal.press("C-c");
  await terminal.press("C-\\");
  await terminal.until("the end", shows("ended 130"));
  await assertClean(terminal);
});

Deno.test("a fault of ours leaves the terminal clean, with the fault on it", async () => {
  await using folder = await Folder.make();
  await using terminal = await Tmux.open(folder.path, SIZE);
  for (const kind of ["error", "rejection"]) {
    await terminal.enter(
      `clear; '${Deno.execPath()}' run -A --quiet '${ROOT}sim/e2e/peers/screen_fault.ts' ${kind}; echo "ended $?"`,
    );
    const after = await terminal.until("the fault", shows("ended 1"));
    assert(shows("on purpose")(after), after.join("\n"));
    assert(!shows("this must not stay")(after), after.join("\n"));
    await assertClean(terminal);
  }
});

Deno.test("--no-live shows lines on a terminal too", async () => {
  await using folder = await Folder.make();
  await using terminal = await Tmux.open(folder.path, SIZE);
  await startRun(folder, terminal, "--no-live");
  await terminal.until("a line of progress", shows("failed"));
  assertEquals(await terminal.ask("#{alternate_on}"), "0");
  await terminal.press("C-c");
  const after = await terminal.until("the end", shows("ended 130"));
  assert(shows("left behind: nothing")(after), after.join("\n"));
});
