/** What the tests of phones of other makers share: our server, a client of ours, and the exchange of messages. */
import { assertEquals } from "@std/assert";
import { startTarget, type Target } from "../../target/server.ts";
import { formatAddress } from "../../transport/address.ts";
import { OwnClient } from "../own_client.ts";
import { LOOPBACK } from "./ports.ts";

/** Password of everybody at the server. */
export const PHONE_PASSWORD = "secret";
/** Domain of everybody. */
export const PHONE_DOMAIN = "ims.test";

/** Our server with digest, and alice, a client of ours, registered at it. */
export interface PhoneStand extends AsyncDisposable {
  readonly server: Target;
  /** `host:port` of the server. */
  readonly target: string;
  readonly port: number;
  readonly alice: OwnClient;
}

/** Starts the server on UDP and TCP of one port, and registers alice. */
export async function startPhoneStand(algorithm: "MD5" | "SHA-256", host: string): Promise<PhoneStand> {
  const server = await startTarget({
    listen: (["udp", "tcp"] as const).map((transport) => ({ transport, address: { host: LOOPBACK, port: 0 } })),
    domain: [PHONE_DOMAIN, LOOPBACK],
    digest: { realm: PHONE_DOMAIN, algorithm, secretOf: () => PHONE_PASSWORD },
    challengeRequests: true,
  });
  const { address } = server.addresses[0]!;
  const target = formatAddress(address);
  const alice = new OwnClient({
    user: "alice",
    password: PHONE_PASSWORD,
    target,
    domain: PHONE_DOMAIN,
    host,
  });
  assertEquals(await alice.register(), { kind: "registered" });
  return {
    server,
    target,
    port: address.port,
    alice,
    [Symbol.asyncDispose]: async () => {
      await alice[Symbol.asyncDispose]();
      await server.close();
    },
  };
}
