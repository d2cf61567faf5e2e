/** The laws that the counts of every run obey, whatever a server did: what began has ended in exactly one way. */
import { MESSAGE_COUNTS, RECEIVER_COUNTS, SENDER_COUNTS } from "./catalogue.ts";
import { MODES } from "./outcome.ts";

/** The sum of some counters is that of others. */
interface Law {
  /** Of what it speaks, for people. */
  readonly what: string;
  readonly left: readonly string[];
  readonly right: readonly string[];
}

const LAWS: readonly Law[] = [...messageLaws(), ...modeLaws(), ...decisionLaws()];

/**
 * What is wrong with the counters of a run that has ended, one sentence each; empty when nothing is. A run with any is
 * invalid: some of its messages were counted twice or never.
 */
export function conservationFaults(counters: Readonly<Record<string, number>>): string[] {
  const sum = (names: readonly string[]): number => names.reduce((total, name) => total + (counters[name] ?? 0), 0);
  const faults = LAWS.flatMap(({ what, left, right }) => {
    const [found, expected] = [sum(left), sum(right)];
    return found === expected ? [] : [`counts are not conserved: ${what}: ${found}, not ${expected}`];
  });
  const unbalanced = counters["ledger.unbalanced"] ?? 0;
  if (unbalanced > 0) {
    faults.push(`counts are not conserved: ${unbalanced} ledgers did not add up when they were closed`);
  }
  return faults;
}

function* messageLaws(): Generator<Law> {
  for (const scope of ["messages.", ...MODES.map((mode) => `messages.${mode}.`)]) {
    const right = [`${scope}attempted`];
    const named = (parts: readonly string[]): string[] => parts.map((part) => scope + part);
    yield { what: `outcomes of ${scope}attempted at senders`, left: named(SENDER_COUNTS), right };
    yield { what: `fates of ${scope}attempted at receivers`, left: named(RECEIVER_COUNTS), right };
  }
}

function* modeLaws(): Generator<Law> {
  for (const part of Object.keys(MESSAGE_COUNTS)) {
    const right = [`messages.${part}`];
    yield { what: `messages.${part} of all modes`, left: MODES.map((mode) => `messages.${mode}.${part}`), right };
  }
}

function* decisionLaws(): Generator<Law> {
  const [pager, large, switched] = ["decisions.pager", "decisions.large", "decisions.switched_after_auth"];
  yield { what: "decisions of a mode", left: [pager!, large!], right: ["messages.attempted"] };
  yield { what: "messages.large.attempted", left: ["messages.large.attempted"], right: [large!, switched!] };
}
