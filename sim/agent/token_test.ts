import { assert, assertEquals } from "@std/assert";
import { isAuthorized, MIN_TOKEN_LENGTH, newToken } from "./token.ts";

Deno.test("newToken is never the same twice, long enough and needs no quoting", () => {
  const [a, b] = [newToken(), newToken()];
  assert(a !== b);
  assert(a.length >= MIN_TOKEN_LENGTH && /^[\w-]+$/.test(a), a);
});

Deno.test("isAuthorized takes the token as a bearer token alone (RFC 6750 §2.1)", () => {
  const token = newToken();
  assert(isAuthorized(`Bearer ${token}`, token));
  assert(isAuthorized(`bearer  ${token}`, token));
  const wrong = [undefined, "", token, "Bearer ", `Basic ${token}`, `Bearer ${token}x`, `Bearer ${token.slice(1)}`];
  assertEquals(wrong.filter((header) => isAuthorized(header, token)), []);
  assert(!isAuthorized("Bearer ", ""), "no token is no token");
});
