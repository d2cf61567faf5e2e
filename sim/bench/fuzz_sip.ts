/** SIP under fuzzing: parser, framer, the parsers of header values, and the transaction layer. */
import { toText } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";
import type { Random } from "../clock/random.ts";
import { Random as Chance } from "../clock/random.ts";
import { Wheel } from "../clock/wheel.ts";
import { ClientDigest } from "../sip/client_digest.ts";
import { Dialog } from "../sip/dialog/dialog.ts";
import { parseChallenge } from "../sip/digest.ts";
import { SipFramer } from "../sip/framing.ts";
import { splitList, unquote } from "../sip/header_value.ts";
import { Message } from "../sip/message.ts";
import { parseNameAddr, writeNameAddr } from "../sip/name_addr.ts";
import { parseMessage } from "../sip/parse.ts";
import { writeRequest } from "../sip/request.ts";
import { writeResponse } from "../sip/response.ts";
import { ServerDigest } from "../sip/server_digest.ts";
import { answerSessionTimer, parseMinSe, parseSessionExpires } from "../sip/session_timer.ts";
import { TransactionLayer } from "../sip/transaction/layer.ts";
import type { ClientTransaction, ServerTransaction } from "../sip/transaction/user.ts";
import { addressOfRecordOf, parseUri, sameUri, writeUri } from "../sip/uri.ts";
import { parseVia } from "../sip/via.ts";
import { fuzzStream } from "./fuzz_stream.ts";
import { type FuzzTarget, must, pick, Sink } from "./fuzz_target.ts";

const TESTDATA = new URL("../sip/testdata/", import.meta.url);
const METHODS = ["MESSAGE", "INVITE", "OPTIONS", "BYE", "UPDATE", "REGISTER"];
const STATUSES = [100, 180, 200, 202, 301, 401, 408, 422, 486, 503, 603];
const WORDS = [
  "Via: ",
  "v: SIP/2.0/UDP h;branch=z9hG4bK",
  "From: ",
  "To: ",
  "Call-ID: ",
  "CSeq: 1 ",
  "Content-Length: ",
  "l: ",
  "Contact: <sip:a@b>",
  ";tag=",
  ";branch=",
  ";rport",
  ";received=",
  "SIP/2.0",
  "sip:",
  "sips:",
  "INVITE",
  "ACK",
  "CANCEL",
  "Require: ",
  "Session-Expires: 90;refresher=uac",
  "Min-SE: ",
  "Route: <sip:a;lr>",
  "?a=b",
  "%00",
  "%",
]; // deno-fmt-ignore

/** Every file of RFC 4475 and RFC 5118 that the tests run. */
function torture(): Uint8Array[] {
  const index = JSON.parse(Deno.readTextFileSync(new URL("index.json", TESTDATA))) as { file: string }[];
  return index.map(({ file }) => Deno.readFileSync(new URL(file, TESTDATA)));
}

/** A request as a peer sends it. */
function requestOctets(
  random: Random,
  branch: string,
  transport: "udp" | "tcp",
  method = pick(random, METHODS),
): Uint8Array {
  const writer = new OctetWriter();
  writeRequest(writer, {
    method,
    uri: "sip:bob@ims.example",
    transport,
    sentBy: "127.0.0.1:5060",
    branch,
    headers: [
      ["Max-Forwards", "70"],
      ["From", "<sip:alice@ims.example>;tag=a1"],
      ["To", "Bob <sip:bob@ims.example>"],
      ["Call-ID", `c${random.integer(50)}`],
      ["CSeq", `${1 + random.integer(9)} ${method}`],
      ["Contact", "<sip:alice@127.0.0.1:5060>"],
      ["Supported", "timer"],
      ["Session-Expires", "1800;refresher=uac"],
    ],
    body: new Uint8Array(random.integer(40)).fill(0x61),
  });
  return writer.take();
}

