/** MSRP, session descriptions and scenarios under fuzzing. */
import { toOctets, toText } from "../bytes/text.ts";
import { Random as Chance } from "../clock/random.ts";
import type { Random } from "../clock/random.ts";
import { Wheel } from "../clock/wheel.ts";
import { MsrpFramer } from "../msrp/framing.ts";
import { MsrpLayer } from "../msrp/layer.ts";
import { parseChunk } from "../msrp/parse.ts";
import type { MsrpSession } from "../msrp/session.ts";
import { parseScenario } from "../scenario/read.ts";
import { parseDescription, writeDescription } from "../sdp/description.ts";
import { isSdpFault, parseMsrpMedia, writeMsrpOffer } from "../sdp/msrp_media.ts";
import { fuzzStream } from "./fuzz_stream.ts";
import { type FuzzTarget, must, pick, Sink } from "./fuzz_target.ts";

const WORDS = [
  "MSRP ",
  " SEND\r\n",
  " REPORT\r\n",
  " 200 OK\r\n",
  "To-Path: ",
  "From-Path: ",
  "Message-ID: ",
  "Byte-Range: 1-*/*\r\n",
  "Byte-Range: ",
  "Success-Report: yes\r\n",
  "Failure-Report: partial\r\n",
  "Status: 000 413 x\r\n",
  "Content-Type: text/plain\r\n",
  "\r\n-------",
  "$\r\n",
  "+\r\n",
  "#\r\n",
  "msrp://127.0.0.1:1/a;tcp",
]; // deno-fmt-ignore
const US = "msrp://127.0.0.1:2855/us;tcp";
const PEER = "msrp://127.0.0.1:2856/peer;tcp";

/** What a peer may send to `to`. */
function chunkOctets(random: Random, to = US, transactionIds: readonly string[] = []): Uint8Array {
  const tid = random.hexadecimal(8);
  const paths = `To-Path: ${to}\r\nFrom-Path: ${PEER}\r\n`;
  const messageId = pick(random, ["mess1", "mess2", "mess3", random.hexadecimal(6)]);
  const kind = random.integer(4);
  if (kind === 0) {
    const answered = transactionIds.length === 0 ? tid : pick(random, transactionIds);
    return toOctets(`MSRP ${answered} ${pick(random, ["200 OK", "413", "481 x"])}\r\n${paths}-------${answered}$\r\n`);
  }
  const id = `Message-ID: ${messageId}\r\n`;
  if (kind === 1) {
    const status = pick(random, ["000 200 OK", "000 403", "001 200"]);
    return toOctets(`MSRP ${tid} REPORT\r\n${paths}${id}Byte-Range: 1-9/9\r\nStatus: ${status}\r\n-------${tid}$\r\n`);
  }
  const start = 1 + random.integer(random.integer(9) === 0 ? 100_000_000 : 40);
  const size = random.integer(60);
  const range = `Byte-Range: ${start}-${pick(random, ["*", String(start + size - 1)])}/${
    pick(random, ["*", "100"])
  }\r\n`;
  const reports = pick(random, [
    "",
    "Success-Report: yes\r\n",
    "Failure-Report: no\r\n",
    "Failure-Report: partial\r\n",
  ]);
  const body = `Content-Type: text/plain\r\n\r\n${"x".repeat(size)}\r\n`;
  return toOctets(
    `MSRP ${tid} SEND\r\n${paths}${id}${range}${reports}${body}-------${tid}${pick(random, ["$", "+", "#"])}\r\n`,
  );
}

/** Reads one request or response. */
export function fuzzChunk(random: Random): FuzzTarget {
  return {
    name: "parseChunk",
    words: WORDS,
    sample: () => chunkOctets(random),
    read(octets) {
      const chunk = parseChunk(octets);
      if (chunk.kind === "malformed") return;
      must(chunk.toPath.length > 0 && chunk.fromPath.length > 0, "a good chunk has paths");
      if (chunk.kind === "request") must((chunk.body?.length ?? 0) <= octets.length, "the body is in the octets");
    },
  };
}

