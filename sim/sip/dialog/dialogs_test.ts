import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { LARGE_INVITE, LARGE_OK, messageOf } from "../../testing/messages.ts";
import { Dialog } from "./dialog.ts";
import { Dialogs } from "./dialogs.ts";

function newDialog(callId: string, localTag: string, remoteTag: string): Dialog {
  const identity = { callId, localTag, remoteTag, localUri: "sip:a@x", remoteUri: "sip:b@x" };
  return new Dialog(identity, { remoteTarget: "sip:b@y", routeSet: [] }, { local: 1, remote: undefined }, "confirmed");
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
  const dialogs = new Dialogs<string>();
  const dialog = newDialog(CALL_ID, "8f1c2a77", "314159");
  dialogs.add(dialog, "alice");
  assertEquals(dialogs.find(RESPONSE), { dialog, user: "alice" });
  assertEquals(dialogs.find(REQUEST_OF_PEER), { dialog, user: "alice" });
});

Deno.test("Dialogs keeps both parties of one call apart, and the branches of a fork (RFC 3261 §12)", () => {
  const dialogs = new Dialogs<string>();
  dialogs.add(newDialog(CALL_ID, "314159", "8f1c2a77"), "bob");
  dialogs.add(newDialog(CALL_ID, "8f1c2a77", "other"), "fork");
  assertEquals(dialogs.find(RESPONSE), undefined);
  assertEquals(dialogs.find(REQUEST_OF_PEER), undefined);
  dialogs.add(newDialog(CALL_ID, "8f1c2a77", "314159"), "alice");
  assertEquals(dialogs.find(RESPONSE)?.user, "alice");
  assertEquals(dialogs.find(REQUEST_OF_PEER)?.user, "alice");
  assertEquals(dialogs.size, 3);
});

Deno.test("Dialogs finds nothing for a request outside of a dialog", () => {
  const dialogs = new Dialogs<string>();
  dialogs.add(newDialog(CALL_ID, "314159", "8f1c2a77"), "bob");
  assertEquals(dialogs.find(messageOf(LARGE_INVITE)), undefined);
});

Deno.test("Dialogs forgets what was removed and throws for a dialog added twice", () => {
  const dialogs = new Dialogs<number>();
  const dialog = newDialog("c", "l", "r");
  dialogs.add(dialog, 1);
  assertThrows(() => dialogs.add(newDialog("c", "l", "r"), 2), Error, "Cannot add a dialog twice");
  assertEquals([dialogs.remove(dialog), dialogs.remove(dialog), dialogs.size], [true, false, 0]);
});

Deno.test("Dialogs keeps every set of identifiers apart", () => {
  const part = fc.stringMatching(/^[a-c.]{0,3}$/);
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(part, part, part), { selector: (parts) => parts.join("/") }), (ids) => {
    const dialogs = new Dialogs<number>();
    const made = ids.map(([callId, localTag, remoteTag]) => newDialog(callId, localTag, remoteTag));
    made.forEach((dialog, index) => dialogs.add(dialog, index));
    assertEquals(dialogs.size, ids.length);
    made.forEach((dialog) => assertEquals(dialogs.remove(dialog), true));
    assertEquals(dialogs.size, 0);
  }));
});
