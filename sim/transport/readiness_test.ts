import { assertEquals } from "@std/assert";
import { EPOLLOUT, Libc } from "./libc.ts";
import { openSocket } from "./native_socket.ts";
import { Readiness } from "./readiness.ts";

const LIBC = Libc.open();

function replacesDescriptor(libc: Libc): void {
  const readiness = new Readiness(libc);
  const open = () => openSocket(libc, { host: "127.0.0.1", port: 0 }).descriptor;
  const [first, second] = [open(), open()];
  const heard: string[] = [];
  let third = -1;
  const replaceSecond = () => {
    heard.push("first");
    if (third >= 0) return;
    readiness.forget(numbers[1] as number);
    libc.symbols.close(second);
    third = open();
    readiness.add(third, EPOLLOUT, { onReady: () => heard.push("third") });
  };
  const numbers = [
    readiness.add(first, EPOLLOUT, { onReady: replaceSecond }),
    readiness.add(second, EPOLLOUT, { onReady: () => heard.push("second") }),
  ];
  readiness.tell();
  assertEquals([third, heard], [second, ["first"]]);
  readiness.tell();
  assertEquals(heard, ["first", "first", "third"]);
  for (const descriptor of [first, third]) libc.symbols.close(descriptor);
  readiness.close();
}

Deno.test({
  name: "A descriptor that is used again hears nothing that was meant for the one before it",
  ignore: typeof LIBC === "string",
  fn: () => replacesDescriptor(LIBC as Libc),
});
