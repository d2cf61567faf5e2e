import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Random } from "../clock/random.ts";
import { formatFuzz, parseFuzzOptions } from "./fuzz.ts";
import { MAX_INPUT, Mutator } from "./fuzz_mutation.ts";
import { fuzz, FUZZ_TARGETS } from "./fuzz_run.ts";

for (const factory of FUZZ_TARGETS) {
  const { name } = factory(new Random(1));
  Deno.test(`Fuzzing ${name} finds nothing in its first inputs`, () => {
    const { findings, inputs } = fuzz(factory, 1, { inputs: name === "scenarios" ? 60 : 2000 });
    assertEquals(findings, []);
    assert(inputs > 0);
  });
}

Deno.test("fuzz notes what an input made a target throw, with the input", () => {
  const { findings, inputs } = fuzz(
    () => ({
      name: "picky",
      words: ["x"],
      sample: () => new TextEncoder().encode("good"),
      read: (octets) => {
        if (octets.includes(0x78)) throw new RangeError("Cannot read x");
      },
      settle: () => {
        throw new Error("Cannot settle");
      },
    }),
    7,
    { inputs: 2000 },
  );
  assertEquals([inputs, findings.length], [2000, 10]);
  assertStringIncludes(findings[0]!.what, "Cannot read x");
  assertStringIncludes(findings[0]!.input, "x");
});

Deno.test("Mutator gives the same inputs for the same seed, none beyond its limit", () => {
  const inputs = (seed: number) => {
    const mutator = new Mutator(new Random(seed), ["word"]);
    const sample = new TextEncoder().encode("a sample 1234");
    return Array.from({ length: 3000 }, () => mutator.mutate(sample, sample));
  };
  assertEquals(inputs(1).map((octets) => octets.length), inputs(1).map((octets) => octets.length));
  assert(inputs(2).every((octets) => octets.length <= MAX_INPUT));
  assert(inputs(2).some((octets) => octets.length > 1000));
});

Deno.test("The fuzzer's arguments are read, and unknown ones refused", () => {
  assertEquals(parseFuzzOptions([]), { seconds: 30, seed: 1, only: "" });
  assertEquals(parseFuzzOptions(["--seconds=5", "--seed=9", "--only=Msrp"]), { seconds: 5, seed: 9, only: "Msrp" });
  for (const argument of ["--seconds=x", "--hours=1", "5"]) {
    assertThrows(() => parseFuzzOptions([argument]), RangeError, argument);
  }
});

Deno.test("formatFuzz writes figures in one line, and findings below", () => {
  const findings = [{ what: "throws", input: '"x"' }];
  const result = { name: "SDP", inputs: 12, octets: 3e6, seconds: 2, slowest: 1.25, growth: 5e6, findings };
  const [line, ...rest] = formatFuzz(result).split("\n");
  assertStringIncludes(line!, "12 inputs, 3.0 MB, 2.0 s, slowest 1.3 ms, memory +5 MB, 1 findings");
  assertEquals(rest, ["    throws", '    "x"', ""]);
});
