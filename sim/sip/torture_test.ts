/**
 * The messages of RFC 4475 and RFC 5118, from the files and expectations that `testdata/index.json` lists, at three
 * levels: the parser, the framer with the stream cut at every octet, and the transaction layer.
 */
import { assert, assertEquals } from "@std/assert";
import { toText } from "../bytes/text.ts";
import { read, TransactionStand } from "../testing/transaction_stand.ts";
import { samplesOf } from "../testing/torture.ts";
import { SipFramer } from "./framing.ts";
import { Message } from "./message.ts";
import { parseMessage } from "./parse.ts";
import { parseUri, sameUri } from "./uri.ts";

const SAMPLES = samplesOf();

function messageOf(name: string): Message {
  const sample = SAMPLES.find(({ file }) => file.endsWith(`/${name}.dat`));
  assert(sample !== undefined, name);
  const message = new Message();
  parseMessage(sample.octets, message);
  return message;
}

/** Lengths that a framer cuts from a stream of two arrivals; -1 at the end: given up, 0: waits for more. */
function cut(octets: Uint8Array, arrivals: readonly number[]): number[] {
  const framer = new SipFramer();
  const lengths: number[] = [];
  let from = 0;
  for (const to of arrivals) {
    while (from < to) {
      const length = framer.frame(octets, from, to);
      if (length < 0) return [...lengths, -1];
      if (length === 0) break;
      lengths.push(length);
      from += length;
    }
  }
  return from < octets.length ? [...lengths, 0] : lengths;
}

/** What a transaction layer makes of a datagram. */
function outcomeOf(octets: Uint8Array): string {
  const stand = new TransactionStand();
  stand.receive(octets);
  const { counters } = stand.layer;
  if (stand.core.requests.length + stand.core.acks.length > 0) return "delivered";
  if (stand.flow.sent.length > 0) return stand.flow.startLines()[0]!.split(" ")[1]!;
  assertEquals(stand.layer.size(), 0);
  return counters.strayResponses > 0 ? "stray" : "dropped";
}

Deno.test("The index lists every file of RFC 4475 and RFC 5118 once, and gives a reason for each gap", () => {
  const listed = SAMPLES.map(({ file }) => file);
  const present = ["torture", "ipv6"].flatMap((folder) =>
    [...Deno.readDirSync(new URL(`testdata/${folder}`, import.meta.url))].map(({ name }) => `${folder}/${name}`)
  );
  assertEquals(listed.toSorted(), present.toSorted());
  assertEquals(present.length, 61);
  for (const { clause, parse, layer, reason } of SAMPLES) {
    const isInvalid = clause.includes("§3.1.2.");
    if (isInvalid && parse === "accepted") assert(reason !== undefined, clause);
    if (layer === "dropped" && !clause.endsWith(".5") && !clause.endsWith(".19")) assert(reason !== undefined, clause);
  }
});

for (const { file, clause, about, octets, parse, stream, layer } of SAMPLES) {
  Deno.test(`${file}: ${parse}, ${stream} on a stream, ${layer}: ${about} (${clause})`, () => {
    assertEquals(parseMessage(octets, new Message()) ?? "accepted", parse);

    const whole = cut(octets, [octets.length]);
    const kinds = { whole: [octets.length], two: whole.slice(0, 2), waits: [0], broken: [-1] };
    assertEquals(whole, kinds[stream]);
    for (let at = 1; at < octets.length; at++) assertEquals(cut(octets, [at, octets.length]), whole, `cut at ${at}`);
    assertEquals(cut(octets, Array.from(octets, (_, i) => i + 1)), whole);

    assertEquals(outcomeOf(octets), layer);
  });
}

Deno.test("wsinv.dat is read through folds, white space and compact forms (RFC 4475 §3.1.1.1)", () => {
  const message = messageOf("wsinv");
  assertEquals([message.toTag(), message.fromTag()], ["2029292944m", "77bkte9"]);
  assertEquals(message.from()?.displayName, 'J Doe \\"');
  assertEquals(message.headerNumber("Max-Forwards"), 68);
  assertEquals(message.cseq(), { sequenceNumber: 9, method: "INVITE" });
  assertEquals([message.topVia()?.branch, message.branch()], ["581tlekvx", "581tlekvx"]);
  assertEquals(message.headerValues("Via").length, 3);
  assertEquals(message.header("Subject"), "");
  assertEquals(message.header("NewFangledHeader"), "newfangled value continued newfangled value");
  assertEquals(message.header("UnknownHeaderWithUnusualValue"), ";;,,;;,;");
  assertEquals(message.contact()?.parameters.get("q"), "0.33");
});

Deno.test("intmeth.dat keeps every character (RFC 4475 §3.1.1.2)", () => {
  const message = messageOf("intmeth");
  assertEquals(message.method, "!interesting-Method9876543210_*+`.%indeed'~");
  assertEquals(parseUri(message.requestUri())?.host, "example.com");
  assertEquals(message.from()?.displayName, "token1~` token2'+_ token3*%!.-");
  assertEquals(message.fromTag(), "_token~1'+`*%!-.");
  assertEquals(message.callId(), "intmeth.word%QX-!.*_+'@word`~)(><:\\/\"][?}{");
  assertEquals(message.to()?.displayName, "BEL:\x07 NUL:\x00 DEL:\x7f");
  assertEquals(message.header("extensionHeader-!.%*+_`'~"), "\ufeff\u5927\u505c\u96fb");
});

