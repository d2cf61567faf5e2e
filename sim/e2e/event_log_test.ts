/** The event log of a run says the same as its summary: every measure of RFC 6076, and the fate of every message. */
import { assert, assertEquals } from "@std/assert";
import type { FateEvent } from "../load/fate_event.ts";
import type { Summary } from "../report/summary.ts";
import type { WireEvent } from "../results/wire_event.ts";
import { freePort } from "./peers/ports.ts";
import { runProgram, startTargetProgram } from "./program.ts";
import { Folder, SHARED_MACHINE } from "./scenario_run.ts";

/** Both modes; two workers, so that callers and their peers live in different ones. */
const SCENARIO = `
name: events
target: { uri: embedded }
populations:
  - name: phones
    clients: 20
    auth: { password: secret }
    register: { rate: 200/s }
    session: { hold: 300ms }
    messages: { size: [{ weight: 1, constant: 100 }, { weight: 1, constant: 4KiB }] }
phases:
  - { executor: constant-arrival-rate, rate: 100/s, duration: 3s }
limits: { lost_grace: 1s }
`;

/** A challenged registrar, a fifth refused, everything forwarded 100 ms late. */
const TARGET = ["--digest", "SHA-256", "--refuse", "0.2", "--refuse-status", "503", "--delay", "100ms"];

/** Delays in milliseconds, ratios as shares of 1, straight from what RFC 6076 §4 says. */
interface Measures {
  readonly delays: Readonly<Record<"RRD" | "SRD" | "SRD_failed" | "SDD" | "SDT", number[]>>;
  readonly ratios: Readonly<Record<"IRA" | "SER" | "SEER" | "ISA" | "SCR", number>>;
}

const isFinal = ({ status = 0 }: WireEvent): boolean => status >= 200;
const isChallenge = (status: number): boolean => [401, 402, 407].includes(status);
const isFailure = (status: number): boolean => status >= 400 && !isChallenge(status);

/** First request of a transaction, and what came back; retransmissions have the branch of the first. */
interface Exchange {
  readonly request: WireEvent;
  readonly responses: readonly WireEvent[];
}

function exchangesOf(events: readonly WireEvent[], method: string): Exchange[] {
  const byBranch = Map.groupBy(events.filter((each) => each.method === method), ({ branch }) => branch);
  return [...byBranch.values()].flatMap((all) => {
    const inOrder = all.toSorted((a, b) => a.at_us - b.at_us);
    const request = inOrder.find(({ status, direction }) => status === undefined && direction === "sent");
    if (request === undefined) return [];
    return [{ request, responses: inOrder.filter(({ status, direction }) => status && direction === "received") }];
  });
}

function finalOf({ responses }: Exchange): WireEvent | undefined {
  return responses.find(isFinal);
}

function measuresOf(events: readonly WireEvent[]): Measures {
  const delays: Measures["delays"] = { RRD: [], SRD: [], "SRD_failed": [], SDD: [], SDT: [] };
  const from = (start: WireEvent, end: WireEvent): number => (end.at_us - start.at_us) / 1000;
  const registers = exchangesOf(events, "REGISTER");
  for (const attempts of Map.groupBy(registers, ({ request }) => request.call_id).values()) {
    const bindings = attempts.filter(({ request }) => request.expires !== 0);
    const ok = bindings.map(finalOf).find((final) => final?.status === 200);
    if (ok !== undefined) delays.RRD.push(from(bindings[0]!.request, ok));
  }
  const failedRegisters = registers.filter((each) => isFailure(finalOf(each)?.status ?? 408));
  const sessions = [
    ...Map.groupBy(
      exchangesOf(events, "INVITE").filter(({ request }) => request.to_tag === ""),
      ({ request }) => request.call_id,
    ).values(),
  ];
  const byes = Map.groupBy(exchangesOf(events, "BYE"), ({ request }) => request.call_id);
  const ends: number[] = [];
  let completed = 0;
  for (const invites of sessions) {
    const final = finalOf(invites.at(-1)!);
    if (final === undefined) throw new Error("an INVITE without a final response");
    ends.push(final.status!);
    const ringing = invites.flatMap(({ responses }) => responses).find(({ status = 0 }) =>
      status > 100 && status < 200
    );
    const first = invites[0]!.request;
    if (final.status === 200) delays.SRD.push(from(first, ringing ?? final));
    else if (isFailure(final.status!)) delays.SRD_failed.push(from(first, ringing ?? final));
    const [bye] = byes.get(first.call_id) ?? [];
    const ended = bye && finalOf(bye);
    if (bye === undefined || ended === undefined) continue;
    completed++;
    delays.SDD.push(from(bye.request, ended));
    delays.SDT.push(from(final, bye.request));
  }
  const count = (...statuses: number[]): number => ends.filter((status) => statuses.includes(status)).length;
  const redirected = ends.filter((status) => status >= 300 && status < 400).length;
  return {
    delays,
    ratios: {
      IRA: failedRegisters.length / registers.length,
      SER: count(200) / (ends.length - redirected),
      SEER: count(200, 480, 486, 600, 603) / (ends.length - redirected),
      ISA: count(408, 500, 503, 504) / ends.length,
      SCR: completed / ends.length,
    },
  };
}

