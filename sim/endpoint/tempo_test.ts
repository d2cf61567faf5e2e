import { assert, assertEquals } from "@std/assert";
import { Tempo } from "./tempo.ts";

/** A second of slices with so many datagrams each, and so many sent because of them. */
function after(received: number, answers: number, slices = 1000): Tempo {
  const tempo = new Tempo();
  for (let i = 0; i < slices; i++) tempo.note(received, answers, 1);
  return tempo;
}

Deno.test("Tempo lets turns follow at once below 4000 datagrams a second", () => {
  assertEquals([new Tempo().interval(), after(0, 0).interval(), after(3.9, 0).interval()], [0, 0, 0]);
});

Deno.test("Tempo collects 10 datagrams from which nothing follows, for half a millisecond to one, and 64 at most", () => {
  assertEquals(after(8, 0).interval(), 1);
  assertEquals(Math.round(after(12.5, 0).interval() * 1000), 800);
  for (const rate of [20, 100]) assertEquals(Math.round(after(rate, 0).interval() * 1000), 500);
  assertEquals(Math.round(after(256, 0).interval() * 1000), 250);
  assertEquals(Math.round(after(640, 0).interval() * 1000), 100);
});

Deno.test("Tempo keeps turns closer while peers wait for answers: five datagrams, for half a millisecond at most", () => {
  assertEquals(after(8, 4).interval(), 0.5);
  assertEquals(Math.round(after(20, 10).interval() * 1000), 250);
  assertEquals(Math.round(after(100, 2).interval() * 1000), 50);
  // one answer to a thousand datagrams is a rare one
  assertEquals(after(100, 0.1).interval(), 0.5);
});

Deno.test("Tempo lets datagrams wait for what is due when nothing follows from them and they come often", () => {
  assertEquals([after(2, 0).mayWait(), after(0.6, 0).mayWait()], [1, 1]);
  assertEquals([after(2, 1).mayWait(), after(2, 0.1).mayWait()], [0, 0], "somebody waits for what we do");
  assertEquals([after(0.4, 0).mayWait(), new Tempo().mayWait()], [0, 0], "a look every millisecond is more work");
});

Deno.test("Tempo calls it busy from 500 datagrams a second on, whoever waits for what", () => {
  assertEquals([after(0.6, 0).isBusy(), after(0.6, 0.6).isBusy(), after(0.4, 0).isBusy()], [true, true, false]);
});

Deno.test("Tempo takes it that something follows from datagrams until it has seen some", () => {
  assertEquals(after(2, 0, 20).mayWait(), 0);
  const tempo = after(0, 0);
  tempo.note(2, 0, 1);
  assertEquals(tempo.mayWait(), 0);
});

Deno.test("Tempo lets nothing wait from the slice on in which a datagram in ten was answered", () => {
  const tempo = after(10, 0);
  tempo.note(10, 1, 1);
  assertEquals(tempo.mayWait(), 0);
});

Deno.test("Tempo follows the rate within some slices, and one burst does not count", () => {
  assertEquals(after(30, 15, 1).interval(), 0);
  assert(after(20, 10, 20).interval() > 0);
  const tempo = after(20, 10);
  for (let i = 0; i < 30; i++) tempo.note(0, 0, 1);
  assertEquals(tempo.interval(), 0);
});

Deno.test("Tempo is not misled by a slice without duration", () => {
  const tempo = new Tempo();
  tempo.note(5, 0, 0);
  assertEquals(tempo.interval(), 0);
});
