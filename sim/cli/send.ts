/** `imstorm send`: one message, with every SIP and MSRP message shown in order. */
import { toText } from "../bytes/text.ts";
import { MONOTONIC_CLOCK } from "../clock/clock.ts";
import { Random } from "../clock/random.ts";
import { Endpoint } from "../endpoint/endpoint.ts";
import { Sockets } from "../endpoint/sockets.ts";
import { Loop } from "../endpoint/loop.ts";
import { EvidenceRing, maskSecrets } from "../metrics/evidence.ts";
import { Ledger } from "../metrics/ledger.ts";
import { Recorder } from "../metrics/recorder.ts";
import { parseDuration } from "../scenario/quantity.ts";
import { parseUri } from "../sip/uri.ts";
import { startTarget } from "../target/server.ts";
import { formatAddress } from "../transport/address.ts";
import { DEFAULT_TIMERS } from "../sip/timers.ts";
import type { Address, Flow, Tap, TransportName } from "../transport/flow.ts";
import type { Credentials } from "../ua/account.ts";
import { behaviourWith, type UserAgentSettings } from "../ua/settings.ts";
import { UserAgent } from "../ua/user_agent.ts";
import type { Arguments } from "./arguments.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { print, tell } from "./print.ts";
import { localHostFor, resolveTarget } from "../load/target_address.ts";

/** Characters of content shown without `--verbose`. */
const SHOWN_CONTENT = 160;
/** Milliseconds between two looks at whether the message has ended. */
const LOOK_EVERY = 20;

/** Sends the message of a command line; 0 when it was accepted, 99 when it was refused, 4 without an answer. */
export async function send(line: Arguments<"send">): Promise<ExitCode> {
  const from = parseUri(line.from);
  const to = parseUri(line.to);
  const timeout = parseDuration(line.timeout);
  const fault = from?.user === undefined
    ? `--from ${line.from}: is no SIP URI with a user`
    : to === undefined
    ? `--to ${line.to}: is no SIP URI`
    : timeout === undefined
    ? `--timeout ${line.timeout}: is no duration such as 35s`
    : line.bytes !== undefined && line.text !== undefined
    ? "--bytes and --text: choose one of them"
    : undefined;
  if (fault !== undefined || from?.user === undefined || to === undefined || timeout === undefined) {
    tell(fault!);
    return EXIT.USAGE;
  }
  const embedded = line.target === "embedded" ? await startTarget(EMBEDDED) : undefined;
  const target = embedded?.addresses[0]?.address ?? await resolveTarget(line.target);
  if (target === undefined) {
    tell(`Cannot reach ${line.target}: no such SIP URI or host`);
    return EXIT.UNREACHABLE;
  }
  const transport = /;transport=tcp/i.test(line.target) ? "tcp" : "udp";
  const exchange = new OneExchange(line, { target, transport, domain: from.host }, from.user);
  try {
    if (embedded !== undefined && to.user !== undefined) await exchange.receiveAs(to.user);
    if (line.register || embedded !== undefined) await exchange.register();
    await exchange.send(timeout);
    if (line.register) await exchange.unregister();
    return exchange.conclude();
  } finally {
    await exchange.close();
    await embedded?.close();
  }
}

const EMBEDDED = {
  listen: (["udp", "tcp"] as const).map((transport) => ({ transport, address: { host: "127.0.0.1", port: 0 } })),
};

/** The sender, and for the embedded target the receiver too. */
class OneExchange {
  readonly #line: Arguments<"send">;
  readonly #way: { target: Address; transport: TransportName; domain: string };
  readonly #user: string;
  readonly #recorder = new Recorder();
  readonly #ledger = new Ledger(this.#recorder, 0);
  readonly #evidence = new EvidenceRing();
  readonly #startedAt = MONOTONIC_CLOCK.now();
  readonly #parties: { agent: UserAgent; endpoint: Endpoint; loop: Loop }[] = [];
  readonly #sender: UserAgent;
  readonly #removed = Promise.withResolvers<void>();

  constructor(
    line: Arguments<"send">,
    way: { target: Address; transport: TransportName; domain: string },
    user: string,
  ) {
    this.#line = line;
    this.#way = way;
    this.#user = user;
    this.#sender = this.#open(0, user, true);
  }

