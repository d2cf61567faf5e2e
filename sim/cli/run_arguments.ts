/** The command lines of `imstorm run` and `imstorm nightly`, and what others share with them. */
import { merge, object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { multiple, optional, withDefault } from "@optique/core/modifiers";
import { argument, command, constant, option } from "@optique/core/primitives";
import { integer, string } from "@optique/core/valueparser";
import { baseline, margins } from "./compare_arguments.ts";
import { described } from "./described.ts";

/** The scenario file. */
export const scenario = argument(string({ metavar: "SCENARIO" }), {
  description: message`Scenario file, YAML or JSON.`,
});
/** `--seed`. */
export const seed = optional(
  option("--seed", integer({ metavar: "N", min: 0, max: 2 ** 32 - 1 }), {
    description: message`Another seed: other moments, sizes and partners.`,
  }),
);
/** `--target`. */
export const target = optional(
  option("--target", string({ metavar: "URI" }), {
    description: message`Another server, such as sip:127.0.0.1:5060;transport=udp, or embedded.`,
  }),
);
/** `--set`. */
export const sets = multiple(
  option("--set", string({ metavar: "PATH=VALUE" }), {
    description: message`Changes one field of the scenario; may be repeated.`,
  }),
);
/** `--workers`. */
export const workers = optional(
  option("--workers", integer({ metavar: "N", min: 1, max: 64 }), {
    description: message`Worker threads, each for one core; default: by the load and the cores, see explain.`,
  }),
);

/** `--local`. */
export const local = optional(
  option("--local", string({ metavar: "HOST" }), {
    description: message`Address our clients listen on; default: the one that reaches the target.`,
  }),
);

/** Options of every command that runs a scenario. */
const runOptions = {
  scenario,
  target,
  seed,
  workers,
  sets,
  summary: optional(
    option("--summary", string({ metavar: "FILE" }), {
      description: message`Also writes the summary as JSON to a file, or to standard output with -.`,
    }),
  ),
  local,
  pcap: optional(
    option("--pcap", string({ metavar: "FILE" }), {
      description: message`Writes every SIP and MSRP message to a pcapng file.`,
    }),
  ),
  eventLog: optional(
    option("--event-log", string({ metavar: "FILE" }), {
      description: message`Writes every SIP message and the fate of every message as one JSON object a line.`,
    }),
  ),
  hdrLog: optional(
    option("--hdr-log", string({ metavar: "FILE" }), {
      description: message`Writes latencies to a histogram log that the tools of HdrHistogram read.`,
    }),
  ),
  metrics: optional(
    option("--metrics", string({ metavar: "ADDRESS" }), {
      description: message`Serves live figures for Prometheus: HOST:PORT, or a port of the loopback interface.`,
    }),
  ),
  noCalibration: option("--no-calibration", {
    description: message`Leaves out the echo over loopback that measures the tool's own error before a run.`,
  }),
  quiet: option("--quiet", { description: message`Neither progress nor report.` }),
  noLive: option("--no-live", { description: message`Lines instead of the live view, on a terminal too.` }),
  baseline,
  ...margins,
};

/** `imstorm run`. */
export const runCommand = command(
  "run",
  object({
    command: constant("run"),
    ...runOptions,
    out: optional(
      option("--out", string({ metavar: "DIR" }), { description: message`Results folder; it must be new or empty.` }),
    ),
  }),
  described(message`Runs a scenario, writes a results folder, prints the summary.`, "imstorm run scenarios/demo.yaml"),
);

/** `imstorm nightly`. */
export const nightlyCommand = command(
  "nightly",
  merge(
    object({ command: constant("nightly"), ...runOptions }),
    object({
      results: withDefault(
        option("--results", string({ metavar: "DIR" }), {
          description: message`Folder of the nights, with index.html; default results.`,
        }),
        "results",
      ),
      keep: withDefault(
        option("--keep", integer({ metavar: "N", min: 1 }), {
          description: message`Nights of this scenario to keep; older ones are deleted; default 30.`,
        }),
        30,
      ),
      nights: withDefault(
        option("--nights", integer({ metavar: "N", min: 5 }), {
          description: message`Earlier nights that say what is usual; default 14.`,
        }),
        14,
      ),
    }),
  ),
  described(
    message`Runs a scenario, compares it with a baseline and with the last nights, keeps the latest results.`,
    "imstorm nightly scenarios/nightly.yaml --keep 30",
  ),
);