/** Reads everything that a message decodes, answers it, and looks at the places that were noted. */
export function fuzzParser(random: Random): FuzzTarget {
  const samples = torture();
  const message = new Message();
  const writer = new OctetWriter();
  return {
    name: "parseMessage",
    words: WORDS,
    sample: () => random.integer(3) === 0 ? requestOctets(random, "z9hG4bKa", "udp") : pick(random, samples),
    read(octets) {
      const fault = parseMessage(octets, message);
      must(message.bodyFrom <= message.bodyTo && message.bodyTo <= octets.length, "the body is in the octets");
      let last = 0;
      for (let line = 0; line < message.lineCount; line++) {
        const places = [message.lineFrom(line), message.nameTo(line), message.valueFrom(line), message.valueTo(line)];
        for (const place of [...places, message.lineTo(line)]) {
          must(place >= last && place <= octets.length, "the places of a line are in order");
          last = place;
        }
      }
      message.keep().text();
      for (const name of ["Contact", "Route", "Via", "Require", "X-Unknown"]) message.headerValues(name);
      message.headerNumber("Expires");
      const dialog = [
        message.contact(),
        message.topVia(),
        message.from(),
        message.to(),
        message.fromTag(),
        message.toTag(),
      ];
      must(dialog.length > 0 && message.branch().length <= octets.length, "texts come from the octets");
      if (fault !== undefined) return;
      if (message.isRequest) {
        writeResponse(writer.reset(), message, 200, { toTag: "t", received: { host: "::1", port: 5060 } });
        const answer = new Message();
        const answerFault = parseMessage(writer.view(), answer);
        must(
          answerFault === undefined,
          `the response to a good request is good: ${answerFault} ${toText(writer.view())}`,
        );
        must(answer.callId() === message.callId() && answer.branch() === message.branch(), "it belongs to the request");
        Dialog.fromRequest(message, "t")?.requestTarget();
        answerSessionTimer(message, { minSe: 90 });
      }
    },
  };
}

/** The framer of SIP. */
export function fuzzFramer(random: Random): FuzzTarget {
  const samples = torture();
  return fuzzStream(random, {
    name: "SipFramer",
    words: WORDS,
    sample: () => pick(random, samples),
    framer: () => new SipFramer(),
    largestPiece: 200,
    isKeepAlive: (_octets, _from, length) => length <= 4,
  });
}

const VALUES = [
  '"A. \\"G\\" Bell" <sip:agb@[::1]:5060;transport=tcp?a=b> ;tag=a48s;q=0.5',
  "SIP/2.0/UDP [2001:db8::9:1]:5060;branch=z9hG4bK7;rport;received=[::1]",
  "sip:alice:secret@ims.example:5060;user=phone;lr?subject=project%20x&priority=urgent",
  'Digest realm="a,b", nonce="n\\"1", opaque="", algorithm=SHA-512-256-sess, qop="auth,auth-int", stale=TRUE',
  'Digest username="bob", realm="ims", nonce="0", uri="sip:ims", response="0", algorithm=MD5, cnonce="a", qop=auth, nc=00000001',
  "1800;refresher=uas;x",
];

/** Reads a text as every kind of header value. */
export function fuzzValues(random: Random): FuzzTarget {
  const server = new ServerDigest({ realm: "ims", algorithm: "MD5", secretOf: () => "secret", random: new Chance(1) });
  return {
    name: "header values, digest",
    words: [
      ...WORDS,
      "Digest ",
      "realm=",
      "nonce=",
      'qop="auth',
      "algorithm=MD5",
      "stale=",
      ";refresher=",
      "transport=",
    ],
    sample: () => new TextEncoder().encode(pick(random, VALUES)),
    read(octets) {
      const text = toText(octets);
      const address = parseNameAddr(text);
      if (address !== undefined) {
        const again = parseNameAddr(writeNameAddr(address));
        must(again?.uri === address.uri, `an address is written as it was read: ${writeNameAddr(address)}`);
      }
      const uri = parseUri(text);
      if (uri !== undefined) must(parseUri(writeUri(uri))?.host === uri.host, "a URI is written as it was read");
      must(sameUri(text, text), "a URI is the same as itself");
      addressOfRecordOf(text);
      parseVia(text);
      splitList(text).map(unquote);
      parseSessionExpires(text);
      parseMinSe(text);
      server.verify("MESSAGE", text);
      const challenge = parseChallenge(text, false);
      if (challenge === undefined) return;
      const client = new ClientDigest({ username: "bob", password: "secret" });
      client.challenged([challenge], random);
      client.authorization("MESSAGE", "sip:ims", random);
    },
  };
}