  /** A second client of ours gets the message. */
  async receiveAs(user: string): Promise<void> {
    await registered(this.#open(1, user, false));
  }

  async register(): Promise<void> {
    await registered(this.#sender, () => this.#removed.resolve());
  }

  /** Sends and waits for the end. */
  async send(timeout: number): Promise<void> {
    const line = this.#line;
    this.#sender.send({
      sequence: 1,
      run: 1,
      to: line.to,
      receiver: -1,
      size: line.bytes ?? 18,
      sizeIsTotal: false,
      dueAt: MONOTONIC_CLOCK.now(),
      counted: true,
      ...(line.text === undefined ? {} : { text: line.text }),
    });
    const until = MONOTONIC_CLOCK.now() + timeout;
    while (this.#ledger.size > 0 || this.#sender.isInSession()) {
      if (MONOTONIC_CLOCK.now() > until) {
        this.#sender.abandon();
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
    this.#ledger.finish(MONOTONIC_CLOCK.now());
  }

  /** Removes the sender's binding when it has one. */
  async unregister(): Promise<void> {
    const { registration } = this.#sender;
    if (registration?.isRegistered() !== true) return;
    registration.unregister();
    await this.#removed.promise;
  }

  async close(): Promise<void> {
    for (const { endpoint, loop } of this.#parties) {
      loop.stop();
      await endpoint.close();
    }
  }

  /** Says how it ended. */
  conclude(): ExitCode {
    const { counters } = this.#recorder.take(0, 0);
    const mode = (counters["messages.large.attempted"] ?? 0) > 0 ? "large" : "pager";
    const outcome = ["accepted_200", "accepted_202", "rejected", "failed", "timed_out", "unanswered"]
      .find((name) => (counters[`messages.${name}`] ?? 0) > 0) ?? "unanswered";
    const reasons = Object.keys(counters).filter((name) => name.startsWith("failures."))
      .map((name) => name.slice("failures.".length).replaceAll("_", " "));
    print(`${mode} message: ${outcome.replaceAll("_", " ")}${reasons.length === 0 ? "" : ` (${reasons.join(", ")})`}`);
    if (outcome.startsWith("accepted")) return EXIT.OK;
    return outcome === "rejected" ? EXIT.THRESHOLD : EXIT.UNREACHABLE;
  }

  #open(index: number, user: string, shown: boolean): UserAgent {
    const [seed] = crypto.getRandomValues(new Int32Array(1));
    const holder: { agent?: UserAgent } = {};
    const tap: Tap = (direction, octets, flow, at) => this.#show(direction, octets, flow, at);
    const local = { host: localHostFor(this.#way.target), port: 0 };
    const options = { local, clock: MONOTONIC_CLOCK, refusalGrace: DEFAULT_TIMERS.t2, ...(shown ? { tap } : {}) };
    const endpoint = new Endpoint({
      clock: MONOTONIC_CLOCK,
      transports: (receivers) => new Sockets(options, receivers),
      random: new Random(seed!, index),
      core: { onRequest: (message, transaction, at) => holder.agent?.onRequest(message, transaction, at) },
    });
    const { username, password } = this.#line;
    const credentials = password === undefined ? undefined : { username: username ?? user, password };
    const agent = new UserAgent(index, user, this.#settings(endpoint, credentials));
    holder.agent = agent;
    const loop = new Loop(endpoint, () => Infinity);
    loop.start();
    this.#parties.push({ agent, endpoint, loop });
    return agent;
  }

  #settings(endpoint: Endpoint, credentials: Credentials | undefined): UserAgentSettings {
    return {
      endpoint,
      credentialsOf: () => credentials,
      ...this.#way,
      ...behaviourWith({ mode: { force: this.#line.mode } }),
      registerExpires: 600,
      registerRefresh: false,
      random: new Random(1),
      recorder: this.#recorder,
      ledger: this.#ledger,
      evidence: this.#evidence,
      onDelivery: () => {},
    };
  }

  #show(direction: "sent" | "received", octets: Uint8Array, flow: Flow, at: number): void {
    const since = (at - this.#startedAt).toFixed(1).padStart(9);
    const arrow = direction === "sent" ? "────▶" : "◀────";
    const peer = `${formatAddress(flow.remote)} ${flow.transport}`;
    const text = maskSecrets(toText(octets));
    // MSRP content goes out in slices of its own: only what begins a message has a name
    const isMessage = /^(MSRP |SIP\/2\.0 |[A-Z]+ sips?:)/.test(text);
    const [first = "", ...rest] = this.#shortened(text, isMessage).trimEnd().split(/\r?\n/);
    print(`${since} ms  ${this.#user} ${arrow} ${peer}  ${isMessage ? first : "…"}  (${octets.length} octets)`);
    for (const each of isMessage ? rest : [first, ...rest]) print(`              │ ${each}`);
    print("");
  }

  /** Cuts long content, keeps the end-line of MSRP. */
  #shortened(text: string, isMessage: boolean): string {
    const contentAt = isMessage ? text.indexOf("\r\n\r\n") + 4 : 0;
    const endLine = /\r\n-{7}[^\r\n]+[$+#]\r\n$/.exec(text)?.[0] ?? "";
    const more = text.length - contentAt - endLine.length - SHOWN_CONTENT;
    if (this.#line.verbose || (isMessage && contentAt < 4) || more <= 0 || /application\/sdp/i.test(text)) return text;
    return `${text.slice(0, contentAt + SHOWN_CONTENT)}… (${more} more, --verbose shows them)${endLine}`;
  }
}

/**
 * Resolves when a client has registered or could not; the message is sent all the same, as a user would try. `onRemoved`
 * is called when its binding has gone.
 */
function registered(agent: UserAgent, onRemoved: () => void = () => {}): Promise<void> {
  return new Promise((resolve) => {
    agent.register(MONOTONIC_CLOCK.now(), (_agent, outcome) => {
      if (outcome.kind === "removed") onRemoved();
      else if (outcome.kind === "failed") tell(`Cannot register ${agent.aor}: ${outcome.detail}`);
      resolve();
    });
  });
}
