/**
 * Hosts in network namespaces of this machine, on one bridge that stands in a namespace as well: nothing of them is seen
 * from outside, and their addresses exist in them only.
 */
import { runToEnd } from "../peers/child.ts";
import type { Places } from "./agents.ts";

const PREFIX = "imstorm-k6-";
/** Private addresses (RFC 1918 §3), in these namespaces only. */
const NETWORK = "10.213.7";

async function ip(...args: string[]): Promise<void> {
  const { code, errors } = await runToEnd("ip", args, 10_000);
  if (code !== 0) throw new Error(`ip ${args.join(" ")}: ${errors.trim()}`);
}

/** So many hosts with names; `await using` removes them. */
export class Namespaces implements Places, AsyncDisposable {
  readonly #roles: readonly string[];
  readonly #made: string[] = [];

  private constructor(roles: readonly string[]) {
    this.#roles = roles;
  }

  /** Makes one namespace a role, and one with the bridge; throws with the words of `ip` where the machine does not let us. */
  static async make(roles: readonly string[]): Promise<Namespaces> {
    await removeLeftovers();
    const namespaces = new Namespaces(roles);
    try {
      const bridge = await namespaces.#add("bridge");
      await ip("-n", bridge, "link", "add", "br0", "type", "bridge");
      await ip("-n", bridge, "link", "set", "br0", "up");
      for (const [index, role] of roles.entries()) {
        const name = await namespaces.#add(role);
        await ip("-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", `port${index}`, "netns", bridge);
        await ip("-n", bridge, "link", "set", `port${index}`, "master", "br0", "up");
        await ip("-n", name, "address", "add", `${namespaces.host(role)}/24`, "dev", "eth0");
        await ip("-n", name, "link", "set", "eth0", "up");
        await ip("-n", name, "link", "set", "lo", "up");
      }
      return namespaces;
    } catch (error) {
      await namespaces[Symbol.asyncDispose]();
      throw error;
    }
  }

  host(role: string): string {
    const index = this.#roles.indexOf(role);
    if (index < 0) throw new Error(`Cannot find a host for ${role}`);
    return `${NETWORK}.${index + 1}`;
  }

  prefix(role: string): readonly string[] {
    return ["ip", "netns", "exec", nameOf(role)];
  }

  /** Delays and drops what a host sends; why the machine cannot, or undefined. */
  async disturb(role: string, delay: string, loss: string): Promise<string | undefined> {
    const netem = ["qdisc", "replace", "dev", "eth0", "root", "netem", "delay", delay, "loss", loss];
    const { code, errors } = await runToEnd("tc", ["-n", nameOf(role), ...netem], 10_000);
    return code === 0 ? undefined : errors.trim().split("\n")[0];
  }

  async #add(role: string): Promise<string> {
    await ip("netns", "add", nameOf(role));
    this.#made.push(nameOf(role));
    return nameOf(role);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#made.splice(0)) await runToEnd("ip", ["netns", "delete", name], 10_000);
  }
}

function nameOf(role: string): string {
  return `${PREFIX}${Deno.pid}-${role}`;
}

/** Those of tests that were ended by force: their process is no more. */
async function removeLeftovers(): Promise<void> {
  const { output } = await runToEnd("ip", ["netns", "list"], 10_000);
  for (const [name, pid] of output.matchAll(new RegExp(`^${PREFIX}(\\d+)-\\S+`, "gm"))) {
    const { code } = await runToEnd("kill", ["-0", pid!], 5_000);
    if (code !== 0) await runToEnd("ip", ["netns", "delete", name], 10_000);
  }
}

/** Why this machine has no namespaces for us, or undefined when it has. */
export async function namespaceObstacle(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "this is no Linux";
  try {
    await using _ = await Namespaces.make(["probe"]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
