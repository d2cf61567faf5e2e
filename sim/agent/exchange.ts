/**
 * What a lead and one of its agents tell each other, again and again, as MessagePack over `POST …/exchange`.
 *
 * One question is under way at a time, and a question that got no answer is asked again under its number, which gets the
 * answer it got before: nothing is lost, and nothing is taken twice.
 */
import { decode, encode } from "@msgpack/msgpack";
import { z } from "zod";
import { RECORD_SIZE } from "./deliveries.ts";
import { RUN_STATES } from "./protocol.ts";
import { Refusal } from "./refusal.ts";

/** Largest question or answer, in octets. */
export const MAX_EXCHANGE = 32 * 1_048_576;

const octets = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const moment = z.number();

const deliveriesSchema = z.array(z.object({
  owner: z.int().min(0),
  plain: octets.refine((each) => each.length % RECORD_SIZE === 0),
  odd: z.array(z.object({
    sequence: z.int(),
    receiver: z.int(),
    intact: z.boolean(),
    size: z.int(),
    from: z.string(),
    at: moment,
  })).readonly(),
}));

const orderSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("begin"), at: moment }),
  z.object({ kind: z.literal("pace"), factor: z.number().min(0) }),
  z.object({ kind: z.enum(["pause", "resume", "drain", "finish", "stop"]) }),
]);

const requestSchema = z.object({
  /** From 1. */
  number: z.int().min(1),
  orders: z.array(orderSchema),
  /** Messages of this agent that arrived elsewhere; moments by this agent's clock. */
  deliveries: deliveriesSchema,
});

const snapshotSchema = z.object({
  worker: z.int().min(0),
  index: z.int(),
  at: moment,
  counters: z.record(z.string(), z.number()),
  gauges: z.record(z.string(), z.number()),
  histograms: z.record(z.string(), octets),
});

const evidenceSchema = z.object({
  at: moment,
  kind: z.string(),
  sender: z.int(),
  receiver: z.int(),
  sequence: z.int(),
  mode: z.enum(["pager", "large"]).nullish().transform((mode) => mode ?? undefined),
  detail: z.string(),
  messages: z.array(z.object({ direction: z.enum(["sent", "received"]), at: moment, text: z.string() })).readonly(),
});

const answerSchema = z.object({
  number: z.int().min(1),
  /** When the question came and when the answer left, by the clock of whoever answers. */
  receivedAt: moment,
  answeredAt: moment,
  /** When the run's workers were started, by the same clock; what has a moment of the run counts from it. */
  epoch: moment,
  state: z.enum(RUN_STATES),
  reason: z.string(),
  ready: z.object({ unreachable: z.string().optional() }).optional(),
  quiet: z.boolean(),
  /** Nothing more will come; with what failed within the agent. */
  ended: z.object({ failure: z.string().optional() }).optional(),
  deliveries: deliveriesSchema,
  snapshots: z.array(snapshotSchema),
  evidence: z.array(evidenceSchema),
  /** What had no room and is lost. */
  dropped: z.int().min(0),
  /** More waits already. */
  more: z.boolean(),
});

/** A question of the lead. */
export type ExchangeRequest = z.output<typeof requestSchema>;
/** An order of the lead. */
export type LeadOrder = z.output<typeof orderSchema>;
/** An answer of an agent. */
export type ExchangeAnswer = z.output<typeof answerSchema>;

/** The octets of a question or an answer. */
export function writeExchange(value: ExchangeRequest | ExchangeAnswer): Uint8Array<ArrayBuffer> {
  return encode(value, { ignoreUndefined: true });
}

/** Reads a question. */
export function readRequest(octets: Uint8Array): ExchangeRequest | Refusal {
  return read(octets, requestSchema);
}

/** Reads an answer. */
export function readAnswer(octets: Uint8Array): ExchangeAnswer | Refusal {
  return read(octets, answerSchema);
}

function read<T>(octets: Uint8Array, schema: z.ZodType<T>): T | Refusal {
  try {
    const checked = schema.safeParse(decode(octets));
    if (checked.success) return checked.data;
    const [issue] = checked.error.issues;
    return new Refusal("invalid_body", `Cannot read the exchange: ${issue?.path.join(".")}: ${issue?.message}`);
  } catch (error) {
    return new Refusal("invalid_body", `Cannot read the exchange: ${error instanceof Error ? error.message : error}`);
  }
}
