import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { LARGE_INVITE, LARGE_OK, messageOf } from "../testing/messages.ts";
import type { Message } from "./message.ts";
import {
  acceptSessionTimer,
  answerSessionTimer,
  expiryDelay,
  MinSeMemory,
  parseMinSe,
  parseSessionExpires,
  refreshDelay,
  refresherOf,
  type RefresherRole,
  sessionTimerHeaders,
  supportsSessionTimer,
} from "./session_timer.ts";

/** The sample message with other session timer lines. */
function withLines(sample: string, lines: readonly string[]): Message {
  const bare = sample.split("\n").filter((line) => !/^(Supported|Require|Session-Expires):/.test(line)).join("\n");
  return messageOf(bare.replace("\nCSeq:", `${lines.map((line) => `\n${line}`).join("")}\nCSeq:`));
}

function invite(...lines: string[]): Message {
  return withLines(LARGE_INVITE, lines);
}

function answer(...lines: string[]): Message {
  return withLines(LARGE_OK, lines);
}

Deno.test("parseSessionExpires reads interval and refresher (RFC 4028 §4)", () => {
  assertEquals(parseSessionExpires("1800"), { seconds: 1800 });
  assertEquals(parseSessionExpires("1800;refresher=uac"), { seconds: 1800, refresher: "uac" });
  assertEquals(parseSessionExpires(" 90 ; a=b ; Refresher = UAS ;x"), { seconds: 90, refresher: "uas" });
  assertEquals(parseSessionExpires("90;refresher=both"), { seconds: 90 });
  for (const value of ["", "0", "-5", "1800 uac", "abc", "1e3", "99999999999", ";refresher=uac"]) {
    assertEquals(parseSessionExpires(value), undefined, value);
  }
});

Deno.test("parseMinSe reads seconds and leaves parameters (RFC 4028 §5)", () => {
  assertEquals(parseMinSe("120"), 120);
  assertEquals(parseMinSe(" 90;x=y"), 90);
  for (const value of ["", "x", "-1", "1 2"]) assertEquals(parseMinSe(value), undefined, value);
});

Deno.test("parseSessionExpires reads what sessionTimerHeaders writes and never throws", () => {
  const role = fc.constantFrom<RefresherRole>("uac", "uas");
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 31 }), fc.option(role), (expires, refresher) => {
    const lines = sessionTimerHeaders({ expires, ...(refresher === null ? {} : { refresher }) });
    const read = parseSessionExpires(lines[0]![1]);
    assertEquals(read, { seconds: expires, ...(refresher === null ? {} : { refresher }) });
  }));
  fc.assert(fc.property(fc.string(), (text) => void parseSessionExpires(text)));
  parseSessionExpires(`1${" ".repeat(60_000)}x`);
  parseSessionExpires(`1;${" ;refresher".repeat(10_000)}`);
});

Deno.test("sessionTimerHeaders writes the lines of an offer (RFC 4028 §4, §5)", () => {
  assertEquals(sessionTimerHeaders({ expires: 1800, refresher: "uac" }), [["Session-Expires", "1800;refresher=uac"]]);
  assertEquals(sessionTimerHeaders({ expires: 4000, minSe: 4000 }), [["Session-Expires", "4000"], ["Min-SE", "4000"]]);
});

Deno.test("supportsSessionTimer looks into Supported and Require, in any case (RFC 4028 §7.1)", () => {
  assert(supportsSessionTimer(invite("Supported: path, Timer")));
  assert(supportsSessionTimer(invite("k: timer")));
  assert(supportsSessionTimer(invite("Require: timer")));
  assert(!supportsSessionTimer(invite("Supported: path")));
  assert(!supportsSessionTimer(invite()));
});

type Wish = RefresherRole | undefined;

/** Table 2 of RFC 4028 §9: support of the client, its refresher, our wish, the refresher of the 2xx, Require. */
const REFRESHER_TABLE: readonly (readonly [boolean, Wish, Wish, RefresherRole, boolean])[] = [
  [false, undefined, undefined, "uas", false],
  [false, undefined, "uac", "uas", false],
  // these two cannot happen: a client that cannot refresh names a refresher
  [false, "uac", undefined, "uas", false],
  [false, "uas", undefined, "uas", false],
  [true, undefined, undefined, "uac", true],
  [true, undefined, "uac", "uac", true],
  [true, undefined, "uas", "uas", true],
  [true, "uac", undefined, "uac", true],
  [true, "uac", "uas", "uac", true],
  [true, "uas", undefined, "uas", true],
  [true, "uas", "uac", "uas", true],
];

