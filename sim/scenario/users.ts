/** The users of a population, one at a time: from a pattern, or from the rows of a CSV file. */
import { parse } from "csv-parse/sync";
import { compilePattern, type NamePattern, numberIn } from "./pattern.ts";
import type { PopulationDraft } from "./population.ts";

/** Who one client is: the user part of its address, and its credentials. */
export interface ClientUser {
  readonly user: string;
  /** User name in digests; the user itself when nothing else is said. */
  readonly username: string;
  /** Undefined: it cannot answer a challenge. */
  readonly password: string | undefined;
}

/** What decides who the clients are. */
export type UserSource = Pick<PopulationDraft, "users" | "auth">;

type UserAt = (index: number) => ClientUser;

/** Compiled once per population: a pattern, or the rows of its file. */
const COMPILED = new WeakMap<UserSource, UserAt>();

/** The user of client `index` of a population, from 0; reads the CSV file on first use. */
export function userAt(population: UserSource, index: number): ClientUser {
  let at = COMPILED.get(population);
  if (at === undefined) {
    at = compile(population);
    COMPILED.set(population, at);
  }
  return at(index);
}

/** Numbers of the users of files, by name; made when somebody first asks. */
const NUMBERS = new WeakMap<UserSource, ReadonlyMap<string, number>>();

/** The number of a user in its population, whatever its size; -1 when it has no such user. */
export function indexOfUser(population: UserSource, user: string): number {
  const { users } = population;
  if (!("csv" in users)) {
    const number = numberIn(users.pattern, user);
    return number === undefined || number < users.first ? -1 : number - users.first;
  }
  let numbers = NUMBERS.get(population);
  if (numbers === undefined) {
    const rows = parseUsers(Deno.readTextFileSync(users.csv));
    numbers = new Map(Array.isArray(rows) ? rows.map((row, index) => [row.user, index]) : []);
    NUMBERS.set(population, numbers);
  }
  return numbers.get(user) ?? -1;
}

function compile(population: UserSource): UserAt {
  const { users, auth } = population;
  if ("csv" in users) {
    const rows = parseUsers(Deno.readTextFileSync(users.csv));
    if (!Array.isArray(rows)) throw new SyntaxError(`Cannot read users of ${users.csv}: ${rows.fault}`);
    return (index) => {
      const row = rows[index];
      if (row === undefined) throw new RangeError(`Cannot give user ${index}: ${users.csv} has ${rows.length}`);
      return { user: row.user, username: row.username ?? row.user, password: row.password ?? auth?.password };
    };
  }
  const name = pattern(users.pattern);
  const username = pattern(auth?.username ?? users.pattern);
  return (index) => {
    const n = users.first + index;
    return { user: name(n), username: username(n), password: auth?.password };
  };
}

function pattern(text: string): NamePattern {
  const compiled = compilePattern(text);
  if (typeof compiled === "object") {
    throw new SyntaxError(`Cannot use the pattern ${JSON.stringify(text)}: it ${compiled.fault}`);
  }
  return compiled;
}

/** One row of a file of users. */
export interface UserRow {
  user: string;
  username?: string;
  password?: string;
}

const COLUMNS = ["user", "username", "password"];

/** The rows of a file of users, or what is wrong with it: a header line, then a user a line (RFC 4180). */
export function parseUsers(text: string): UserRow[] | { fault: string } {
  let rows: UserRow[] | undefined = parsePlain(text);
  try {
    rows ??= parse(text, { columns: true, bom: true, skip_empty_lines: true, trim: true }) as UserRow[];
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
  const first = rows[0];
  if (first === undefined) return { fault: "has no users" };
  const unknown = Object.keys(first).filter((column) => !COLUMNS.includes(column));
  if (unknown.length > 0) return { fault: `has unknown columns: ${unknown.join(", ")}; known: ${COLUMNS.join(", ")}` };
  if (first.user === undefined) return { fault: "has no column user" };
  const seen = new Set<string>();
  for (const [index, { user }] of rows.entries()) {
    if (user === "") return { fault: `has no user in row ${index + 1}` };
    if (seen.has(user)) return { fault: `has the user ${JSON.stringify(user)} twice` };
    seen.add(user);
  }
  return rows;
}

/**
 * The rows of a plain file, undefined for any other: one without quotes, with our columns, and a value for each in every
 * line. A million users take a third of the time that the general parser takes, which knows every other form.
 */
function parsePlain(text: string): UserRow[] | undefined {
  if (text.includes('"')) return undefined;
  const isDos = text.includes("\r");
  const newline = isDos ? "\r\n" : "\n";
  let columns: string[] | undefined;
  let places: number[] = [];
  const rows: UserRow[] = [];
  let from = text.startsWith("\ufeff") ? 1 : 0;
  while (from < text.length) {
    const end = text.indexOf(newline, from);
    const line = text.slice(from, end < 0 ? text.length : end);
    from += line.length + newline.length;
    if (line === "") continue;
    const values = line.split(",");
    if (columns === undefined) {
      columns = values.map((value) => value.trim());
      if (!columns.includes("user") || !areOurs(columns)) return undefined;
      places = COLUMNS.map((column) => columns!.indexOf(column));
      continue;
    }
    if (values.length !== columns.length || (isDos && /[\r\n]/.test(line)) || line.trim() === "") return undefined;
    const row: UserRow = { user: values[places[0]!]!.trim() };
    if (places[1]! >= 0) row.username = values[places[1]!]!.trim();
    if (places[2]! >= 0) row.password = values[places[2]!]!.trim();
    rows.push(row);
  }
  return rows;
}

/** Whether all columns are ours, and none comes twice. */
function areOurs(columns: readonly string[]): boolean {
  return columns.every((column, place) => COLUMNS.includes(column) && columns.indexOf(column) === place);
}
