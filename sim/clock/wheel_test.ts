import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Millis } from "./clock.ts";
import { type Alarm, type Due, Wheel } from "./wheel.ts";

interface Fired {
  readonly timer: string;
  readonly at: Millis;
}

/** Notes what fires, and may arm more. */
class Notebook implements Due {
  readonly fired: Fired[] = [];
  then: ((timer: string, now: Millis) => void) | undefined;

  due(timer: string, now: Millis): void {
    this.fired.push({ timer, at: now });
    this.then?.(timer, now);
  }
}

Deno.test("Wheel fires an alarm once, in its millisecond and with its name", () => {
  const wheel = new Wheel();
  const notebook = new Notebook();
  const alarm = wheel.arm(500, notebook, "timerA");
  assertEquals([alarm.live, alarm.at, alarm.timer], [true, 500, "timerA"]);
  wheel.advance(499.9);
  assertEquals(notebook.fired, []);
  wheel.advance(500);
  assertEquals(notebook.fired, [{ timer: "timerA", at: 500 }]);
  assert(!alarm.live);
  wheel.advance(100_000);
  assertEquals(notebook.fired.length, 1);
});

Deno.test("Wheel never fires early: a fraction waits for the next millisecond", () => {
  const wheel = new Wheel(10.25);
  const notebook = new Notebook();
  wheel.arm(1.5, notebook, "timer");
  wheel.advance(11.99);
  assertEquals(notebook.fired, []);
  wheel.advance(12);
  assertEquals(notebook.fired, [{ timer: "timer", at: 12 }]);
});

Deno.test("Wheel fires what is due at once, or was, with the next millisecond", () => {
  const wheel = new Wheel(1000);
  const notebook = new Notebook();
  wheel.arm(0, notebook, "now");
  wheel.arm(-500, notebook, "past");
  wheel.advance(1000.9);
  assertEquals(notebook.fired, []);
  wheel.advance(1001);
  assertEquals(notebook.fired.map(({ timer }) => timer), ["now", "past"]);
});

Deno.test("Wheel counts a delay from another moment when asked to", () => {
  const wheel = new Wheel(100);
  const notebook = new Notebook();
  assertEquals(wheel.arm(50, notebook, "timer", 80).at, 130);
  wheel.advance(130);
  assertEquals(notebook.fired, [{ timer: "timer", at: 130 }]);
});

Deno.test("Wheel does not fire what was cancelled, and forgets it", () => {
  const wheel = new Wheel();
  const notebook = new Notebook();
  const alarms = [1, 300, 20_000, 2_000_000].map((delay) => wheel.arm(delay, notebook, "timer"));
  for (const alarm of alarms) alarm.live = false;
  assertEquals(wheel.armed, 4);
  wheel.advance(2_000_001);
  assertEquals([notebook.fired.length, wheel.armed], [0, 0]);
});

Deno.test("Wheel.cancel forgets an alarm at once, and leaves alone what has fired", () => {
  const wheel = new Wheel();
  const notebook = new Notebook();
  const alarms = [1, 1, 300, 20_000, 2_000_000].map((delay) => wheel.arm(delay, notebook, String(delay)));
  wheel.advance(1);
  for (const alarm of [...alarms, ...alarms]) wheel.cancel(alarm);
  assertEquals([wheel.armed, alarms.map(({ live }) => live)], [0, alarms.map(() => false)]);
  wheel.arm(300, notebook, "later");
  wheel.advance(2_000_001);
  assertEquals(notebook.fired.map(({ timer }) => timer), ["1", "1", "later"]);
});

Deno.test("Wheel does not fire what an alarm of the same millisecond cancels", () => {
  const wheel = new Wheel();
  const notebook = new Notebook();
  wheel.arm(10, notebook, "first");
  const second = wheel.arm(10, notebook, "second");
  const third = wheel.arm(10, notebook, "third");
  notebook.then = () => {
    second.live = false;
    wheel.cancel(third);
  };
  wheel.advance(10);
  assertEquals(notebook.fired.map(({ timer }) => timer), ["first"]);
  assertEquals(wheel.armed, 0);
});

Deno.test("Wheel fires what an alarm arms, counted from that alarm's millisecond, in the same call", () => {
  const wheel = new Wheel();
  const notebook = new Notebook();
  notebook.then = (_timer, now) => {
    if (now < 4000) wheel.arm(500, notebook, "timerE");
  };
  wheel.arm(500, notebook, "timerE");
  wheel.advance(60_000);
  assertEquals(notebook.fired.map(({ at }) => at), [500, 1000, 1500, 2000, 2500, 3000, 3500, 4000]);
});

