/**
 * A client's binding at the registrar (RFC 3261 §10): made, refreshed in time, and removed.
 *
 * | state        | 2xx        | 401, 407, 423 | 503 with Retry-After | other final, timeout, fault | unregister()        |
 * | registering  | registered | again         | again after it       | failed                      | after that response |
 * | registered   | registered | again         | again after it       | failed                      | removing            |
 * | failed       | –          | –             | –                    | –                           | removed             |
 * | removing     | removed    | again         | removed              | removed                     | –                   |
 *
 * `renew` makes a binding again whose connection is gone, out of registered or failed.
 * One REGISTER is under way at a time (RFC 3261 §10.2): a removal waits for a refresh.
 */
import type { Millis } from "../clock/clock.ts";
import type { Alarm, Due } from "../clock/wheel.ts";
import type { ClientDigest } from "../sip/client_digest.ts";
import type { Message } from "../sip/message.ts";
import { parseNameAddr } from "../sip/name_addr.ts";
import { isProvisional, isSuccess } from "../sip/status.ts";
import type { Flow, TransportFault } from "../transport/flow.ts";
import { answerChallenges, type DigestKeeper } from "./authentication.ts";
import { grantedSeconds, refreshAfter } from "./binding_life.ts";
import { Outgoing, type OutgoingUser } from "./outgoing.ts";
import { RegisterForm } from "./register_form.ts";
import { Round } from "./registration_round.ts";
import { retryAfterOf } from "./retry_after.ts";
import { NO_ROUTES, type UserAgent } from "./user_agent.ts";
import { inspectToTag, reportViolation } from "./violations.ts";

/** How often one REGISTER is tried again after 401, 407 or 423. */
const MOST_TRIES = 4;
/** How often a server may put one registration off, and how long each time. */
const MOST_WAITS = 3;
const LONGEST_WAIT: Millis = 120_000;

/** How a registration ended: registered, failed with what was seen, or removed. */
export type RegistrationOutcome =
  | { readonly kind: "registered" }
  | { readonly kind: "removed" }
  | { readonly kind: "failed"; readonly detail: string };

/** Hears the end of each registration and removal; refreshes are silent unless they fail. */
export type RegistrationListener = (agent: UserAgent, outcome: RegistrationOutcome) => void;

/** See the table above. */
type State = "registering" | "registered" | "removing" | "removed" | "failed";

/** One client's registration; small while its binding stands, for there may be a million. */
export class Registration implements OutgoingUser, Due, DigestKeeper {
  /** Apart from the credentials of requests: the registrar's would only make those longer. */
  digest: ClientDigest | undefined;
  readonly call: number;
  readonly tag: number;
  readonly #agent: UserAgent;
  readonly #listener: RegistrationListener;
  #state: State = "registering";
  #expires: number;
  #sequence = 0;
  #alarm: Alarm | undefined;
  /** What carried the REGISTER of the binding. */
  #flow: Flow | undefined;
  #round: Round | undefined = new Round();

  /** Sends at once; latency counts from `dueAt`, and not at all where not `counted`. */
  constructor(agent: UserAgent, expires: number, dueAt: Millis, listener: RegistrationListener, counted = true) {
    this.#agent = agent;
    this.#listener = listener;
    this.#expires = expires;
    this.call = RegisterForm.of(agent.settings).newCall();
    this.tag = agent.settings.endpoint.random.bits();
    this.#begin(dueAt, counted);
  }

  /** Whether a binding stands. */
  isRegistered(): boolean {
    return this.#state === "registered";
  }

  /** Whether it is being made for the first time. */
  isBeingMade(): boolean {
    return this.#state === "registering";
  }

  /** Whether a REGISTER waits for its answer. */
  isUnderWay(): boolean {
    return this.#round?.isPending === true;
  }

  /** The flow that the registrar reaches us by, as of the last 2xx; undefined before any. */
  flow(): Flow | undefined {
    return this.#flow;
  }

