/** Replies to what has arrived: who wrote to a client last, and which clients wait to answer. */
import type { Millis } from "../clock/clock.ts";
import type { SettleListener } from "../metrics/attempt.ts";
import type { Recorder } from "../metrics/recorder.ts";
import type { Agenda, Task } from "./agenda.ts";
import type { Arrival } from "./sendings.ts";

/** A message that arrived and has no reply yet. */
export interface Letter {
  /** Address of record of who wrote it. */
  readonly from: string;
  /** When it arrived, since the load began. */
  readonly at: Millis;
}

/** Sends a reply: `due` since the load began. */
export type ReplySender = (arrival: Arrival, to: string, due: Millis, listener: SettleListener | undefined) => void;

/** What replies need. */
export interface RepliesParts {
  readonly agenda: Agenda;
  readonly recorder: Recorder;
  readonly send: ReplySender;
  /** The moment of the endpoint's clock for one since the load began. */
  readonly clockTime: (at: Millis) => Millis;
}

/** The replies of one worker's clients. */
export class Replies {
  /** The latest message of each client without a reply. */
  readonly #letters: Map<number, Letter> = new Map();
  /** Clients that wait for a message, the longest wait first. */
  readonly #waiting: Map<number, Reply[]> = new Map();
  readonly #parts: RepliesParts;

  /** Nobody has written yet. */
  constructor(parts: RepliesParts) {
    this.#parts = parts;
  }

  /** A message arrived at a client of ours. */
  arrived(client: number, letter: Letter): void {
    const waiting = this.#waiting.get(client);
    const reply = waiting?.shift();
    if (waiting?.length === 0) this.#waiting.delete(client);
    if (reply === undefined) this.#letters.set(client, letter);
    else this.#think(reply, letter, letter.at);
  }

  /** A client is to reply: to the latest message it has, else to the next one that comes in its patience. */
  ask(arrival: Arrival, listener: SettleListener | undefined): void {
    const reply = new Reply(this, { ...arrival }, listener);
    const letter = this.#letters.get(arrival.sender);
    if (letter !== undefined) {
      this.#letters.delete(arrival.sender);
      this.#think(reply, letter, arrival.at);
      return;
    }
    const waiting = this.#waiting.get(arrival.sender);
    if (waiting === undefined) this.#waiting.set(arrival.sender, [reply]);
    else waiting.push(reply);
    this.#parts.agenda.add(arrival.at + arrival.patience, reply);
  }

  /** From a reply: nobody wrote in its patience, or its think time is over. */
  begin(reply: Reply, due: Millis): void {
    const { recorder, send, clockTime } = this.#parts;
    const { arrival, listener, letter } = reply;
    if (letter !== undefined) {
      // the end of its patience may come while it thinks
      if (due < reply.dueAt || reply.isSent) return;
      reply.isSent = true;
      if (arrival.counted) recorder.count("actions.replied");
      send(arrival, letter.from, due, listener);
      return;
    }
    const waiting = this.#waiting.get(arrival.sender)!;
    waiting.splice(waiting.indexOf(reply), 1);
    if (waiting.length === 0) this.#waiting.delete(arrival.sender);
    if (arrival.counted) recorder.count("actions.unanswerable");
    listener?.onSettled(clockTime(due));
  }

  #think(reply: Reply, letter: Letter, since: Millis): void {
    reply.letter = letter;
    reply.dueAt = Math.max(since, letter.at + reply.arrival.delay);
    this.#parts.agenda.add(reply.dueAt, reply);
  }
}

/** One reply that was asked for. */
class Reply implements Task {
  readonly arrival: Arrival;
  readonly listener: SettleListener | undefined;
  letter: Letter | undefined;
  dueAt: Millis = 0;
  isSent = false;
  readonly #replies: Replies;

  constructor(replies: Replies, arrival: Arrival, listener: SettleListener | undefined) {
    this.#replies = replies;
    this.arrival = arrival;
    this.listener = listener;
  }

  begin(due: Millis): void {
    this.#replies.begin(this, due);
  }
}