Deno.test("answerSessionTimer names the refresher of every row (RFC 4028 §9, Table 2)", () => {
  for (const [supports, asked, prefer, refresher, requireTimer] of REFRESHER_TABLE) {
    const lines = [`Session-Expires: 1800${asked === undefined ? "" : `;refresher=${asked}`}`];
    if (supports) lines.push("Supported: timer");
    const ours = { minSe: 90, ...(prefer === undefined ? {} : { prefer }) };
    assertEquals(
      answerSessionTimer(invite(...lines), ours),
      { status: 200, expires: 1800, refresher, requireTimer },
      `supports ${supports}, asked ${asked}, prefer ${prefer}`,
    );
  }
});

Deno.test("answerSessionTimer refuses too small an interval with its own minimum (RFC 4028 §9)", () => {
  const request = invite("Supported: timer", "Session-Expires: 100");
  assertEquals(answerSessionTimer(request, { minSe: 120 }), { status: 422, minSe: 120 });
  assertEquals(answerSessionTimer(request, { minSe: 101 }), { status: 422, minSe: 101 });
  assertEquals(answerSessionTimer(request, { minSe: 100 }).status, 200);
  const tiny = invite("Supported: timer", "Session-Expires: 10");
  assertEquals(answerSessionTimer(tiny, { minSe: 20 }), { status: 422, minSe: 90 });
});

Deno.test("answerSessionTimer cannot refuse a client that does not know session timers (RFC 4028 §9)", () => {
  assertEquals(
    answerSessionTimer(invite("Session-Expires: 100"), { minSe: 120 }),
    { status: 200, expires: 100, refresher: "uas", requireTimer: false },
  );
});

Deno.test("answerSessionTimer lowers the interval, but not below Min-SE of the request, and never raises it", () => {
  const expiresFor = (ours: { minSe: number; expires?: number }, ...lines: string[]) => {
    const answered = answerSessionTimer(invite("Supported: timer", ...lines), ours);
    return answered.status === 200 ? answered.expires : answered.status;
  };
  assertEquals(expiresFor({ minSe: 90, expires: 600 }, "Session-Expires: 1800"), 600);
  assertEquals(expiresFor({ minSe: 90, expires: 600 }, "Session-Expires: 1800", "Min-SE: 900"), 900);
  assertEquals(expiresFor({ minSe: 90, expires: 3600 }, "Session-Expires: 1800"), 1800);
  assertEquals(expiresFor({ minSe: 90, expires: 10 }, "Session-Expires: 1800"), 90);
  assertEquals(expiresFor({ minSe: 90 }, "x: 1800;refresher=uac"), 1800);
});

Deno.test("answerSessionTimer lowers only and keeps to every minimum, whatever is asked (RFC 4028 §9)", () => {
  const seconds = fc.integer({ min: 1, max: 5000 });
  fc.assert(fc.property(seconds, fc.option(seconds), fc.option(seconds), (asked, minSe, expires) => {
    const lines = ["Supported: timer", `Session-Expires: ${asked}`];
    if (minSe !== null) lines.push(`Min-SE: ${minSe}`);
    const answered = answerSessionTimer(invite(...lines), { minSe: 90, ...(expires === null ? {} : { expires }) });
    if (answered.status === 422) return assert(asked < 90);
    assert(answered.expires! <= asked);
    assert(answered.expires! >= Math.min(asked, Math.max(minSe ?? 0, 90)));
  }));
});

Deno.test("answerSessionTimer asks for a timer of its own where the client supports it (RFC 4028 §9)", () => {
  const none = { status: 200, requireTimer: false } as const;
  assertEquals(answerSessionTimer(invite("Supported: timer"), { minSe: 90 }), none);
  assertEquals(answerSessionTimer(invite(), { minSe: 90, expires: 600 }), none);
  assertEquals(
    answerSessionTimer(invite("Supported: timer"), { minSe: 90, expires: 600, prefer: "uas" }),
    { status: 200, expires: 600, refresher: "uas", requireTimer: true },
  );
  assertEquals(
    answerSessionTimer(invite("Supported: timer", "Min-SE: 900"), { minSe: 90, expires: 600 }),
    { status: 200, expires: 900, refresher: "uac", requireTimer: true },
  );
});

