import { assert, assertEquals } from "@std/assert";
import type { Flow } from "../../transport/flow.ts";
import { FlowRecorder } from "../../testing/flow_recorder.ts";
import { messageOf } from "../../testing/messages.ts";
import { answerFlow } from "./answer_flow.ts";

const OTHER = new FlowRecorder();

/** The port that an answer goes to: of sent-by, or undefined for the way back. */
function portFor(via: string, flow: Flow = new FlowRecorder({ remote: { host: "127.0.0.1", port: 40000 } })) {
  const message = messageOf(`OPTIONS sip:a@b SIP/2.0
Via: ${via}
From: <sip:c@d>;tag=1
To: <sip:a@b>
Call-ID: x
CSeq: 1 OPTIONS
Content-Length: 0

`);
  let asked: number | undefined;
  const answer = answerFlow(message, flow, (_flow, port) => {
    asked = port;
    return OTHER;
  });
  assert(answer === (asked === undefined ? flow : OTHER));
  return asked;
}

Deno.test("answerFlow takes the way back where rport asks for it (RFC 3581 §4)", () => {
  assertEquals(portFor("SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1;rport"), undefined);
  assertEquals(portFor("SIP/2.0/UDP 127.0.0.1:5070;RPORT;branch=z9hG4bK1"), undefined);
});

Deno.test("answerFlow takes the port of sent-by where rport is not asked for, 5060 by default (RFC 3261 §18.2.2)", () => {
  assertEquals(portFor("SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1"), 5070);
  assertEquals(portFor("SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1"), 5060);
  assertEquals(portFor("SIP/2.0/UDP 127.0.0.1:40000;branch=z9hG4bK1"), undefined);
});

Deno.test("answerFlow stays on the connection of a reliable transport (RFC 3261 §18.2.2)", () => {
  assertEquals(
    portFor("SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bK1", new FlowRecorder({ transport: "tcp" })),
    undefined,
  );
});
