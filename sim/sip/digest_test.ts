import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  chooseChallenge,
  type DigestAlgorithm,
  digestAlgorithmOf,
  digestHash,
  digestResponse,
  hashSecret,
  hashSession,
  parseChallenge,
  parseDigestParameters,
} from "./digest.ts";

interface Vector {
  readonly user: readonly [name: string, realm: string, password: string];
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly cnonce: string | undefined;
  readonly responses: readonly (readonly [DigestAlgorithm, string])[];
}

const VECTORS: readonly Vector[] = [
  {
    user: ["Mufasa", "testrealm@host.com", "Circle Of Life"],
    method: "GET",
    uri: "/dir/index.html",
    nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
    cnonce: "0a4f113b",
    responses: [["MD5", "6629fae49393a05397450978507c4ef1"]],
  },
  {
    user: ["Mufasa", "http-auth@example.org", "Circle of Life"],
    method: "GET",
    uri: "/dir/index.html",
    nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    responses: [
      ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
      ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
    ],
  },
  {
    user: ["alice@ims.example", "ims.example", "s3cret"],
    method: "REGISTER",
    uri: "sip:ims.example",
    nonce: "abc123nonce",
    cnonce: "0a4f113b",
    responses: [
      ["MD5", "56c019d4a5d57ea05056cfda236f6855"],
      ["SHA-256", "69fecc451db402ed6f2d0dd236828face4095c9de937384ff51784334cacde3e"],
      ["SHA-512-256", "6d0a9d1ea6d56c7904ee603f12221bc9dc133c985119606ad00b0eeb713fa2a0"],
    ],
  },
  {
    user: ["alice@ims.example", "ims.example", "s3cret"],
    method: "REGISTER",
    uri: "sip:ims.example",
    nonce: "abc123nonce",
    cnonce: undefined,
    responses: [["MD5", "fa951d0759034e4f9639c30d57903df1"]],
  },
];

Deno.test("digestResponse gives the published values, with and without qop (RFC 7616 §3.9, RFC 2617 §3.5)", () => {
  for (const { user, method, uri, nonce, cnonce, responses } of VECTORS) {
    for (const [algorithm, expected] of responses) {
      const ha1 = hashSecret(algorithm, ...user);
      const qop = cnonce === undefined ? {} : { qop: { count: "00000001", cnonce } };
      assertEquals(digestResponse(algorithm, ha1, { method, uri, nonce, ...qop }), expected);
    }
  }
});

Deno.test("hashSession binds the hashed secret to both nonces (RFC 7616 §3.4.2)", () => {
  const secretHash = hashSecret("MD5-sess", "alice", "ims.example", "s3cret");
  assertEquals(secretHash, digestHash("MD5", "alice:ims.example:s3cret"));
  assertEquals(hashSession("MD5-sess", secretHash, "n", "c"), digestHash("MD5", `${secretHash}:n:c`));
});

Deno.test("digestAlgorithmOf reads any case and takes none for MD5 (RFC 3261 §22.4, RFC 8760 §2.1)", () => {
  assertEquals(digestAlgorithmOf(undefined), "MD5");
  assertEquals(digestAlgorithmOf("sha-512-256"), "SHA-512-256");
  assertEquals(digestAlgorithmOf("md5-SESS"), "MD5-sess");
  assertEquals(digestAlgorithmOf("AKAv1-MD5"), undefined);
});

Deno.test("parseChallenge reads what is quoted and what is not (RFC 3261 §22.4)", () => {
  assertEquals(
    parseChallenge(
      'Digest realm="ims.example", nonce="a,b=c==", opaque="", algorithm=SHA-256, qop="auth,auth-int"',
      false,
    ),
    {
      realm: "ims.example",
      nonce: "a,b=c==",
      opaque: "",
      algorithm: "SHA-256",
      qop: "auth",
      stale: false,
      proxy: false,
    },
  );
  assertEquals(
    parseChallenge('DIGEST nonce=abc==,realm="a \\"b\\"" , QOP=auth ,stale="TRUE",unknown=1', true),
    { realm: 'a \\"b\\"', nonce: "abc==", algorithm: "MD5", qop: "auth", stale: true, proxy: true },
  );
  assertEquals(
    parseChallenge('Digest realm="r", nonce="n"', false),
    { realm: "r", nonce: "n", algorithm: "MD5", stale: false, proxy: false },
  );
});

Deno.test("parseChallenge gives nothing for a challenge that we cannot answer (RFC 3261 §22.1, RFC 8760 §2.4)", () => {
  for (
    const value of [
      'Basic realm="r"',
      'Digestive realm="r", nonce="n"',
      'Digest realm="r"',
      'Digest nonce="n"',
      'Digest realm="r", nonce="n", algorithm=AKAv1-MD5',
      'Digest realm="r", nonce="n", qop="auth-int"',
      'Digest realm="r", nonce="n", nonce="m"',
      'Digest realm="r", nonce="n" qop="auth"',
      'Digest realm="r, nonce="n"',
      "Digest",
      "",
    ]
  ) assertEquals(parseChallenge(value, false), undefined, value);
});

Deno.test("chooseChallenge takes the topmost that we can answer, also when a stronger one follows (RFC 8760 §2.4)", () => {
  const read = (algorithm: string) => parseChallenge(`Digest realm="r", nonce="n", algorithm=${algorithm}`, false);
  const readable = (...algorithms: string[]) => algorithms.map(read).filter((challenge) => challenge !== undefined);
  assertEquals(chooseChallenge(readable("SHA-999", "SHA-256", "MD5"))?.algorithm, "SHA-256");
  assertEquals(chooseChallenge(readable("MD5", "SHA-256"))?.algorithm, "MD5");
  assertEquals(chooseChallenge([]), undefined);
});

Deno.test("parseDigestParameters reads back what is written", () => {
  const name = fc.stringMatching(/^[a-z][a-z-]{0,8}$/);
  const value = fc.string().map((text) => text.replaceAll(/["\\]/g, "\\$&"));
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }), (pairs) => {
    const text = `Digest ${pairs.map(([key, quoted]) => `${key}="${quoted}"`).join(", ")}`;
    assertEquals([...parseDigestParameters(text) ?? []], pairs);
  }));
});

Deno.test("parseDigestParameters never throws, and takes a time linear in hostile texts", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    parseDigestParameters(text);
    parseDigestParameters(`Digest ${text}`);
  }));
  parseDigestParameters(`Digest ${"\\".repeat(60_000)}`);
  parseDigestParameters(`Digest a="${"\\".repeat(60_000)}`);
  parseDigestParameters(`Digest ${" ,".repeat(30_000)}`);
  parseDigestParameters(`Digest a${" ".repeat(60_000)}`);
});
