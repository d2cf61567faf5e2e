/** The command line as types: every command, its options, its help and its example. */
import { merge, object, or } from "@optique/core/constructs";
import { type Message, message } from "@optique/core/message";
import { multiple, optional, withDefault } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { argument, command, constant, option } from "@optique/core/primitives";
import { choice, float, integer, string } from "@optique/core/valueparser";
import { agentCommand } from "./agent_arguments.ts";
import { compareCommand } from "./compare_arguments.ts";
import { type Declared, described } from "./described.ts";
import { k6Command } from "./k6_arguments.ts";
import { nightlyCommand, runCommand, scenario, seed, sets, target, workers } from "./run_arguments.ts";

function every(name: `--${string}`, description: Message) {
  return optional(option(name, integer({ metavar: "N", min: 1 }), { description }));
}

/** Faults of the embedded server by count instead of chance. */
const everyNth = object({
  loseEvery: every("--lose-every", message`Every so many messages one is answered 200 and never delivered.`),
  corruptEvery: every("--corrupt-every", message`Every so many messages one gets another last octet.`),
  truncateEvery: every("--truncate-every", message`Every so many messages one loses the last half of its content.`),
  misrouteEvery: every("--misroute-every", message`Every so many messages one goes to another user.`),
  duplicateEvery: every("--duplicate-every", message`Every so many messages one is delivered twice.`),
});

const targetCommand = command(
  "target",
  merge(
    everyNth,
    object({
      command: constant("target"),
      listen: multiple(option("--listen", string({ metavar: "URI" }), {
        description:
          message`Address such as sip:127.0.0.1:5060;transport=tcp; may be repeated. Default: UDP and TCP on 5060.`,
      })),
      domain: multiple(option("--domain", string({ metavar: "NAME" }), {
        description: message`A domain it is responsible for; default: every one.`,
      })),
      digest: optional(option("--digest", choice(["MD5", "SHA-256"], { metavar: "ALGORITHM" }), {
        description: message`Challenges REGISTER; the password of every user is --password.`,
      })),
      password: withDefault(
        option("--password", string({ metavar: "TEXT" }), {
          description: message`Password of every user; default secret.`,
        }),
        "secret",
      ),
      challengeRequests: option("--challenge-requests", {
        description: message`Challenges MESSAGE and INVITE as well.`,
      }),
      minSe: optional(option("--min-se", integer({ metavar: "SECONDS", min: 1 }), {
        description: message`Smallest session interval accepted, else 422.`,
      })),
      maxMessage: optional(option("--max-message", integer({ metavar: "BYTES", min: 1 }), {
        description: message`Largest MESSAGE request accepted, else 513.`,
      })),
      loss: withDefault(
        option("--loss", float({ metavar: "SHARE", min: 0, max: 1 }), {
          description: message`Share of datagrams dropped.`,
        }),
        0,
      ),
      delay: withDefault(
        option("--delay", string({ metavar: "DURATION" }), {
          description: message`Wait before a request is handled, such as 20ms.`,
        }),
        "0s",
      ),
      stallAt: withDefault(
        option("--stall-at", string({ metavar: "DURATION" }), {
          description: message`When it stands still, since its first MESSAGE or INVITE; default 0s.`,
        }),
        "0s",
      ),
      stallFor: optional(
        option("--stall-for", string({ metavar: "DURATION" }), {
          description: message`Stands still once for that time, such as 2s.`,
        }),
      ),
      duplicate: withDefault(
        option("--duplicate", float({ metavar: "SHARE", min: 0, max: 1 }), {
          description: message`Share of messages delivered twice.`,
        }),
        0,
      ),
      corrupt: withDefault(
        option("--corrupt", float({ metavar: "SHARE", min: 0, max: 1 }), {
          description: message`Share of messages whose content is damaged.`,
        }),
        0,
      ),
      refuse: withDefault(
        option("--refuse", float({ metavar: "SHARE", min: 0, max: 1 }), {
          description: message`Share of MESSAGE and INVITE requests refused.`,
        }),
        0,
      ),
      refuseStatus: withDefault(
        option("--refuse-status", integer({ metavar: "STATUS", min: 400, max: 699 }), {
          description: message`What they are refused with; default 503.`,
        }),
        503,
      ),
      seed,
    }),
  ),
  described(
    message`Starts the embedded IM server until interrupted.`,
    "imstorm target --listen 'sip:127.0.0.1:5060;transport=udp' --min-se 120",
  ),
);

