/** What an embedded IM server is started with, and what it is then. */
import type { Clock, Millis } from "../clock/clock.ts";
import type { Address, TransportName } from "../transport/flow.ts";
import type { MishapIntervals } from "./every_nth.ts";

/** An address to listen at. */
export interface ListenAddress {
  readonly transport: TransportName;
  /** Port 0 takes any; entries of one host with port 0 share the port they get. */
  readonly address: Address;
}

/** Who has to authenticate, and how (RFC 7616). */
export interface TargetDigest {
  readonly realm: string;
  readonly algorithm: "MD5" | "SHA-256";
  /** Password of a user; undefined for nobody of that name. */
  secretOf(username: string): string | undefined;
}

/** When the server stands still, since its first MESSAGE or INVITE, and how long. */
export interface StallOptions {
  readonly at: Millis;
  readonly for: Millis;
}

/** Faults that the server commits on purpose; shares are from 0 to 1. */
export interface FaultOptions {
  /** Share of incoming datagrams that it drops. */
  readonly loss?: number;
  /** Share of MESSAGEs that it delivers twice. */
  readonly duplicate?: number;
  /** Share of MESSAGEs whose content it damages. */
  readonly corrupt?: number;
  /** Every how many MESSAGEs one meets a fault, by count and not by chance. */
  readonly every?: MishapIntervals;
  /** How long it keeps every request before it forwards it. */
  readonly delay?: Millis;
  /** Stands still once. */
  readonly stall?: StallOptions;
  /** Share of MESSAGEs and INVITEs outside dialogs that it refuses, and the status. */
  readonly refuse?: { readonly share: number; readonly status: number };
}

/** How the server behaves. */
export interface ServerOptions extends FaultOptions {
  /** The domains it serves; any when undefined. */
  readonly domain?: readonly string[] | undefined;
  /** Challenges REGISTER; nobody is challenged without it. */
  readonly digest?: TargetDigest;
  /** With `digest`: MESSAGE and INVITE are challenged as well. */
  readonly challengeRequests?: boolean;
  /** Smallest session interval it accepts, seconds; smaller ones are answered 422 (RFC 4028 §8.1). */
  readonly minSe?: number;
  /** Larger MESSAGE requests, in octets, are answered 513. */
  readonly maxMessage?: number;
  /** Smallest registration interval it accepts, seconds; smaller ones are answered 423 (RFC 3261 §10.3); default 0. */
  readonly minExpires?: number;
}

/** How the server is started. */
export interface TargetOptions extends ServerOptions {
  /** UDP and TCP at 127.0.0.1:5060 by default. */
  readonly listen?: readonly ListenAddress[];
  /** Chooses which requests are lost, refused and so on; 1 by default. */
  readonly seed?: number;
  /** The clock of the process by default. */
  readonly clock?: Clock;
}

/** A running server. */
export interface Target {
  /** Where it listens, with the ports it got. */
  readonly addresses: readonly ListenAddress[];
  /** What it has counted so far, by dotted name. */
  counters(): Record<string, number>;
  /** Contacts registered at the moment. */
  bindings(): number;
  /** Stops listening, forgets everything. */
  close(): Promise<void>;
}
