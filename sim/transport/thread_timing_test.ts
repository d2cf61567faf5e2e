import { assert, assertEquals } from "@std/assert";
import { Libc, SYS_SCHED_GETATTR } from "./libc.ts";
import { wakeOnTime } from "./thread_timing.ts";

const SIZE = 48;

Deno.test({
  name: "wakeOnTime asks for short time slices and leaves policy and priority as they were",
  ignore: typeof Libc.open() === "string",
  fn: () => {
    const libc = Libc.open() as Libc;
    const before = attributesOf(libc);
    wakeOnTime(libc);
    const after = attributesOf(libc);
    const slice = after.getBigUint64(24, true);
    // a kernel before 6.12 tells none, and none is set where it is forbidden
    assert(slice === 100_000n || slice === before.getBigUint64(24, true));
    for (const at of [4, 8, 12, 16, 20]) assertEquals(after.getUint32(at, true), before.getUint32(at, true));
    libc.close();
  },
});

function attributesOf(libc: Libc): DataView {
  const attributes = new Uint8Array(SIZE);
  libc.symbols.syscall(SYS_SCHED_GETATTR, 0, attributes, SIZE, 0);
  return new DataView(attributes.buffer);
}
