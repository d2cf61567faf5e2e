import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { LARGE_INVITE, LARGE_OK, messageOf } from "../../testing/messages.ts";
import { Dialog } from "./dialog.ts";
import { Dialogs } from "./dialogs.ts";

function newDialog(callId: string, localTag: string, remoteTag: string): Dialog {
  const identity = { callId, localTag, remoteTag, localUri: "sip:a@x", remoteUri: "sip:b@x" };
  return new Dialog(identity, { remoteTarget: "sip:b@y", routeSet: [] }, { local: 1, remote: undefined }, "confirmed");
}

/** A dialog with a name. */
function named(name: string, ...ids: Parameters<typeof newDialog>): { name: string; dialog: Dialog } {
  return { name, dialog: newDialog(...ids) };
}

const CALL_ID = "5d0f6c1e9b7a43c2@127.0.0.1";
const RESPONSE = messageOf(LARGE_OK);
const REQUEST_OF_PEER = messageOf(
  LARGE_INVITE.replace(/^INVITE/, "BYE").replace("CSeq: 1 INVITE", "CSeq: 9 BYE")
    .replace(";tag=8f1c2a77", ";tag=314159").replace(
      "To: <sip:bob@ims.example>",
      "To: <sip:bob@ims.example>;tag=8f1c2a77",
    ),
);

Deno.test("Dialogs finds by Call-ID and tags, ours in To of requests and in From of responses (RFC 3261 §12)", () => {
  const dialogs = new Dialogs();
  const alice = named("alice", CALL_ID, "8f1c2a77", "314159");
  dialogs.add(alice);
  assert(dialogs.find(RESPONSE) === alice);
  assert(dialogs.find(REQUEST_OF_PEER) === alice);
});

Deno.test("Dialogs keeps both parties of one call apart, and the branches of a fork (RFC 3261 §12)", () => {
  const dialogs = new Dialogs<ReturnType<typeof named>>();
  dialogs.add(named("bob", CALL_ID, "314159", "8f1c2a77"));
  const fork = named("fork", CALL_ID, "8f1c2a77", "other");
  dialogs.add(fork);
  assertEquals(dialogs.find(RESPONSE), undefined);
  assertEquals(dialogs.find(REQUEST_OF_PEER), undefined);
  dialogs.add(named("alice", CALL_ID, "8f1c2a77", "314159"));
  assertEquals(dialogs.find(RESPONSE)?.name, "alice");
  assertEquals(dialogs.find(REQUEST_OF_PEER)?.name, "alice");
  assertEquals([dialogs.size, dialogs.remove(fork), dialogs.size], [3, true, 2]);
  assertEquals(dialogs.find(RESPONSE)?.name, "alice");
});

Deno.test("Dialogs finds nothing for a request outside of a dialog", () => {
  const dialogs = new Dialogs();
  dialogs.add(named("bob", CALL_ID, "314159", "8f1c2a77"));
  assertEquals(dialogs.find(messageOf(LARGE_INVITE)), undefined);
});

Deno.test("Dialogs forgets what was removed and throws for a dialog added twice", () => {
  const dialogs = new Dialogs();
  const owner = named("one", "c", "l", "r");
  dialogs.add(owner);
  assertThrows(() => dialogs.add(named("other", "c", "l", "r")), Error, "Cannot add a dialog twice");
  assertEquals([dialogs.remove(owner), dialogs.remove(owner), dialogs.size], [true, false, 0]);
});

Deno.test("Dialogs keeps every set of identifiers apart", () => {
  const part = fc.stringMatching(/^[a-c.]{0,3}$/);
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(part, part, part), { selector: (parts) => parts.join("/") }), (ids) => {
    const dialogs = new Dialogs();
    const made = ids.map((parts) => named("each", ...parts));
    made.forEach((owner) => dialogs.add(owner));
    assertEquals(dialogs.size, ids.length);
    made.forEach((owner) => assertEquals(dialogs.remove(owner), true));
    assertEquals(dialogs.size, 0);
  }));
});
