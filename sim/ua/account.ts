/** Who a simulated client is. */

/** What answers challenges. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const SCHEME = "sip:";

/** The address of record of a user. */
export function addressOfRecord(user: string, domain: string): string {
  // joined: a template would keep its pieces as well, 100 octets instead of 40 for each of many clients
  return [SCHEME, user, "@", domain].join("");
}

/** The user of an address that `addressOfRecord` made. */
export function userOf(addressOfRecordText: string, domain: string): string {
  return addressOfRecordText.slice(SCHEME.length, -domain.length - 1);
}
