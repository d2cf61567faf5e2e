import { assertEquals } from "@std/assert";
import { messageOf } from "../testing/messages.ts";
import { MergedRequests } from "./merged_requests.ts";

function request(branch: string, callId = "call-1", sequence = 1, tag = "alice") {
  return messageOf(`MESSAGE sip:bob@ims.example SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK${branch}
From: <sip:alice@ims.example>;tag=${tag}
To: <sip:bob@ims.example>
Call-ID: ${callId}
CSeq: ${sequence} MESSAGE
Content-Length: 0

`);
}

Deno.test("MergedRequests knows a request that comes on another branch (RFC 3261 §8.2.2.2)", () => {
  const merged = new MergedRequests(32_000, 0);
  assertEquals(merged.sees(request("a"), 0), false);
  assertEquals(merged.sees(request("b"), 1), true);
});

Deno.test("MergedRequests tells requests apart by Call-ID, CSeq and From tag", () => {
  const merged = new MergedRequests(32_000, 0);
  for (
    const other of [request("a"), request("a", "call-2"), request("a", "call-1", 2), request("a", "call-1", 1, "x")]
  ) {
    assertEquals(merged.sees(other, 0), false);
  }
});

Deno.test("MergedRequests remembers for one period at least, and forgets after two", () => {
  const merged = new MergedRequests(32_000, 0);
  merged.sees(request("a"), 31_999);
  assertEquals(merged.sees(request("b", "call-2"), 32_000), false);
  assertEquals(merged.sees(request("c"), 63_000), true);
  assertEquals(merged.sees(request("d", "call-3"), 64_000), false);
  assertEquals(merged.sees(request("e"), 64_001), false);
});
