import { assert, assertEquals } from "@std/assert";
import { Tempo } from "./tempo.ts";

/** A second of slices with so many datagrams each. */
function after(received: number, slices = 1000): Tempo {
  const tempo = new Tempo();
  for (let i = 0; i < slices; i++) tempo.note(received, 1);
  return tempo;
}

Deno.test("Tempo lets turns follow at once below 4000 datagrams a second", () => {
  assertEquals([new Tempo().interval(), after(0).interval(), after(3.9).interval()], [0, 0, 0]);
});

Deno.test("Tempo collects five datagrams for a turn, for half a millisecond at most", () => {
  assertEquals(after(8).interval(), 0.5);
  assertEquals(Math.round(after(20).interval() * 1000), 250);
  assertEquals(Math.round(after(100).interval() * 1000), 50);
});

Deno.test("Tempo follows the rate within some slices, and one burst does not count", () => {
  assertEquals(after(30, 1).interval(), 0);
  assert(after(20, 20).interval() > 0);
  const tempo = after(20);
  for (let i = 0; i < 30; i++) tempo.note(0, 1);
  assertEquals(tempo.interval(), 0);
});

Deno.test("Tempo is not misled by a slice without duration", () => {
  const tempo = new Tempo();
  tempo.note(5, 0);
  assertEquals(tempo.interval(), 0);
});
