import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { toOctets, toText } from "../bytes/text.ts";
import { LARGE_INVITE, LARGE_OK, PAGER_MESSAGE, PAGER_OK, REGISTER, wire } from "../testing/messages.ts";
import { KnownShapes } from "./known_shapes.ts";
import { Message } from "./message.ts";
import { type ParseFault, parseMessage } from "./parse.ts";

const SAMPLES = [PAGER_MESSAGE, PAGER_OK, LARGE_INVITE, LARGE_OK, REGISTER];

/** Everything that a parser notes, by one that has seen other messages and by one that has not. */
function noted(message: Message, fault: ParseFault | undefined) {
  const { isRequest, method, status, sequenceNumber, subjectFrom, subjectTo, bodyFrom, bodyTo, lineCount } = message;
  const lines = Array.from({ length: lineCount }, (_, line) => [
    message.nameId(line),
    message.lineFrom(line),
    message.nameTo(line),
    message.valueFrom(line),
    message.valueTo(line),
    message.lineTo(line),
  ]);
  return {
    fault,
    text: message.text(),
    numbers: { isRequest, method, status, sequenceNumber, subjectFrom, subjectTo, bodyFrom, bodyTo },
    lines,
    branch: message.branch(),
    via: message.topVia(),
    from: message.from(),
    to: message.to(),
    tags: [message.fromTag(), message.toTag(), message.hasToTag()],
  };
}

function assertSame(shapes: KnownShapes, octets: Uint8Array): void {
  const [known, plain] = [new Message(), new Message()];
  const fault = shapes.parse(octets, known);
  assertEquals(noted(known, fault), noted(plain, parseMessage(octets, plain)), toText(octets));
}

/** One parser's message, used again as a layer does it. */
function parsedAgain(shapes: KnownShapes, ...texts: readonly string[]): Message {
  const message = new Message();
  for (const text of texts) assertEquals(shapes.parse(wire(text), message), undefined, text);
  return message;
}

Deno.test("KnownShapes reads what differs in tags, branch, Call-ID and CSeq as parseMessage does", () => {
  const shapes = new KnownShapes();
  for (const text of SAMPLES) {
    assertSame(shapes, wire(text));
    assertSame(shapes, wire(text));
    assertSame(shapes, wire(text.replace(/branch=z9hG4bK(.)/, "branch=z9hG4bK0")));
    assertSame(shapes, wire(text.replace(/tag=./g, "tag=0")));
    assertSame(shapes, wire(text.replace(/(Call-ID: ).../, "$1Az9")));
    assertSame(shapes, wire(text.replace(/CSeq: \d/, "CSeq: 7")));
    assertSame(shapes, wire(text.replace(/^(\S+ sip:)\w/, "$1Q")));
  }
});

Deno.test("KnownShapes gives the number of each message's own CSeq, and no other message's values", () => {
  const shapes = new KnownShapes();
  const message = parsedAgain(shapes, PAGER_OK, PAGER_OK.replace(/CSeq: \d/, "CSeq: 5"));
  assertEquals(message.sequenceNumber, 5);
  message.to();
  shapes.parse(wire(PAGER_OK.replace(/(To:.*tag=)./, "$1Z")), message);
  assert(message.toTag().startsWith("Z"));
});

Deno.test("KnownShapes finds every fault that a single other octet makes", () => {
  for (const text of SAMPLES) {
    const octets = wire(text);
    const shapes = new KnownShapes();
    assertSame(shapes, octets);
    for (let i = 0; i < octets.length; i++) {
      for (const other of ["a", "Z", "0", " ", ":", "<", ">", ";", "=", "\r", "\n", ",", '"', "\u00ff"]) {
        const changed = octets.slice();
        changed[i] = toOctets(other)[0]!;
        assertSame(shapes, changed);
      }
    }
  }
});

Deno.test("KnownShapes takes any changes of several octets as parseMessage does", () => {
  const change = fc.record({ at: fc.nat(2000), octet: fc.integer({ min: 0x20, max: 0x7e }) });
  fc.assert(fc.property(fc.nat(SAMPLES.length - 1), fc.array(change, { maxLength: 5 }), (sample, changes) => {
    const shapes = new KnownShapes();
    const octets = wire(SAMPLES[sample]!);
    assertSame(shapes, octets);
    const changed = octets.slice();
    for (const { at, octet } of changes) changed[at % changed.length] = octet;
    assertSame(shapes, changed);
    assertSame(shapes, octets);
  }));
});

Deno.test("KnownShapes takes a number in CSeq that is too large for what it is", () => {
  const shapes = new KnownShapes();
  const long = PAGER_OK.replace(/CSeq: \d+/, "CSeq: 2147483647");
  assertEquals(parsedAgain(shapes, long, long).sequenceNumber, 2147483647);
  assertEquals(shapes.parse(wire(long.replace("2147483647", "2147483648")), new Message()), "bad_cseq");
});

Deno.test("KnownShapes gives up a shape that does not come any more", () => {
  const shapes = new KnownShapes();
  const other = PAGER_OK.replace("200 OK", "202 OK");
  const message = parsedAgain(shapes, PAGER_OK, ...Array(100).fill(other), PAGER_OK);
  assertEquals(message.status, 200);
});

Deno.test("A message that is kept does not change with the next one of its shape", () => {
  const shapes = new KnownShapes();
  const message = parsedAgain(shapes, PAGER_OK, PAGER_OK);
  const kept = message.keep();
  const before = noted(kept, undefined);
  shapes.parse(wire(LARGE_INVITE), message);
  shapes.parse(wire(LARGE_OK), kept);
  shapes.parse(wire(PAGER_OK), message);
  assertEquals(noted(message, undefined), before);
});
