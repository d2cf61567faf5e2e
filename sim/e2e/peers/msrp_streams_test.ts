import { assert, assertEquals } from "@std/assert";
import { checkMsrpStream } from "./msrp_streams.ts";

const PATHS = "To-Path: msrp://127.0.0.1:2855/bob;tcp\r\nFrom-Path: msrp://127.0.0.1:2856/alice;tcp\r\n";

function check(text: string): { counts: [string, number][]; faults: readonly string[] } {
  const { counts, faults } = checkMsrpStream(new TextEncoder().encode(text));
  return { counts: [...counts], faults };
}

function send(id: string, headers: string, body: string | undefined, flag = "$"): string {
  return `MSRP ${id} SEND\r\n${PATHS}${headers}${body === undefined ? "" : `\r\n${body}\r\n`}-------${id}${flag}\r\n`;
}

const WHOLE = "Message-ID: m123\r\nByte-Range: 1-5/5\r\nContent-Type: text/plain\r\n";

Deno.test("a SEND, its response and its REPORT pass (RFC 4975 §9)", () => {
  const response = `MSRP t123 200 OK\r\n${PATHS}-------t123$\r\n`;
  const report =
    `MSRP r123 REPORT\r\n${PATHS}Message-ID: m123\r\nByte-Range: 1-5/5\r\nStatus: 000 200 OK\r\n-------r123$\r\n`;
  assertEquals(check(send("t123", WHOLE, "hello") + response + report), {
    counts: [["SEND", 1], ["200", 1], ["REPORT", 1]],
    faults: [],
  });
});

Deno.test("a SEND without a body and an interrupted chunk pass (RFC 4975 §7.1)", () => {
  const bodiless = send("t123", "Message-ID: m123\r\nByte-Range: 1-0/0\r\n", undefined);
  const interrupted = send("t124", "Message-ID: m124\r\nByte-Range: 1-*/9\r\nContent-Type: a/b\r\n", "hello", "+");
  assertEquals(check(bodiless + interrupted), { counts: [["SEND", 2]], faults: [] });
});

Deno.test("an end-line of another transaction inside the body does not end the chunk (RFC 4975 §7.1)", () => {
  const body = "a\r\n-------t999$\r\nb";
  const headers = `Message-ID: m123\r\nByte-Range: 1-${body.length}/${body.length}\r\nContent-Type: a/b\r\n`;
  assertEquals(check(send("t123", headers, body)), { counts: [["SEND", 1]], faults: [] });
});

const BROKEN: readonly (readonly [name: string, text: string, fault: string])[] = [
  ["octets that are no start line", "HTTP/1.1 200 OK\r\n", "no start line"],
  ["a transact-id of 3 characters", send("t12", WHOLE, "hello"), "no start line"],
  ["a missing end-line", `MSRP t123 SEND\r\n${PATHS}${WHOLE}\r\nhello\r\n`, "no end-line of t123"],
  [
    "an end-line of another transaction",
    send("t123", WHOLE, "hello").replace("-------t123", "-------t124"),
    "no end-line",
  ],
  ["an unknown continuation flag", send("t123", WHOLE, "hello", "!"), "no end-line"],
  ["a Byte-Range of another length", send("t123", WHOLE, "hell"), "Byte-Range 1-5/5 over 4 octets"],
  ["a message that ends early", send("t123", WHOLE.replace("1-5/5", "1-5/9"), "hello"), "complete at octet 5 of 9"],
  ["a Byte-Range of words", send("t123", WHOLE.replace("1-5/5", "all"), "hello"), "not a Byte-Range: all"],
  ["a missing Message-ID", send("t123", WHOLE.replace("Message-ID: m123\r\n", ""), "hello"), "no Message-ID"],
  ["a body without Content-Type", send("t123", "Message-ID: m123\r\n", "hello"), "a body without Content-Type"],
  ["a header twice", send("t123", `Message-ID: m123\r\n${WHOLE}`, "hello"), "Message-ID twice"],
  [
    "From-Path before To-Path",
    `MSRP t123 200 OK\r\nFrom-Path: msrp://h:1/a;tcp\r\nTo-Path: msrp://h:1/b;tcp\r\n-------t123$\r\n`,
    "To-Path is not first",
  ],
  ["a path that is no MSRP URI", send("t123", WHOLE, "hello").replace("/bob;tcp", "/bob"), "not an MSRP URI"],
  ["a response with a body", `MSRP t123 200 OK\r\n${PATHS}\r\nhello\r\n-------t123$\r\n`, "a response with a body"],
  ["a REPORT without Status", `MSRP t123 REPORT\r\n${PATHS}Message-ID: m123\r\n-------t123$\r\n`, "no Status"],
];

for (const [name, text, fault] of BROKEN) {
  Deno.test(`checkMsrpStream finds ${name}`, () => {
    const { faults } = check(text);
    assert(faults.some((found) => found.includes(fault)), `expected "${fault}" in ${JSON.stringify(faults)}`);
  });
}
