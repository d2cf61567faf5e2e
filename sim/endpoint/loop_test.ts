import { assertEquals } from "@std/assert";
import { Random } from "../clock/random.ts";
import { ScriptedPeer } from "../testing/scripted_peer.ts";
import { SimNetwork, SimTransports } from "../testing/sim_transports.ts";
import { ALICE, BOB } from "../testing/user_agent_stand.ts";
import { Endpoint } from "./endpoint.ts";
import { Loop } from "./loop.ts";

/** An endpoint with a wheel of its own, whose transports note when they are flushed. */
function opened() {
  const network = new SimNetwork();
  const done: string[] = [];
  const endpoint = new Endpoint({
    clock: network.clock,
    random: new Random(1),
    core: { onRequest: (message) => void done.push(`${message.method} arrived`) },
    transports: (receivers) =>
      Object.assign(new SimTransports(network, ALICE, receivers), { flush: () => done.push("flush") }),
  });
  return { network, endpoint, done, peer: new ScriptedPeer(network, BOB, ALICE) };
}

Deno.test("Loop turns once for each message: what is due fires, then work is done, then all is flushed", () => {
  const { network, endpoint, done, peer } = opened();
  const loop = new Loop(endpoint, (now) => {
    done.push(`work at ${now}`);
    return now + 1000;
  });
  loop.start();
  endpoint.wheel.arm(5, { due: () => void done.push("alarm") }, "alarm");
  network.wait(10);
  assertEquals(done, []);
  peer.request("OPTIONS", undefined, { sequence: 1 });
  network.wait(10);
  assertEquals(done, ["OPTIONS arrived", "alarm", "work at 11", "flush"]);
  loop.stop();
  peer.request("OPTIONS", undefined, { sequence: 2 });
  network.wait(10);
  assertEquals(done.slice(4), ["OPTIONS arrived"]);
});

Deno.test("Loop does not begin a turn within a turn", () => {
  const { network, endpoint, done, peer } = opened();
  const loop = new Loop(endpoint, (now) => {
    done.push("work");
    if (done.length < 4) endpoint.onActivity!(now);
    return now;
  });
  loop.start();
  peer.request("OPTIONS", undefined, { sequence: 1 });
  network.wait(10);
  loop.stop();
  assertEquals(done, ["OPTIONS arrived", "work", "flush"]);
});
