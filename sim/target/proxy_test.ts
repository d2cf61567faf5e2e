import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { toOctets, toText } from "../bytes/text.ts";
import { type StandClient, TargetStand } from "../testing/target_stand.ts";

const ROUTE_UDP = "<sip:127.0.0.1:5060;transport=udp;lr>";
const ROUTE_TCP = "<sip:127.0.0.1:5060;transport=tcp;lr>";

function pair(options: ConstructorParameters<typeof TargetStand>[0] = {}, bobsTransport: "udp" | "tcp" = "udp") {
  const stand = new TargetStand(options);
  return { stand, alice: stand.registered("alice"), bob: stand.registered("bob", bobsTransport) };
}

/** What a client sends inside the dialog that a 2xx has made. */
function inside(client: StandClient) {
  const answer = client.responses.at(-1)!;
  const routes = answer.headerValues("Record-Route").toReversed();
  return {
    uri: answer.contact()!.uri,
    to: answer.header("To")!,
    callId: answer.callId(),
    headers: routes.map((route) => ["Route", route] as const),
  };
}

Deno.test("StatefulProxy forwards a MESSAGE to the contact and its answer back (RFC 3261 §16.6, §16.7)", () => {
  const { stand, alice, bob } = pair();
  const body = toOctets("Watson, come here.");
  alice.send("MESSAGE", { uri: bob.uri(), body, headers: [["Route", `<sip:127.0.0.1:5060;lr>`], ["X-Own", "as is"]] });
  stand.pass(10);
  const message = bob.requests[0]!;
  assertEquals([message.requestUri(), message.header("Max-Forwards")], [bob.contact(), "69"]);
  assertEquals([message.headerLines("Route"), message.headerLines("Record-Route")], [[], []]);
  assertEquals([toText(message.body()), message.header("X-Own")], ["Watson, come here.", "as is"]);
  const vias = message.headerValues("Via");
  assertEquals(vias.length, 2);
  assertStringIncludes(vias[0]!, "SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK");
  assertStringIncludes(vias[1]!, ";received=127.0.0.1;rport=5070");
  assertEquals([alice.statuses(), alice.responses[0]!.headerValues("Via").length], [[200], 1]);
  assertEquals([stand.count("forwarded.MESSAGE"), stand.count("delivered.MESSAGE")], [1, 1]);
  stand.pass(100_000);
  assertEquals(stand.proxy.layer.size(), 0);
});

Deno.test("StatefulProxy leads INVITE, ACK and BYE along its Record-Route, CSeq and all", () => {
  const { stand, alice, bob } = pair();
  bob.answerHeaders = [["Contact", `<${bob.contact()}>`]];
  alice.send("INVITE", { uri: bob.uri(), headers: [["Contact", `<${alice.contact()}>`]] });
  stand.pass(10);
  assertEquals([alice.statuses(), bob.requests[0]!.headerLines("Record-Route")], [[200], [ROUTE_UDP]]);
  alice.sendAck({ ...inside(alice), sequenceNumber: 2 });
  stand.pass(10);
  assertEquals([bob.acks.length, bob.acks[0]!.headerLines("Route")], [1, []]);
  alice.send("BYE", inside(alice));
  stand.pass(10);
  assertEquals([alice.statuses(), bob.requests[1]!.requestUri()], [[200, 200], bob.contact()]);
  assertEquals([stand.count("dialogs.established"), stand.count("dialogs.released")], [1, 1]);
});

Deno.test("StatefulProxy records both of its sides where the transports differ (RFC 5658 §5)", () => {
  const { stand, alice, bob } = pair({}, "tcp");
  bob.answerHeaders = [["Contact", `<${bob.contact()}>`]];
  alice.send("INVITE", { uri: bob.uri(), headers: [["Contact", `<${alice.contact()}>`]] });
  stand.pass(10);
  assertEquals(bob.requests[0]!.headerLines("Record-Route"), [ROUTE_TCP, ROUTE_UDP]);
  assert(bob.requests[0]!.topVia()?.transport === "TCP");
  alice.sendAck({ ...inside(alice), sequenceNumber: 1 });
  stand.pass(10);
  assertEquals(bob.acks[0]!.headerLines("Route"), []);
  assertEquals(bob.transactions[0]!.flow.remote.port >= 5060, true);
});

Deno.test("StatefulProxy uses the connection that a contact was registered on, and opens another once it broke", () => {
  const { stand, alice, bob } = pair({}, "tcp");
  alice.send("MESSAGE", { uri: bob.uri() });
  stand.pass(10);
  assertEquals(bob.transactions[0]!.flow, bob.flow());
  stand.net.cut(bob.flow());
  alice.send("MESSAGE", { uri: bob.uri() });
  stand.pass(20);
  assertEquals([alice.statuses(), bob.requests.length], [[200, 200], 2]);
});

Deno.test("StatefulProxy sends more than 1300 octets by TCP, and by UDP where TCP is refused (RFC 3261 §18.1.1)", () => {
  const { stand, alice, bob } = pair();
  alice.send("MESSAGE", { uri: bob.uri(), body: new Uint8Array(1000).fill(0x61) });
  stand.pass(10);
  const { octets } = bob.requests[0]!;
  assert(octets.length > 1300 && bob.requests[0]!.topVia()?.transport === "TCP");
  assertEquals([alice.statuses(), stand.count("forwarded.switched_to_tcp")], [[200], 1]);
  alice.register(60, { to: "sip:carol@ims.example" }, "<sip:carol@127.0.0.1:9999>");
  stand.pass(10);
  alice.send("MESSAGE", { uri: "sip:carol@ims.example", body: new Uint8Array(1000) });
  stand.pass(10);
  assertEquals(stand.count("unreachable.connection_refused"), 1);
  assertEquals(stand.count("forwarded.MESSAGE"), 3);
});