Deno.test("Wheel fires alarms of one millisecond in the order they were armed, whatever level they waited in", () => {
  const moment = 2 ** 20 + 300;
  const wheel = new Wheel();
  const notebook = new Notebook();
  const armedAt = [0, 2 ** 20 - 10_000, 2 ** 20 + 100, moment - 1];
  for (const from of armedAt) {
    wheel.advance(from);
    wheel.arm(moment - from, notebook, String(from));
  }
  wheel.advance(moment);
  assertEquals(notebook.fired, armedAt.map((from) => ({ timer: String(from), at: moment })));
});

Deno.test("Wheel shows each alarm its own millisecond, also when the loop comes late", () => {
  const wheel = new Wheel();
  const notebook = new Notebook();
  const seen: Millis[] = [];
  notebook.then = () => seen.push(wheel.now);
  for (const delay of [3, 7, 300]) wheel.arm(delay, notebook, "timer");
  wheel.advance(1000.5);
  assertEquals(seen, [3, 7, 300]);
  assertEquals(wheel.now, 1000.5);
});

Deno.test("Wheel does nothing for a moment in the past", () => {
  const wheel = new Wheel(1000);
  wheel.arm(10, new Notebook(), "timer");
  wheel.advance(5);
  assertEquals([wheel.now, wheel.armed], [1000, 1]);
});

Deno.test("Wheel fires at the borders of its levels", () => {
  const delays = [1, 255, 256, 257, 16_383, 16_384, 16_385, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1];
  for (const start of [0, 255, 256, 16_383, 2 ** 20 - 1]) {
    const wheel = new Wheel(start);
    const notebook = new Notebook();
    for (const delay of delays) wheel.arm(delay, notebook, String(delay));
    wheel.advance(start + delays.at(-1)!);
    assertEquals(notebook.fired, delays.map((delay) => ({ timer: String(delay), at: start + delay })));
  }
});

Deno.test("Wheel fires beyond its reach of 18 hours", () => {
  const wheel = new Wheel(1000);
  const notebook = new Notebook();
  wheel.arm(2 ** 26 + 12_345, notebook, "timer");
  wheel.advance(2 ** 26 + 13_345);
  assertEquals(notebook.fired, [{ timer: "timer", at: 2 ** 26 + 13_345 }]);
});

Deno.test("Wheel keeps time after weeks, when milliseconds exceed 32 bits", () => {
  const start = 2 ** 32 - 100;
  const wheel = new Wheel(start);
  const notebook = new Notebook();
  const delays = [50, 150, 32_000, 300_000];
  for (const delay of delays) wheel.arm(delay, notebook, "timer");
  wheel.advance(start + 300_000);
  assertEquals(notebook.fired.map(({ at }) => at - start), delays);
});

Deno.test("Wheel passes an idle time at once", () => {
  const wheel = new Wheel();
  wheel.advance(1e12);
  const notebook = new Notebook();
  wheel.arm(1, notebook, "timer");
  wheel.advance(1e12 + 1);
  assertEquals(notebook.fired.length, 1);
});

Deno.test("Wheel lets go of what fired: a kept alarm holds no others", () => {
  const wheel = new Wheel();
  const notebook = new Notebook();
  const alarms = [1, 1, 1].map((delay) => wheel.arm(delay, notebook, "timer"));
  wheel.advance(1);
  for (const alarm of alarms) assertEquals((alarm as Alarm & { next: Alarm }).next, alarm);
});

Deno.test("Wheel.idleFor sleeps up to the next alarm, never past it", () => {
  const wheel = new Wheel();
  const notebook = new Notebook();
  wheel.arm(20, notebook, "timer");
  assertEquals(wheel.idleFor(100), 20);
  assertEquals(wheel.idleFor(5), 5);
  assertEquals(wheel.idleFor(0), 0);
  wheel.advance(19);
  assertEquals(wheel.idleFor(100), 1);
});

Deno.test("Wheel.idleFor reaches every alarm in its millisecond, step by step", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 300 }), (delay, limit) => {
    const wheel = new Wheel(100);
    const notebook = new Notebook();
    wheel.arm(delay, notebook, "timer");
    while (notebook.fired.length === 0) {
      const step = wheel.idleFor(limit);
      assert(step > 0 && step <= limit);
      wheel.advance(wheel.now + step);
    }
    assertEquals(wheel.now, 100 + delay);
  }));
});

