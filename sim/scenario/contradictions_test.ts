import { assertEquals } from "@std/assert";
import { contradictionsOf, type FileText } from "./contradictions.ts";
import { formatPath } from "./fault.ts";
import { readableParts } from "./readable.ts";

const NO_FILES: FileText = () => ({ fault: "no such file" });
const PHASE = { executor: "constant-arrival-rate", rate: "1/s", duration: "1s" };

/** What contradicts in a scenario of these populations, as `path: what`. */
function contradictions(populations: unknown[], rest: Record<string, unknown> = {}, fileText = NO_FILES): string[] {
  const parts = readableParts({ target: { uri: "embedded" }, phases: [PHASE], populations, ...rest });
  return contradictionsOf(parts, fileText).map(({ path, what }) => `${formatPath(path)}: ${what}`);
}

const SENDER = { name: "a", clients: 5, messages: { size: 10 } };

Deno.test("a sound scenario has no contradictions", () => {
  assertEquals(contradictions([SENDER]), []);
});

Deno.test("names of populations are unique", () => {
  assertEquals(contradictions([SENDER, SENDER]), ['populations[1].name: is taken by populations[0]: "a"']);
});

Deno.test("receivers exist and are somebody else", () => {
  const to = (population: string, clients = 1) => ({
    name: "phones",
    clients,
    messages: { size: 1, to: { population } },
  });
  assertEquals(contradictions([to("phonez")]), [
    'populations[0].messages.to.population: is no population: "phonez"; did you mean "phones"?',
  ]);
  assertEquals(contradictions([to("phones")]), [
    "populations[0].messages.to.population: has one client only, the sender itself",
  ]);
  assertEquals(contradictions([to("phones", 2)]), []);
  assertEquals(contradictions([to("b"), { name: "b", clients: 1 }]), []);
});

Deno.test("somebody sends something", () => {
  assertEquals(contradictions([{ name: "a", clients: 5 }]), [
    "populations: have no messages: nothing would be sent",
  ]);
  const still = { ...PHASE, rate: "0/s" };
  const ramp = {
    executor: "ramping-arrival-rate",
    stages: [{ target: "0/s", duration: "1s" }, { target: "9/s", duration: "0s" }],
  };
  const silence = ["phases: have a rate of 0/s everywhere: nothing would be sent"];
  assertEquals(contradictions([SENDER], { phases: [still, ramp] }), silence);
  assertEquals(contradictions([SENDER], { phases: [still, PHASE] }), []);
  // an unreadable phase may be the one that sends
  assertEquals(contradictions([SENDER], { phases: [still, { executor: "x" }] }), []);
});

Deno.test("clients choose where they send from over UDP only, and from where the target can be reached", () => {
  const from = (source: unknown, rest = {}) => [{ ...SENDER, source, ...rest }];
  const needsUdp = "needs transport: udp; connections leave from the address and port that the system takes";
  const at = (uri: string) => ({ target: { uri } });
  assertEquals(contradictions(from({ ports: 5 })), []);
  assertEquals(contradictions(from({ ports: 5 }, { transport: "tcp" })), [`populations[0].source: ${needsUdp}`]);
  assertEquals(contradictions(from({ ports: 5 }), at("sip:10.0.0.1;transport=tcp")), [
    `populations[0].source: ${needsUdp}`,
  ]);
  assertEquals(contradictions(from({ ports: 5 }, { transport: "udp" }), at("sip:10.0.0.1;transport=tcp")), []);
  const near = { addresses: "127.0.1.0/24" };
  assertEquals(contradictions(from(near), at("sip:10.0.0.1:5060")), [
    "populations[0].source.addresses: cannot reach a target outside this machine: 127.0.1.0/24",
  ]);
  assertEquals(contradictions(from(near), at("sip:[::1]:5060")), [
    "populations[0].source.addresses: are IPv4, and the target is not: ::1",
  ]);
  // what a name stands for shows when the run begins
  assertEquals(contradictions(from(near), at("sip:im.example")), []);
});

Deno.test("two populations do not share users", () => {
  const b = { name: "b", clients: 5 };
  assertEquals(contradictions([{ ...SENDER, user: "u{n}" }, { ...b, user: "u{n}", first_user: 4 }]), [
    "populations[1].user: gives users of populations[0] again; first_user: 5 would not",
  ]);
  assertEquals(contradictions([{ ...SENDER, user: "u{n}" }, { ...b, user: "u{n}", first_user: 5 }]), []);
  assertEquals(contradictions([{ ...SENDER, user: "u{n}", first_user: 5 }, { ...b, user: "u{n}" }]), []);
  const file = { users: { csv: "u.csv" } };
  const rows = () => "user\na\nb\nc\nd\ne\n";
  assertEquals(contradictions([{ ...SENDER, ...file }, { ...b, ...file }], {}, rows), [
    "populations[1].users.csv: is the file of populations[0]: same users",
  ]);
});

Deno.test("a file of users can be read and has enough of them", () => {
  const population = { ...SENDER, users: { csv: "u.csv" } };
  const fault = (text: ReturnType<FileText>) => contradictions([population], {}, () => text);
  assertEquals(fault({ fault: "no such file" }), ["populations[0].users.csv: cannot be read: no such file"]);
  assertEquals(fault("user\na\nb\n"), ["populations[0].users.csv: has 2 users, fewer than the 5 clients (u.csv)"]);
  assertEquals(fault("usr\na\n"), [
    "populations[0].users.csv: has unknown columns: usr; known: user, username, password (u.csv)",
  ]);
});

Deno.test("a target that challenges has clients who can answer", () => {
  const target = { uri: "embedded", embedded: { digest: "MD5" } };
  const fault = ["target.embedded.digest: challenges clients of a, which have no auth"];
  assertEquals(contradictions([SENDER], { target }), fault);
  assertEquals(contradictions([{ ...SENDER, auth: { password: "x" } }], { target }), []);
  assertEquals(contradictions([{ ...SENDER, register: false }], { target }), []);
  const all = { uri: "embedded", embedded: { digest: "MD5", challenge_requests: true } };
  assertEquals(contradictions([{ ...SENDER, register: false }], { target: all }), fault);
  const rows = () => "user,password\na,1\nb,2\nc,3\nd,4\ne,5\n";
  assertEquals(contradictions([{ ...SENDER, users: { csv: "u.csv" } }], { target }, rows), []);
});

Deno.test("thresholds name metrics that there are", () => {
  assertEquals(contradictions([SENDER], { thresholds: ["messages.lost == 0", "messages.lots == 0"] }), [
    'thresholds[1]: Cannot find metric "messages.lots": did you mean "messages.lost"?',
  ]);
});

Deno.test("contradictions show beside fields that cannot be read", () => {
  const faulty = {
    ...SENDER,
    clients: "many",
    colour: 1,
    session: { hold: 5 },
    messages: { size: {}, to: { population: "c" } },
  };
  assertEquals(contradictions([faulty]), ['populations[0].messages.to.population: is no population: "c"']);
});
