/** Carries the plain counters of transports and protocol layers into the recorder, once a second. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Sockets } from "../endpoint/sockets.ts";
import type { CounterName } from "../metrics/catalogue.ts";
import type { Recorder } from "../metrics/recorder.ts";

/** Adds to the recorder what the layers of an endpoint have counted since the last call. */
export class LayerCounters {
  readonly #endpoint: Endpoint;
  readonly #sockets: Sockets;
  readonly #recorder: Recorder;
  readonly #seen: Map<string, number> = new Map();

  /** Starts at nothing. */
  constructor(endpoint: Endpoint, sockets: Sockets, recorder: Recorder) {
    this.#endpoint = endpoint;
    this.#sockets = sockets;
    this.#recorder = recorder;
  }

  /** Carries the differences over. */
  collect(): void {
    const { transactions, msrp, switchedToTcp } = this.#endpoint;
    const { datagrams, connections, msrp: msrpConnections } = this.#sockets;
    const layer = transactions.counters;
    for (const [method, count] of layer.retransmissions) this.#add(`retransmissions.${method}`, count);
    for (const [fault, count] of layer.malformed) {
      this.#add(`sip.malformed.${fault}`, count);
    }
    const { malformed, oversize } = connections.counters;
    this.#add("sip.malformed.stream", malformed);
    this.#add("sip.malformed.stream_too_large", oversize);
    this.#add("sip.malformed", sum(layer.malformed.values()) + malformed + oversize);
    for (const [fault, count] of this.#endpoint.flowFaults) this.#add(`transport.faults.${fault}`, count);
    this.#add("transport.pings_sent", this.#endpoint.pings());
    this.#add("transport.pings_received", layer.pings);
    this.#add("transport.pongs_received", layer.pongs);
    this.#add("sip.stray_responses", layer.strayResponses);
    this.#add("sip.absorbed", layer.absorbedRequests);
    this.#add("transport.switched_to_tcp", switchedToTcp);
    this.#add("transport.sent", datagrams.counters.sent + connections.counters.sent);
    this.#add("transport.received", datagrams.counters.received + connections.counters.received);
    this.#add("transport.octets_sent", datagrams.counters.sentOctets + connections.counters.sentOctets);
    this.#add("transport.octets_received", datagrams.counters.receivedOctets + connections.counters.receivedOctets);
    this.#add("transport.send_failed", datagrams.counters.sendFaults);
    this.#add("transport.refusals", datagrams.counters.refused);
    this.#add("transport.connections_opened", connections.counters.connected);
    this.#add("transport.connections_accepted", connections.counters.accepted);
    this.#add("transport.connections_failed", connections.counters.refused);
    this.#add("generator.socket_drops", datagrams.counters.overflowed ?? 0);
    this.#add("generator.send_buffer_full", datagrams.counters.bufferFull);
    this.#add("generator.no_resources", connections.counters.exhausted + msrpConnections.counters.exhausted);
    this.#add("msrp.connections_opened", msrpConnections.counters.connected);
    this.#add("msrp.connections_accepted", msrpConnections.counters.accepted);
    this.#add("msrp.connections_failed", msrpConnections.counters.refused);
    this.#add("msrp.chunks_sent", msrp.counters.chunksSent);
    this.#add("msrp.chunks_received", msrp.counters.chunksReceived);
    this.#add("msrp.reports_sent", msrp.counters.reportsSent);
    this.#add("msrp.reports_received", msrp.counters.reportsReceived);
    for (const [fault, count] of msrp.counters.malformed) this.#add(`msrp.malformed.${fault}`, count);
    const { malformed: broken, oversize: tooLarge } = msrpConnections.counters;
    this.#add("msrp.malformed.stream", broken);
    this.#add("msrp.malformed.stream_too_large", tooLarge);
    this.#add("msrp.malformed", sum(msrp.counters.malformed.values()) + broken + tooLarge);
    this.#add("msrp.stray_responses", msrp.counters.strayResponses);
    this.#add("msrp.stray_reports", msrp.counters.strayReports);
  }

  #add(name: CounterName, count: number): void {
    const before = this.#seen.get(name) ?? 0;
    if (count === before) return;
    this.#recorder.count(name, count - before);
    this.#seen.set(name, count);
  }
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
