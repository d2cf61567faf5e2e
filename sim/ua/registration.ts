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
import type { AnsweredChallenges, ClientDigest } from "../sip/client_digest.ts";
import type { Message } from "../sip/message.ts";
import { parseNameAddr } from "../sip/name_addr.ts";
import { isProvisional, isSuccess } from "../sip/status.ts";
import type { Flow, TransportFault } from "../transport/flow.ts";
import { digestOf } from "./account.ts";
import { answerChallenges } from "./authentication.ts";
import { grantedSeconds, refreshAfter } from "./binding_life.ts";
import { Outgoing, type OutgoingUser } from "./outgoing.ts";
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

/** One client's registration. */
export class Registration implements OutgoingUser, Due {
  readonly #agent: UserAgent;
  readonly #listener: RegistrationListener;
  readonly #callId: string;
  readonly #fromTag: string;
  #state: "registering" | "registered" | "removing" | "removed" | "failed" = "registering";
  #expires: number;
  /** Apart from the credentials of requests: the registrar's would only make those longer. */
  readonly #digest: ClientDigest | undefined;
  #answered: AnsweredChallenges = new Map();
  #sequence = 0;
  #tries = 0;
  #dueAt: Millis;
  /** When the first REGISTER of the present attempt left. */
  #sentAt: Millis | undefined;
  #alarm: Alarm | undefined;
  #isPending = false;
  #removalWanted = false;
  #waits = 0;
  /** What carried the REGISTER of the binding. */
  #flow: Flow | undefined;
  #renewal: RegistrationListener | undefined;
  /** Whether the latency of what is under way counts. */
  #counted: boolean;

  /** Sends at once; latency counts from `dueAt`, and not at all where not `counted`. */
  constructor(agent: UserAgent, expires: number, dueAt: Millis, listener: RegistrationListener, counted = true) {
    this.#agent = agent;
    this.#listener = listener;
    this.#expires = expires;
    this.#dueAt = dueAt;
    this.#counted = counted;
    this.#callId = agent.newCallId();
    this.#fromTag = agent.newTag();
    this.#digest = digestOf(agent.account);
    this.#send();
  }

  /** Whether a binding stands. */
  isRegistered(): boolean {
    return this.#state === "registered";
  }

