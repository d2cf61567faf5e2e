/** The peers among themselves, without our program: what they say of us is worth what they do here. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { captureObstacle, startCapture } from "./peers/capture.ts";
import { PeerChild } from "./peers/child.ts";
import { type Kamailio, KAMAILIO_DOMAIN, kamailioPassword, startKamailio } from "./peers/kamailio.ts";
import { freePort, LOOPBACK } from "./peers/ports.ts";
import { runSippClient, type SippUser, startSippAnswering } from "./peers/sipp.ts";
import { type CaptureCheck, checkCapture } from "./peers/tshark.ts";

const TRANSPORTS = ["udp", "tcp"] as const;
/** Why this machine does not let us capture; then what tshark would say is left out, by name. */
const OBSTACLE = await captureObstacle();

function users(prefix: string, count: number, more: (index: number) => Partial<SippUser>): SippUser[] {
  return Array.from({ length: count }, (_, index) => {
    const user = `${prefix}${index}`;
    return { user, password: kamailioPassword(user), ...more(index) };
  });
}

/** Runs `act` against a Kamailio that is ended whatever happens. */
async function withKamailio(
  options: Parameters<typeof startKamailio>[0],
  act: (kamailio: Kamailio) => Promise<void>,
): Promise<void> {
  const kamailio = await startKamailio(options);
  try {
    await act(kamailio);
  } finally {
    await kamailio.stop();
  }
}

for (const transport of TRANSPORTS) {
  Deno.test(`MESSAGEs of SIPp reach SIPp through Kamailio with MD5 digest over ${transport}, and tshark agrees`, async (t) => {
    await withKamailio({ digest: "MD5" }, async (kamailio) => {
      await using answering = await startSippAnswering("message", { transport });
      // over TCP Kamailio reaches the answering side from a port of its own, not from the one it listens on
      const ports = [kamailio.port, answering.port];
      await using capture = OBSTACLE === undefined ? await startCapture(ports) : undefined;
      const receivers = users("bob", 40, () => ({ contact: answering.address }));
      const registered = await runSippClient("register", { target: kamailio.address, transport, users: receivers });
      assertEquals([registered.code, registered.successful, registered.failed], [0, 40, 0], registered.errors);

      const senders = users("alice", 40, (index) => ({ receiver: `bob${index}` }));
      const sent = await runSippClient("message", { target: kamailio.address, transport, users: senders, calls: 80 });
      assertEquals([sent.code, sent.successful, sent.failed], [0, 80, 0], sent.errors);
      assert(sent.duration > 500 && sent.duration < 20_000, `80 calls at 100/s took ${sent.duration} ms`);

      const statistics = await kamailio.statistics();
      assertEquals(statistics["usrloc:registered_users"], 40);
      assertEquals(statistics["core:rcv_requests_message"], 160, "each is challenged once and comes back");
      const answered = await answering.stop();
      assertEquals([answered.successful, answered.failed], [80, 0], answered.errors);

      await t.step({
        name: "tshark finds nothing malformed",
        ignore: capture === undefined,
        fn: async () => {
          const end = await capture!.stop();
          const check = await checkCapture(capture!.file, { sip: ports });
          assertEquals(end.dropped, 0);
          assertEquals(check.frames, end.frames);
          assertEquals(check.malformed, []);
          assertEquals(check.warnings, []);
          assertEquals(check.requests, { REGISTER: 80, MESSAGE: 240 });
          assertEquals(check.responses, { "200": 200, "401": 40, "407": 80 });
          assertEquals(check.resent, 0);
        },
      });
    });
  });

  Deno.test(`sessions of SIPp run through Kamailio with Record-Route and digest over ${transport}`, async () => {
    await withKamailio({ digest: "MD5", minSe: 90 }, async (kamailio) => {
      await using answering = await startSippAnswering("invite", { transport });
      const target = kamailio.address;
      const receivers = users("bob", 20, () => ({ contact: answering.address }));
      const callers = users("alice", 20, (index) => ({ receiver: `bob${index}` }));
      const registered = await runSippClient("register", { target, transport, users: receivers });
      const called = await runSippClient("invite", { target, transport, users: callers });
      const answered = await answering.stop();
      assertEquals([registered.failed, called.code, called.successful], [0, 0, 20], registered.errors + called.errors);
      assertEquals([answered.successful, answered.failed], [20, 0], answered.errors);
      assertEquals((await kamailio.statistics())["core:rcv_requests_bye"], 20);
    });
  });

  Deno.test(`an answering SIPp takes registrations and MESSAGEs itself over ${transport}`, async () => {
    await using answering = await startSippAnswering("message", { transport });
    const sent = await runSippClient("register_message", {
      target: answering.address,
      transport,
      users: users("carol", 20, () => ({})),
    });
    const answered = await answering.stop();
    assertEquals([sent.code, sent.successful], [0, 20], sent.errors);
    assertEquals(answered.successful, 40);
    assert(sent.processorTime.user + sent.processorTime.system > 0);
  });
}

Deno.test("SIPp counts calls as failed whose password Kamailio refuses", async () => {
  await withKamailio({ digest: "MD5" }, async (kamailio) => {
    const liars = users("mallory", 3, () => ({ password: "guessed" }));
    const run = await runSippClient("register", { target: kamailio.address, users: liars });
    assertEquals([run.code, run.successful, run.failed], [1, 0, 3]);
    assertStringIncludes(run.errors, "403 Forbidden");
  });
});

