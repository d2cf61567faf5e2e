/** Who a run of an agent deals with: its own workers, the agents it leads, the agent that leads it. */
import type { Millis } from "../clock/clock.ts";
import type { Conductor } from "../load/conductor.ts";
import type { RunControl, RunState } from "../load/coordinator.ts";
import type { ForeignDelivery, RunOrder } from "../load/order.ts";
import type { Unreached } from "../load/reach.ts";
import type { Evidence } from "../metrics/evidence.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { AgentOfRun } from "./protocol.ts";
import type { RunRecord } from "./record.ts";
import type { SettledRequest } from "./workers_of_request.ts";

/** What a run tells whoever started its workers. */
export type PartListener = Pick<Conductor, "onReady" | "onQuiet" | "onForeign"> & {
  readonly onSnapshot: (snapshot: Snapshot) => void;
  readonly onEvidence: (entries: readonly Evidence[]) => void;
  readonly onState: (state: RunState) => void;
};

/** This agent's workers. */
export interface Part {
  readonly control: RunControl;
  /** Sessions and bindings are released. */
  interrupt(): void;
  /** Everything stops where it stands. */
  halt(): void;
  /** Frees what the part holds besides workers. */
  close(): Promise<void>;
}

/** The other agents of a run, as their lead sees them. */
export interface Others {
  begin(at: Millis): void;
  order(order: RunOrder | { readonly kind: "finish" } | { readonly kind: "stop" }): void;
  /** Messages of the share `owner` arrived here. */
  deliver(owner: number, deliveries: readonly ForeignDelivery[]): void;
  agents(now: Millis): AgentOfRun[];
  /** Milliseconds that an order may need to reach all of them. */
  orderDelay(): Millis;
  /** Latencies that cannot be given, and why. */
  refused(now: Millis): Readonly<Record<string, string>>;
  close(): void;
}

/** Who is told what happens here, where another agent leads. */
export interface Upward {
  ready(unreached: Unreached): void;
  quiet(): void;
  snapshot(snapshot: Snapshot): void;
  evidence(entries: readonly Evidence[]): void;
  deliveries(owner: number, deliveries: readonly ForeignDelivery[]): void;
  ended(failure: string | undefined): void;
}

/** What a run is made of. */
export interface AgentRunParts {
  readonly id: string;
  readonly request: SettledRequest;
  readonly scenario: Scenario;
  /** Absent where the lead keeps it. */
  readonly record?: RunRecord;
  /** The lead, where this agent is led. */
  readonly upward?: Upward;
  /** The clock of starts and deliveries. */
  readonly now: () => Millis;
}
