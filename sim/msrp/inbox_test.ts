import { assert, assertEquals } from "@std/assert";
import { toOctets, toText } from "../bytes/text.ts";
import type { Request } from "./chunk.ts";
import { Inbox } from "./inbox.ts";

function sendOf(options: Partial<Omit<Request, "body">> & { body?: string | undefined } = {}): Request {
  const { body = "hi", ...rest } = options;
  return {
    kind: "request",
    transactionId: "abcd",
    method: "SEND",
    toPath: [],
    fromPath: [],
    messageId: "m1234",
    successReport: false,
    failureReport: "yes",
    byteRange: { start: 1, end: undefined, total: undefined },
    status: undefined,
    otherHeaders: [],
    contentType: "text/plain",
    continuation: "$",
    ...rest,
    body: "body" in options && options.body === undefined ? undefined : toOctets(body),
  };
}

const bodiless = (options: Partial<Omit<Request, "body">>): Request =>
  sendOf({ contentType: undefined, body: undefined, ...options });

Deno.test("Inbox acknowledges a SEND without body and gives nothing, but an empty body is a message (RFC 4975 §7.1)", () => {
  const inbox = new Inbox(["text/plain"]);
  assertEquals(inbox.receive(bodiless({})).note, "bodiless");
  const empty = inbox.receive(sendOf({ body: "" }));
  assertEquals([empty.status, empty.size, empty.received?.content().length], [200, 0, 0]);
});

Deno.test("Inbox takes a SEND without body as the end of a message that is open", () => {
  const inbox = new Inbox(["text/plain"]);
  assertEquals(inbox.receive(sendOf({ continuation: "+" })).note, "chunk");
  const last = inbox.receive(bodiless({ byteRange: { start: 3, end: 2, total: 2 } }));
  assertEquals(toText(last.received!.content()), "hi");
  assertEquals(last.received!.contentType, "text/plain");
});

Deno.test("Inbox refuses every further chunk of a message as the first (RFC 4975 §10.4, §10.5)", () => {
  const inbox = new Inbox(["text/plain"], 10);
  const large = { messageId: "large", byteRange: { start: 1, end: undefined, total: 11 }, continuation: "+" } as const;
  const image = { messageId: "image", contentType: "image/png" };
  for (let i = 0; i < 2; i++) {
    assertEquals(inbox.receive(sendOf(large)).status, 413);
    assertEquals(inbox.receive(sendOf(image)).status, 415);
  }
  assertEquals(inbox.openMessages(), 0);
});

Deno.test("Inbox forgets a message that was given up, and takes it again", () => {
  const inbox = new Inbox(["text/plain"]);
  inbox.receive(sendOf({ continuation: "+" }));
  assertEquals(inbox.receive(sendOf({ continuation: "#" })).note, "abandoned");
  assertEquals(inbox.openMessages(), 0);
  assertEquals(toText(inbox.receive(sendOf({ body: "again" })).received!.content()), "again");
});

Deno.test("Inbox keeps messages apart by their Message-ID", () => {
  const inbox = new Inbox(["*"]);
  const second = { start: 2, end: undefined, total: undefined };
  inbox.receive(sendOf({ messageId: "one1", body: "a", continuation: "+" }));
  inbox.receive(sendOf({ messageId: "two2", body: "x", continuation: "+" }));
  assertEquals(inbox.openMessages(), 2);
  const one = inbox.receive(sendOf({ messageId: "one1", body: "b", byteRange: second }));
  const two = inbox.receive(sendOf({ messageId: "two2", body: "y", byteRange: second }));
  assertEquals([one, two].map(({ received }) => toText(received!.content())), ["ab", "xy"]);
});

Deno.test("Inbox bounds the messages that are open at a time", () => {
  const inbox = new Inbox(["*"]);
  let status = 200;
  for (let i = 0; status === 200; i++) {
    status = inbox.receive(sendOf({ messageId: `open${i}`, continuation: "+" })).status;
    assert(i < 1000);
  }
  assertEquals(status, 413);
});

Deno.test("Inbox gives the size of a repeated message again, for its report, but not its content", () => {
  const inbox = new Inbox(["*"]);
  assert(inbox.receive(sendOf()).received !== undefined);
  const again = inbox.receive(sendOf());
  assertEquals([again.status, again.size, again.received, again.note], [200, 2, undefined, "duplicate"]);
});
