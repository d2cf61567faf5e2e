/** Which flow reaches which peer. */
import type { Flow } from "./flow.ts";

/** Flows by peer; asks for no string per datagram as long as one peer does most of the talking. */
export class FlowTable<F extends Flow> {
  #last: F | undefined;
  readonly #flows: Map<string, Map<number, F>> = new Map();

  /** The flow to a peer, if there is one. */
  find(host: string, port: number): F | undefined {
    const last = this.#last;
    if (last !== undefined && last.remote.port === port && last.remote.host === host) return last;
    const flow = this.#flows.get(host)?.get(port);
    if (flow !== undefined) this.#last = flow;
    return flow;
  }

  /** Keeps a flow; one to the same peer is forgotten. */
  add(flow: F): F {
    let ports = this.#flows.get(flow.remote.host);
    if (ports === undefined) this.#flows.set(flow.remote.host, ports = new Map());
    ports.set(flow.remote.port, flow);
    this.#last = flow;
    return flow;
  }

  /** Forgets a flow, unless another one to the same peer has taken its place. */
  remove(flow: F): void {
    if (this.#last === flow) this.#last = undefined;
    const ports = this.#flows.get(flow.remote.host);
    if (ports?.get(flow.remote.port) !== flow) return;
    ports.delete(flow.remote.port);
    if (ports.size === 0) this.#flows.delete(flow.remote.host);
  }

  /** All flows. */
  *values(): Generator<F> {
    for (const ports of this.#flows.values()) yield* ports.values();
  }
}
