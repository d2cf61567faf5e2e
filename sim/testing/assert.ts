/** The names of `@std/assert` that our tests use, over `node:assert/strict`, so that a move to JSR is one line. */
import strict from "node:assert/strict";

/** Fails unless `actual` is truthy, and narrows its type. */
export function assert(actual: unknown, message?: string): asserts actual {
  strict.ok(actual, message);
}

/** Fails unless both values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  strict.deepStrictEqual(actual, expected, message);
}

/** Fails when both values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  strict.notDeepStrictEqual(actual, expected, message);
}

/** Fails unless `text` matches `pattern`. */
export function assertMatch(text: string, pattern: RegExp, message?: string): void {
  strict.match(text, pattern, message);
}

/** Fails unless `text` contains `part`. */
export function assertStringIncludes(text: string, part: string): void {
  strict.ok(text.includes(part), `Cannot find ${JSON.stringify(part)} in:\n${text}`);
}

/** Fails unless `act` throws an error of `type` whose message contains `part`; gives that error. */
// deno-lint-ignore no-explicit-any -- constructors of any arguments are errors here
export function assertThrows<E extends Error>(act: () => unknown, type: new (...args: any[]) => E, part = ""): E {
  try {
    act();
  } catch (error) {
    strict.ok(error instanceof type, `Cannot accept ${String(error)}: expected ${type.name}`);
    assertStringIncludes(error.message, part);
    return error;
  }
  strict.fail(`Expected ${type.name} to be thrown`);
}

/** As `assertThrows`, for a promise. */
export async function assertRejects<E extends Error>(
  act: () => Promise<unknown>,
  // deno-lint-ignore no-explicit-any -- constructors of any arguments are errors here
  type: new (...args: any[]) => E,
  part = "",
): Promise<E> {
  try {
    await act();
  } catch (error) {
    strict.ok(error instanceof type, `Cannot accept ${String(error)}: expected ${type.name}`);
    assertStringIncludes(error.message, part);
    return error;
  }
  strict.fail(`Expected ${type.name} to be thrown`);
}
