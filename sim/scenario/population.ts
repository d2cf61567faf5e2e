/** Schema of one population: clients that are alike, how they register, and what they send. */
import { z } from "zod";
import type { Millis } from "../clock/clock.ts";
import { actionSchema } from "./action.ts";
import { absence, camelKeys, duration, positiveDuration, positiveRate, share, show, size } from "./fields.ts";
import { compilePattern, isNumbered } from "./pattern.ts";
import { sourceSchema } from "./source.ts";
import { sizeMixtureSchema } from "./size_mixture.ts";
import { unavailableTransport } from "./target.ts";

/** Transports a client can use to its first hop. */
export type ClientTransport = "udp" | "tcp";

/** Registrations per second by default: all within 10 s, but at least 50/s and at most 500/s. */
export function defaultRegistrationRate(clients: number): number {
  return Math.min(500, Math.max(50, clients / 10));
}

function pattern(forbidden: RegExp, forbiddenText: string): z.ZodString {
  return z.string().superRefine((text, context) => {
    const compiled = compilePattern(text);
    const message = typeof compiled === "object"
      ? compiled.fault
      : forbidden.test(text)
      ? `must not contain ${forbiddenText}: ${show(text)}`
      : undefined;
    if (message !== undefined) context.addIssue({ code: "custom", message, input: text });
  });
}

const registerSchema = z.strictObject({
  expires: positiveDuration().prefault("3600s").describe("Expiry asked for, whole seconds on the wire; default 3600s."),
  rate: positiveRate().optional()
    .describe("Registrations per second before the phases; default clients/10 s, at least 50/s, at most 500/s."),
  refresh: z.boolean().prefault(true).describe("Registrations are refreshed before they expire; default true."),
  refresh_spread: share().prefault(0).describe(
    "Share of the time until the first refresh of a registration over which that is drawn by chance: with 1 the refreshes of a population come evenly, however quickly it registered; default 0.",
  ),
}).transform(camelKeys);

const modeSchema = z.strictObject({
  threshold: size(1).prefault(1300).describe("Size at which the large message mode begins, in bytes; default 1300."),
  boundary: z.enum(["literal", "inclusive"]).prefault("literal")
    .describe("A message of exactly the threshold is large (literal) or pager (inclusive); default literal."),
  size_basis: z.enum(["request", "body", "content"]).prefault("request")
    .describe("What is measured: the whole request, its body, or the user's content; default request."),
  end_to_end_reliable: z.boolean().prefault(false)
    .describe(
      "Every hop is known to be connection-oriented, so that large messages may go as pager messages; default false.",
    ),
  force: z.enum(["auto", "pager", "large"]).prefault("auto").describe(
    "Always this mode, whatever the size; default auto.",
  ),
}).transform(camelKeys);

/** Smallest session interval there may be, in milliseconds (RFC 4028 §4). */
const LEAST_INTERVAL: Millis = 90_000;

const sessionSchema = z.strictObject({
  expires: positiveDuration().prefault("1800s")
    .describe("Session interval asked for in INVITE, at least 90s (RFC 4028 §4); default 1800s."),
  min_se: positiveDuration().optional().describe("Min-SE of the INVITE (RFC 4028 §5); absent: no such header."),
  refresher: z.enum(["uac", "uas", "omit"]).prefault("uac").describe(
    "Who is asked to refresh, or nobody named; default uac.",
  ),
  refresh_method: z.enum(["auto", "update", "reinvite"]).prefault("auto")
    .describe("auto: UPDATE when the peer allows it, else re-INVITE; default auto."),
  refresh_after: z.number().gt(0).lt(1).prefault(0.5).describe(
    "Share of the interval after which it is refreshed; default 0.5.",
  ),
  refresh: z.boolean().prefault(true).describe(
    "false: our side never refreshes; shows by audit.expired_alive whether the other side ends expired sessions; default true.",
  ),
  solo_refresh: z.boolean().prefault(true)
    .describe("Runs the timer alone when the peer does not support it (RFC 4028 §7.2); default true."),
  hold: duration().prefault("0s").describe("Time the session is kept after delivery; default 0s."),
}).superRefine(({ expires, min_se: minSe }, context) => {
  const add = (path: string, message: string) =>
    context.addIssue({ code: "custom", message, path: [path], input: expires });
  if (expires < LEAST_INTERVAL) add("expires", "must be at least 90s (RFC 4028 §4)");
  else if (minSe !== undefined && expires < minSe) add("expires", "must not be below min_se");
  if (minSe !== undefined && minSe < LEAST_INTERVAL) add("min_se", "must be at least 90s (RFC 4028 §5)");
}).transform(camelKeys);

