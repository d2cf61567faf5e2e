/** Loss and retransmission, keep-alives, cut streams and strange messages (RFC 3261 §17, §18, RFC 5626, RFC 4475). */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Recovery } from "../../load/recovery.ts";
import { samplesOf } from "../../testing/torture.ts";
import { kindOf } from "./peer.ts";
import { Stand } from "./stand.ts";
import { SipCutter } from "./sip_text.ts";
import { Datagrams, HOST, Streams, textOf, type Traffic, turn, until } from "./wires.ts";

const A = [0, 500, 1500, 3500, 7500, 15_500, 31_500];
const E = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];

Deno.test("T54 a MESSAGE whose first three copies are lost leaves at 0, 0.5, 1.5 and 3.5 s, and is accepted (RFC 3261 §17.1.2)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  peer.on("MESSAGE", (message) => {
    if (peer.all("MESSAGE").length === 4) peer.answer(message, 200);
  });
  stand.send();
  await stand.pass(40_000);
  assertEquals(stand.sentAfter("MESSAGE"), E.slice(0, 4));
  const texts = new Set(peer.arrived.map(({ text }) => text));
  assertEquals([texts.size, stand.count("retransmissions.MESSAGE")], [1, 3]);
  assertEquals(stand.outcomes(), { attempted: 1, accepted_200: 1 });
  await stand.end();
});

for (const [method, size, moments] of [["MESSAGE", 100, E], ["INVITE", 2000, A]] as const) {
  Deno.test(`T54 ${method} without any answer is sent ${moments.length} times and given up after 32 s (RFC 3261 §17.1)`, async () => {
    await using stand = new Stand();
    stand.send({ size });
    await stand.pass(31_990);
    assertEquals(stand.sentAfter(method), moments);
    assertEquals(stand.count("messages.timed_out"), 0);
    await stand.pass(10);
    assertEquals(stand.outcomes(), { attempted: 1, timed_out: 1 });
    await stand.end();
    assertEquals(stand.peer.arrived.length, moments.length);
  });
}

Deno.test("T54 over TCP nothing is sent twice, and the same 32 s end it (RFC 3261 §17.1.2.2)", async () => {
  await using stand = new Stand({ transport: "tcp" });
  stand.send();
  await stand.pass(32_000);
  assertEquals([stand.sentAfter("MESSAGE"), stand.outcomes()], [[0], { attempted: 1, timed_out: 1 }]);
  await stand.end();
});

Deno.test("T54 after a provisional answer a MESSAGE is sent every 4 s, and Timer F runs on (RFC 3261 §17.1.2.2)", async () => {
  await using stand = new Stand();
  stand.send();
  const message = await stand.peer.next("MESSAGE");
  stand.peer.answer(message, 100);
  await stand.pass(32_000);
  assertEquals(stand.sentAfter("MESSAGE"), [0, 500, 4500, 8500, 12_500, 16_500, 20_500, 24_500, 28_500]);
  assertEquals(stand.outcomes(), { attempted: 1, timed_out: 1 });
  await stand.end();
});

Deno.test("T58 CRLFCRLF on a connection is answered CRLF, whoever opened it; where it is told not to, our client sends no pings (RFC 5626 §4.4.1)", async () => {
  await using stand = new Stand({ transport: "tcp" });
  const { peer } = stand;
  stand.send();
  const message = await peer.next("MESSAGE");
  message.way.send("\r\n\r\n");
  await until(() => peer.keepAlives.length === 1, () => "CRLF on alice's connection");
  peer.answer(message, 200);
  const stream = await peer.streams.connect(peer.clientPort);
  stream.send("\r\n\r\n");
  await until(() => peer.keepAlives.length === 2, () => "CRLF on bob's connection");
  assertEquals(peer.keepAlives, ["\r\n", "\r\n"]);
  await stand.pass(600_000);
  assertEquals(peer.keepAlives.length, 2);
  await stand.end();
});

