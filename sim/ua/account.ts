/** Who a simulated client is. */
import { ClientDigest } from "../sip/client_digest.ts";

/** One user of the domain; the address of record is `sip:user@domain`. */
export interface Account {
  readonly user: string;
  readonly username: string;
  /** Undefined: never answers a challenge. */
  readonly password: string | undefined;
}

/** The address of record of a user. */
export function addressOfRecord(user: string, domain: string): string {
  return `sip:${user}@${domain}`;
}

/** Credentials that answer challenges, or undefined where the account has none. */
export function digestOf(account: Account): ClientDigest | undefined {
  if (account.password === undefined) return undefined;
  return new ClientDigest({ username: account.username, password: account.password });
}
