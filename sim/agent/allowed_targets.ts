/** Which hosts scenarios may send to: this machine, and what the agent's operator named. */
import type { Scenario } from "../scenario/scenario.ts";
import type { Address } from "../transport/flow.ts";
import type { RequestFault } from "./refusal.ts";

/** One allowed host; without a port every port. */
interface Allowed {
  readonly host: string;
  readonly port: number | undefined;
}

/** The targets that an agent may reach. */
export class AllowedTargets {
  readonly #allowed: readonly Allowed[];

  private constructor(allowed: readonly Allowed[]) {
    this.#allowed = allowed;
  }

  /** Of `--allow-target HOST[:PORT]` options; gives what is wrong with the first that is none. */
  static of(options: readonly string[]): AllowedTargets | string {
    const allowed: Allowed[] = [];
    for (const option of options) {
      const [, bracketed, plain, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+))(?::(\d{1,5}))?$/.exec(option) ??
        [];
      const host = bracketed ?? plain;
      if (host === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65535) {
        return `is no HOST[:PORT]: ${option}`;
      }
      allowed.push({ host: host.toLowerCase(), port: port === undefined ? undefined : Number(port) });
    }
    return new AllowedTargets(allowed);
  }

  /** What a scenario asks for and may not have. `name`: the host as written, `address`: what it was resolved to. */
  faultsOf(scenario: Scenario, name: string, address: Address): RequestFault[] {
    const faults: RequestFault[] = [];
    if (!this.allows(name, address.port) && !this.allows(address.host, address.port)) {
      faults.push({ path: "target.uri", what: notAllowed(`${name}:${address.port}`) });
    }
    for (const [index, host] of scenario.target.hosts.entries()) {
      if (!this.allows(host, undefined)) faults.push({ path: `target.hosts[${index}]`, what: notAllowed(host) });
    }
    return faults;
  }

  /** Whether clients may talk to a host; without a port to every port. */
  allows(host: string, port: number | undefined): boolean {
    const wanted = host.toLowerCase();
    if (isLoopback(wanted)) return true;
    return this.#allowed.some((each) => each.host === wanted && (each.port === undefined || each.port === port));
  }
}

function notAllowed(what: string): string {
  return `${what} is not allowed: start the agent with --allow-target ${what}`;
}

/** Whether a numeric address is this machine's; a name may lead anywhere. */
export function isLoopback(host: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(host) || host === "::1";
}
