/** The thread of one worker: an endpoint, its clients and their generator, turned by one loop. */
import { type Clock, type Millis, MONOTONIC_CLOCK } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { Endpoint } from "../endpoint/endpoint.ts";
import type { Sockets } from "../endpoint/sockets.ts";
import { Loop } from "../endpoint/loop.ts";
import { readContent } from "../im/body.ts";
import { EvidenceRing } from "../metrics/evidence.ts";
import { Ledger } from "../metrics/ledger.ts";
import { Recorder } from "../metrics/recorder.ts";
import { DEFAULT_TIMERS } from "../sip/timers.ts";
import type { Address, Tap } from "../transport/flow.ts";
import type { CapturedFlow } from "../transport/pcap.ts";
import { closeLingering } from "../ua/msrp_linger.ts";
import { Clients, type ClientsParts } from "./clients.ts";
import { Generator } from "./generator.ts";
import { EvidenceKeeper } from "./evidence_keeper.ts";
import { FlightRecorder } from "./flight_recorder.ts";
import { auditLeftovers } from "./leftovers.ts";
import type { CapturedPacket, ForeignDelivery, WorkerNotice, WorkerOrder } from "./order.ts";
import { type FateEvent, fateEventOf } from "./fate_event.ts";
import { planOf } from "./plan.ts";
import { sourcesOf } from "./sources.ts";
import { WorkerSnapshots } from "./worker_snapshots.ts";
import { closeSockets, failureNotice, openSockets } from "./worker_sockets.ts";

type Prepare = Extract<WorkerOrder, { kind: "prepare" }>;

/** Deliveries for other workers are told at least so often. */
const FORWARD_EVERY: Millis = 20;

/** Milliseconds to add to this thread's monotonic clock to get the clock all threads share. */
const ORIGIN: Millis = performance.timeOrigin;

/** One worker's whole state. */
class WorkerRun {
  readonly #order: Prepare;
  readonly #post: (notice: WorkerNotice) => void;
  readonly #clock: Clock = MONOTONIC_CLOCK;
  readonly #recorder: Recorder;
  readonly #ledger: Ledger;
  readonly #evidence = new EvidenceRing();
  readonly #flightRecorder = new FlightRecorder();
  readonly #keeper: EvidenceKeeper;
  readonly #endpoint: Endpoint;
  #sockets!: Sockets;
  readonly #generator: Generator;
  readonly #clients: Clients;
  readonly #loop: Loop;
  readonly #foreign: ForeignDelivery[][];
  #captured: CapturedPacket[] = [];
  #messages: FateEvent[] = [];
  #forwardedAt: Millis = 0;
  readonly #snapshots: WorkerSnapshots;