Deno.test("StatefulProxy answers 480 when the callee cannot be reached any more", () => {
  const stand = new TargetStand();
  const alice = stand.registered("alice");
  alice.register(60, { to: "sip:carol@ims.example" }, "<sip:carol@127.0.0.1:9999;transport=tcp>");
  stand.pass(10);
  alice.send("MESSAGE", { uri: "sip:carol@ims.example" });
  stand.pass(10);
  assertEquals(alice.statuses(), [200, 480]);
});

Deno.test("StatefulProxy answers 404 for unknown users and 480 for those that are away", () => {
  const { stand, alice, bob } = pair();
  bob.register(0);
  stand.pass(10);
  alice.send("MESSAGE", { uri: bob.uri() });
  alice.send("MESSAGE", { uri: "sip:nobody@ims.example" });
  alice.send("MESSAGE", { uri: "tel:+123" });
  stand.pass(10);
  assertEquals(alice.statuses(), [480, 404, 416]);
});

Deno.test("StatefulProxy refuses by 483, 420 and 513 what may not go on (RFC 3261 §16.3)", () => {
  const { stand, alice, bob } = pair({ maxMessage: 1000 });
  alice.send("MESSAGE", { uri: bob.uri(), maxForwards: 0 });
  alice.send("MESSAGE", { uri: bob.uri(), headers: [["Proxy-Require", "sec-agree"]] });
  alice.send("MESSAGE", { uri: bob.uri(), body: new Uint8Array(1000) });
  stand.pass(10);
  assertEquals([alice.statuses(), bob.requests.length], [[483, 420, 513], 0]);
  assertEquals(alice.responses[1]!.header("Unsupported"), "sec-agree");
});

Deno.test("StatefulProxy answers OPTIONS that are meant for itself", () => {
  const { stand, alice, bob } = pair();
  alice.send("OPTIONS", { uri: "sip:127.0.0.1:5060", maxForwards: 0 });
  alice.send("OPTIONS", { uri: bob.uri() });
  stand.pass(10);
  assertEquals([alice.statuses(), bob.requests.length], [[200, 200], 1]);
});

Deno.test("StatefulProxy answers 422 below its Min-SE, and completes the 2xx of a server without timers (RFC 4028 §8)", () => {
  const { stand, alice, bob } = pair({ minSe: 600 });
  bob.answerHeaders = [["Contact", `<${bob.contact()}>`]];
  const ask = (seconds: number) =>
    alice.send("INVITE", {
      uri: bob.uri(),
      headers: [["Supported", "timer"], ["Session-Expires", `${seconds};refresher=uac`]],
    });
  ask(90);
  stand.pass(10);
  ask(1800);
  stand.pass(10);
  assertEquals([alice.statuses(), alice.responses[0]!.header("Min-SE")], [[422, 200], "600"]);
  assertEquals(alice.responses[1]!.header("Session-Expires"), "1800;refresher=uac");
  assertEquals(alice.responses[1]!.header("Require"), "timer");
});

Deno.test("StatefulProxy passes provisional responses of an INVITE back, and a CANCEL on (RFC 3261 §16.10)", () => {
  const { stand, alice, bob } = pair();
  bob.answer = 180;
  const invite = alice.send("INVITE", { uri: bob.uri() });
  stand.pass(10);
  alice.layer.cancel(invite);
  stand.pass(100);
  assertEquals([alice.statuses(), bob.cancelled.length], [[180, 487], 1]);
  stand.pass(100_000);
  assertEquals([stand.proxy.layer.size(), alice.layer.size(), bob.layer.size()], [0, 0, 0]);
});

Deno.test("StatefulProxy answers an INVITE 408 after Timer B, and leaves a MESSAGE unanswered (RFC 4320 §4.2)", () => {
  const { stand, alice, bob } = pair();
  stand.net.detach(stand.net.hostAt(bob.address)!);
  alice.send("INVITE", { uri: bob.uri() });
  alice.send("MESSAGE", { uri: bob.uri() });
  stand.pass(33_000);
  const statusesOf = (method: string) =>
    alice.responses.filter((response) => response.method === method).map(({ status }) => status);
  assertEquals([statusesOf("INVITE"), new Set(statusesOf("MESSAGE"))], [[100, 408], new Set([100])]);
  assertEquals(alice.timeouts, 1);
  assertEquals([stand.count("unanswered.INVITE"), stand.count("unanswered.MESSAGE")], [1, 1]);
});

Deno.test("StatefulProxy gives up an INVITE that rings for more than three minutes (RFC 3261 §16.8, Timer C)", () => {
  const { stand, alice, bob } = pair();
  bob.answer = 180;
  alice.send("INVITE", { uri: bob.uri() });
  stand.pass(180_000);
  assertEquals(alice.statuses(), [180]);
  stand.pass(2000);
  assertEquals([alice.statuses(), bob.cancelled.length], [[180, 487], 1]);
});
