import { assertEquals } from "@std/assert";
import { faultOfDatagram, faultOfStream, isExhausted } from "./faults.ts";

const failed = (code: string) => Object.assign(new Error(code), { code });

Deno.test("faultOfStream tells refusal, reset, timeout and missing permission apart", () => {
  assertEquals(faultOfStream(failed("ECONNREFUSED"), "connect"), "connection_refused");
  assertEquals(faultOfStream(failed("ECONNRESET"), "read"), "connection_reset");
  assertEquals(faultOfStream(failed("EPIPE"), "write"), "connection_reset");
  assertEquals(faultOfStream(failed("ETIMEDOUT"), "connect"), "connect_timeout");
  assertEquals(faultOfStream(failed("ETIMEDOUT"), "write"), "connection_reset");
  assertEquals(faultOfStream(new Deno.errors.NotCapable("net"), "connect"), "not_permitted");
});

Deno.test("faultOfStream tells what is used up here from what is wrong with the peer", () => {
  for (const code of ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"]) {
    assertEquals(faultOfStream(failed(code), "connect"), "no_resources", code);
  }
  assertEquals(faultOfStream(failed("EADDRNOTAVAIL"), "read"), "connection_reset");
  assertEquals([isExhausted(failed("EMFILE")), isExhausted(failed("ECONNABORTED"))], [true, false]);
});

Deno.test("faultOfStream has a word for every other error", () => {
  assertEquals(faultOfStream(failed("ENETUNREACH"), "connect"), "unreachable");
  assertEquals(faultOfStream(new Error("anything"), "read"), "connection_reset");
  assertEquals(faultOfStream(new Error("anything"), "write"), "send_failed");
});

Deno.test("faultOfDatagram finds a fault only where a later datagram would fail as well", () => {
  assertEquals(faultOfDatagram(failed("ENETUNREACH")), "unreachable");
  assertEquals(faultOfDatagram("EAFNOSUPPORT"), "unreachable");
  assertEquals(faultOfDatagram(failed("EPERM")), "not_permitted");
  assertEquals(faultOfDatagram(new Deno.errors.NotCapable("net")), "not_permitted");
  for (const code of ["EMSGSIZE", "ENOBUFS", "EAGAIN", "ECONNREFUSED"]) {
    assertEquals(faultOfDatagram(failed(code)), undefined, code);
  }
});
