/** The health of the process and its machine, once a second in the main thread: workers may not read `/proc`. */
import type { GaugeName } from "../metrics/catalogue.ts";
import type { Snapshot } from "../metrics/snapshot.ts";
import type { Proc } from "./proc.ts";
import { Rest } from "./rest.ts";

/** Jiffies of all processors since the machine started. */
interface ProcessorTime {
  readonly all: number;
  readonly steal: number;
}

/** Reads what `/proc` says; what it does not say is in no gauge. */
export class HostHealth {
  readonly #proc: Proc;
  readonly #limit: number | undefined;
  /** Ports of portable sockets by worker, and the drops they had when last looked at. */
  readonly #sockets: Map<number, { readonly ports: ReadonlySet<number>; drops: number }> = new Map();
  #before: ProcessorTime | undefined;
  readonly #rest: Rest;

  /** Begins to measure. */
  constructor(proc: Proc) {
    this.#proc = proc;
    this.#rest = new Rest(() => proc.returnMemory());
    this.#limit = descriptorLimitOf(proc.text("/proc/self/limits") ?? "");
    this.#before = processorTimeOf(proc.text("/proc/stat") ?? "");
  }

  /** The drops of that worker's sockets are not known to itself: they are read here where they can be. */
  watch(worker: number, ports: readonly number[]): void {
    this.#sockets.set(worker, { ports: new Set(ports), drops: 0 });
  }

  /**
   * A second of a worker of this process with what it cannot know itself; that of the machine goes with worker 0. `worker` is
   * its number in this process.
   */
  complete(worker: number, snapshot: Snapshot): Snapshot {
    const drops = this.#newDrops(worker);
    const isMachine = worker === 0;
    this.#rest.note(isMachine, snapshot.gauges["messages.under_way"] ?? 0);
    if (drops === undefined && !isMachine) return snapshot;
    const counters = drops === undefined || drops === 0
      ? snapshot.counters
      : { ...snapshot.counters, "generator.socket_drops": (snapshot.counters["generator.socket_drops"] ?? 0) + drops };
    const gauges = {
      ...snapshot.gauges,
      ...(drops !== undefined && { "generator.blind_sockets": 0 }),
      ...(isMachine && this.#machine()),
    };
    return { ...snapshot, counters, gauges };
  }

  #machine(): Partial<Record<GaugeName, number>> {
    const open = this.#proc.entries("/proc/self/fd");
    const now = processorTimeOf(this.#proc.text("/proc/stat") ?? "");
    const before = this.#before;
    this.#before = now;
    const passed = now === undefined || before === undefined ? 0 : now.all - before.all;
    return {
      // the folder itself is open while it is counted
      ...(open !== undefined && { "generator.descriptors": open - 1 }),
      ...(this.#limit !== undefined && { "generator.descriptor_limit": this.#limit }),
      ...(passed > 0 && { "generator.steal": (now!.steal - before!.steal) / passed }),
    };
  }

  #newDrops(worker: number): number | undefined {
    const socket = this.#sockets.get(worker);
    if (socket === undefined) return undefined;
    const drops = dropsOf(this.#proc.text("/proc/net/udp") ?? "", socket.ports);
    if (drops === undefined) return undefined;
    const before = socket.drops;
    socket.drops = drops;
    return Math.max(0, drops - before);
  }
}

/** The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already. */
export function processorTimeOf(stat: string): ProcessorTime | undefined {
  const fields = /^cpu\s+(.*)$/m.exec(stat)?.[1]?.trim().split(/\s+/).slice(0, 8).map(Number);
  if (fields === undefined || fields.length < 8 || fields.some(Number.isNaN)) return undefined;
  return { all: fields.reduce((sum, each) => sum + each, 0), steal: fields[7]! };
}

/** The soft limit of open files in `/proc/self/limits`; undefined when there is none. */
export function descriptorLimitOf(limits: string): number | undefined {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}

/** The drops of the sockets with those local ports in `/proc/net/udp`, the last column; undefined when none is there. */
export function dropsOf(table: string, ports: ReadonlySet<number>): number | undefined {
  let sum: number | undefined;
  for (const line of table.split("\n").slice(1)) {
    const columns = line.trim().split(/\s+/);
    const port = columns[1]?.split(":")[1];
    if (port !== undefined && ports.has(parseInt(port, 16))) sum = (sum ?? 0) + Number(columns.at(-1));
  }
  return sum;
}
