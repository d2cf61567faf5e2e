import { assertEquals, assertThrows } from "@std/assert";
import { parseStatistics } from "./kamailio.ts";

Deno.test("parseStatistics makes numbers of the lines of Kamailio", () => {
  assertEquals(parseStatistics(["core:rcv_requests = 12", "usrloc:registered_users = 3"]), {
    "core:rcv_requests": 12,
    "usrloc:registered_users": 3,
  });
  assertThrows(() => parseStatistics({ code: 500 }), TypeError, "not a list");
});
