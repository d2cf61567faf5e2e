/** What the exit code of a command says. */

/** Exit codes of every command. */
export const EXIT = {
  /** Ran; for a run: the measurement is valid and every threshold passed. */
  OK: 0,
  /** A fault of ours. */
  INTERNAL: 1,
  /** Wrong usage of the command line. */
  USAGE: 2,
  /** A scenario file is invalid. */
  SCENARIO: 3,
  /** Nothing could be sent, or no client could register. */
  UNREACHABLE: 4,
  /** The generator, not the server, was the limit, or a gate had no data. */
  INVALID: 98,
  /** A threshold failed; k6's number. */
  THRESHOLD: 99,
  /** Interrupted; results up to that moment are complete. */
  INTERRUPTED: 130,
} as const;

/** One of `EXIT`. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