const send = command(
  "send",
  merge(
    object({
      command: constant("send"),
      from: option("--from", string({ metavar: "URI" }), {
        description: message`Who sends, such as sip:alice@ims.example.`,
      }),
      to: option("--to", string({ metavar: "URI" }), { description: message`Who is meant to get it.` }),
      target: option("--target", string({ metavar: "URI" }), {
        description: message`The server, such as sip:127.0.0.1:5060, or embedded.`,
      }),
      bytes: optional(option("--bytes", integer({ metavar: "N", min: 0, max: 64 * 2 ** 20 }), {
        description: message`Size of the content.`,
      })),
      text: optional(option("--text", string({ metavar: "TEXT" }), { description: message`The content itself.` })),
      mode: withDefault(
        option("--mode", choice(["auto", "pager", "large"], { metavar: "MODE" }), {
          description: message`auto decides by size; default auto.`,
        }),
        "auto" as const,
      ),
    }),
    object({
      username: optional(
        option("--username", string({ metavar: "NAME" }), { description: message`User name for digests.` }),
      ),
      password: optional(
        option("--password", string({ metavar: "TEXT" }), { description: message`Password for digests.` }),
      ),
      register: option("--register", { description: message`Registers first, and removes the binding at the end.` }),
      verbose: option("--verbose", { description: message`Shows every octet of content as well.` }),
      timeout: withDefault(
        option("--timeout", string({ metavar: "DURATION" }), {
          description: message`Longest wait for the end; default 35s.`,
        }),
        "35s",
      ),
    }),
  ),
  described(
    message`Sends one message and shows every SIP and MSRP message in order.`,
    "imstorm send --from sip:alice@ims.example --to sip:bob@ims.example --target embedded --bytes 4000",
  ),
);

const validate = command(
  "validate",
  object({
    command: constant("validate"),
    scenarios: multiple(scenario, { min: 1 }),
  }),
  described(message`Checks scenario files: every fault at once, with its place.`, "imstorm validate scenarios/*.yaml"),
);

const explain = command(
  "explain",
  object({ command: constant("explain"), scenario, target, seed, workers, sets }),
  described(message`Says what a run would do, before it does it.`, "imstorm explain scenarios/demo.yaml"),
);

const report = command(
  "report",
  object({
    command: constant("report"),
    run: argument(string({ metavar: "RUN" }), {
      description: message`Results folder; with --index, a folder of these.`,
    }),
    index: option("--index", { description: message`Writes index.html into a folder of runs: a list with trends.` }),
    format: withDefault(
      option(
        "--format",
        choice(["text", "html", "json", "junit", "csv", "openmetrics", "hdr-log"], { metavar: "FORMAT" }),
        {
          description: message`text, html, json, junit, csv, openmetrics or hdr-log; default text.`,
        },
      ),
      "text" as const,
    ),
    evidence: option("--evidence", { description: message`Shows what went wrong, with its SIP and MSRP texts.` }),
  }),
  described(message`Rebuilds a report from a results folder.`, "imstorm report results/20260101T000000Z-demo"),
);

const parser = or(
  runCommand,
  nightlyCommand,
  targetCommand,
  send,
  validate,
  explain,
  report,
  compareCommand,
  k6Command,
  agentCommand,
);

/** All commands. */
export const commands: Declared<typeof parser> = parser as Declared<typeof parser>;

/** What any command line means. */
export type CommandLine = InferValue<typeof parser>;

/** What the command line of one command means. */
export type Arguments<Name extends CommandLine["command"]> = Extract<CommandLine, { command: Name }>;