  constructor(order: Prepare, post: (notice: WorkerNotice) => void) {
    this.#order = order;
    this.#post = post;
    this.#foreign = Array.from({ length: order.share.count }, () => []);
    this.#recorder = new Recorder(order.share.index);
    this.#ledger = new Ledger(this.#recorder, order.scenario.limits.lostGrace + order.newsDelay);
    if (order.capture) this.#ledger.onLeave = (each) => this.#messages.push(fateEventOf(each, order.run, ORIGIN));
    const sources = sourcesOf(order.scenario, order.share, order.local.host);
    this.#endpoint = this.#openEndpoint(sources.addresses);
    const parts: ClientsParts = {
      ...order,
      sources: sources.populations,
      clock: this.#clock,
      recorder: this.#recorder,
      ledger: this.#ledger,
      evidence: this.#evidence,
      transcript: this.#flightRecorder,
      onDelivery: (delivery) => this.#deliver(delivery),
    };
    this.#clients = new Clients(parts, this.#endpoint);
    this.#keeper = this.#ledger.watch = new EvidenceKeeper({
      run: order.run,
      thresholds: order.scenario.thresholds,
      ring: this.#evidence,
      recorder: this.#recorder,
      flightRecorder: this.#flightRecorder,
      indexOf: (addressOfRecord) => this.#clients.indexOf(addressOfRecord),
    });
    this.#loop = new Loop(this.#endpoint, (now) => this.#turn(now));
    const opened = this.#sockets.opened();
    this.#generator = new Generator({
      ...parts,
      plan: planOf(order.scenario),
      run: order.run,
      clients: this.#clients,
      onReady: (unreached) => post({ kind: "ready", unreached, ...opened }),
      onQuiet: () => post({ kind: "quiet" }),
    }, this.#clock.now());
    this.#snapshots = new WorkerSnapshots({
      ...parts,
      epoch: order.epoch - ORIGIN,
      endpoint: this.#endpoint,
      sockets: this.#sockets,
      clients: this.#clients,
      generator: this.#generator,
      post,
    });
    this.#loop.start();
  }

  /** Obeys an order that follows `prepare`. */
  obey(order: Exclude<WorkerOrder, Prepare>): void {
    const now = this.#clock.now();
    switch (order.kind) {
      case "begin":
        this.#generator.begin(order.at - ORIGIN);
        return;
      case "deliveries":
        for (const delivery of order.deliveries) this.#deliverForeign(delivery);
        return;
      case "clock":
        this.#post({ kind: "clock", at: now + ORIGIN });
        return;
      case "finish":
        this.#generator.finish(now);
        return;
      case "interrupt":
        this.#generator.interrupt(now);
        return;
      case "drain":
        this.#generator.drain(now);
        return;
      case "pace":
        this.#generator.setRate(order.factor, now);
        return;
      case "pause":
        this.#generator.pause(now);
        return;
      case "resume":
        this.#generator.resume(now);
    }
  }

  #openEndpoint(sources: readonly Address[]): Endpoint {
    const { scenario: { timers: { t1 } }, local, capture } = this.#order;
    // identifiers must never repeat between runs, whatever the scenario's seed
    const [seed] = crypto.getRandomValues(new Int32Array(1));
    const tap: Tap = (direction, octets, flow, at) => {
      this.#flightRecorder.keep(direction, octets, at);
      if (capture) this.#capture(direction, octets, flow, at);
    };
    const timers = t1 === undefined ? DEFAULT_TIMERS : { t1, t2: 8 * t1, t4: 10 * t1 };
    const socketOptions = { local, sources, clock: this.#clock, driven: true, tap, refusalGrace: timers.t2 };
    return new Endpoint({
      clock: this.#clock,
      random: new Random(seed!, this.#order.share.index),
      transports: (receivers) => this.#sockets = openSockets(socketOptions, receivers),
      core: { onRequest: (message, transaction, at) => this.#clients.onRequest(message, transaction, at) },
      timers,
    });
  }

  /** One turn; gives the moment of the next arrival. */
  #turn(now: Millis): Millis {
    const nextDue = this.#generator.turn(now);
    if (now - this.#forwardedAt >= FORWARD_EVERY) this.#forward(now);
    this.#snapshots.turn(now);
    if (this.#generator.state === "done") this.#end(now);
    return nextDue;
  }

  #deliver(delivery: { receiver: number; from: string; content: Uint8Array; at: Millis }): void {
    const { receiver, from, content, at } = delivery;
    this.#generator.delivered(receiver, from, at);
    const read = readContent(content);
    const { index, count } = this.#order.share;
    const size = content.length;
    if (read.kind === "unmarked") {
      const sender = this.#clients.indexOf(from);
      if (sender >= 0 || count === 1) {
        this.#ledger.deliverUnmarked(sender, receiver, size, at);
        return;
      }
      // only its own worker knows the sender by name
      const delivery = { sequence: -1, receiver, intact: true, size, from, at: at + ORIGIN };
      for (const [to, deliveries] of this.#foreign.entries()) if (to !== index) deliveries.push(delivery);
      return;
    }
    if (read.run !== undefined && read.run !== this.#order.run) {
      this.#recorder.count("messages.unknown");
      return;
    }
    const { sequence, intact } = read;
    const owner = sequence % count;
    if (owner === index) {
      const delivery = this.#ledger.deliver(sequence, receiver, intact, at, size);
      const isStray = delivery !== "delivered" && !this.#clients.warmup.on;
      if (isStray) this.#keeper.onStray({ delivery, sequence, receiver, from, size, content, at });
    } else this.#foreign[owner]!.push({ sequence, receiver, intact, size, from, at: at + ORIGIN });
  }

  /** A message of one of our clients arrived at a client of another worker. */
  #deliverForeign({ sequence, receiver, intact, size, from, at }: ForeignDelivery): void {
    if (sequence >= 0) {
      const delivery = this.#ledger.deliver(sequence, receiver, intact, at - ORIGIN, size);
      const stray = { delivery, sequence, receiver, from, size, at: at - ORIGIN };
      if (delivery !== "delivered" && !this.#clients.warmup.on) this.#keeper.onStray(stray);
      return;
    }
    const sender = this.#clients.indexOf(from);
    if (sender >= 0) this.#ledger.deliverUnmarked(sender, receiver, size, at - ORIGIN);
  }

  #forward(now: Millis): void {
    this.#forwardedAt = now;
    for (const [to, deliveries] of this.#foreign.entries()) {
      if (deliveries.length === 0) continue;
      this.#post({ kind: "deliveries", to, deliveries });
      this.#foreign[to] = [];
    }
    if (this.#captured.length + this.#messages.length > 0) {
      this.#post({ kind: "captured", packets: this.#captured, messages: this.#messages });
      this.#captured = [];
      this.#messages = [];
    }
  }

  /** A connection is told apart by the port it really left from: `local` is where peers reach us. */
  #capture(direction: "sent" | "received", octets: Uint8Array, flow: CapturedFlow, at: Millis): void {
    const { transport, remote } = flow;
    const local = flow.socket ?? flow.local;
    this.#captured.push({ direction, octets: octets.slice(), transport, local, remote, at: at + ORIGIN });
  }

  #end(now: Millis): void {
    this.#loop.stop();
    this.#snapshots.stop();
    this.#ledger.finish(now);
    this.#forward(now);
    closeLingering(this.#endpoint);
    const leftovers = this.#endpoint.leftovers();
    auditLeftovers(leftovers, this.#clients.all, this.#recorder, now);
    this.#snapshots.finish(now);
    closeSockets(this.#endpoint, this.#sockets).then(() => this.#post({ kind: "done", leftovers }));
  }
}

/** Starts the thread: waits for `prepare`, then obeys. */
function start(): void {
  const scope = self as unknown as {
    onmessage: ((event: MessageEvent<WorkerOrder>) => void) | null;
    postMessage(notice: WorkerNotice): void;
  };
  let run: WorkerRun | undefined;
  const guarded = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      scope.postMessage(failureNotice(error));
    }
  };
  scope.onmessage = ({ data }) =>
    guarded(() => {
      if (data.kind === "prepare") run = new WorkerRun(data, (notice) => scope.postMessage(notice));
      else run?.obey(data);
    });
}

start();
