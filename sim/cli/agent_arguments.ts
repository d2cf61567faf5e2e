/** The command line of `imstorm agent`. */
import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { multiple, optional, withDefault } from "@optique/core/modifiers";
import { command, constant, option } from "@optique/core/primitives";
import { string } from "@optique/core/valueparser";
import { type Declared, described } from "./described.ts";
import { local } from "./run_arguments.ts";

const parser = command(
  "agent",
  object({
    command: constant("agent"),
    listen: optional(option("--listen", string({ metavar: "HOST:PORT" }), {
      description: message`Where controllers reach it; default 127.0.0.1:7070, port 0 for any.`,
    })),
    tokenFile: optional(option("--token-file", string({ metavar: "FILE" }), {
      description: message`File with the bearer token; default: IMSTORM_TOKEN, else one is made up and printed.`,
    })),
    allowTarget: multiple(option("--allow-target", string({ metavar: "HOST[:PORT]" }), {
      description: message`A host scenarios may send to besides this machine; may be repeated.`,
    })),
    cert: optional(
      option("--cert", string({ metavar: "FILE" }), { description: message`Certificate for https, PEM.` }),
    ),
    key: optional(option("--key", string({ metavar: "FILE" }), { description: message`Its private key, PEM.` })),
    results: withDefault(
      option("--results", string({ metavar: "DIR" }), {
        description: message`Folder for results folders; default results.`,
      }),
      "results",
    ),
    local,
  }),
  described(
    message`Runs scenarios as a controller such as k6 asks over HTTP.`,
    "imstorm agent --listen 127.0.0.1:7070 --allow-target 10.0.0.9",
  ),
);

/** `imstorm agent`. */
export const agentCommand: Declared<typeof parser> = parser as Declared<typeof parser>;
