import { assertEquals, assertThrows } from "@std/assert";
import { cutTimes, parseProcessorTime, parseResident, poll } from "./child.ts";

Deno.test("parseProcessorTime reads utime and stime behind a program name with spaces and brackets", () => {
  const line = "4711 (a) b (c) S 1 4711 4711 0 -1 4194560 1203 0 0 0 257 31 0 0 20 0 11 0 912345 1 2 3";
  assertEquals(parseProcessorTime(line), { user: 2570, system: 310 });
});

Deno.test("parseResident reads VmRSS, which a process that has just ended does not have", () => {
  assertEquals(parseResident("Name:\tsipp\nVmHWM:\t    9000 kB\nVmRSS:\t    8192 kB\nThreads:\t2\n"), 8_388_608);
  assertEquals(parseResident("Name:\tsipp\nState:\tZ (zombie)\n"), undefined);
});

Deno.test("cutTimes takes the times of the children and leaves what the program said", () => {
  const { rest, processorTime } = cutTimes("a warning\n0m0.001s 0m0.002s\n1m2.500s 0m0.125s\n");
  assertEquals(rest, "a warning\n");
  assertEquals(processorTime, { user: 62_500, system: 125 });
});

Deno.test("cutTimes refuses an output without times", () => {
  assertThrows(() => cutTimes("killed\n"), Error, 'Cannot find the lines of "times"');
});

Deno.test("poll gives the first answer that there is, and none when the time is up", async () => {
  let asked = 0;
  assertEquals(await poll(1000, () => Promise.resolve(++asked === 2 ? "ready" : undefined)), "ready");
  assertEquals(asked, 2);
  assertEquals(await poll(0, () => Promise.resolve(undefined)), undefined);
});
