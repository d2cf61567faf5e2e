/** Large contents over one MSRP connection, beside the same octets over raw TCP of the same runtime. */
import type { ScenarioInput } from "../scenario/scenario.ts";
import { ImstormRun } from "./imstorm.ts";
import { startOwnAnswering, startProgram } from "./own_answering.ts";

/** One pair: octets a second, from one process to another. */
export interface Bulk {
  readonly msrp: number;
  readonly raw: number;
}

const CONTENT_SIZE = 32 * 1024 * 1024;
const MESSAGES = 12;
const PIECE = 65_536;

/** Measures both in turn, so often. */
export async function measureBulk(pairs: number): Promise<readonly Bulk[]> {
  const measured: Bulk[] = [];
  while (measured.length < pairs) measured.push({ raw: await measureRaw(), msrp: await measureMsrp() });
  return measured;
}

async function measureRaw(): Promise<number> {
  await using sink = await startProgram("sink.ts");
  const [hostname, port] = sink.address.split(":");
  const total = CONTENT_SIZE * MESSAGES;
  using connection = await Deno.connect({ hostname: hostname!, port: Number(port) });
  const octets = new Uint8Array(PIECE).fill(120);
  const begin = performance.now();
  for (let sent = 0; sent < total;) sent += await connection.write(octets);
  await connection.closeWrite();
  await connection.read(octets);
  return total / (performance.now() - begin) * 1000;
}

/** The median of the messages: the first ones are sent by code that V8 has not compiled yet. */
async function measureMsrp(): Promise<number> {
  await using answering = await startOwnAnswering();
  await using run = await ImstormRun.start(bulkScenario(answering.address), "batched");
  const { summary } = await run.end();
  const { large_transfer: transfer } = summary.latency_us;
  if (summary.messages.accepted_200 < MESSAGES || transfer?.p50 === null) {
    throw new Error(`Cannot measure: ${summary.messages.accepted_200} of ${MESSAGES} large messages were accepted`);
  }
  return CONTENT_SIZE / transfer!.p50! * 1e6;
}

/** One message every two seconds, so that they never share the way. */
export function bulkScenario(target: string): ScenarioInput {
  return {
    name: "bulk-bench",
    target: { uri: `sip:${target};transport=udp`, domain: "ims.test" },
    populations: [{
      name: "senders",
      clients: 1,
      user: "user{n}",
      register: false,
      mode: { force: "large" },
      messages: { size: CONTENT_SIZE, to: { uri: "sip:bob@ims.test" } },
    }],
    phases: [{ executor: "constant-arrival-rate", rate: "0.5/s", duration: `${MESSAGES * 2}s` }],
  };
}
