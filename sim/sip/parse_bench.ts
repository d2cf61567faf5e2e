/** Reading a response: spans and the four values that a load generator needs, against lines split into a map. */
import { toText } from "../bytes/text.ts";
import { PAGER_MESSAGE, PAGER_OK, wire } from "../testing/messages.ts";
import { Message } from "./message.ts";
import { parseMessage } from "./parse.ts";

const message = new Message();

function split(octets: Uint8Array): Map<string, string> {
  const headers = new Map<string, string>();
  const [head] = toText(octets).split("\r\n\r\n");
  for (const line of head!.split("\r\n").slice(1)) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

for (const [name, text] of [["200 of a MESSAGE", PAGER_OK], ["MESSAGE", PAGER_MESSAGE]] as const) {
  const octets = wire(text);
  Deno.bench(`${name}: decode, split, map`, { group: name, baseline: true }, () => {
    split(octets);
  });
  Deno.bench(`${name}: parseMessage`, { group: name }, () => {
    if (parseMessage(octets, message) !== undefined || message.branchFrom < 0) throw new Error("Cannot parse");
  });
  Deno.bench(`${name}: parseMessage, branch and To tag as text`, { group: name }, () => {
    parseMessage(octets, message);
    if (message.branch() === "" || message.toTag() === "x") throw new Error("Cannot parse");
  });
}