const msrpSchema = z.strictObject({
  chunking: z.union([z.literal("single"), size(1)]).prefault("single")
    .describe("One interruptible chunk per message (single), or chunks of this many bytes; default single."),
  success_report: z.boolean().prefault(false).describe(
    "Asks for a REPORT of success (RFC 4975 §7.1.2); default false.",
  ),
  failure_report: z.enum(["yes", "no", "partial"]).prefault("yes")
    .describe("Value of Failure-Report (RFC 4975 §7.1.1); default yes."),
  connections: z.enum(["per-session", "shared"]).prefault("per-session")
    .describe("A connection for each session, or one for all sessions with the same peer; default per-session."),
  setup: z.enum(["actpass", "active"]).prefault("actpass").describe(
    "Value of a=setup in offers (RFC 6135 §4.2); default actpass.",
  ),
}).transform(camelKeys);

const receiverSchema = z.union([
  z.strictObject({
    population: z.string().describe("Name of the population of the receivers."),
    pick: z.enum(["random", "ring", "contacts"]).prefault("random").describe(
      "random: any client of it; ring: always the same, the next one in number; contacts: one of the sender's own contacts, some of which are far more popular than others; default random.",
    ),
    contacts: z.int().min(1).max(10_000).optional().describe(
      "With pick: contacts, the mean number of contacts of a client; few have many more; default 20.",
    ),
  }).superRefine(({ pick, contacts }, context) => {
    if (contacts === undefined || pick === "contacts") return;
    context.addIssue({ code: "custom", message: "needs pick: contacts", path: ["contacts"], input: contacts });
  }),
  z.strictObject({
    uri: z.string().regex(/^sip:[^@\s<>]+@[^@\s<>]+$/, { error: "is no SIP URI such as sip:bob@ims.example" })
      .describe("A receiver that is not ours: nobody can see whether messages arrive."),
  }),
]);

/** Whom messages go to. */
export type ReceiverChoice = z.output<typeof receiverSchema>;

const messagesSchema = z.strictObject({
  size: sizeMixtureSchema.describe("Sizes of messages, in bytes of content: one size or a weighted mixture."),
  to: receiverSchema.optional().describe("Receivers; default: random clients of the same population."),
  content: z.enum(["text", "multibyte", "binary"]).prefault("text").describe(
    "text: US-ASCII; multibyte: text with characters of 1 to 4 octets in UTF-8; binary: any octets, as application/octet-stream; default text.",
  ),
});

