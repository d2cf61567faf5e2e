/**
 * A client in a process of its own that answers every MESSAGE and every large message: the other end of benches where
 * SIPp's answering side gives out first, or cannot answer at all (MSRP).
 *
 * Prints `ready HOST:PORT`, and runs until it is ended by its starter, at most half an hour.
 */
import { MONOTONIC_CLOCK } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { Endpoint } from "../endpoint/endpoint.ts";
import { Loop } from "../endpoint/loop.ts";
import { Sockets } from "../endpoint/sockets.ts";
import { EvidenceRing } from "../metrics/evidence.ts";
import { Ledger } from "../metrics/ledger.ts";
import { Recorder } from "../metrics/recorder.ts";
import { formatAddress } from "../transport/address.ts";
import { behaviourWith } from "../ua/settings.ts";
import { UserAgent } from "../ua/user_agent.ts";

const LONGEST_RUN = 30 * 60_000;
const LOCAL = { host: "127.0.0.1", port: 0 };

function answer(): void {
  const [seed] = crypto.getRandomValues(new Int32Array(1));
  const recorder = new Recorder();
  const answerer: { agent?: UserAgent } = {};
  const endpoint = new Endpoint({
    clock: MONOTONIC_CLOCK,
    random: new Random(seed!),
    core: { onRequest: (message, transaction, at) => answerer.agent!.onRequest(message, transaction, at) },
    transports: (receivers) => new Sockets({ local: LOCAL, clock: MONOTONIC_CLOCK, driven: true }, receivers),
  });
  answerer.agent = new UserAgent(0, "bob", {
    endpoint,
    transport: "udp",
    target: LOCAL,
    domain: "ims.test",
    credentialsOf: () => undefined,
    ...behaviourWith(),
    registerExpires: undefined,
    registerRefresh: false,
    random: new Random(1),
    recorder,
    ledger: new Ledger(recorder, 5000),
    evidence: new EvidenceRing(),
    onDelivery: () => {},
  });
  new Loop(endpoint, () => Infinity).start();
  Deno.stdout.writeSync(new TextEncoder().encode(`ready ${formatAddress(endpoint.local)}\n`));
  setTimeout(() => Deno.exit(0), LONGEST_RUN);
}

if (import.meta.main) answer();
