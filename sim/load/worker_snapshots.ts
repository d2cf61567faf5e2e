/** The seconds of one worker: gauges are read when one is over, and its figures are encoded piece by piece after that. */
import type { Clock, Millis } from "../clock/clock.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Sockets } from "../endpoint/sockets.ts";
import type { EvidenceRing } from "../metrics/evidence.ts";
import type { Interval } from "../metrics/interval.ts";
import type { Ledger } from "../metrics/ledger.ts";
import type { Recorder } from "../metrics/recorder.ts";
import type { Clients } from "./clients.ts";
import type { Generator } from "./generator.ts";
import { WorkerHealth } from "./health.ts";
import { LayerCounters } from "./layer_counters.ts";
import type { WorkerNotice } from "./order.ts";
import { ProcessorShare } from "./processor_share.ts";

type SnapshotNotice = Extract<WorkerNotice, { kind: "snapshot" }>;

/** Milliseconds between snapshots. */
const SNAPSHOT_EVERY: Millis = 1000;
/** Of each turn so much goes into encoding a snapshot: what is due waits for it. */
const ENCODING_SHARE: Millis = 0.15;

/** What is looked at, and who is told. */
export interface WorkerSnapshotsParts {
  readonly clock: Clock;
  /** When the run started, on `clock`. */
  readonly epoch: Millis;
  readonly recorder: Recorder;
  readonly evidence: EvidenceRing;
  readonly ledger: Ledger;
  readonly endpoint: Endpoint;
  readonly sockets: Sockets;
  readonly clients: Clients;
  readonly generator: Generator;
  readonly post: (notice: SnapshotNotice) => void;
}

/** Tells the figures of a worker once a second. */
export class WorkerSnapshots {
  readonly #parts: WorkerSnapshotsParts;
  readonly #layers: LayerCounters;
  readonly #health: WorkerHealth;
  readonly #processor: ProcessorShare;
  #taken = 0;
  /** The latest one while it is encoded. */
  #pending: { readonly interval: Interval; readonly rest: Omit<SnapshotNotice, "kind" | "snapshot"> } | undefined;

  /** Begins to measure. */
  constructor(parts: WorkerSnapshotsParts) {
    this.#parts = parts;
    const { clock, recorder, endpoint, sockets } = parts;
    this.#processor = new ProcessorShare(clock.now());
    this.#layers = new LayerCounters(endpoint, sockets, recorder);
    this.#health = new WorkerHealth(clock, recorder, sockets.datagrams);
  }

  /** Takes a snapshot when a second is over, and encodes some of the latest: to be called once a turn. */
  turn(now: Millis): void {
    if (now - this.#parts.epoch >= (this.#taken + 1) * SNAPSHOT_EVERY) this.#take(now);
    else if (this.#pending !== undefined) this.#encode(this.#pending.interval);
  }

  /** Stops measuring. */
  stop(): void {
    this.#health.stop();
  }

  /** Takes the last one, and tells it. */
  finish(now: Millis): void {
    this.#take(now);
    this.#tell();
  }

  #take(now: Millis): void {
    this.#tell();
    const { epoch, recorder, evidence, ledger, endpoint, clients, generator } = this.#parts;
    this.#layers.collect();
    this.#health.collect();
    // not by `leftovers`, which looks through all timers: whatever is due waits for a snapshot
    const { transactions, msrp, transports } = endpoint;
    const share = this.#processor.take(now);
    if (share !== undefined) recorder.gauge("generator.cpu_share", share);
    recorder.gauge("generator.memory", Deno.memoryUsage().rss);
    recorder.gauge("messages.under_way", ledger.size);
    recorder.gauge("sip.transactions", transactions.size());
    recorder.gauge("msrp.sessions", msrp.size());
    recorder.gauge("msrp.connections", transports.msrpConnections());
    recorder.gauge("clients.online", clients.underWay.bindings);
    recorder.gauge("sessions.open", generator.openSessions());
    recorder.gauge("load.rate", generator.askedRate(now));
    recorder.gauge("load.phase", generator.phaseAt(now));
    const startedAt = generator.startedAt();
    this.#pending = {
      interval: recorder.cut(this.#taken++, now - epoch),
      rest: {
        evidence: evidence.take().map((entry) => ({
          ...entry,
          at: entry.at - epoch,
          messages: entry.messages.map((message) => ({ ...message, at: message.at - epoch })),
        })),
        state: generator.state,
        phase: generator.phaseAt(now),
        elapsed: startedAt === undefined ? 0 : now - startedAt,
      },
    };
  }

  /** Encodes a piece of a snapshot: all at once would keep what is due waiting for milliseconds. */
  #encode(interval: Interval): void {
    const { clock } = this.#parts;
    const until = clock.now() + ENCODING_SHARE;
    while (interval.step()) if (clock.now() >= until) return;
    this.#tell();
  }

  /** Tells the snapshot under way, if there is any. */
  #tell(): void {
    if (this.#pending === undefined) return;
    const { interval, rest } = this.#pending;
    this.#pending = undefined;
    this.#parts.post({ kind: "snapshot", snapshot: interval.snapshot(), ...rest });
  }
}
