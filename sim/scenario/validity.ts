/** The limits of scenario files within which a measurement is valid. */
import { z } from "zod";
import { camelKeys, positiveDuration, share } from "./fields.ts";

/** Schema of `limits.validity`. */
export const validitySchema = z.strictObject({
  loop_delay: positiveDuration().prefault("500ms")
    .describe("Longest time an event loop may stand still while messages are started; default 500ms."),
  socket_drops: z.int().min(0).prefault(0)
    .describe("Datagrams that our kernel may drop at our sockets; default 0."),
  send_buffer_full: z.int().min(0).prefault(0)
    .describe("Datagrams that our kernel may refuse because a send buffer is full; default 0."),
  descriptors: share().prefault(0.9)
    .describe("Share of the permitted file descriptors that may be open; default 0.9."),
  steal: share().prefault(0.1)
    .describe("Share of the processor time that the host may take from this machine, on average; default 0.1."),
  clock_offset: positiveDuration().prefault("5ms")
    .describe("Largest difference between the clocks of two workers; default 5ms."),
  expects_limit: z.boolean().prefault(false)
    .describe("Whether the run is meant to press the server to its limit: a floor when it was not; default false."),
}).transform(camelKeys);
