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

/** What a driven loop does first while its socket gives batches of these sizes. */
function firstTurn(batches: readonly number[]): string[] {
  const network = new SimNetwork();
  const done: string[] = [];
  const rest = [...batches];
  const receiveNow = (): number => {
    const batch = rest.shift() ?? 0;
    done.push(`${batch} received`);
    return batch;
  };
  const endpoint = new Endpoint({
    clock: network.clock,
    random: new Random(1),
    core: { onRequest: () => {} },
    transports: (receivers) =>
      Object.assign(new SimTransports(network, ALICE, receivers), {
        receiveNow,
        wait: (limit: number) => network.wait(limit),
      }),
  });
  const loop = new Loop(endpoint, (now) => {
    done.push("work");
    loop.stop();
    return now + 1000;
  });
  loop.start();
  return done;
}

Deno.test("Loop takes all that has arrived before it does what is due, and a bounded number after a long pause", () => {
  assertEquals(firstTurn([10, 20]), ["10 received", "work"]);
  assertEquals(firstTurn([64, 64, 3, 5]), ["64 received", "64 received", "3 received", "work"]);
  assertEquals(firstTurn(Array.from({ length: 100 }, () => 64)).length, 17);
});

Deno.test("Loop beside connections waits until something is due, alarms included, and at most 4 ms", async () => {
  const network = new SimNetwork();
  const asked: number[] = [];
  const end: { wait?: () => void } = {};
  const beside = {
    hasRuntimeConnections: () => true,
    receiveNow: () => 0,
    wait: () => {},
    waitAsync: (limit: number) => {
      asked.push(limit);
      return new Promise<void>((resolve) => end.wait = resolve);
    },
  };
  const endpoint = new Endpoint({
    clock: network.clock,
    random: new Random(1),
    core: { onRequest: () => {} },
    transports: (receivers) => Object.assign(new SimTransports(network, ALICE, receivers), beside),
  });
  let nextDue = 3;
  const loop = new Loop(endpoint, () => nextDue);
  const endWait = async (): Promise<void> => {
    end.wait!();
    await Promise.resolve();
    await Promise.resolve();
  };
  loop.start();
  nextDue = 1000;
  await endWait();
  endpoint.wheel.arm(2, { due: () => {} }, "alarm");
  await endWait();
  loop.stop();
  await endWait();
  assertEquals(asked, [3, 4, 2]);
});