  /**
   * Makes the binding again, since its flow is gone or the load asks for it; `listener` hears how that ended, and the
   * latency counts where `counted`. False when it is not the moment: a
   * REGISTER is under way, or the binding was never made or is being removed.
   */
  renew(dueAt: Millis, listener: RegistrationListener, counted = true): boolean {
    if (this.isUnderWay() || this.#flow === undefined) return false;
    if (this.#state !== "registered" && this.#state !== "failed") return false;
    this.#disarm();
    this.#enter("registered");
    this.#round ??= new Round();
    this.#round.renewal = listener;
    this.#begin(dueAt, counted);
    return true;
  }

  /** Removes the binding; the listener hears `removed`, also when nobody answers. */
  unregister(): void {
    if (this.#state === "removing" || this.#state === "removed") return;
    this.#disarm();
    if (this.#round?.isPending) {
      this.#round.removalWanted = true;
      return;
    }
    if (this.#state === "failed") {
      this.#end({ kind: "removed" });
      return;
    }
    this.#enter("removing");
    this.#begin(this.#agent.settings.endpoint.wheel.now);
  }

  /** From the wheel: time to refresh, or to try again what a server has put off. */
  due(timer: string, now: Millis): void {
    this.#alarm = undefined;
    if (timer === "refresh" && this.#state !== "registered") return;
    this.#agent.settings.recorder.count(timer === "refresh" ? "clients.refreshed" : "retry_after.registrations");
    this.#begin(now);
  }

  #begin(dueAt: Millis, counted = true): void {
    this.#round ??= new Round();
    this.#round.begin(dueAt, counted);
    this.#send(this.#round);
  }

  /** To REGISTER. */
  onResponse(message: Message, outgoing: Outgoing, at: Millis): void {
    const status = message.status;
    const round = this.#round;
    if (round === undefined || isProvisional(status)) return;
    round.isPending = false;
    this.#agent.settings.recorder.count(`responses.REGISTER.${status}`);
    inspectToTag(this.#agent, message, at);
    if (isSuccess(status)) {
      this.#flow = outgoing.transaction.flow;
      this.#succeeded(round, message, at);
      return;
    }
    if (++round.tries < MOST_TRIES && this.#triesAgain(round, message, at)) {
      this.#send(round);
      return;
    }
    if (this.#waitsFor(round, message, at)) return;
    this.#fail(`${status} ${message.reasonPhrase()}`);
  }

  /** To REGISTER: Timer F. */
  onTimeout(_outgoing: Outgoing): void {
    this.#agent.settings.recorder.count("timeouts.REGISTER");
    this.#fail("timed out: no answer to REGISTER");
  }

  /** To REGISTER. */
  onTransportFault(_outgoing: Outgoing, fault: TransportFault): void {
    this.#fail(fault);
  }

  #triesAgain(round: Round, message: Message, at: Millis): boolean {
    if (message.status === 423) {
      if (message.header("Min-Expires") === undefined) reportViolation(this.#agent, "min_expires_missing", message, at);
      const least = Number(message.header("Min-Expires"));
      if (!Number.isInteger(least) || least <= this.#expires) return false;
      this.#expires = least;
      return true;
    }
    return (message.status === 401 || message.status === 407) &&
      answerChallenges(this.#agent, message, round.answered ??= new Map(), this);
  }

  /** Waits where a server is overloaded and says for how long (RFC 3261 §21.5.4); not to remove a binding. */
  #waitsFor(round: Round, message: Message, at: Millis): boolean {
    const delay = retryAfterOf(message);
    if (delay === undefined) return false;
    const { recorder, endpoint } = this.#agent.settings;
    recorder.count("retry_after.asked");
    if (this.#state === "removing" || round.removalWanted) return false;
    if (delay > LONGEST_WAIT || ++round.waits > MOST_WAITS) return false;
    this.#alarm = endpoint.wheel.arm(delay, this, "again", at);
    return true;
  }

  #succeeded(round: Round, message: Message, at: Millis): void {
    const { recorder, registerRefresh, endpoint, transport } = this.#agent.settings;
    if (this.#state === "removing") {
      this.#end({ kind: "removed" });
      return;
    }
    const granted = grantedSeconds(message, this.#agent.contact(), this.#expires);
    if (granted <= 0) {
      this.#fail("200 with a binding that has expired already");
      return;
    }
    if (round.counted) {
      recorder.latencyBy("register", "transport", transport, at - round.dueAt);
      recorder.latency("registration_request_delay", at - round.sentAt!);
    }
    const first = this.#state === "registering";
    this.#enter("registered");
    this.#round = undefined;
    this.#learn(message);
    if (registerRefresh) this.#alarm = endpoint.wheel.arm(this.#refreshDelay(granted, first), this, "refresh", at);
    if (first) this.#listener(this.#agent, { kind: "registered" });
    round.renewal?.(this.#agent, { kind: "registered" });
    if (round.removalWanted) this.unregister();
  }

  /** The first one may be earlier, so that clients that registered together are not refreshed together for ever. */
  #refreshDelay(granted: number, first: boolean): Millis {
    const { refreshSpread = 0, random } = this.#agent.settings;
    const whole = refreshAfter(granted);
    return first && refreshSpread > 0 ? whole * (1 - refreshSpread * random.uniform()) : whole;
  }

  /** Service-Route and the default identity, which initial requests carry from now on (RFC 3608 §5, RFC 7315 §4.1). */
  #learn(message: Message): void {
    const agent = this.#agent;
    const routes = message.headerValues("Service-Route");
    agent.serviceRoute = routes.length === 0 ? NO_ROUTES : RegisterForm.of(agent.settings).sharedRoutes(routes);
    const identity = parseNameAddr(message.headerValues("P-Associated-URI")[0] ?? "")?.uri;
    agent.identity = identity === undefined || identity === agent.aor ? agent.aor : identity;
  }

  #fail(detail: string): void {
    if (this.#state === "removing") {
      this.#end({ kind: "removed" });
      return;
    }
    const round = this.#round;
    this.#round = undefined;
    const refreshing = this.#state === "registered";
    // who renews it tries again, and says so when he gives up
    if (refreshing && round?.renewal === undefined) this.#agent.settings.recorder.count("clients.lapsed");
    this.#enter("failed");
    if (!refreshing) this.#listener(this.#agent, { kind: "failed", detail });
    round?.renewal?.(this.#agent, { kind: "failed", detail });
    if (round?.removalWanted) this.unregister();
  }

  #end(outcome: RegistrationOutcome): void {
    const round = this.#round;
    this.#round = undefined;
    this.#enter("removed");
    this.#listener(this.#agent, outcome);
    round?.renewal?.(this.#agent, outcome);
  }

  /** Bindings of all clients are counted as they come and go: nobody has to ask a million of them every second. */
  #enter(state: State): void {
    const { underWay } = this.#agent.settings;
    if (underWay !== undefined) underWay.bindings += Number(state === "registered") - Number(this.isRegistered());
    this.#state = state;
  }

  #disarm(): void {
    if (this.#alarm !== undefined) this.#agent.settings.endpoint.wheel.cancel(this.#alarm);
    this.#alarm = undefined;
  }

  #send(round: Round): void {
    round.isPending = true;
    const { settings } = this.#agent;
    const { endpoint } = settings;
    settings.recorder.count("requests.REGISTER");
    const form = RegisterForm.of(settings);
    const expires = this.#state === "removing" ? 0 : this.#expires;
    const credentials = this.digest?.authorization("REGISTER", form.uri, endpoint.random) ?? [];
    const content = form.request(this.#agent, this, ++this.#sequence, expires, credentials);
    const hop = { remote: settings.target, transport: settings.transport };
    const { sentAt } = new Outgoing(endpoint, content, hop, this, this.#agent.source());
    round.sentAt ??= sentAt;
  }
}
