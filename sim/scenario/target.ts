/** Schema of the target of a run: a server somewhere, or the embedded one with its faults. */
import { z } from "zod";
import { camelKeys, duration, positiveDuration, share, size } from "./fields.ts";

/** The domain of the embedded target. */
export const EMBEDDED_DOMAIN = "ims.example";

// sip: [ user "@" ] host [ ":" port ] *( ";" parameter ), RFC 3261 §19.1.1; headers are of no use here
const TARGET_REGEXP = /^sip:(?:[^@;?\s]+@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?((?:;[^;?\s]+)*)$/;

function every(what: string): z.ZodOptional<z.ZodInt> {
  return z.int().min(1).optional().describe(
    `Every so many messages one ${what}; of faults by count at most one befalls a message; absent: none.`,
  );
}

const embeddedSchema = z.strictObject({
  digest: z.enum(["MD5", "SHA-256"]).optional()
    .describe("REGISTER is challenged with this digest algorithm (RFC 7616); absent: nobody is challenged."),
  challenge_requests: z.boolean().prefault(false).describe(
    "With digest: MESSAGE and INVITE are challenged as well; default false.",
  ),
  min_se: positiveDuration().prefault("90s").describe(
    "Smallest session interval it accepts (RFC 4028 §5); default 90s.",
  ),
  max_message: size(1).optional().describe("Larger MESSAGE requests, in bytes, are answered 513; absent: no limit."),
  loss: share().prefault(0).describe("Share of datagrams it drops; default 0."),
  delay: duration().prefault("0s").describe("Time it keeps a SIP request before it forwards it; default 0s."),
  stall: z.strictObject({
    at: duration().prefault("0s").describe("When it stands still, since its first MESSAGE or INVITE; default 0s."),
    for: positiveDuration().describe("How long it stands still."),
  }).optional().describe("Stands still once, as a server does whose process is stopped; absent: never."),
  duplicate: share().prefault(0).describe("Share of messages it delivers twice; default 0."),
  corrupt: share().prefault(0).describe("Share of messages whose content it damages; default 0."),
  lose_every: every("is answered 200 and never delivered"),
  corrupt_every: every("is delivered with another last octet"),
  truncate_every: every("is delivered without the last half of its content"),
  misroute_every: every("is delivered to another user"),
  duplicate_every: every("is delivered twice"),
  refuse: z.strictObject({
    share: share().describe("Share of MESSAGE and INVITE requests it refuses."),
    status: z.int().min(400).max(699).prefault(503).describe("Status it refuses them with; default 503."),
  }).optional().describe("Refuses a share of the requests; absent: none."),
}).transform(camelKeys);

/** Behaviour of the embedded target, as resolved. */
export type EmbeddedTarget = z.output<typeof embeddedSchema>;

/** Schema of `target`. */
export const targetSchema = z.strictObject({
  uri: z.string().superRefine((text, context) => {
    const what = uriFault(text);
    if (what !== undefined) context.addIssue({ code: "custom", message: what, input: text });
  }).describe(
    "SIP URI of the server, such as sip:127.0.0.1:5060;transport=udp, or `embedded` for a server inside the run.",
  ),
  domain: z.string().regex(/^[A-Za-z0-9.:[\]-]+$/, { error: "is no domain name" }).optional()
    .describe("Domain of the users' addresses; default: the host of the URI, ims.example for the embedded target."),
  hosts: z.array(z.string().regex(/^[0-9A-Fa-f:.]+$/, { error: "is no numeric address" })).prefault([])
    .describe(
      "Further numeric addresses that clients may talk to, such as media servers; default: none but the target.",
    ),
  embedded: embeddedSchema.optional().describe("Behaviour of the embedded target; only with uri: embedded."),
}).transform((target, context) => {
  if (target.embedded !== undefined && target.uri !== "embedded") {
    context.addIssue({
      code: "custom",
      message: "is allowed only with uri: embedded",
      path: ["embedded"],
      input: target,
    });
  }
  const { domain = hostOf(target.uri), embedded, hosts, uri } = target;
  return { uri, domain, hosts, embedded: uri === "embedded" ? embedded ?? embeddedSchema.parse({}) : undefined };
});

/** The target of a run, as resolved; `embedded` is present exactly when `uri` is `embedded`. */
export type Target = z.output<typeof targetSchema>;

/** The transport a target's URI asks for, or undefined when it asks for none. */
export function targetTransport(uri: string): string | undefined {
  return /;transport=([^;]+)/i.exec(uri)?.[1]?.toLowerCase();
}

/** The host of a target's URI where it is a numeric address, IPv6 without brackets; undefined where it is a name. */
export function numericHostOf(uri: string): string | undefined {
  const host = TARGET_REGEXP.exec(uri)?.[1]?.replace(/^\[|\]$/g, "");
  return host !== undefined && /^[0-9.]+$|:/.test(host) ? host : undefined;
}

function hostOf(uri: string): string {
  return TARGET_REGEXP.exec(uri)?.[1] ?? EMBEDDED_DOMAIN;
}

function uriFault(text: string): string | undefined {
  if (text === "embedded") return undefined;
  if (/^sips:/i.test(text)) return "sips is not available yet: use a sip URI with transport udp or tcp";
  const match = TARGET_REGEXP.exec(text);
  if (match === null) {
    return `is no SIP URI such as sip:127.0.0.1:5060;transport=udp, nor embedded: ${JSON.stringify(text)}`;
  }
  if (Number(match[2] ?? 5060) > 65535 || Number(match[2] ?? 5060) < 1) {
    return `has a port outside 1 to 65535: ${match[2]}`;
  }
  const transport = targetTransport(text) ?? "udp";
  return transport === "udp" || transport === "tcp" ? undefined : unavailableTransport(transport);
}

/** Why a transport cannot be used. */
export function unavailableTransport(transport: string): string {
  return ["tls", "ws", "wss"].includes(transport)
    ? `transport ${transport} is not available yet: udp, tcp`
    : `transport must be one of udp, tcp: ${JSON.stringify(transport)}`;
}
