/** The permissions of worker threads: no more than their part of a run needs. */
import type { Scenario } from "../scenario/scenario.ts";
import { sourceHosts } from "./sources.ts";
import type { Address } from "../transport/flow.ts";

/** What a worker may do: talk to the target, to further hosts of the scenario and to this machine, and read its users. */
export function workerPermissions(scenario: Scenario, local: Address, target: Address): Deno.PermissionOptionsObject {
  // clients of other workers may send from any of them
  const hosts = [...new Set([local.host, target.host, ...scenario.target.hosts, ...sourceHosts(scenario)])].map((
    host,
  ) => (host.includes(":") ? `[${host}]` : host));
  const files = scenario.populations.flatMap(({ users }) => ("csv" in users ? [users.csv] : []));
  // ffi only for libc's batched datagrams, which keep to the same addresses themselves; without it UDP is portable
  const ffi = Deno.permissions.querySync({ name: "ffi" }).state === "granted";
  const mayAsk = Deno.permissions.querySync({ name: "env", variable: "SIM_UDP" }).state === "granted";
  return {
    net: hosts,
    read: files.length === 0 ? false : files,
    env: mayAsk ? ["SIM_UDP"] : false,
    ffi,
    write: false,
    run: false,
    sys: false,
  };
}
