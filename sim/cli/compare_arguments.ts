/** The command line of `imstorm compare`, and the options by which other commands compare. */
import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { multiple, optional, withDefault } from "@optique/core/modifiers";
import { argument, command, constant, option } from "@optique/core/primitives";
import { choice, integer, string } from "@optique/core/valueparser";
import { type Declared, described } from "./described.ts";

/** `--baseline`. */
export const baseline = optional(option("--baseline", string({ metavar: "RUN" }), {
  description: message`Results folder to compare with: exit code 99 when worse, 98 when that cannot be said.`,
}));

/** `--margin` and `--margin-latency`. */
export const margins = {
  margin: optional(option("--margin", string({ metavar: "SHARE" }), {
    description: message`Differences of latencies and rates up to this are not relevant; default 10%.`,
  })),
  marginLatency: optional(option("--margin-latency", string({ metavar: "DURATION" }), {
    description: message`Nor are differences of latencies up to this; default 500us.`,
  })),
};

const parser = command(
  "compare",
  object({
    command: constant("compare"),
    runs: multiple(
      argument(string({ metavar: "RUN" }), {
        description: message`Results folder. Without --baseline the first is the baseline.`,
      }),
      { min: 1 },
    ),
    baseline,
    ...margins,
    confidence: optional(option("--confidence", string({ metavar: "SHARE" }), {
      description: message`How sure an interval holds the true difference; default 99%.`,
    })),
    seed: optional(option("--seed", integer({ metavar: "N", min: 0, max: 2 ** 32 - 1 }), {
      description: message`Another seed of the resampling; default 1.`,
    })),
    force: option("--force", { description: message`Compares runs whose scenario or validity differ as well.` }),
    format: withDefault(
      option("--format", choice(["text", "json", "html"], { metavar: "FORMAT" }), {
        description: message`text, json or html; default text.`,
      }),
      "text" as const,
    ),
  }),
  described(
    message`Compares runs with a baseline: better, worse, same or not enough evidence for each metric.`,
    "imstorm compare results/monday results/tuesday",
  ),
);

/** `imstorm compare`. */
export const compareCommand: Declared<typeof parser> = parser as Declared<typeof parser>;