Deno.test("Escapes stay as they are and mean what they stand for (RFC 4475 §3.1.1.3 to §3.1.1.5)", () => {
  const escaped = messageOf("esc01");
  assertEquals(parseUri(escaped.requestUri())?.user, "sips%3Avera%40example.com");
  assert(sameUri(escaped.to()!.uri, "sip:vera@example.com"));
  assertEquals(messageOf("escnull").to()?.uri, "sip:null-%00-null@example.com");
  const unescaped = messageOf("esc02");
  assertEquals([unescaped.method, unescaped.to()?.displayName], ["RE%47IST%45R", "%Z%45"]);
  assertEquals(unescaped.headerLines("Contact").length, 2);
});

Deno.test("The other valid messages give what they say (RFC 4475 §3.1.1.6 to §3.1.1.13)", () => {
  assertEquals(messageOf("lwsdisp").from()?.displayName, "caller");
  assertEquals(messageOf("longreq").headerLines("Via").length, 34);
  assertEquals(messageOf("dblreq").body().length, 0);
  assertEquals(parseUri(messageOf("semiuri").requestUri())?.user, "user;par=u%40example.net");
  const transports = messageOf("transports").headerValues("Via").map((value) => value.split(/[/ ]/)[2]);
  assertEquals(transports, ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
  const parts = messageOf("mpart01");
  assertEquals(parts.body().length, parts.headerNumber("Content-Length"));
  assert(toText(parts.body()).endsWith("\r\n--8b0dfcd13dffg766--\r\n"));
  assert(messageOf("unreason").reasonPhrase().startsWith("= 2**3 * 5**2 \u043d\u043e"));
  assertEquals([messageOf("noreason").status, messageOf("noreason").reasonPhrase()], [100, ""]);
});

Deno.test("A parameter belongs to the header or to the URI by the angle brackets (RFC 4475 §3.3.12, §3.3.13)", () => {
  const [header, uri] = [messageOf("cparam01").contact(), messageOf("cparam02").contact()];
  assertEquals([header?.uri, header?.parameters.has("unknownparam")], ["sip:+19725550142@gw1.example.net", true]);
  assertEquals([uri?.uri.endsWith(";unknownparam"), uri?.parameters.size], [true, 0]);
  assertEquals(messageOf("regbadct").contact(), undefined);
});

Deno.test("Requests with nothing behind the magic cookie are told apart as by RFC 2543 (RFC 4475 §3.2.1)", () => {
  const stand = new TransactionStand();
  const text = messageOf("badbranch").text();
  for (const callId of ["badbranch.", "other.", "badbranch."]) {
    stand.receive(new TextEncoder().encode(text.replace("badbranch.", callId)));
  }
  assertEquals([stand.core.requests.length, stand.layer.counters.absorbedRequests], [2, 1]);
});

Deno.test("A request that says everything twice is answered once (RFC 4475 §3.3.8)", () => {
  const stand = new TransactionStand();
  stand.receive(SAMPLES.find(({ file }) => file.endsWith("multi01.dat"))!.octets);
  const answer = read(stand.flow.last());
  assertEquals([answer.status, answer.callId()], [400, "multi01.98btegj4"]);
});

Deno.test("Port and address of an IPv6 reference are told apart by the brackets (RFC 5118 §4.3, §4.4)", () => {
  const [ambiguous, unambiguous] = ["port-ambiguous", "port-unambiguous"].map((name) =>
    parseUri(messageOf(name).requestUri())
  );
  assertEquals([ambiguous?.host, ambiguous?.port], ["2001:db8::10:5070", undefined]);
  assertEquals([unambiguous?.host, unambiguous?.port], ["2001:db8::10", 5070]);
});

Deno.test("IPv6 addresses in Via, Contact and Request-URI lose their brackets (RFC 5118 §4.5 to §4.10)", () => {
  for (const name of ["via-received-param-with-delim", "via-received-param-no-delim"]) {
    const via = messageOf(name).topVia();
    assertEquals([via?.host, via?.received], ["2001:db8::9:1", "2001:db8::9:255"]);
  }
  const mixed = messageOf("mult-ip-in-header");
  assertEquals([mixed.topVia()?.host, mixed.topVia()?.port], ["2001:db8::9:1", 6050]);
  const mapped = messageOf("ipv4-mapped-ipv6");
  assertEquals([mapped.topVia()?.host, mapped.topVia()?.port], ["::ffff:192.0.2.10", 19823]);
  assertEquals(parseUri(mapped.contact()!.uri)?.host, "::ffff:192.0.2.2");
  const hosts = ["ipv6-bug-abnf-3-colons", "ipv6-correct-abnf-2-colons"].map((name) =>
    parseUri(messageOf(name).requestUri())?.host
  );
  assertEquals(hosts, ["2001:db8:::192.0.2.1", "2001:db8::192.0.2.1"]);
});
