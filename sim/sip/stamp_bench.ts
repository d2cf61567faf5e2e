/** A MESSAGE filled again with another sender and other numbers: all of it, and what differs only. */
import { toOctets } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";
import { PAGER_MESSAGE } from "../testing/messages.ts";
import { Stamp } from "./stamp.ts";
import { type SlotValue, Template } from "./template.ts";

const source = PAGER_MESSAGE
  .replaceAll("sip:bob@ims.example", "{target}")
  .replaceAll("sip:alice@ims.example", "{sender}")
  .replace("74bf9a1c2d3e", "{branch:bits}")
  .replace("a73kszlfl", "{tag:bits}");
const template = Template.compile(source, ["target", "sender", "branch", "tag"]);
const stamp = new Stamp(template);
const writer = new OctetWriter();
const target = toOctets("sip:bob@ims.example");
const senders = Array.from({ length: 64 }, (_, index) => toOctets(`sip:user${100 + index}@ims.example`));
let number = 0;

function values(): SlotValue[] {
  number++;
  return [target, senders[number % senders.length]!, number, number * 7];
}

Deno.bench("Template.fill", { baseline: true }, () => {
  template.fill(writer.reset(), values());
});

Deno.bench("Stamp.fill", () => {
  stamp.fill(values());
});