Deno.test("Kamailio refuses a session interval below its minimum (RFC 4028 §6)", async () => {
  await withKamailio({ minSe: 3600 }, async (kamailio) => {
    const run = await runSippClient("invite", { target: kamailio.address, users: users("alice", 2, () => ({})) });
    assertEquals([run.successful, run.failed], [0, 2]);
    assertStringIncludes(run.errors, "422 Session Interval Too Small");
    assertStringIncludes(run.errors, "Min-SE: 3600");
  });
});

Deno.test("Kamailio challenges with SHA-256 when it is told to (RFC 8760)", async () => {
  await withKamailio({ digest: "SHA-256" }, async (kamailio) => {
    const answer = await askByDatagram(kamailio.port, [
      `REGISTER sip:${KAMAILIO_DOMAIN} SIP/2.0`,
      "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKharness;rport",
      "Max-Forwards: 70",
      `From: <sip:dave@${KAMAILIO_DOMAIN}>;tag=1`,
      `To: <sip:dave@${KAMAILIO_DOMAIN}>`,
      "Call-ID: harness",
      "CSeq: 1 REGISTER",
      "Contact: <sip:dave@127.0.0.1:9>",
      "Content-Length: 0",
    ]);
    assertStringIncludes(answer, "SIP/2.0 401 ");
    assertStringIncludes(answer, "algorithm=SHA-256");
  });
});

const CAPTURING = { ignore: OBSTACLE !== undefined };

Deno.test("tshark names a SIP message without Call-ID and one with a bad Content-Length", CAPTURING, async () => {
  const port = freePort();
  const line =
    "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\n";
  const check = await captureDatagrams(port, [
    `MESSAGE sip:b@h SIP/2.0\r\n${line}Call-ID: 1\r\nCSeq: 1 MESSAGE\r\nContent-Length: 2\r\n\r\nok`,
    `MESSAGE sip:b@h SIP/2.0\r\n${line}CSeq: 1 MESSAGE\r\nContent-Length: 2\r\n\r\nok`,
    `MESSAGE sip:b@h SIP/2.0\r\n${line}Call-ID: 2\r\nCSeq: 1 MESSAGE\r\nContent-Length: two\r\n\r\nok`,
  ]);
  assertEquals(check.requests, { MESSAGE: 3 });
  assertEquals(check.malformed.map((fault) => fault.split(":")[0]), ["frame 2", "frame 3"]);
});

Deno.test("every MSRP message of a connection is counted, also two in one segment", CAPTURING, async () => {
  const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const capture = await startCapture([listener.addr.port]);
  try {
    const send = (id: string, range: string): string =>
      `MSRP ${id} SEND\r\nTo-Path: msrp://127.0.0.1:2855/b;tcp\r\nFrom-Path: msrp://127.0.0.1:2856/a;tcp\r\n` +
      `Message-ID: m${id}\r\nByte-Range: ${range}\r\nContent-Type: text/plain\r\n\r\nhello\r\n-------${id}$\r\n`;
    const client = await Deno.connect({ hostname: LOOPBACK, port: listener.addr.port });
    const server = await listener.accept();
    await client.write(new TextEncoder().encode(send("tid1", "1-5/5") + send("tid2", "1-9/9")));
    await server.read(new Uint8Array(4096));
    client.close();
    server.close();
    await capture.stop();
    const check = await checkCapture(capture.file, { sip: [], msrp: [listener.addr.port] });
    assertEquals(check.msrp, { SEND: 2 });
    assertEquals(check.malformed.map((fault) => fault.replace(/^.*tid/, "tid")), [
      "tid2: Byte-Range 1-9/9 over 5 octets",
      "tid2: complete at octet 5 of 9",
    ]);
  } finally {
    await capture.remove();
    listener.close();
  }
});

Deno.test("a child that does not react to its signal is ended by force, and its processor time was told", async () => {
  const child = PeerChild.start("bash", ["-c", "trap '' TERM; echo ready; while :; do :; done"]);
  while (!child.log().includes("ready")) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const processorTime = await child.processorTime();
  const status = await child.stop("SIGTERM", 100);
  assertEquals(status.signal, "SIGKILL");
  assert(processorTime!.user + processorTime!.system > 0);
  assertEquals(await child.processorTime(), undefined);
});

Deno.test("a program that does not start is told with its own words", async () => {
  const error = await assertRejects(
    () => startKamailio({ minSe: "ninety" as unknown as number }),
    Error,
    "did not start",
  );
  assertStringIncludes(error.message, "kamailio.cfg");
});

async function askByDatagram(port: number, lines: readonly string[]): Promise<string> {
  const socket = Deno.listenDatagram({ hostname: LOOPBACK, port: 0, transport: "udp" });
  const timer = setTimeout(() => socket.close(), 3000);
  try {
    await socket.send(new TextEncoder().encode([...lines, "", ""].join("\r\n")), {
      transport: "udp",
      hostname: LOOPBACK,
      port,
    });
    return new TextDecoder().decode((await socket.receive())[0]);
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}

/** Sends datagrams to a port and gives what tshark says of them. */
async function captureDatagrams(
  port: number,
  datagrams: readonly string[],
): Promise<CaptureCheck> {
  const receiver = Deno.listenDatagram({ hostname: LOOPBACK, port, transport: "udp" });
  const sender = Deno.listenDatagram({ hostname: LOOPBACK, port: 0, transport: "udp" });
  const capture = await startCapture([port]);
  try {
    for (const datagram of datagrams) {
      await sender.send(new TextEncoder().encode(datagram), { transport: "udp", hostname: LOOPBACK, port });
    }
    await capture.stop();
    return await checkCapture(capture.file, { sip: [port] });
  } finally {
    await capture.remove();
    sender.close();
    receiver.close();
  }
}