/** The framer of MSRP. */
export function fuzzMsrpFramer(random: Random): FuzzTarget {
  return fuzzStream(random, {
    name: "MsrpFramer",
    words: WORDS,
    sample: () => toOctets(Array.from({ length: 1 + random.integer(4) }, () => toText(chunkOctets(random))).join("")),
    framer: () => new MsrpFramer(),
    largestPiece: 100,
    isKeepAlive: (octets, from) => octets[from] === 0x0d,
  });
}

/** Chunks, reports and responses of a peer that lies, to a session that sends as well. */
export function fuzzMsrpLayer(random: Random): FuzzTarget {
  const wheel = new Wheel();
  const layer = new MsrpLayer({ wheel, random: new Chance(5) });
  const user = {
    onBound: () => {},
    onDelivered: () => {},
    onFailed: () => {},
    onReceived: () => {},
    onConnectionLost: () => {},
  };
  let flow = new Sink("tcp");
  let session: MsrpSession | undefined;
  const open = (): MsrpSession => {
    const opened = layer.open({ localUri: US, user, acceptTypes: ["text/plain"] });
    opened.remotePath = [PEER];
    opened.attach(flow);
    return opened;
  };
  return {
    name: "MsrpLayer",
    words: WORDS,
    sample() {
      const texts = flow.sent.map((octets) => toText(octets));
      return chunkOctets(random, US, texts.flatMap((text) => /^MSRP (\S+) SEND/.exec(text)?.[1] ?? []));
    },
    read(octets) {
      if (octets.length === 0) return;
      session ??= open();
      if (random.integer(20) === 0) {
        session.send({
          messageId: random.hexadecimal(12),
          contentType: "text/plain",
          content: new Uint8Array(random.integer(5000)),
          successReport: random.integer(2) === 0,
          failureReport: pick(random, ["yes", "no", "partial"]),
          chunking: pick(random, ["single", 2048]),
        });
      }
      layer.receive(octets, flow, wheel.now);
      if (random.integer(20) === 0) wheel.advance(wheel.now + random.integer(20_000));
    },
    settle() {
      wheel.advance(wheel.now + 400_000);
      layer.onFlowFault(flow, "connection_reset");
      session?.close();
      must(layer.size() === 0 && layer.sessionsOn(flow) === 0, "nothing is left of a closed session");
      session = undefined;
      flow = new Sink("tcp");
    },
  };
}

const OFFER = writeMsrpOffer({
  host: "::1",
  port: 2855,
  path: [US, PEER],
  tls: false,
  acceptTypes: ["message/cpim", "text/*"],
  acceptWrappedTypes: ["*"],
  setup: "actpass",
  direction: "sendonly",
  maxSize: 65536,
  origin: "- 3913000000 3913000000 IN IP6 ::1",
});

/** Reads session descriptions, and what it wrote of them again. */
export function fuzzDescription(): FuzzTarget {
  return {
    name: "session descriptions",
    words: [
      "v=0\r\n",
      "o=- 1 1 IN IP4 a\r\n",
      "s=-\r\n",
      "m=message 1 TCP/MSRP *\r\n",
      "a=path:",
      "a=setup:",
      "c=IN IP4 ",
      "a=",
    ],
    sample: () => toOctets(OFFER),
    read(octets) {
      const text = toText(octets);
      const description = parseDescription(text);
      if (typeof description !== "string") {
        const again = parseDescription(writeDescription(description));
        must(typeof again !== "string", `a description is written as it was read: ${again}`);
      }
      const media = parseMsrpMedia(text);
      if (!isSdpFault(media)) must(media.path.length > 0, "a stream has a path");
    },
  };
}

/** Reads scenarios as people write them. */
export function fuzzScenario(random: Random): FuzzTarget {
  const folder = new URL("../../scenarios/", import.meta.url);
  const samples = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".yaml")).sort()
    .map((name) => Deno.readFileSync(new URL(name, folder)));
  return {
    name: "scenarios",
    words: [
      "\n- ",
      "\n  ",
      ": ",
      "{",
      "}",
      "[",
      "&a ",
      "*a",
      "!!binary ",
      "|\n",
      ">-\n",
      "? ",
      "<<: *a",
      "#",
      "'",
      "200/s",
      "4KiB",
    ],
    sample: () => pick(random, samples),
    read: (octets) => void parseScenario(toText(octets), "fuzz.yaml"),
  };
}
