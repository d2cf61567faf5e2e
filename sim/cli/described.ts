/** What all commands have in common on the command line. */
import { type Message, message } from "@optique/core/message";
import type { InferValue, Parser } from "@optique/core/parser";

/** Help of a command: what it does, and an example. */
export function described(brief: Message, example: string): { brief: Message; description: Message; footer: Message } {
  return { brief, description: brief, footer: message`Example: ${[{ type: "text", text: example }] as Message}` };
}

/** What a parser gives, without how it is put together: the type of those that others use. */
export type Declared<P extends Parser<"sync", unknown, unknown>> = Parser<"sync", InferValue<P>, unknown>;
