/** Schema of what clients do: a weighted mixture of messages, replies and changes of their registration. */
import { z } from "zod";
import { positiveDuration, show } from "./fields.ts";
import { sizeMixtureSchema } from "./size_mixture.ts";
import { timeSpreadSchema } from "./time_spread.ts";

/** What a client can do. */
export const ACTIONS = ["auto", "pager", "large", "reply", "reregister", "deregister", "idle"] as const;

const weight = z.number().positive().prefault(1).describe("Weight of this action relative to the others; default 1.");
const size = sizeMixtureSchema.optional().describe("Sizes of these messages; default: messages.size.");

/** Schema of one action with its weight. */
export const actionSchema = z.discriminatedUnion("action", [
  z.strictObject({
    action: z.literal("auto").describe("A message in the mode that its size asks for."),
    weight,
    size,
  }),
  z.strictObject({ action: z.literal("pager").describe("A message in pager mode, whatever its size."), weight, size }),
  z.strictObject({ action: z.literal("large").describe("A message in large mode, whatever its size."), weight, size }),
  z.strictObject({
    action: z.literal("reply").describe(
      "A message to whoever wrote to the client last and has no reply yet; without such a message it waits for one.",
    ),
    weight,
    size,
    think: timeSpreadSchema.prefault("1s").describe("From the arrival of a message to its reply; default 1s."),
    patience: positiveDuration().prefault("10s").describe("Longest wait for a message to reply to; default 10s."),
  }),
  z.strictObject({
    action: z.literal("reregister").describe("The binding is made again, as after a change of access."),
    weight,
  }),
  z.strictObject({
    action: z.literal("deregister").describe("The client removes its binding and comes back after a while."),
    weight,
    away: timeSpreadSchema.prefault("5s").describe("How long it stays away; default 5s."),
  }),
  z.strictObject({
    action: z.literal("idle").describe("Nothing: with vus, the client waits; with a rate, it has no effect."),
    weight,
    time: timeSpreadSchema.prefault("1s").describe("How long; default 1s."),
  }),
], {
  error: ({ input }) => {
    const action = (input as { action?: unknown } | null | undefined)?.action;
    return `needs an action, one of ${ACTIONS.join(", ")}: ${show(action ?? input)}`;
  },
});

/** One action as resolved: durations in milliseconds, sizes in bytes. */
export type Action = z.output<typeof actionSchema>;

/** An action that sends a message. */
export type MessageAction = Extract<Action, { action: "auto" | "pager" | "large" | "reply" }>;

/** Whether an action sends a message. */
export function isMessageAction(action: Action): action is MessageAction {
  return action.action === "auto" || action.action === "pager" || action.action === "large" ||
    action.action === "reply";
}
