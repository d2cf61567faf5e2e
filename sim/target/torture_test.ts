/** What the server answers to the samples of RFC 4475 and RFC 5118 that are refused, or taken, above the parser. */
import { assertEquals } from "@std/assert";
import { FlowRecorder } from "../testing/flow_recorder.ts";
import { TargetStand } from "../testing/target_stand.ts";
import { samplesOf } from "../testing/torture.ts";
import type { TargetDigest } from "./options.ts";

const DIGEST: TargetDigest = { realm: "example.com", algorithm: "MD5", secretOf: () => "secret" };

for (const { file, clause, about, octets, target } of samplesOf()) {
  if (target === undefined) continue;
  Deno.test(`The server answers ${target} to ${file}: ${about} (${clause})`, () => {
    const stand = new TargetStand(target === 401 ? { digest: DIGEST } : {});
    const flow = new FlowRecorder();
    stand.proxy.layer.receive(octets, flow, stand.wheel.now);
    assertEquals(flow.startLines().map((line) => line.split(" ")[1]), [String(target)]);
  });
}

Deno.test("The server forwards no OPTIONS whose Max-Forwards has run out, to a registered user neither (RFC 3261 §16.3)", () => {
  const stand = new TargetStand();
  const [alice, bob] = [stand.registered("alice"), stand.registered("bob")];
  alice.send("OPTIONS", { uri: bob.uri(), maxForwards: 0 });
  stand.pass(10);
  assertEquals([alice.statuses(), bob.requests.length], [[483], 0]);
});
