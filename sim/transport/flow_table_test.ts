import { assert, assertEquals } from "@std/assert";
import type { Flow } from "./flow.ts";
import { FlowTable } from "./flow_table.ts";

function flowTo(host: string, port: number): Flow {
  const local = { host: "127.0.0.1", port: 5060 };
  const remote = { host, port };
  return { transport: "udp", reliable: false, local, remote, open: true, queued: 0, send() {}, close() {} };
}

Deno.test("FlowTable finds flows by host and port, whichever was asked for last", () => {
  const table = new FlowTable<Flow>();
  const flows = [flowTo("127.0.0.1", 1), flowTo("127.0.0.1", 2), flowTo("::1", 1)];
  for (const flow of flows) assert(table.add(flow) === flow);
  for (const flow of [...flows, ...flows.toReversed()]) {
    assert(table.find(flow.remote.host, flow.remote.port) === flow);
    assert(table.find(flow.remote.host, flow.remote.port) === flow);
  }
  assertEquals(table.find("::1", 2), undefined);
  assertEquals(table.find("127.0.0.3", 1), undefined);
  assertEquals([...table.values()], flows);
});

Deno.test("FlowTable keeps the newest flow to a peer when an older one is removed", () => {
  const table = new FlowTable<Flow>();
  const older = table.add(flowTo("127.0.0.1", 1));
  const newer = table.add(flowTo("127.0.0.1", 1));
  table.remove(older);
  assert(table.find("127.0.0.1", 1) === newer);
  table.remove(newer);
  assertEquals(table.find("127.0.0.1", 1), undefined);
  assertEquals([...table.values()], []);
});