Deno.test("acceptSessionTimer obeys the 2xx, also where nothing was asked (RFC 4028 §7.2)", () => {
  const asked = { expires: 1800, soloRefresh: true };
  assertEquals(acceptSessionTimer(answer("Session-Expires: 600;refresher=uac"), asked), {
    expires: 600,
    refresher: "us",
  });
  assertEquals(acceptSessionTimer(answer("Session-Expires: 600;refresher=uas"), asked), {
    expires: 600,
    refresher: "peer",
  });
  assertEquals(acceptSessionTimer(answer("Session-Expires: 4000;refresher=uas"), { soloRefresh: false }), {
    expires: 4000,
    refresher: "peer",
  });
  assertEquals(acceptSessionTimer(answer("Session-Expires: 600"), asked), { expires: 600, refresher: "us" });
});

Deno.test("acceptSessionTimer runs alone where the server does not know session timers (RFC 4028 §7.2)", () => {
  const alone = { expires: 1800, refresher: "us" } as const;
  assertEquals(acceptSessionTimer(answer(), { expires: 1800, soloRefresh: true }), alone);
  assertEquals(acceptSessionTimer(answer(), { expires: 1800, soloRefresh: false }), undefined);
  assertEquals(acceptSessionTimer(answer(), { soloRefresh: true }), undefined);
  // it knows them and chose none
  assertEquals(acceptSessionTimer(answer("Supported: timer"), { expires: 1800, soloRefresh: true }), undefined);
});

Deno.test("refresherOf keeps the refresher when the other side refreshes (RFC 4028 §7.4, §9)", () => {
  // the caller refreshes: uac in its INVITE; the callee sees the peer
  assertEquals([refresherOf("uac", "uac"), refresherOf("uac", "uas")], ["us", "peer"]);
  // then the callee sends an UPDATE: the caller is uas of that transaction and stays the refresher
  assertEquals([refresherOf("uas", "uas"), refresherOf("uas", "uac")], ["us", "peer"]);
});

Deno.test("refreshDelay and expiryDelay give the instants after a 2xx (RFC 4028 §10)", () => {
  const instants = [[90, 45, 60], [96, 48, 64], [120, 60, 88], [600, 300, 568], [1800, 900, 1768], [3600, 1800, 3568]];
  for (const [expires, refresh, expiry] of instants) {
    assertEquals([refreshDelay(expires!, 0.5), expiryDelay(expires!)], [refresh! * 1000, expiry! * 1000]);
  }
  assertEquals(refreshDelay(600, 0.25), 150_000);
});

Deno.test("MinSeMemory asks again for what the 422 wants (RFC 4028 §7.3)", () => {
  const memory = new MinSeMemory();
  const offer = { expires: 1800, refresher: "uac" } as const;
  assertEquals([memory.value(), memory.applyTo(offer)], [undefined, offer]);
  assert(memory.raise(3600));
  assertEquals(memory.applyTo(offer), { expires: 3600, minSe: 3600, refresher: "uac" });
});

Deno.test("MinSeMemory follows a path whose proxies raise one after another (RFC 4028 §7.3)", () => {
  const memory = new MinSeMemory();
  assertEquals([3600, 4000].map((minSe) => memory.raise(minSe)), [true, true]);
  assertEquals(memory.applyTo({ expires: 1800 }), { expires: 4000, minSe: 4000 });
});

Deno.test("MinSeMemory tells when another try would be the same request (RFC 4028 §10)", () => {
  const memory = new MinSeMemory();
  assertEquals([undefined, 3600, 3600, 1000, undefined].map((minSe) => memory.raise(minSe)), [
    false,
    true,
    false,
    false,
    false,
  ]);
  assertEquals(memory.value(), 3600);
});

Deno.test("MinSeMemory never repeats a minimum below 90 s (RFC 4028 §5)", () => {
  const memory = new MinSeMemory();
  assert(memory.raise(60));
  assert(!memory.raise(80));
  assertEquals(memory.applyTo({ expires: 30 }), { expires: 90, minSe: 90 });
});

Deno.test("MinSeMemory only ever grows", () => {
  fc.assert(fc.property(fc.array(fc.nat(10_000)), (minima) => {
    const memory = new MinSeMemory();
    for (const minSe of minima) {
      const before = memory.value() ?? 0;
      assertEquals(memory.raise(minSe), memory.value()! > before);
      assert(memory.value()! >= Math.max(before, minSe, 90));
    }
  }));
});
