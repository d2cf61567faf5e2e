/** `--metrics`: the figures of a run under way over HTTP, for Prometheus and whoever reads its text. */
import { CONTENT_TYPES, type MetricFamily, metricsFormatFor, writeMetrics } from "../report/open_metrics.ts";

/** Where it listens when no host is given: nobody else's machine sees a run that did not ask for it. */
const LOOPBACK = "127.0.0.1";
const ADDRESS_REGEXP = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+))?:)?(\d{1,5})$/;

/** The host and port of `9464`, `:9464`, `127.0.0.1:9464` or `[::1]:9464`; undefined when it is none of these. */
export function listenAddress(text: string): { readonly hostname: string; readonly port: number } | undefined {
  const match = ADDRESS_REGEXP.exec(text);
  if (match === null || Number(match[3]) > 65_535) return undefined;
  return { hostname: match[1] ?? match[2] ?? LOOPBACK, port: Number(match[3]) };
}

/** A served page of metrics; `await using` or `close` ends it. */
export class MetricsEndpoint {
  /** Where people and scrapers find it. */
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #families: () => readonly MetricFamily[] = () => [];

  /** Listens at once; throws with a sentence for people when that does not go. */
  constructor(text: string) {
    const address = listenAddress(text);
    if (address === undefined) throw new Error(`--metrics ${text}: is neither HOST:PORT nor a port`);
    try {
      this.#server = Deno.serve({ ...address, onListen: () => {} }, (request) => this.#answer(request));
    } catch (error) {
      throw new Error(`Cannot serve metrics on ${text}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
    const { hostname, port } = this.#server.addr;
    this.url = `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}/metrics`;
  }

  /** Serves what `families` gives from now on; it is asked for each request. */
  serve(families: () => readonly MetricFamily[]): void {
    this.#families = families;
  }

  /** Answers no more. */
  async close(): Promise<void> {
    await this.#server.shutdown();
  }

  #answer(request: Request): Response {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("only GET\n", { status: 405, headers: { allow: "GET, HEAD" } });
    }
    if (new URL(request.url).pathname !== "/metrics") return new Response("metrics are at /metrics\n", { status: 404 });
    const format = metricsFormatFor(request.headers.get("accept"));
    return new Response(writeMetrics(this.#families(), format), {
      headers: { "content-type": CONTENT_TYPES[format], "cache-control": "no-store" },
    });
  }
}
