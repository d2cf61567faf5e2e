/** Whether a run reached its target, put together of what its parts know when their clients have registered. */

/**
 * What a part knows: undefined when a client of it could register, else why none could; `nobody` when it had none to
 * register, as a worker without clients, and says nothing of the target.
 */
export type Unreached = string | undefined;

/** Of a part in which nobody had to register. */
export const NOBODY = "nobody";

/** What several parts know together. */
export function unreachedOfAll(parts: readonly Unreached[]): Unreached {
  if (parts.includes(undefined)) return undefined;
  return parts.find((each) => each !== NOBODY) ?? NOBODY;
}

/** Why a whole run has nobody to go on with; undefined when it may go on. */
export function unreachableBy(unreached: Unreached): string | undefined {
  return unreached === NOBODY ? undefined : unreached;
}
