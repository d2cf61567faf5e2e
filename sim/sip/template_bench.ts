/** Writing a MESSAGE: a compiled template against one template string that is encoded. */
import { toOctets } from "../bytes/text.ts";
import { OctetWriter } from "../bytes/writer.ts";
import { PAGER_MESSAGE } from "../testing/messages.ts";
import { Template } from "./template.ts";

const source = PAGER_MESSAGE
  .replaceAll("sip:bob@ims.example", "{target}")
  .replace("z9hG4bK74bf9a1c2d3e", "{branch}")
  .replace("a73kszlfl", "{tag}")
  .replace("9f8e7d6c5b4a39281706@127.0.0.1", "{callId}")
  .replace("CSeq: 1", "CSeq: {number}")
  .replace("Length: 18", "Length: {length}")
  .replace("Watson, come here.", "{body}");
const template = Template.compile(source, ["target", "branch", "tag", "callId", "number", "length", "body"]);
const body = toOctets("Watson, come here.");
const writer = new OctetWriter();
const encoder = new TextEncoder();
const parts = source.replaceAll("\n", "\r\n").split(/\{\w+\}/);
let number = 0;

Deno.bench("template string, encoded", { group: "MESSAGE", baseline: true }, () => {
  number++;
  const [a, b, c, d, e, f, g, h] = parts;
  const branch = `z9hG4bK${number}`;
  const text = `${a}sip:bob@ims.example${b}${branch}${c}tag${d}sip:bob@ims.example${e}callid@h${f}${number}${g}18${h}`;
  encoder.encode(`${text}Watson, come here.`);
});

Deno.bench("Template.fill", { group: "MESSAGE" }, () => {
  number++;
  const values = ["sip:bob@ims.example", `z9hG4bK${number}`, "tag", "callid@h", number, body.length, body];
  template.fill(writer.reset(), values);
});