type Step =
  | { readonly kind: "arm"; readonly delay: number; readonly chained: number }
  /** Arms for the next multiple of a number of milliseconds, so that alarms meet. */
  | { readonly kind: "meet"; readonly every: number }
  | { readonly kind: "cancel"; readonly which: number }
  | { readonly kind: "advance"; readonly by: number };

const DELAY = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 600 }) },
  { weight: 2, arbitrary: fc.double({ min: 0, max: 40_000, noNaN: true }) },
  { weight: 1, arbitrary: fc.integer({ min: 16_000, max: 1_100_000 }) },
);

const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("arm" as const), delay: DELAY, chained: DELAY }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("meet" as const), every: fc.constantFrom(300, 20_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), which: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("advance" as const), by: DELAY }) },
);

/** What the wheel should do, the slow way: a list sorted by millisecond and then by the order of arming. */
class SortedList {
  readonly fired: string[] = [];
  readonly #armed: { at: number; name: string; chained: number; live: boolean }[] = [];
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  arm(name: string, from: Millis, delay: number, chained: number): void {
    const at = Math.max(Math.ceil(from + delay), Math.floor(this.#now) + 1);
    this.#armed.push({ at, name, chained, live: true });
  }

  cancel(which: number): void {
    const entry = this.#armed[which];
    if (entry !== undefined) entry.live = false;
  }

  advance(now: number): void {
    for (;;) {
      const due = this.#armed.filter(({ at, live }) => live && at <= Math.floor(now)).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      due.live = false;
      this.fired.push(`${due.name}@${due.at}`);
      this.#now = due.at;
      if (due.chained > 0) this.arm(`${due.name}+`, due.at, due.chained, 0);
    }
    this.#now = Math.max(this.#now, now);
  }
}

Deno.test("Wheel does what a sorted list does, for any arming, cancelling, chaining and advancing", () => {
  const start = fc.double({ min: 0, max: 70_000, noNaN: true });
  fc.assert(
    fc.property(start, fc.array(STEP, { maxLength: 60 }), (from, steps) => {
      const wheel = new Wheel(from);
      const list = new SortedList(from);
      const fired: string[] = [];
      const alarms: Alarm[] = [];
      const armed = (name: string, delay: number, chained: number, base?: Millis): void => {
        const target: Due = {
          due: (timer, now) => {
            fired.push(`${timer}@${now}`);
            if (chained > 0) armed(`${timer}+`, chained, 0);
          },
        };
        alarms.push(wheel.arm(delay, target, name, base));
      };
      let now = from;
      for (const [index, step] of steps.entries()) {
        if (step.kind === "arm") {
          armed(String(index), step.delay, step.chained);
          list.arm(String(index), now, step.delay, step.chained);
        } else if (step.kind === "meet") {
          const moment = (Math.floor(now / step.every) + 1) * step.every;
          armed(String(index), moment, 0, 0);
          list.arm(String(index), 0, moment, 0);
        } else if (step.kind === "cancel") {
          const alarm = alarms[step.which];
          if (alarm !== undefined && step.which % 2 === 0) alarm.live = false;
          else if (alarm !== undefined) wheel.cancel(alarm);
          list.cancel(step.which);
        } else {
          now += step.by;
          wheel.advance(now);
          list.advance(now);
        }
        assertEquals(fired, list.fired);
      }
      wheel.advance(now + 3_000_000);
      list.advance(now + 3_000_000);
      assertEquals(fired, list.fired);
      assertEquals(wheel.armed, 0);
    }),
    { numRuns: 60 },
  );
});

Deno.test("Wheel counts live alarms by their names, near and far, and none that was cancelled", () => {
  const wheel = new Wheel();
  const owner = { due: () => {} };
  for (const delay of [1, 300, 20_000, 2 ** 27]) wheel.arm(delay, owner, "hold");
  wheel.arm(5, owner, "refresh");
  wheel.cancel(wheel.arm(6, owner, "hold"));
  wheel.arm(7, owner, "hold").live = false;
  assertEquals(wheel.count((timer) => timer === "hold"), 4);
  wheel.advance(400);
  assertEquals([wheel.count((timer) => timer === "hold"), wheel.count(() => true)], [2, 2]);
});