Deno.test("T58 our ping unanswered for 10 s ends its connection, and the client registers over a new one (RFC 5626 §4.4.1)", async () => {
  await using stand = new Stand({ transport: "tcp" });
  const { peer, endpoint, recorder, alice } = stand;
  endpoint.keepAlive(alice.settings.target);
  new Recovery({ endpoint, recorder, clients: [alice], rateOf: () => 10 });
  peer.on(
    "REGISTER",
    (register) => peer.answer(register, 200, { headers: [`Contact: ${register.header("Contact")}`] }),
  );
  stand.register();
  await stand.pass(95_000);
  assertEquals(peer.keepAlives, []);
  await stand.pass(25_000 + 10_000);
  // one ping on the first connection, none yet on the second
  assertEquals([peer.keepAlives, peer.events], [["\r\n\r\n"], ["REGISTER", "sip closed", "REGISTER"]]);
  assertEquals(stand.counts("transport.faults."), { no_pong: 1 });
  assertEquals([stand.count("clients.registered_again"), stand.registrations.length], [1, 1]);
  await stand.end();
});

/** A MESSAGE with compact and folded header fields, names in any case and space before the colon. */
function strange(port: number, key: string): string {
  const body = `strange ${key}`;
  return [
    `MESSAGE sip:alice@${HOST} SIP/2.0`,
    `v: SIP / 2.0 / TCP ${HOST}:${port}`,
    `   ;branch=z9hG4bK${key}`,
    `f: "B, o;b" <sip:bob@ims.example>`,
    "\t;tag=abc",
    "t : <sip:alice@ims.example>",
    `i: ${key}@${HOST}`,
    "cSEQ: 0007",
    "  MESSAGE",
    "mAX-fORWARDS : 70",
    "c: text/plain",
    `l: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}

Deno.test("T59 compact and folded header fields cut at every octet of a stream are the same message (RFC 3261 §7.3, §18.3)", async () => {
  // not captured: tshark does not know the space before a colon (RFC 3261 §7.3.1)
  await using stand = new Stand({ captured: false });
  // answers repeat fields as they came, folds included: more than the scripted peer takes
  const cutter = new SipCutter();
  const answers: string[] = [];
  const streams = new Streams({ read: 0, written: 0 }, 0, (text) => void answers.push(...cutter.cut(text)));
  const stream = await streams.connect(stand.peer.clientPort);
  const { length } = strange(streams.port, "0000");
  for (let at = 1; at < length; at++) {
    const text = strange(streams.port, String(at).padStart(4, "0"));
    stream.send(text.slice(0, at));
    await turn();
    stream.send(text.slice(at));
  }
  await until(() => answers.length === length - 1, () => `${length - 1} answers, not ${answers.length}`);
  await streams.close();
  const keys = Array.from({ length: length - 1 }, (_, k) => String(k + 1).padStart(4, "0"));
  assertEquals(stand.received, keys.map((key) => `strange ${key}`));
  for (const [index, answer] of answers.entries()) {
    const unfolded = answer.replace(/\r\n[ \t]+/g, " ");
    assertMatch(unfolded, /^SIP\/2\.0 200 OK\r\n/);
    assertMatch(unfolded, new RegExp(`\r\nvia: [^\r]+ ?;branch=z9hG4bK${keys[index]}\r\n`, "i"));
    assertMatch(unfolded, /\r\nf: "B, o;b" <sip:bob@ims\.example> ;tag=abc\r\n/);
    assertMatch(unfolded, /\r\ncSEQ: 0007 MESSAGE\r\n/);
  }
});

Deno.test("T59 the messages of RFC 4475 and RFC 5118 are taken or refused as listed, and the client lives on (RFC 4475 §3)", async () => {
  for (const sample of samplesOf()) {
    // a client for each: many of them have one branch. Not captured: they are not for a dissector to judge
    await using stand = new Stand({ captured: false });
    const seen: string[] = [];
    const traffic: Traffic = { read: 0, written: 0 };
    // answers go to the port of sent-by where the sample does not ask for rport
    const raw = new Datagrams(traffic, (text) => void seen.push(text), sentByPortOf(textOf(sample.octets)));
    try {
      raw.wayTo(stand.peer.clientPort).send(textOf(sample.octets));
      const expected = sample.parse === "accepted" ? sample.agent : Number(sample.layer) || undefined;
      if (expected !== undefined) {
        await until(() => seen.length > 0, () => `${expected} to ${sample.file}`);
        assert(seen[0]!.startsWith(`SIP/2.0 ${expected} `), `${sample.file}: ${seen[0]}`);
      }
      await barrier(stand);
      if (expected === undefined && sample.parse !== "accepted") assertEquals(seen, [], sample.file);
      assert(!seen.some((text) => text.startsWith("SIP/2.0 5") && sample.parse === "accepted"), sample.file);
    } finally {
      await raw.close();
    }
  }
});

/** The port that the first Via names, 5060 without one. */
function sentByPortOf(text: string): number {
  const [, port] = /^v(?:ia)?[ \t]*:[^,;]*?[ \t](?:\[[^\]]*\]|[^\s:;,[]+):(\d+)/im.exec(text) ?? [];
  return Number(port ?? 5060);
}

Deno.test("T59 answers to a request without rport go to the port of its sent-by, not to where it left from (RFC 3261 §18.2.2)", async () => {
  await using stand = new Stand();
  const traffic: Traffic = { read: 0, written: 0 };
  const atSource: string[] = [];
  const atSentBy: string[] = [];
  const source = new Datagrams(traffic, (text) => void atSource.push(text));
  const sentBy = new Datagrams(traffic, (text) => void atSentBy.push(text));
  const request = (branch: string, rport: string): string =>
    `OPTIONS sip:alice@${HOST} SIP/2.0\r\nVia: SIP/2.0/UDP ${HOST}:${sentBy.port};branch=z9hG4bK${branch}${rport}\r\n` +
    "Max-Forwards: 70\r\nFrom: <sip:bob@ims.example>;tag=1\r\nTo: <sip:alice@ims.example>\r\nCall-ID: ways\r\n" +
    "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
  source.wayTo(stand.peer.clientPort).send(request("plain", ""));
  await until(() => atSentBy.length > 0, () => "the answer at the port of sent-by");
  source.wayTo(stand.peer.clientPort).send(request("rport", ";rport"));
  await until(() => atSource.length > 0, () => "the answer at the port it left from");
  assertMatch(atSentBy.join(), /^SIP\/2\.0 200 OK\r\n[^]*z9hG4bKplain/);
  assertMatch(atSource.join(), /^SIP\/2\.0 200 OK\r\n[^]*z9hG4bKrport/);
  assertEquals([atSentBy.length, atSource.length], [1, 1]);
  await source.close();
  await sentBy.close();
});

/** A request that alice answers: she has seen what came before it. */
async function barrier({ peer }: Stand): Promise<void> {
  peer.ask("OPTIONS");
  assertEquals(kindOf(await peer.nextAnswer("OPTIONS")), "200 OPTIONS");
}

Deno.test("T59 messages that are none, or lie about their length, are refused or dropped, and the client lives on (RFC 3261 §18.3, §21.4.1)", async () => {
  await using stand = new Stand();
  const { peer } = stand;
  const head =
    `MESSAGE sip:alice@${HOST} SIP/2.0\r\nVia: SIP/2.0/UDP ${HOST}:${peer.port};branch=z9hG4bKlie;rport\r\n` +
    "Max-Forwards: 70\r\nFrom: <sip:bob@ims.example>;tag=1\r\nTo: <sip:alice@ims.example>\r\nCall-ID: lie\r\n" +
    "CSeq: 1 MESSAGE\r\n";
  const lies = [
    `${head}Content-Length: 9\r\n\r\nshort`,
    `${head}Content-Length: -1\r\n\r\nx`,
    `${head}Content-Length: x\r\n\r\n`,
  ];
  for (const text of lies) {
    peer.sendBroken(text);
    assertEquals((await peer.nextAnswer("MESSAGE")).status, 400);
  }
  for (const text of ["", "\0", "\r\n", "HELLO\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n", head, "x".repeat(60_000)]) {
    peer.sendBroken(text);
  }
  await stand.quiet();
  await barrier(stand);
  assertEquals(stand.received, []);
  await stand.end();
});
