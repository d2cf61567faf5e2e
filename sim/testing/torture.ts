/** The messages of RFC 4475 and RFC 5118 with what is expected of them: `sim/sip/testdata/index.json`. */

const FOLDER = new URL("../sip/testdata/", import.meta.url);

/** One file, and what each level makes of it. */
export interface TortureSample {
  /** Path below `sim/sip/testdata`. */
  readonly file: string;
  /** Where the RFC has it. */
  readonly clause: string;
  readonly about: string;
  /** What the parser says: "accepted" or its fault. */
  readonly parse: string;
  /** What the framer of a stream does: cuts one message or two, waits for more octets, or gives the stream up. */
  readonly stream: "whole" | "two" | "waits" | "broken";
  /**
   * What the transaction layer does with the datagram: hands the request up, answers with a status, drops, or counts a
   * stray response.
   */
  readonly layer: string;
  /** What the embedded IM server of example.com answers. */
  readonly target?: number;
  /** What a user agent of ours answers. */
  readonly agent?: number;
  /** Address types of the streams in its session description. */
  readonly sdp?: string;
  /** Why it is not as the RFC wishes, or by whom it is refused. */
  readonly reason?: string;
  readonly octets: Uint8Array;
}

/** All samples, in the order of the RFCs. */
export function samplesOf(): TortureSample[] {
  const index = JSON.parse(Deno.readTextFileSync(new URL("index.json", FOLDER))) as Omit<TortureSample, "octets">[];
  return index.map((entry) => ({ ...entry, octets: Deno.readFileSync(new URL(entry.file, FOLDER)) }));
}
