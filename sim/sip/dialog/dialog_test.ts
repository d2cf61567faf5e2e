import { assert, assertEquals } from "@std/assert";
import { LARGE_INVITE, LARGE_OK, messageOf, PAGER_OK } from "../../testing/messages.ts";
import { Dialog } from "./dialog.ts";

const INVITE = {
  callId: "5d0f6c1e9b7a43c2@127.0.0.1",
  localTag: "8f1c2a77",
  localUri: "sip:alice@ims.example",
  remoteUri: "sip:bob@ims.example",
  sequenceNumber: 1,
};

const RECORD_ROUTE = "Record-Route: <sip:127.0.0.1:5060;transport=tcp;lr>";

/** The caller's dialog from a 200 with these Record-Route lines. */
function caller(...recordRoute: string[]): Dialog {
  const text = LARGE_OK.replace(`${RECORD_ROUTE}\n`, recordRoute.map((line) => `Record-Route: ${line}\n`).join(""));
  return Dialog.fromAnswer(INVITE, messageOf(text))!;
}

function callee(): Dialog {
  return Dialog.fromRequest(messageOf(LARGE_INVITE), "314159")!;
}

/** A request of the caller inside the dialog. */
function request(method: string, sequenceNumber: number, contact?: string): ReturnType<typeof messageOf> {
  const line = contact === undefined ? "" : `\nContact: ${contact}`;
  return messageOf(
    LARGE_INVITE.replace(/^INVITE/, method).replace(/\nContact:.*/, line)
      .replace("CSeq: 1 INVITE", `CSeq: ${sequenceNumber} ${method}`),
  );
}

Deno.test("Dialog of the caller takes tag, target and the reversed Record-Route of the answer (RFC 3261 §12.1.2)", () => {
  const dialog = caller("<sip:p3;lr>, <sip:p2;lr>", "<sip:p1;lr>");
  assertEquals([dialog.callId, dialog.localTag, dialog.remoteTag], [INVITE.callId, "8f1c2a77", "314159"]);
  assertEquals([dialog.localUri, dialog.remoteUri], ["sip:alice@ims.example", "sip:bob@ims.example"]);
  assertEquals(dialog.remoteTarget, "sip:bob@127.0.0.1:5071;transport=tcp");
  assertEquals(dialog.routeSet, ["<sip:p1;lr>", "<sip:p2;lr>", "<sip:p3;lr>"]);
  assertEquals([dialog.localSequenceNumber, dialog.remoteSequenceNumber], [1, undefined]);
  assertEquals(dialog.state, "confirmed");
});

Deno.test("Dialog of the callee takes Record-Route in order and counts from the request (RFC 3261 §12.1.1)", () => {
  const text = LARGE_INVITE.replace("\nCSeq:", "\nRecord-Route: <sip:p1;lr>\nRecord-Route: <sip:p2;lr>\nCSeq:");
  const dialog = Dialog.fromRequest(messageOf(text), "314159")!;
  assertEquals([dialog.callId, dialog.localTag, dialog.remoteTag], [INVITE.callId, "314159", "8f1c2a77"]);
  assertEquals([dialog.localUri, dialog.remoteUri], ["sip:bob@ims.example", "sip:alice@ims.example"]);
  assertEquals(dialog.remoteTarget, "sip:alice@127.0.0.1:5070;transport=tcp");
  assertEquals(dialog.routeSet, ["<sip:p1;lr>", "<sip:p2;lr>"]);
  assertEquals(dialog.remoteSequenceNumber, 1);
  assertEquals(dialog.state, "early");
  dialog.confirm();
  assertEquals(dialog.state, "confirmed");
});

Deno.test("Dialog is not made without a To tag, without a usable Contact, by 100 or by a failure (RFC 3261 §12.1)", () => {
  const answers = [
    LARGE_OK.replace(";tag=314159", ""),
    LARGE_OK.replace(/\nContact:.*/, ""),
    LARGE_OK.replace(/\nContact:.*/, "\nContact: *"),
    LARGE_OK.replace(/\nContact:.*/, "\nContact: <not a uri>"),
    LARGE_OK.replace("200 OK", "100 Trying"),
    LARGE_OK.replace("200 OK", "486 Busy Here"),
    PAGER_OK,
  ];
  for (const text of answers) assertEquals(Dialog.fromAnswer(INVITE, messageOf(text)), undefined, text);
  const invite = messageOf(LARGE_INVITE.replace(/\nContact:.*/, ""));
  assertEquals(Dialog.fromRequest(invite, "1"), undefined);
});

Deno.test("Dialog takes a caller without tag, as RFC 2543 allowed (RFC 3261 §12.1.1)", () => {
  const dialog = Dialog.fromRequest(messageOf(LARGE_INVITE.replace(";tag=8f1c2a77", "")), "1")!;
  assertEquals(dialog.remoteTag, "");
});

