/** Answers of one kind: compared with what is known, or parsed. */
import { assertEquals } from "@std/assert";
import { PAGER_OK, wire } from "../testing/messages.ts";
import { KnownShapes } from "./known_shapes.ts";
import { Message } from "./message.ts";
import { parseMessage } from "./parse.ts";

const ANSWERS = 64;
const BATCH = 1000;
/** Octets of one in memory, as in a ring that the kernel fills. */
const SLOT = 512;

const ring = new Uint8Array(ANSWERS * SLOT);
const answers = Array.from({ length: ANSWERS }, (_, place) => {
  const digits = (place * 7919).toString(16).padStart(8, "0");
  const octets = wire(PAGER_OK.replace("74bf9a1c", digits).replace("6b3c0f9e", digits).replace("9f8e7d6c", digits));
  ring.set(octets, place * SLOT);
  return ring.subarray(place * SLOT, place * SLOT + octets.length);
});

const shapes = new KnownShapes();
const message = new Message();
for (const answer of answers) assertEquals(shapes.parse(answer, message), undefined);

Deno.bench("1000 answers compared", { group: "answers", baseline: true }, () => {
  for (let i = 0; i < BATCH; i++) shapes.parse(answers[i % ANSWERS]!, message);
});

Deno.bench("1000 answers parsed", { group: "answers" }, () => {
  for (let i = 0; i < BATCH; i++) parseMessage(answers[i % ANSWERS]!, message);
});
