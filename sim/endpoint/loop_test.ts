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

/** A loop over a socket that reads by itself: one call of `read` is one bunch, after so many milliseconds. */
function called() {
  const network = new SimNetwork();
  const done: string[] = [];
  const answers = { sent: 0, each: 0 };
  const receiveNow = (): number => {
    done.push("received");
    answers.sent += answers.each;
    return 60;
  };
  const endpoint = new Endpoint({
    clock: network.clock,
    random: new Random(1),
    core: { onRequest: () => {} },
    transports: (receivers) =>
      Object.assign(new SimTransports(network, ALICE, receivers), { receiveNow, sentDatagrams: () => answers.sent }),
  });
  const loop = new Loop(endpoint, (now) => {
    done.push("work");
    return now + 1000;
  });
  const read = (after: number, mustTake = false): string[] => {
    network.wait(after);
    done.length = 0;
    assertEquals(endpoint.onRead!(mustTake), true);
    return [...done];
  };
  loop.start();
  return { loop, endpoint, answers, read };
}

Deno.test("Loop of a portable socket takes what was read in one turn, and lets it wait when they come thick", () => {
  const { loop, endpoint, answers, read } = called();
  const turn = ["received", "work"];
  assertEquals([read(5), read(0)], [turn, turn]);
  for (let slice = 0; slice < 60; slice++) read(5);
  assertEquals([read(5), read(0.5), read(0.4), read(0.2), read(0.5)], [turn, [], [], turn, []]);
  assertEquals(read(0, true), turn);
  answers.each = 64;
  for (let slice = 0; slice < 10; slice++) read(5);
  assertEquals(read(0), turn);
  loop.stop();
  assertEquals(endpoint.onRead, undefined);
});
