import { assert, assertEquals } from "@std/assert";
import { BOB, facing, type Party } from "../testing/user_agent_stand.ts";
import type { Flow } from "../transport/flow.ts";
import { closeLingering } from "./msrp_linger.ts";

function connectionOf(alice: Party): Flow {
  return alice.transports.msrpFlowTo({ host: BOB.host, port: BOB.port + 10_000 });
}

Deno.test("a shared connection waits a moment for the next session, and closes when none comes (RFC 4975 §5.4)", () => {
  const { stand, alice } = facing({ msrp: { connections: "shared" } });
  stand.send({ size: 2000 });
  stand.wait(40);
  const connection = connectionOf(alice);
  for (let message = 0; message < 3; message++) {
    assertEquals([alice.endpoint.msrp.sessionsOn(connection), connection.open], [0, true]);
    stand.send({ size: 2000 });
    stand.wait(60);
  }
  assert(connectionOf(alice) === connection);
  stand.wait(100);
  assertEquals([connection.open, alice.endpoint.leftovers().msrpConnections], [false, 0]);
  stand.end();
});

Deno.test("connections that wait close at once when nobody will ask for them, those in use do not", () => {
  const { stand, alice, bob } = facing({ msrp: { connections: "shared" } });
  stand.send({ size: 2000 });
  stand.wait(40);
  stand.send({ size: 200_000 });
  stand.wait(6);
  closeLingering(alice.endpoint);
  assertEquals(alice.endpoint.leftovers().msrpConnections, 1);
  stand.wait(40);
  closeLingering(alice.endpoint);
  assertEquals([alice.endpoint.leftovers().msrpConnections, bob.received.length], [0, 2]);
  stand.wait(20);
  stand.end();
});
