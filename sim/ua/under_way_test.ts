import { assertEquals } from "@std/assert";
import { TalliedSet, UnderWay } from "./under_way.ts";

Deno.test("sets of many clients are counted together, each member once", () => {
  const underWay = new UnderWay();
  const [one, other] = [new TalliedSet(underWay.sessions), new TalliedSet(underWay.sessions)];
  const [called, received] = [{ caller: true }, { caller: false }];
  one.add(called);
  one.add(called);
  other.add(received);
  assertEquals([underWay.sessions, [...one], other.size], [{ all: 2, called: 1 }, [called], 1]);
  one.delete(called);
  one.delete(called);
  assertEquals([underWay.sessions, underWay.isNothing()], [{ all: 1, called: 0 }, false]);
  other.delete(received);
  assertEquals([underWay.isNothing(), one.size], [true, 0]);
});