  /** Whether a REGISTER waits for its answer. */
  isUnderWay(): boolean {
    return this.#isPending;
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
    if (this.#isPending || this.#flow === undefined) return false;
    if (this.#state !== "registered" && this.#state !== "failed") return false;
    if (this.#alarm !== undefined) this.#alarm.live = false;
    this.#state = "registered";
    this.#renewal = listener;
    this.#begin(dueAt, counted);
    return true;
  }

  /** Removes the binding; the listener hears `removed`, also when nobody answers. */
  unregister(): void {
    if (this.#state === "removing" || this.#state === "removed") return;
    if (this.#alarm !== undefined) this.#alarm.live = false;
    this.#removalWanted = this.#isPending;
    if (this.#isPending) return;
    if (this.#state === "failed") {
      this.#end({ kind: "removed" });
      return;
    }
    this.#state = "removing";
    this.#tries = 0;
    this.#answered = new Map();
    this.#send();
  }

  /** From the wheel: time to refresh, or to try again what a server has put off. */
  due(timer: string, now: Millis): void {
    if (timer === "refresh" && this.#state !== "registered") return;
    this.#agent.settings.recorder.count(timer === "refresh" ? "clients.refreshed" : "retry_after.registrations");
    this.#begin(now);
  }

  #begin(dueAt: Millis, counted = true): void {
    this.#tries = 0;
    this.#answered = new Map();
    this.#dueAt = dueAt;
    this.#counted = counted;
    this.#sentAt = undefined;
    this.#send();
  }

  /** To REGISTER. */
  onResponse(message: Message, outgoing: Outgoing, at: Millis): void {
    const status = message.status;
    if (isProvisional(status)) return;
    this.#isPending = false;
    this.#agent.settings.recorder.count(`responses.REGISTER.${status}`);
    inspectToTag(this.#agent, message, at);
    if (isSuccess(status)) {
      this.#flow = outgoing.transaction.flow;
      this.#succeeded(message, at);
      return;
    }
    if (++this.#tries < MOST_TRIES && this.#triesAgain(message, at)) {
      this.#send();
      return;
    }
    if (this.#waitsFor(message, at)) return;
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

  #triesAgain(message: Message, at: Millis): boolean {
    if (message.status === 423) {
      if (message.header("Min-Expires") === undefined) reportViolation(this.#agent, "min_expires_missing", message, at);
      const least = Number(message.header("Min-Expires"));
      if (!Number.isInteger(least) || least <= this.#expires) return false;
      this.#expires = least;
      return true;
    }
    return (message.status === 401 || message.status === 407) &&
      answerChallenges(this.#agent, message, this.#answered, this.#digest);
  }

  /** Waits where a server is overloaded and says for how long (RFC 3261 §21.5.4); not to remove a binding. */
  #waitsFor(message: Message, at: Millis): boolean {
    const delay = retryAfterOf(message);
    if (delay === undefined) return false;
    const { recorder, endpoint } = this.#agent.settings;
    recorder.count("retry_after.asked");
    if (this.#state === "removing" || this.#removalWanted) return false;
    if (delay > LONGEST_WAIT || ++this.#waits > MOST_WAITS) return false;
    this.#alarm = endpoint.wheel.arm(delay, this, "again", at);
    return true;
  }

  #succeeded(message: Message, at: Millis): void {
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
    if (this.#counted) {
      recorder.latencyBy("register", "transport", transport, at - this.#dueAt);
      recorder.latency("registration_request_delay", at - this.#sentAt!);
    }
    const first = this.#state === "registering";
    this.#state = "registered";
    this.#waits = 0;
    this.#learn(message);
    if (registerRefresh) this.#alarm = endpoint.wheel.arm(refreshAfter(granted), this, "refresh", at);
    if (first) this.#listener(this.#agent, { kind: "registered" });
    this.#renewed({ kind: "registered" });
    if (this.#removalWanted) this.unregister();
  }

  /** Service-Route and the default identity, which initial requests carry from now on (RFC 3608 §5, RFC 7315 §4.1). */
  #learn(message: Message): void {
    const agent = this.#agent;
    const routes = message.headerValues("Service-Route");
    agent.serviceRoute = routes.length === 0 ? NO_ROUTES : routes;
    const identity = parseNameAddr(message.headerValues("P-Associated-URI")[0] ?? "")?.uri;
    agent.identity = identity === undefined || identity === agent.aor ? agent.aor : identity;
  }

  #fail(detail: string): void {
    this.#isPending = false;
    if (this.#state === "removing") {
      this.#end({ kind: "removed" });
      return;
    }
    const refreshing = this.#state === "registered";
    // who renews it tries again, and says so when he gives up
    if (refreshing && this.#renewal === undefined) this.#agent.settings.recorder.count("clients.lapsed");
    this.#state = "failed";
    this.#waits = 0;
    if (!refreshing) this.#listener(this.#agent, { kind: "failed", detail });
    this.#renewed({ kind: "failed", detail });
    if (this.#removalWanted) this.unregister();
  }

  #end(outcome: RegistrationOutcome): void {
    this.#state = "removed";
    this.#listener(this.#agent, outcome);
    this.#renewed(outcome);
  }

  #renewed(outcome: RegistrationOutcome): void {
    const listener = this.#renewal;
    this.#renewal = undefined;
    listener?.(this.#agent, outcome);
  }

  #send(): void {
    this.#isPending = true;
    const agent = this.#agent;
    const { settings, aor } = agent;
    settings.recorder.count("requests.REGISTER");
    const uri = `sip:${settings.domain}`;
    const expires = this.#state === "removing" ? 0 : this.#expires;
    const sequence = ++this.#sequence;
    const credentials = this.#digest?.authorization("REGISTER", uri, settings.endpoint.random) ?? [];
    const headers = () =>
      [
        ["Max-Forwards", "70"],
        ["From", `<${aor}>;tag=${this.#fromTag}`],
        ["To", `<${aor}>`],
        ["Call-ID", this.#callId],
        ["CSeq", `${sequence} REGISTER`],
        ["Contact", `${agent.contact()};expires=${expires}`],
        ["Expires", String(expires)],
        ["User-Agent", settings.profile.userAgent],
        ["Allow", settings.profile.allow],
        ["Supported", "timer"],
        ...credentials,
      ] as const;
    const hop = { remote: settings.target, transport: settings.transport };
    const { sentAt } = new Outgoing(settings.endpoint, { method: "REGISTER", uri, headers }, hop, this);
    this.#sentAt ??= sentAt;
  }
}