const populationInput = z.strictObject({
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]*$/, {
    error: ({ input }) => absence(input) ?? `must be letters, digits, - and _, a letter first: ${show(input)}`,
  }).describe("Name of the population, used by `to` and in reports."),
  clients: z.int().min(1).max(10_000_000).describe("How many clients."),
  user: pattern(/[\s@<>"?]/, 'spaces, @, <, >, ", ?').optional()
    .describe("User part of the addresses; {n} or {n:06} is the client's number; default <name>{n:06}."),
  first_user: z.int().min(0).prefault(0).describe("Number of the first client; default 0."),
  users: z.strictObject({
    csv: z.string().min(1).describe(
      "File beside the scenario: a header line, column user, and username and password as needed.",
    ),
  }).optional().describe("Users from a file instead of a pattern."),
  transport: z.enum(["udp", "tcp"], {
    error: ({ input }) => absence(input) ?? unavailableTransport(typeof input === "string" ? input : show(input)),
  }).optional().describe("Transport to the first hop; default: that of the target's URI, else udp."),
  source: sourceSchema.optional().describe(
    "Addresses and ports that clients send from over UDP, spread evenly; absent: all from one port of each worker.",
  ),
  keep_alive: z.boolean().prefault(true).describe(
    "With tcp: a ping each 96 to 120 s on a connection to the target, and a new connection and registration when no answer comes within 10 s (RFC 5626 §4.4.1); default true.",
  ),
  honour_retry_after: z.boolean().prefault(false).describe(
    "A client that got 503 with Retry-After sends no new message before that time; its messages wait, and their latency counts from the intended instant. Registrations always keep to it; default false.",
  ),
  auth: z.strictObject({
    username: pattern(/["\\]/, '" or \\').optional().describe(
      "User name for digests; a pattern as `user`; default: the user.",
    ),
    password: z.string().describe("Password of every client."),
  }).optional().describe("Credentials; absent: challenges are not answered, unless users.csv has a password column."),
  register: z.union([z.literal(false), registerSchema], {
    error: ({ input }) => absence(input) ?? `must be false or a map such as {expires: 3600s}: ${show(input)}`,
  }).prefault({})
    .describe("How clients register before the phases; false: they do not."),
  unregister: z.boolean().prefault(true).describe("Clients remove their registration at the end; default true."),
  mode: modeSchema.prefault({}).describe("The choice between pager and large message mode."),
  anonymous: share().prefault(0).describe("Share of messages sent with Privacy: id (RFC 3323 §4.2); default 0."),
  session: sessionSchema.prefault({}).describe("Sessions of large messages and their timer."),
  msrp: msrpSchema.prefault({}).describe("How large messages go over MSRP."),
  messages: messagesSchema.optional().describe("What clients send; absent: they only receive."),
  actions: z.array(actionSchema).min(1).optional().describe(
    "What clients do, by weight; rates count messages, and other actions come on top in proportion; default: messages only.",
  ),
});

/** Schema of one population. */
export const populationSchema = populationInput.transform((input, context) => {
  const { name, clients, user, users, transport, auth, anonymous, mode, session, msrp, messages, actions } = input;
  const fault = namesFault(input);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault.what, path: fault.path, input });
  const names = user ?? `${name}{n:06}`;
  return {
    name,
    clients,
    users: users ?? { pattern: names, first: input.first_user },
    transport,
    ...(input.source === undefined ? {} : { source: input.source }),
    keepAlive: input.keep_alive,
    honourRetryAfter: input.honour_retry_after,
    auth: auth === undefined
      ? undefined
      : { username: auth.username ?? (users ? undefined : names), password: auth.password },
    register: input.register === false
      ? input.register
      : { ...input.register, rate: input.register.rate ?? defaultRegistrationRate(clients) },
    unregister: input.unregister && input.register !== false,
    mode,
    anonymous,
    session,
    msrp,
    messages: messages === undefined ? undefined : {
      size: messages.size,
      to: messages.to ?? { population: name, pick: "random" as const },
      content: messages.content,
    },
    actions: actions ?? (messages === undefined ? [] : [{ action: "auto" as const, weight: 1 }]),
  };
});

/** A population as it stands in a file by itself, without what it takes from the target. */
export type PopulationDraft = z.output<typeof populationSchema>;

/** A population as resolved: durations in milliseconds, rates per second, sizes in bytes. */
export type Population = Omit<PopulationDraft, "transport"> & { transport: ClientTransport };

function namesFault(input: z.output<typeof populationInput>): { path: string[]; what: string } | undefined {
  const { user, users, clients, auth } = input;
  if (user !== undefined && users !== undefined) {
    return { path: ["users"], what: "cannot stand beside user: choose one of them" };
  }
  if (user !== undefined && clients > 1 && !isNumbered(user)) {
    return { path: ["user"], what: `needs {n}: ${clients} clients cannot share one address` };
  }
  if (users !== undefined && auth?.username !== undefined) {
    return { path: ["auth", "username"], what: "comes from users.csv: leave it out" };
  }
  return undefined;
}
