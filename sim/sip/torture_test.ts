/**
 * The cases of RFC 4475 §3 in messages of our own: the name in each line is that of its case there. Long, as it is one
 * table.
 */
import { assertEquals } from "@std/assert";
import { toText } from "../bytes/text.ts";
import { wire } from "../testing/messages.ts";
import { Message } from "./message.ts";
import { type ParseFault, parseMessage } from "./parse.ts";
import { parseUri } from "./uri.ts";

interface Parts {
  /** Request line, or status line. */
  start?: string;
  /** Header lines by name; an empty one is left out. */
  headers?: Record<string, string>;
  body?: string;
}

/** A good message but for the parts given. */
function compose({ start = "OPTIONS sip:user@example.com SIP/2.0", headers = {}, body = "" }: Parts): string {
  const lines: Record<string, string> = {
    Via: "Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw",
    Max: "Max-Forwards: 70",
    From: "From: <sip:caller@example.net>;tag=33242",
    To: "To: <sip:user@example.com>",
    Call: "Call-ID: torture.0ha0isndaksdj@192.0.2.1",
    CSeq: "CSeq: 8 OPTIONS",
    Length: `Content-Length: ${wire(body).length}`,
    ...headers,
  };
  return `${start}\n${Object.values(lines).filter((line) => line !== "").join("\n")}\n\n${body}`;
}

interface Case {
  readonly section: string;
  readonly name: string;
  readonly parts: Parts;
  /** Absent: the message is good. */
  readonly fault?: ParseFault;
  readonly check?: (message: Message) => void;
}

