import { assertEquals } from "@std/assert";
import { FlowRecorder } from "../testing/flow_recorder.ts";
import { toOctets } from "../bytes/text.ts";
import { UserAgentStand } from "../testing/user_agent_stand.ts";

function octetsOf(method: string, branch: string): Uint8Array {
  return toOctets(
    [
      `${method} sip:alice@ims.example SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK${branch};rport`,
      "From: <sip:bob@ims.example>;tag=1",
      "To: <sip:alice@ims.example>",
      "Call-ID: merged",
      `CSeq: 1 ${method}`,
      "Content-Type: text/plain",
      "Content-Length: 2",
      "",
      "hi",
    ].join("\r\n"),
  );
}

Deno.test("UserAgent answers 482 to a MESSAGE that has come before on another branch (RFC 3261 §8.2.2.2)", () => {
  const { alice, network } = new UserAgentStand();
  const flow = new FlowRecorder();
  for (const branch of ["one", "two"]) {
    alice.endpoint.transactions.receive(octetsOf("MESSAGE", branch), flow, network.wheel.now);
    network.wait(10);
  }
  assertEquals(flow.startLines(), ["SIP/2.0 200 OK", "SIP/2.0 482 Loop Detected"]);
});

Deno.test("UserAgent answers a retransmission as before: it is no merged request (RFC 3261 §17.2.2)", () => {
  const { alice, network } = new UserAgentStand();
  const flow = new FlowRecorder();
  for (let sent = 0; sent < 2; sent++) {
    alice.endpoint.transactions.receive(octetsOf("MESSAGE", "one"), flow, network.wheel.now);
    network.wait(10);
  }
  assertEquals(flow.startLines(), ["SIP/2.0 200 OK", "SIP/2.0 200 OK"]);
});
