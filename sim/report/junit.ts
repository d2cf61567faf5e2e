/** The verdict as JUnit XML: one test case for each threshold and one for the validity of the measurement. */
import type { Manifest } from "../results/run_record.ts";
import type { Summary } from "./summary.ts";
import { showActual, showSamples, type ThresholdResult } from "./thresholds.ts";

/** One test case. */
export interface JunitCase {
  readonly name: string;
  /** Why it failed; undefined when it passed. */
  readonly failure: string | undefined;
  /** Why its failure is let through. */
  readonly skipped?: string;
  readonly output: string;
}

/** JUnit XML that CI servers read; `further`: cases besides those of validity and thresholds. */
export function toJunit(manifest: Manifest, summary: Summary, further: readonly JunitCase[] = []): string {
  const cases = [validityCase(summary), ...summary.thresholds.map(thresholdCase), ...further];
  const failures = cases.filter((each) => each.failure !== undefined).length;
  const skipped = cases.filter((each) => each.skipped !== undefined).length;
  const suite = `imstorm.${summary.scenario}`;
  const counts = attributes({ tests: cases.length, failures, errors: 0, time: summary.duration_s.toFixed(3) });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name: "imstorm" })} ${counts}>`,
    `  <testsuite ${attributes({ name: suite, timestamp: manifest.started_at.slice(0, 19), skipped })} ${counts}>`,
    ...cases.flatMap((each) => caseLines(each, suite)),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function validityCase({ generator, verdict }: Summary): JunitCase {
  const reasons = generator.reasons.join("\n");
  const isInterrupted = verdict === "interrupted";
  const failed = generator.validity === "invalid" || isInterrupted;
  const why = isInterrupted ? ["the run was interrupted", reasons].filter((each) => each !== "").join("\n") : reasons;
  return { name: "measurement is valid", failure: failed ? why : undefined, output: reasons };
}

function thresholdCase(result: ThresholdResult): JunitCase {
  const { expression, actual, status, waiver } = result;
  const output = `${actual === null ? "no data" : `measured ${showActual(result)}`} ${showSamples(result)}`.trimEnd();
  if (status === "waived") {
    const skipped = `waived until ${waiver?.until}: ${waiver?.reason}`;
    return { name: expression, failure: undefined, skipped, output };
  }
  return { name: expression, failure: status === "passed" ? undefined : output, output };
}

function caseLines({ name, failure, skipped, output }: JunitCase, suite: string): string[] {
  const head = `    <testcase ${attributes({ classname: suite, name, time: "0" })}`;
  if (failure === undefined && output === "") return [`${head}/>`];
  const message = attributes({ message: failure?.split("\n")[0] ?? "" });
  return [
    `${head}>`,
    ...(failure === undefined ? [] : [`      <failure ${message} type="imstorm">${escaped(failure)}</failure>`]),
    ...(skipped === undefined ? [] : [`      <skipped ${attributes({ message: skipped })}/>`]),
    ...(output === "" ? [] : [`      <system-out>${escaped(output)}</system-out>`]),
    "    </testcase>",
  ];
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values).map(([name, value]) => `${name}="${escaped(String(value))}"`).join(" ");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text for XML 1.0: the five characters escaped that need it here, those left out that it cannot hold. */
function escaped(text: string): string {
  // deno-lint-ignore no-control-regex -- exactly the characters that XML 1.0 §2.2 excludes
  const kept = text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
  return kept.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
