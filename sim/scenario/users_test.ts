import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseUsers, userAt } from "./users.ts";

Deno.test("userAt numbers the clients from the first user", () => {
  const population = {
    users: { pattern: "user{n:03}", first: 10 },
    auth: { username: "u{n}@ims", password: "secret" },
  };
  assertEquals(userAt(population, 0), { user: "user010", username: "u10@ims", password: "secret" });
  assertEquals(userAt(population, 5), { user: "user015", username: "u15@ims", password: "secret" });
});

Deno.test("userAt without auth gives a user who cannot answer challenges", () => {
  const population = { users: { pattern: "user{n}", first: 0 }, auth: undefined };
  assertEquals(userAt(population, 3), { user: "user3", username: "user3", password: undefined });
});

Deno.test("userAt takes users from a file, and from auth what the file does not have", () => {
  const file = Deno.makeTempFileSync({ suffix: ".csv" });
  try {
    Deno.writeTextFileSync(file, "user,username\nalice,alice@ims\nbob,bob@ims\n");
    const population = { users: { csv: file }, auth: { username: undefined, password: "secret" } };
    assertEquals(userAt(population, 1), { user: "bob", username: "bob@ims", password: "secret" });
    assertThrows(() => userAt(population, 2), RangeError, "has 2");
  } finally {
    Deno.removeSync(file);
  }
});

Deno.test("parseUsers reads quoted fields, a byte order mark and empty lines", () => {
  const rows = parseUsers('\ufeffuser,password\r\nalice,"a,""b"""\r\n\r\nbob, x \r\n');
  assertEquals(rows, [{ user: "alice", password: 'a,"b"' }, { user: "bob", password: "x" }]);
});

Deno.test("parseUsers says what is wrong with a file", () => {
  const fault = (text: string) => {
    const rows = parseUsers(text);
    return Array.isArray(rows) ? "" : rows.fault;
  };
  assertEquals(fault("user\n"), "has no users");
  assertEquals(fault("name\nalice\n"), "has unknown columns: name; known: user, username, password");
  assertEquals(fault("password\nx\n"), "has no column user");
  assertEquals(fault("user,password\n,x\n"), "has no user in row 1");
  assertEquals(fault("user\nalice\nalice\n"), 'has the user "alice" twice');
  assertEquals(fault("user,password\nalice\n").startsWith("Invalid Record Length"), true);
});

Deno.test("parseUsers reads a plain file as it reads one with quotes", () => {
  const columns = fc.uniqueArray(fc.constantFrom("user", "username", "password"), { minLength: 1 });
  const value = fc.string({ unit: fc.constantFrom("a", "b", " ", ",", "\r", "\n", "é"), maxLength: 4 });
  const file = fc.tuple(
    columns,
    fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
    fc.boolean(),
  );
  fc.assert(
    fc.property(file, ([header, rows, isDos]) => {
      const text = [header, ...rows].map((row) => row.join(",")).join(isDos ? "\r\n" : "\n");
      // quotes around a column name change nothing but who reads it
      assertEquals(parseUsers(text), parseUsers(text.replace(header[0]!, `"${header[0]}"`)), JSON.stringify(text));
    }),
    { numRuns: 2000 },
  );
});
