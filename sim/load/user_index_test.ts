import { assertEquals } from "@std/assert";
import { UserIndex } from "./user_index.ts";

function indexOf(users: readonly string[]): UserIndex<{ aor: string; place: number }> {
  return new UserIndex(users.map((user, place) => ({ aor: `sip:${user}@ims.example`, place })));
}

Deno.test("UserIndex finds each of many clients whose names differ in digits only", () => {
  const users = Array.from({ length: 5000 }, (_, n) => `user${String(n).padStart(6, "0")}`);
  const index = indexOf(users);
  assertEquals(users.filter((user, place) => index.find(user)?.place !== place), []);
});

Deno.test("UserIndex finds a user inside of a longer text", () => {
  const uri = "sip:bob@10.0.0.1:5070;transport=tcp";
  assertEquals(indexOf(["alice", "bob"]).find(uri, 4, 7)?.place, 1);
});

Deno.test("UserIndex finds nobody by a part of a name, a longer one, another case, or none", () => {
  const index = indexOf(["bob", "alice", "Ärger 👍"]);
  for (const text of ["bo", "bobo", "Bob", "", "bob@ims.example", "bob@ims"]) assertEquals(index.find(text), undefined);
  assertEquals(index.find("Ärger 👍")?.place, 2);
  assertEquals(indexOf([]).find("bob"), undefined);
});

Deno.test("UserIndex finds the later of two clients with the same user", () => {
  assertEquals(indexOf(["bob", "alice", "bob"]).find("bob")?.place, 2);
});
