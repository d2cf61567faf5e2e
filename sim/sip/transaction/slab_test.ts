import { assertEquals } from "@std/assert";
import { type Piece, Slab } from "./slab.ts";

Deno.test("Slab.keep gives copies that neither the original nor one another changes", () => {
  const slab = new Slab();
  const original = new Uint8Array(1000);
  const copies = Array.from({ length: 200 }, (_, i) => slab.keep(original.fill(i)));
  original.fill(255);
  for (const [i, copy] of copies.entries()) assertEquals(copy, new Uint8Array(1000).fill(i));
});

Deno.test("Slab.keep takes messages of any size", () => {
  const slab = new Slab();
  for (const size of [0, 1, 4096, 4097, 65_535, 100_000]) {
    assertEquals(slab.keep(new Uint8Array(size).fill(7)), new Uint8Array(size).fill(7));
  }
});

Deno.test("Slab.place uses the memory of forgotten copies again, and of no other", () => {
  const slab = new Slab();
  const message = new Uint8Array(1000);
  const pieces = new Set<Piece>();
  let kept: { piece: Piece; from: number } | undefined;
  for (let i = 0; i < 5000; i++) {
    const from = slab.place(message.fill(i % 251));
    const piece = slab.piece();
    pieces.add(piece);
    assertEquals(piece.octets[from + 999], i % 251);
    if (i === 10) kept = { piece, from };
    else slab.forget(piece);
  }
  assertEquals(pieces.size, 2);
  assertEquals(kept!.piece.octets.subarray(kept!.from, kept!.from + 1000), new Uint8Array(1000).fill(10));
  slab.forget(kept!.piece);
  for (let i = 0; i < 200; i++) {
    slab.place(message);
    pieces.add(slab.piece());
  }
  assertEquals(pieces.size > 2, true, "none of these is forgotten");
});

Deno.test("Slab.place takes a message that is larger than a piece", () => {
  const slab = new Slab();
  const from = slab.place(new Uint8Array(100_000).fill(7));
  assertEquals(slab.piece().octets.subarray(from, from + 100_000), new Uint8Array(100_000).fill(7));
  slab.forget(slab.piece());
  assertEquals(slab.place(new Uint8Array(10)), 0);
});