/** Requests and responses of a peer that lies, to a layer with transactions on both sides. */
export function fuzzTransactions(random: Random): FuzzTarget {
  const wheel = new Wheel();
  const writer = new OctetWriter();
  const message = new Message();
  const respond = (request: Message, transaction: ServerTransaction, status: number): void => {
    writeResponse(writer.reset(), request, status, { toTag: "us", received: transaction.flow.remote });
    transaction.respond(status, writer.view());
  };
  const invites = new Map<ServerTransaction, Message>();
  const core = {
    onRequest(request: Message, transaction: ServerTransaction): void {
      if (random.integer(4) === 0) return;
      if (request.method === "INVITE" && invites.size < 100) invites.set(transaction, request.keep());
      respond(
        request,
        transaction,
        request.method === "INVITE" ? pick(random, [180, 200, 486]) : pick(random, [200, 404]),
      );
    },
    onAck: () => {},
    onCancel(invite: ServerTransaction): void {
      const request = invites.get(invite);
      if (request !== undefined) respond(request, invite, 487);
    },
    onStrayResponse: () => {},
  };
  const layer = new TransactionLayer({ wheel, random: new Chance(3), core });
  const flows = [new Sink("udp"), new Sink("tcp")] as const;
  const open: ClientTransaction[] = [];
  const user = { onResponse: () => {}, onTimeout: () => {}, onTransportFault: () => {} };
  return {
    name: "TransactionLayer",
    words: WORDS,
    sample() {
      const flow = pick(random, flows);
      if (random.integer(2) === 0) return requestOctets(random, `z9hG4bK${random.integer(400)}`, flow.transport);
      if (open.length >= 50) open.splice(0, open.length, ...open.filter(({ state }) => state !== "terminated"));
      if (open.length < 50) {
        const branch = layer.newBranch();
        const method = pick(random, METHODS);
        open.push(layer.request(method, branch, requestOctets(random, branch, flow.transport, method), flow, user));
      }
      const sent = flow.sent.at(-1);
      if (sent === undefined || parseMessage(sent, message) !== undefined || !message.isRequest) {
        return new Uint8Array(4);
      }
      writeResponse(writer.reset(), message, pick(random, STATUSES), { toTag: pick(random, ["t1", "t2"]) });
      return writer.take();
    },
    read(octets) {
      layer.receive(octets, pick(random, flows), wheel.now);
      if (random.integer(10) === 0) wheel.advance(wheel.now + random.integer(3000));
      if (random.integer(50) === 0 && open.length > 0) layer.cancel(open.shift()!);
      if (random.integer(500) === 0) layer.onFlowFault(pick(random, flows), "connection_reset");
    },
    settle() {
      wheel.advance(wheel.now + 400_000);
      // an INVITE that was answered provisionally waits for its user
      for (const transaction of open.splice(0)) layer.cancel(transaction);
      // an INVITE that nobody answers stays with its user, who is to answer it
      for (const [transaction, request] of invites) {
        if (transaction.state === "proceeding") respond(request, transaction, 486);
      }
      invites.clear();
      wheel.advance(wheel.now + 400_000);
      const { openClient, openServer } = layer.counters;
      must(openClient + openServer === layer.size(), "the counters of transactions are right");
      must(openClient === 0, `no client transaction outlives its timers: ${openClient}`);
    },
  };
}
