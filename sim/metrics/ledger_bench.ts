/** What the life of one message costs in the ledger, its counts and latencies included. */
import { Ledger } from "./ledger.ts";
import { Recorder } from "./recorder.ts";

const ledger = new Ledger(new Recorder(), 5000);
let sequence = 0;

Deno.bench("Ledger: open, deliver, settle, 1,000 messages", () => {
  for (let i = 0; i < 1000; i++) {
    const dueAt = sequence;
    const attempt = ledger.open({ sequence, sender: 1, receiver: 2, mode: "pager", size: 140, dueAt, counted: true });
    ledger.deliver(sequence, 2, true, dueAt + 2);
    ledger.settle(attempt, "accepted_200", dueAt + 3);
    sequence++;
  }
});