function assertMeasures({ delays, ratios }: Measures, { rfc6076 }: Summary): void {
  for (const [name, share] of Object.entries(ratios) as [keyof Measures["ratios"], number][]) {
    assert(Math.abs(rfc6076[name]! - share) < 1e-9, `${name}: ${rfc6076[name]} in the summary, ${share} in the log`);
  }
  for (const [name, values] of Object.entries(delays) as [keyof Measures["delays"], number[]][]) {
    const summary = rfc6076[`${name}_us`];
    assertEquals(summary.count, values.length, name);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    // the log has the moments of the sockets: on a busy machine these are a little apart from those of the clients
    assert(
      Math.abs(summary.mean! / 1000 - mean) < 25,
      `${name}: ${summary.mean} µs in the summary, ${mean} ms in the log`,
    );
  }
}

function assertFates(fates: readonly FateEvent[], { messages }: Summary): void {
  assertEquals(fates.length, messages.attempted);
  assertEquals(new Set(fates.map(({ sequence }) => sequence)).size, fates.length);
  const outcomes = Map.groupBy(fates, ({ outcome }) => outcome);
  const arrivals = Map.groupBy(fates, ({ arrival }) => arrival);
  assertEquals(outcomes.get("accepted_200")?.length, messages.accepted_200);
  assertEquals(outcomes.get("rejected")?.length, messages.rejected);
  assertEquals(arrivals.get("delivered")?.length, messages.delivered);
  assertEquals(arrivals.get("refused")?.length, messages.refused);
  for (const { due_us: due, sent_us: sent, delivered_us: delivered, arrival, digest } of fates) {
    assert(due <= sent && (delivered === null ? arrival !== "delivered" : sent < delivered));
    assert(/^[0-9a-f]{8}$/.test(digest));
  }
}

Deno.test("every measure of RFC 6076 and the fate of every message come out of the event log as out of the summary", async () => {
  await using folder = await Folder.make();
  await using target = await startTargetProgram([...TARGET, "--domain", "ims.example"], freePort());
  const file = await folder.write("scenario.yaml", SCENARIO);
  const [out, log] = [`${folder.path}/out`, `${folder.path}/events.jsonl`];
  const to = ["--target", `sip:${target.address}`, "--set", "target.domain=ims.example", "--workers", "2"];
  const end = await runProgram(["run", file, "--out", out, "--event-log", log, ...to, ...SHARED_MACHINE]);
  assertEquals(end.code, 0, end.stderr);
  const summary: Summary = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
  const events: (WireEvent | FateEvent)[] = (await Deno.readTextFile(log)).trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  const measures = measuresOf(events.filter((each) => each.event === "sip"));
  assert(measures.delays.SRD.length > 50 && measures.delays.SRD_failed.length > 10);
  assert(summary.rfc6076.SRD_us.min! > 100_000, "what the server delays takes at least so long");
  assertMeasures(measures, summary);
  assertFates(events.filter((each) => each.event === "message"), summary);
});
