import { assert, assertEquals } from "@std/assert";
import { Random } from "../clock/random.ts";
import { ContactGraph } from "./contacts.ts";

const COUNT = 5000;
const GRAPH = new ContactGraph(42, 1, COUNT, 20);

/** How often each client is somebody's contact. */
function popularity(): number[] {
  const known = Array(COUNT).fill(0);
  for (let client = 0; client < COUNT; client++) {
    for (let index = 0; index < GRAPH.degreeOf(client); index++) known[GRAPH.contactOf(client, index)]++;
  }
  return known;
}

Deno.test("the contacts of a client are the same each time, and others of another seed", () => {
  const contacts = (graph: ContactGraph): number[] =>
    Array.from({ length: 50 }, (_, index) => graph.contactOf(7, index));
  assertEquals(contacts(GRAPH), contacts(new ContactGraph(42, 1, COUNT, 20)));
  assert(contacts(new ContactGraph(43, 1, COUNT, 20)).some((contact, index) => contact !== contacts(GRAPH)[index]));
});

Deno.test("clients have as many contacts as asked for on average, and a few have many more", () => {
  const degrees = Array.from({ length: COUNT }, (_, client) => GRAPH.degreeOf(client)).toSorted((a, b) => a - b);
  const mean = degrees.reduce((sum, degree) => sum + degree, 0) / COUNT;
  assert(mean > 17 && mean < 23, `mean ${mean}`);
  assert(degrees[COUNT / 2]! < 16 && degrees.at(-1)! > 200, `median ${degrees[COUNT / 2]}, most ${degrees.at(-1)}`);
});

Deno.test("popularity has the tail of preferential attachment: its distribution falls with the third power", () => {
  const known = popularity();
  assertEquals(known.length, COUNT);
  const mean = known.reduce((sum, count) => sum + count, 0) / COUNT;
  // of a density that falls with the third power, the share beyond x falls with its square: 1/4 for twice as much
  const beyond = (times: number): number => known.filter((count) => count > times * mean).length / COUNT;
  const ratio = beyond(4) / beyond(2);
  assert(ratio > 0.17 && ratio < 0.33, `ratio ${ratio}`);
  assert(Math.max(...known) > 20 * mean, `most ${Math.max(...known)} of ${mean}`);
});

Deno.test("a client writes to its first contacts most, and only to contacts", () => {
  const random = new Random(1);
  const counts = new Map<number, number>();
  for (let k = 0; k < 10_000; k++) {
    const contact = GRAPH.pick(9, random);
    counts.set(contact, (counts.get(contact) ?? 0) + 1);
  }
  const degree = GRAPH.degreeOf(9);
  const contacts = new Set(Array.from({ length: degree }, (_, index) => GRAPH.contactOf(9, index)));
  assert([...counts.keys()].every((contact) => contacts.has(contact)));
  const first = counts.get(GRAPH.contactOf(9, 0)) ?? 0;
  // of d contacts the first one gets 1/sqrt(d)
  assert(first > (0.8 * 10_000) / Math.sqrt(degree), `${first} of ${degree} contacts`);
});

Deno.test("a population of one or two has contacts too", () => {
  assertEquals(new ContactGraph(1, 0, 1, 20).pick(0, new Random(1)), 0);
  const two = new ContactGraph(1, 0, 2, 20);
  assertEquals(new Set(Array.from({ length: 60 }, (_, k) => two.contactOf(0, k))), new Set([0, 1]));
});