Deno.test("Dialog is early after a 1xx and takes route set and target of the 2xx (RFC 3261 §13.2.2.4)", () => {
  const early = LARGE_OK.replace("200 OK", "183 Session Progress").replace("5071", "5079");
  const dialog = Dialog.fromAnswer(INVITE, messageOf(early))!;
  assertEquals([dialog.state, dialog.remoteTarget], ["early", "sip:bob@127.0.0.1:5079;transport=tcp"]);
  dialog.confirm(messageOf(LARGE_OK.replace(RECORD_ROUTE, "Record-Route: <sip:strict>")));
  assertEquals([dialog.state, dialog.remoteTarget], ["confirmed", "sip:bob@127.0.0.1:5071;transport=tcp"]);
  assertEquals(dialog.requestTarget(), { uri: "sip:strict", routes: ["<sip:bob@127.0.0.1:5071;transport=tcp>"] });
  // a 200 again changes nothing
  dialog.confirm(messageOf(LARGE_OK));
  assertEquals(dialog.routeSet, ["<sip:strict>"]);
});

Deno.test("Dialog sends to the target through loose routers (RFC 3261 §12.2.1.1)", () => {
  const target = "sip:bob@127.0.0.1:5071;transport=tcp";
  assertEquals(caller().requestTarget(), { uri: target, routes: [] });
  const dialog = caller("<sip:p2>", "<sip:p1;transport=tcp;LR>");
  assertEquals(dialog.requestTarget(), { uri: target, routes: ["<sip:p1;transport=tcp;LR>", "<sip:p2>"] });
  assertEquals(caller("<sip:p1;lr=on>").requestTarget().uri, target);
});

Deno.test("Dialog sends to a strict first router and puts the target last (RFC 3261 §12.2.1.1)", () => {
  const dialog = caller("<sip:p2;lr>", '"P" <sip:user;lr@p1:5080;transport=tcp;method=INVITE?Subject=x>;a=b');
  assertEquals(dialog.requestTarget(), {
    uri: "sip:user;lr@p1:5080;transport=tcp",
    routes: ["<sip:p2;lr>", "<sip:bob@127.0.0.1:5071;transport=tcp>"],
  });
});

Deno.test("Dialog keeps a route that it cannot read", () => {
  assertEquals(caller("<tel:+1234>").requestTarget().routes, ["<tel:+1234>"]);
});

Deno.test("Dialog numbers its requests one after another (RFC 3261 §12.2.1.1)", () => {
  assertEquals([caller().nextSequenceNumber(), callee().nextSequenceNumber()], [2, 1]);
  const dialog = caller();
  assertEquals([dialog.nextSequenceNumber(), dialog.nextSequenceNumber(), dialog.localSequenceNumber], [2, 3, 3]);
});

Deno.test("Dialog refuses a request older than the last, but takes gaps (RFC 3261 §12.2.2)", () => {
  const dialog = callee();
  assertEquals(dialog.acceptRequest(request("BYE", 0)), "out_of_order");
  assertEquals(dialog.acceptRequest(request("MESSAGE", 7)), "ok");
  assertEquals(dialog.acceptRequest(request("BYE", 6)), "out_of_order");
  assertEquals(dialog.remoteSequenceNumber, 7);
  assertEquals(dialog.acceptRequest(request("BYE", 8)), "ok");
});

Deno.test("Dialog takes the first number of the peer, whatever it is (RFC 3261 §12.2.2)", () => {
  const dialog = caller();
  assertEquals(dialog.acceptRequest(request("UPDATE", 4711)), "ok");
  assertEquals(dialog.remoteSequenceNumber, 4711);
});

Deno.test("Dialog takes ACK and CANCEL with the number of their INVITE (RFC 3261 §12.2.1.1)", () => {
  const dialog = callee();
  dialog.acceptRequest(request("INVITE", 5, "<sip:alice@127.0.0.1:5070>"));
  dialog.acceptRequest(request("UPDATE", 6));
  assertEquals(dialog.acceptRequest(request("ACK", 5)), "ok");
  assertEquals(dialog.acceptRequest(request("CANCEL", 5)), "ok");
  assertEquals(dialog.remoteSequenceNumber, 6);
});

Deno.test("Dialog follows Contact of INVITE and UPDATE, of other requests not (RFC 3261 §12.2.2, RFC 3311 §5.2)", () => {
  const dialog = callee();
  const targets = (["BYE", "INVITE", "UPDATE", "MESSAGE"] as const).map((method, index) => {
    assertEquals(dialog.acceptRequest(request(method, 2 + index, `<sip:alice@127.0.0.1:${6000 + index}>`)), "ok");
    return dialog.remoteTarget;
  });
  assertEquals(targets, [
    "sip:alice@127.0.0.1:5070;transport=tcp",
    "sip:alice@127.0.0.1:6001",
    "sip:alice@127.0.0.1:6002",
    "sip:alice@127.0.0.1:6002",
  ]);
  assertEquals(dialog.acceptRequest(request("UPDATE", 9)), "ok");
  assertEquals(dialog.remoteTarget, "sip:alice@127.0.0.1:6002");
});

Deno.test("Dialog does not follow a request that is out of order", () => {
  const dialog = callee();
  dialog.acceptRequest(request("UPDATE", 9));
  const before = dialog.remoteTarget;
  assertEquals(dialog.acceptRequest(request("UPDATE", 8, "<sip:old@127.0.0.1:1>")), "out_of_order");
  assertEquals(dialog.remoteTarget, before);
});

Deno.test("Dialog of the caller follows Contact of the 2xx to its refresh (RFC 3261 §12.2.1.2)", () => {
  const dialog = caller();
  dialog.refreshTarget(messageOf(LARGE_OK.replace("5071", "5099")));
  assert(dialog.remoteTarget.includes(":5099"));
});
