/**
 * Clients whose connection to the target was lost register again over a new one (RFC 5626 §4.2, §4.5): one after another
 * at the rate of their population, for thousands of them may have shared the connection.
 *
 * While no new connection stands, nobody tries until a pause is over that doubles with each failure (RFC 5626 §4.5); a
 * connection that messages have made meanwhile ends the pause.
 */
import type { Millis } from "../clock/clock.ts";
import type { Alarm, Due } from "../clock/wheel.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Recorder } from "../metrics/recorder.ts";
import { sameAddress } from "../transport/address.ts";
import type { Flow } from "../transport/flow.ts";
import type { RegistrationOutcome } from "../ua/registration.ts";
import type { UserAgent } from "../ua/user_agent.ts";

/** Base and longest pause before connecting again (RFC 5626 §4.5). */
const BASE_PAUSE: Millis = 30_000;
const LONGEST_PAUSE: Millis = 1_800_000;

/** What recovery needs. */
export interface RecoveryParts {
  readonly endpoint: Endpoint;
  readonly recorder: Recorder;
  readonly clients: readonly UserAgent[];
  /** Registrations a second of a client's population in this worker. */
  readonly rateOf: (agent: UserAgent) => number;
}

/** Brings the clients of lost connections back. */
export class Recovery implements Due {
  readonly #parts: RecoveryParts;
  /** Who waits, in order. */
  #waiting: UserAgent[] = [];
  readonly #isWaiting: Set<UserAgent> = new Set();
  #alarm: Alarm | undefined;
  /** Attempts to connect that have failed one after another. */
  #failures = 0;
  #stopped = false;

  /** Listens to the endpoint from now on. */
  constructor(parts: RecoveryParts) {
    this.#parts = parts;
    parts.endpoint.onFlowLost = (flow) => this.#lost(flow);
    parts.endpoint.onFlowMade = (flow) => this.#made(flow);
  }

  /** Clients that wait to register again. */
  size(): number {
    return this.#waiting.length;
  }

  /** Registers nobody any more: bindings are about to be removed. */
  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
    this.#isWaiting.clear();
    if (this.#alarm !== undefined) this.#parts.endpoint.wheel.cancel(this.#alarm);
  }

  /** From the wheel: the next client's turn. */
  due(_timer: string, now: Millis): void {
    this.#alarm = undefined;
    const agent = this.#waiting.shift();
    if (agent === undefined) return;
    this.#isWaiting.delete(agent);
    const { registration } = agent;
    // a refresh may have come before, over a new connection
    if (registration?.flow()?.open === false && !registration.renew(now, (_, outcome) => this.#ended(agent, outcome))) {
      if (registration.isUnderWay()) this.#wait(agent);
    }
    this.#arm(1000 / this.#parts.rateOf(agent));
  }

  #lost(flow: Flow): void {
    if (this.#stopped || !flow.reliable) return;
    // requests of a client over UDP may take a connection for their size; its binding does not depend on that
    const lost = this.#parts.clients.filter(({ registration, settings }) =>
      settings.transport === "tcp" && registration?.flow() === flow
    );
    if (lost.length === 0) return;
    this.#parts.recorder.count("clients.flow_lost", lost.length);
    for (const agent of lost) this.#wait(agent);
    // the transactions of the flow hear of it first: who was registering is free then
    this.#arm(0);
  }

  #made(flow: Flow): void {
    const target = this.#parts.clients[0]?.settings.target;
    if (this.#alarm?.timer !== "pause" || target === undefined || !sameAddress(flow.remote, target)) return;
    this.#parts.endpoint.wheel.cancel(this.#alarm);
    this.#alarm = undefined;
    this.#arm(0);
  }

  #ended(agent: UserAgent, outcome: RegistrationOutcome): void {
    const { recorder } = this.#parts;
    if (outcome.kind === "registered") {
      this.#failures = 0;
      recorder.count("clients.registered_again");
      return;
    }
    if (outcome.kind === "removed" || this.#stopped) return;
    // a refusal is meant; an overloaded server, silence and a connection that fails are not
    if (/^[346]/.test(outcome.detail)) {
      recorder.count("clients.lapsed");
      return;
    }
    this.#wait(agent);
    this.#pause();
  }

  #wait(agent: UserAgent): void {
    if (this.#isWaiting.has(agent)) return;
    this.#isWaiting.add(agent);
    this.#waiting.push(agent);
  }

  /** Those who tried together fail together: that counts once, and whoever waits waits for the end of one pause. */
  #pause(): void {
    const { wheel, random } = this.#parts.endpoint;
    const { now } = wheel;
    if (this.#alarm?.timer === "pause") return;
    this.#failures++;
    const whole = Math.min(LONGEST_PAUSE, BASE_PAUSE * 2 ** this.#failures);
    if (this.#alarm !== undefined) wheel.cancel(this.#alarm);
    this.#alarm = wheel.arm(whole * (0.5 + random.uniform() / 2), this, "pause", now);
  }

  #arm(delay: Millis): void {
    if (this.#alarm !== undefined || this.#waiting.length === 0) return;
    this.#alarm = this.#parts.endpoint.wheel.arm(delay, this, "next");
  }
}
