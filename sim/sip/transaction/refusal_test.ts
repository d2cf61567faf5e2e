import { assertEquals } from "@std/assert";
import { toOctets } from "../../bytes/text.ts";
import { Message } from "../message.ts";
import { parseMessage } from "../parse.ts";
import { isAnswerable, statusOfFault } from "./refusal.ts";

function read(method: string, headers: readonly string[]): Message {
  const message = new Message();
  parseMessage(toOctets([`${method} sip:bob@ims.example SIP/2.0`, ...headers, "", ""].join("\r\n")), message);
  return message;
}

const HEADERS = [
  "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa",
  "From: <sip:a@ims.example>;tag=1",
  "To: <sip:bob@ims.example>",
  "Call-ID: a@127.0.0.1",
  "CSeq: 1 MESSAGE",
];

Deno.test("isAnswerable asks for every header that a response repeats (RFC 3261 §8.2.6.2)", () => {
  assertEquals(isAnswerable(read("MESSAGE", HEADERS)), true);
  for (const missing of HEADERS) {
    assertEquals(isAnswerable(read("MESSAGE", HEADERS.filter((line) => line !== missing))), false, missing);
  }
});

Deno.test("isAnswerable leaves ACK without an answer (RFC 3261 §17.1.1.3)", () => {
  assertEquals(isAnswerable(read("ACK", HEADERS)), false);
});

Deno.test("statusOfFault knows 505 and 414, and 400 for everything else (RFC 3261 §21.4.1)", () => {
  assertEquals((["bad_version", "uri_too_long", "bad_cseq"] as const).map(statusOfFault), [505, 414, 400]);
});