const VALID: readonly Case[] = [
  {
    section: "3.1.1.1",
    name: "wsinv",
    parts: {
      start: "INVITE sip:vivekg@chair.example.com;unknownparam SIP/2.0",
      headers: {
        To: "TO :\n sip:vivekg@chair.example.com ;   tag    = 1918181833n",
        From: 'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\n  ;\n  tag = 98asjd8',
        Max: "MaX-fOrWaRdS: 0068",
        Call: "Call-ID: wsinv.ndaksdj@192.0.2.1",
        Length: "Content-Length   : 0",
        CSeq: "cseq: 0009\n  INVITE",
        Via: "Via  : SIP  /   2.0\n /UDP\n    192.0.2.2;branch=390skdjuw",
        Subject: "s :",
        New: "NewFangledHeader:   newfangled value\n continued newfangled value",
        Unknown: "UnknownHeaderWithUnusualValue: ;;,,;;,;",
        Vias: "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\n  branch  =   z9hG4bK9ikj8  ,\n" +
          " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\n z9hG4bK30239",
        Contact:
          'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\n      newvalue ;\n  secondparam ; q = 0.33',
      },
    },
    check(message) {
      assertEquals(message.toTag(), "1918181833n");
      assertEquals(message.from()?.displayName, 'J Rosenberg \\"');
      assertEquals(message.fromTag(), "98asjd8");
      assertEquals(message.headerNumber("Max-Forwards"), 68);
      assertEquals(message.cseq(), { sequenceNumber: 9, method: "INVITE" });
      assertEquals(message.topVia()?.branch, "390skdjuw");
      assertEquals(message.branch(), "390skdjuw");
      assertEquals(message.headerValues("Via").length, 3);
      assertEquals(message.header("Subject"), "");
      assertEquals(message.header("NewFangledHeader"), "newfangled value continued newfangled value");
      assertEquals(message.contact()?.parameters.get("q"), "0.33");
    },
  },
  {
    section: "3.1.1.2",
    name: "intmeth",
    parts: {
      start: "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?," +
        "/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
      headers: {
        To: 'To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)@example.com>',
        From:
          "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\u0440\u0430\";tag=_t",
        Call: "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
        CSeq: "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~",
        Extension: "extensionHeader-!.%*+_`'~: \ufeff\u5927\u505c\u96fb",
      },
    },
    check(message) {
      assertEquals(message.from()?.displayName, "token1~` token2'+_ token3*%!.-");
      assertEquals(message.fromTag(), "_t");
      assertEquals(message.callId(), "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
      assertEquals(message.to()?.displayName, "BEL:\x07 NUL:\x00 DEL:\x7f");
    },
  },
  {
    section: "3.1.1.3",
    name: "esc01",
    parts: { start: "OPTIONS sip:sips%3Auser%40example.com@example.net SIP/2.0" },
    check: (message) => assertEquals(parseUri(message.requestUri())?.host, "example.net"),
  },
  {
    section: "3.1.1.4",
    name: "escnull",
    parts: { headers: { To: "To: <sip:null-%00-null@example.com>" } },
    check: (message) => assertEquals(message.to()?.uri, "sip:null-%00-null@example.com"),
  },
  {
    section: "3.1.1.5",
    name: "esc02",
    parts: { start: "RE%47IST%45R sip:registrar.example.com SIP/2.0", headers: { CSeq: "CSeq: 29344 RE%47IST%45R" } },
    check: (message) => assertEquals(message.method, "RE%47IST%45R"),
  },
  {
    section: "3.1.1.6",
    name: "lwsdisp",
    parts: { headers: { From: "From: caller<sip:caller@example.com>;tag=323" } },
    check: (message) => assertEquals(message.from()?.displayName, "caller"),
  },
  {
    section: "3.1.1.7",
    name: "longreq",
    parts: {
      headers: {
        To: `To: "${"I have a user name of long proportion ".repeat(40)}"<sip:user@example.com:6000;${
          "a".repeat(900)
        }>`,
        Unknown: `Unknown-${"Long".repeat(60)}-Name: ${"long ".repeat(300)}value`,
        Vias: Array.from({ length: 34 }, (_, i) => `Via: SIP/2.0/TCP sip${i}.example.com;branch=z9hG4bK${i}`).join(
          "\n",
        ),
      },
    },
    check: (message) => assertEquals(message.headerLines("Via").length, 35),
  },
  {
    section: "3.1.1.8",
    name: "dblreq",
    parts: { headers: { Length: "Content-Length: 0" }, body: "INVITE sip:joe@example.com SIP/2.0\n" },
    check: (message) => assertEquals(message.body().length, 0),
  },
  {
    section: "3.1.1.9",
    name: "semiuri",
    parts: { start: "OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0" },
    check: (message) => assertEquals(parseUri(message.requestUri())?.user, "user;par=u%40example.net"),
  },
  {
    section: "3.1.1.10",
    name: "transports",
    parts: {
      headers: { Via: "Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKkdjuw\nVia: SIP/2.0/SCTP t2.example.com" },
    },
    check: (message) => assertEquals(message.topVia()?.transport, "UNKNOWN"),
  },
  {
    section: "3.1.1.11",
    name: "mpart01",
    parts: {
      headers: { Type: "Content-Type: multipart/mixed;boundary=7a9cbec02ceef655" },
      body: "--7a9cbec02ceef655\nContent-Type: text/plain\n\nHello\n--7a9cbec02ceef655--\n",
    },
    check: (message) => assertEquals(toText(message.body()).endsWith("655--\r\n"), true),
  },
  {
    section: "3.1.1.12",
    name: "unreason",
    parts: {
      start:
        "SIP/2.0 200 = 2**3 * 5**2 \u043d\u043e \u0441\u0442\u043e \u0434\u0435\u0432\u044f\u043d\u043e\u0441\u0442\u043e",
    },
    check: (message) => assertEquals(message.reasonPhrase().startsWith("= 2**3 * 5**2 \u043d\u043e"), true),
  },
  {
    section: "3.1.1.13",
    name: "noreason",
    parts: { start: "SIP/2.0 100 " },
    check: (message) => assertEquals([message.status, message.reasonPhrase()], [100, ""]),
  },
];

const INVALID: readonly Case[] = [
  { section: "3.1.2.2", name: "clerr", parts: { headers: { Length: "Content-Length: 9999" } }, fault: "short_body" },
  {
    section: "3.1.2.3",
    name: "ncl",
    parts: { headers: { Length: "Content-Length: -999" } },
    fault: "bad_content_length",
  },
  {
    section: "3.1.2.4",
    name: "scalar02",
    parts: { headers: { CSeq: "CSeq: 36893488147419103232 OPTIONS", Max: "Max-Forwards: 300" } },
    fault: "bad_cseq",
  },
  {
    section: "3.1.2.5",
    name: "scalarlg",
    parts: { start: "SIP/2.0 503 Service Unavailable", headers: { CSeq: "CSeq: 9292394834772304023312 OPTIONS" } },
    fault: "bad_cseq",
  },
  {
    section: "3.1.2.6",
    name: "quotbal",
    parts: { headers: { To: 'To: "Mr. J. User <sip:j.user@example.com>' } },
    fault: "bad_address",
  },
  {
    section: "3.1.2.7",
    name: "ltgtruri",
    parts: { start: "OPTIONS <sip:user@example.com> SIP/2.0" },
    fault: "bad_uri",
  },
  {
    section: "3.1.2.8",
    name: "lwsruri",
    parts: { start: "OPTIONS sip:user@example.com; lr SIP/2.0" },
    fault: "bad_start_line",
  },
  {
    section: "3.1.2.9",
    name: "lwsstart",
    parts: { start: "OPTIONS  sip:user@example.com  SIP/2.0" },
    fault: "bad_start_line",
  },
  {
    section: "3.1.2.10",
    name: "trws",
    parts: { start: "OPTIONS sip:user@example.com SIP/2.0  " },
    fault: "bad_start_line",
  },
  {
    section: "3.1.2.16",
    name: "badvers",
    parts: { start: "OPTIONS sip:t.watson@example.org SIP/7.0" },
    fault: "bad_version",
  },
  { section: "3.1.2.17", name: "mismatch01", parts: { headers: { CSeq: "CSeq: 8 INVITE" } }, fault: "cseq_mismatch" },
  {
    section: "3.1.2.18",
    name: "mismatch02",
    parts: { start: "NEWMETHOD sip:user@example.com SIP/2.0" },
    fault: "cseq_mismatch",
  },
  {
    section: "3.1.2.19",
    name: "bigcode",
    parts: { start: "SIP/2.0 4294967301 better not break" },
    fault: "bad_start_line",
  },
  { section: "3.3.1", name: "insuf", parts: { headers: { Call: "", From: "", To: "" } }, fault: "missing_header" },
  {
    section: "3.3.8",
    name: "multi01",
    parts: { headers: { Second: "CSeq: 59 OPTIONS\nCall-ID: multi01.again\nMax-Forwards: 5" } },
    fault: "duplicate_header",
  },
  {
    section: "3.3.9",
    name: "mcl01",
    parts: { headers: { Second: "Content-Length: 13" } },
    fault: "bad_content_length",
  },
];

/** Malformed addresses are found when they are asked for, as most never are. */
const BAD_ADDRESS: readonly Case[] = [
  {
    section: "3.1.2.13",
    name: "regbadct",
    parts: { headers: { Contact: "Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E" } },
    check: (message) => assertEquals(message.contact()?.uri, "sip:user@example.com?Route=%3Csip:sip.example.com%3E"),
  },
  {
    section: "3.1.2.14",
    name: "badaspec",
    parts: { headers: { To: "To: Watson < sip:t.watson@example.org >" } },
    check: (message) => assertEquals(message.to(), undefined),
  },
  {
    section: "3.1.2.15",
    name: "baddn",
    parts: { headers: { From: "From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43" } },
    check: (message) => assertEquals(message.from(), undefined),
  },
];

/** Good as messages; what is wrong or odd is for those above the parser. */
const SEMANTIC: readonly Case[] = [
  { section: "3.1.2.1", name: "badinv01", parts: { headers: { Via: "Via: SIP/2.0/UDP 192.0.2.15;;,;,," } } },
  { section: "3.1.2.11", name: "escruri", parts: { start: "OPTIONS sip:user@example.com?Route=%3Csip:e%3E SIP/2.0" } },
  { section: "3.1.2.12", name: "baddate", parts: { headers: { Date: "Date: Fri, 01 Jan 2010 16:00:00 EST" } } },
  {
    section: "3.2.1",
    name: "badbranch",
    parts: { headers: { Via: "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" } },
    check: (message) => assertEquals(message.branch(), "z9hG4bK"),
  },
  { section: "3.3.2", name: "unkscm", parts: { start: "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0" } },
  { section: "3.3.3", name: "novelsc", parts: { start: "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0" } },
  {
    section: "3.3.4",
    name: "unksm2",
    parts: { headers: { To: "To: isbn:2983792873" } },
    check: (message) => assertEquals(message.to()?.uri, "isbn:2983792873"),
  },
  {
    section: "3.3.5",
    name: "bext01",
    parts: { headers: { Require: "Require: nothingSupportsThis, nothingSupportsThisEither" } },
  },
  {
    section: "3.3.6",
    name: "invut",
    parts: { headers: { Type: "Content-Type: application/unknownformat" }, body: "<audio/>" },
  },
  {
    section: "3.3.7",
    name: "regaut01",
    parts: { headers: { Auth: "Authorization: NoOneKnowsThisScheme opaque-data=here" } },
  },
  {
    section: "3.3.10",
    name: "bcast",
    parts: { start: "SIP/2.0 200 OK", headers: { More: "Via: SIP/2.0/UDP 255.255.255.255" } },
  },
  {
    section: "3.3.11",
    name: "zeromf",
    parts: { headers: { Max: "Max-Forwards: 0" } },
    check: (message) => assertEquals(message.headerNumber("Max-Forwards"), 0),
  },
  {
    section: "3.3.12",
    name: "cparam01",
    parts: { headers: { Contact: "Contact: sip:+19725552222@gw1.example.net;unknownparam" } },
    check: (message) => assertEquals(message.contact()?.uri, "sip:+19725552222@gw1.example.net"),
  },
  {
    section: "3.3.14",
    name: "regescrt",
    parts: { headers: { Contact: "Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>" } },
    check: (message) => assertEquals(message.contact()?.uri, "sip:user@example.com?Route=%3Csip:sip.example.com%3E"),
  },
  {
    section: "3.4.1",
    name: "inv2543",
    parts: {
      headers: { Max: "", Via: "Via: SIP/2.0/UDP iftgw.example.com", From: "From: <sip:+13035551111@ift.client>" },
    },
    check: (message) => assertEquals([message.branchFrom, message.fromTag()], [-1, ""]),
  },
];

for (const { section, name, parts, fault, check } of [...VALID, ...INVALID, ...BAD_ADDRESS, ...SEMANTIC]) {
  const verdict = fault === undefined ? "takes" : `finds ${fault} in`;
  Deno.test(`parseMessage ${verdict} ${name} (RFC 4475 §${section})`, () => {
    const message = new Message();
    assertEquals(parseMessage(wire(compose(parts)), message), fault);
    check?.(message);
  });
}
