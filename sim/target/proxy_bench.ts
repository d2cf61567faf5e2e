/** What one MESSAGE between two of 10,000 registered clients costs the server, without sockets. */
import { indexOfOctets } from "../bytes/scan.ts";
import { toOctets } from "../bytes/text.ts";
import { Random } from "../clock/random.ts";
import { Wheel } from "../clock/wheel.ts";
import { Branches } from "../sip/transaction/key.ts";
import { read, requestOctets, responseOctets } from "../testing/transaction_stand.ts";
import { Wire } from "../testing/wire.ts";
import { StatefulProxy } from "./proxy.ts";

const CLIENTS = 10_000;
/** Milliseconds between two messages. */
const GAP = 0.1;

let lastToBob: Uint8Array = new Uint8Array(0);
const wheel = new Wheel();
const alice = new Wire("udp", () => {}, { host: "127.0.0.1", port: 5070 });
const bob = new Wire("udp", (octets) => void (lastToBob = octets.slice()), { host: "127.0.0.1", port: 5071 });
const proxy = new StatefulProxy({
  wheel,
  clock: { now: () => wheel.now },
  random: new Random(1),
  ways: { flowTo: () => bob, isOwn: (_host, port) => port === 5060 },
});
for (let k = 0; k < CLIENTS; k++) {
  const contact = k === 0 ? "sip:bob@127.0.0.1:5071" : `sip:user${k}@127.0.0.1:5071`;
  const request = requestOctets({
    method: "REGISTER",
    branch: `z9hG4bKregister${k}`,
    headers: [["Contact", `<${contact}>;expires=86400`]],
  });
  const text = read(request).text().replaceAll("sip:bob@ims.example", k === 0 ? "sip:bob@ims.example" : contact);
  proxy.layer.receive(toOctets(text), alice, 0);
}
if (proxy.location.size !== CLIENTS) throw new Error(`Cannot measure: ${proxy.location.size} bindings`);

const branches = new Branches(new Random(2));
const request = requestOctets({ method: "MESSAGE", branch: branches.next(), body: toOctets("x".repeat(140)) });
const branchAt = indexOfOctets(request, toOctets("z9hG4bK"), 0, request.length);
let now = 0;

Deno.bench("a MESSAGE through the server and its 200 back", () => {
  const branch = branches.next();
  for (let i = 0; i < branch.length; i++) request[branchAt + i] = branch.charCodeAt(i);
  proxy.layer.receive(request, alice, now);
  proxy.layer.receive(responseOctets(lastToBob, 200, { toTag: "bob" }), bob, now);
  wheel.advance(now += GAP);
});
