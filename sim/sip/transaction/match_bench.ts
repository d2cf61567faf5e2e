/** What it costs to find the transaction of a response by its branch: parsing included, and parsing alone. */
import { toOctets } from "../../bytes/text.ts";
import { Random } from "../../clock/random.ts";
import { Wheel } from "../../clock/wheel.ts";
import { requestOctets, responseOctets } from "../../testing/transaction_stand.ts";
import { Wire } from "../../testing/wire.ts";
import { Message } from "../message.ts";
import { parseMessage } from "../parse.ts";
import { TransactionLayer } from "./layer.ts";

const OPEN = 10_000;
const flow = new Wire("tcp");
const USER = { onResponse: () => {}, onTimeout: () => {}, onTransportFault: () => {} };
const CORE = { onRequest: () => {}, onAck: () => {}, onCancel: () => {}, onStrayResponse: () => {} };

const layer = new TransactionLayer({ wheel: new Wheel(), random: new Random(1), core: CORE });
const responses = Array.from({ length: OPEN }, () => {
  const branch = layer.newBranch();
  const request = requestOctets({ method: "INVITE", branch, body: toOctets("v=0") }, "tcp");
  layer.request("INVITE", branch, request, flow, USER);
  return responseOctets(request, 180, { toTag: "bob" });
});
const message = new Message();
let next = 0;

Deno.bench("a 180 is parsed", { group: "match", baseline: true }, () => {
  parseMessage(responses[next++ % OPEN]!, message);
});

Deno.bench("a 180 finds its transaction among 10,000", { group: "match" }, () => {
  layer.receive(responses[next++ % OPEN]!, flow, 0);
});
