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

Deno.test("a set keeps several members in the order they came, and each can leave", () => {
  const underWay = new UnderWay();
  const set = new TalliedSet<{ caller: boolean; name: string }>(underWay.exchanges);
  const members = ["a", "b", "c"].map((name) => ({ caller: name === "b", name }));
  for (const member of [...members, ...members]) set.add(member);
  assertEquals([[...set], set.size, underWay.exchanges], [members, 3, { all: 3, called: 1 }]);
  for (const member of [members[1]!, members[1]!, members[0]!]) set.delete(member);
  assertEquals([[...set], set.size, underWay.exchanges], [[members[2]!], 1, { all: 1, called: 0 }]);
  set.delete(members[2]!);
  set.add(members[0]!);
  assertEquals([[...set], set.size], [[members[0]!], 1]);
});
