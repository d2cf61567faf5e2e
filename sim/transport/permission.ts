/** What our own sockets may do: Deno does not watch what the C library does. */
import { formatAddress } from "./address.ts";
import type { Address } from "./flow.ts";

/** Whether Deno's own sockets would be allowed to use an address, ours or a peer's. */
export function mayReach(address: Address): boolean {
  return Deno.permissions.querySync({ name: "net", host: formatAddress(address) }).state === "granted";
}
