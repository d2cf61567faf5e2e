/** The command line of `imstorm k6`. */
import { object, or } from "@optique/core/constructs";
import { type Message, message } from "@optique/core/message";
import { multiple, optional } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { command, constant, option } from "@optique/core/primitives";
import { integer, string } from "@optique/core/valueparser";
import { type Declared, described } from "./described.ts";
import { scenario } from "./run_arguments.ts";

const text = (
  name: "--target" | "--stages" | "--out" | "--k6",
  metavar: "URI" | "STAGES" | "DIR" | "PATH",
  says: Message,
) => optional(option(name, string({ metavar }), { description: says }));

const run = command(
  "run",
  object({
    command: constant("k6"),
    action: constant("run"),
    scenario,
    agents: option("--agents", string({ metavar: "URL,URL" }), {
      description: message`Base URLs of the agents, such as http://127.0.0.1:7070; the first is the lead.`,
    }),
    tokenFile: option("--token-file", string({ metavar: "FILE" }), {
      description: message`File with the bearer token of the agents.`,
    }),
    stages: text("--stages", "STAGES", message`Ramps of the load as factors, such as 30s:1,2m:1.5,30s:0.`),
    target: text("--target", "URI", message`Another server than the scenario's.`),
    seed: optional(
      option("--seed", integer({ metavar: "N", min: 0, max: 2 ** 32 - 1 }), { description: message`Another seed.` }),
    ),
    sets: multiple(
      option("--set", string({ metavar: "PATH=VALUE" }), {
        description: message`Changes one field of the scenario; may be repeated.`,
      }),
    ),
    abortAfter: optional(
      option("--abort-after", string({ metavar: "DURATION" }), {
        description: message`Latencies of the last window end the run as well, after so long, such as 30s.`,
      }),
    ),
    out: text("--out", "DIR", message`Folder of k6's summary, its JUnit file and the lead's results.`),
    k6: text("--k6", "PATH", message`The program k6, when it is not in PATH; deno must be allowed to run it.`),
  }),
  described(
    message`Runs a scenario over agents, with k6 in charge.`,
    "imstorm k6 run scenarios/pager-steady.yaml --agents http://127.0.0.1:7070,http://127.0.0.1:7071 --token-file token",
  ),
);

const thresholds = command(
  "thresholds",
  object({
    command: constant("k6"),
    action: constant("thresholds"),
    scenario,
    abortAfter: optional(
      option("--abort-after", string({ metavar: "DURATION" }), {
        description: message`Latencies of the last window end the run as well, after so long, such as 30s.`,
      }),
    ),
  }),
  described(
    message`Prints the thresholds of a scenario as JSON for k6.`,
    "imstorm k6 thresholds scenarios/demo.yaml",
  ),
);

const parser = command("k6", or(run, thresholds), {
  ...described(message`Hands a measurement over many agents to k6.`, "imstorm k6 thresholds scenarios/demo.yaml"),
});

/** `imstorm k6 run` and `imstorm k6 thresholds`. */
export const k6Command: Declared<typeof parser> = parser as Declared<typeof parser>;

/** What their command lines mean. */
export type K6Arguments = InferValue<typeof parser>;
