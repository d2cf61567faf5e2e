/** Texts of the messages inside a session: header fields of its requests, and its 2xx (RFC 3261 §12.2, RFC 4028 §9). */
import type { Dialog } from "../sip/dialog/dialog.ts";
import type { Message } from "../sip/message.ts";
import { linesOf } from "../sip/request.ts";
import { writeResponse } from "../sip/response.ts";
import type { SessionTimerAnswer } from "../sip/session_timer.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";
import type { HeaderFields } from "./outgoing.ts";
import { routeLines } from "./pager_form.ts";
import type { Session } from "./session.ts";
import type { UserAgent } from "./user_agent.ts";

/** What a 2xx says of the session timer. */
export type AgreedAnswer = Extract<SessionTimerAnswer, { status: 200 }>;

/** Header lines of a request inside a dialog; `further`: fields behind the others. */
export function dialogLines(
  agent: UserAgent,
  dialog: Dialog,
  request: { method: string; sequence: number; routes: readonly string[]; further: HeaderFields },
): string {
  const { profile } = agent.settings;
  const { method, sequence, routes, further } = request;
  const remoteTag = dialog.remoteTag === "" ? "" : `;tag=${dialog.remoteTag}`;
  const isTargetRefresh = method === "INVITE" || method === "UPDATE";
  return `${
    routes.length === 0 ? "" : routeLines(routes)
  }Max-Forwards: 70\r\nFrom: <${dialog.localUri}>;tag=${dialog.localTag}\r\n` +
    `To: <${dialog.remoteUri}>${remoteTag}\r\nCall-ID: ${dialog.callId}\r\nCSeq: ${sequence} ${method}\r\n` +
    `User-Agent: ${profile.userAgent}\r\n` +
    (isTargetRefresh ? `Contact: ${agent.contact()}\r\nAllow: ${profile.allow}\r\n` : "") +
    (method === "ACK" ? "" : "Supported: timer\r\n") + (further.length === 0 ? "" : linesOf(further));
}

/** The 2xx to INVITE, re-INVITE or UPDATE with our part of the session timer; valid until the next message is written. */
export function writeAnswer(
  session: Session,
  transaction: ServerTransaction,
  message: Message,
  timer: AgreedAnswer,
  body: Uint8Array | undefined,
): Uint8Array {
  const { agent, dialog } = session;
  const writer = agent.settings.endpoint.writer.reset();
  writeResponse(writer, message, 200, {
    received: transaction.flow.remote,
    toTag: dialog.localTag,
    recordRoute: true,
    headers: [
      ["Contact", agent.contact()],
      ...agent.answerFields(),
      ...(timer.requireTimer ? [["Require", "timer"] as const] : []),
      ...(timer.expires === undefined
        ? []
        : [["Session-Expires", `${timer.expires};refresher=${timer.refresher ?? "uas"}`] as const]),
      ...(body === undefined ? [] : [["Content-Type", "application/sdp"] as const]),
    ],
    ...(body === undefined ? {} : { body }),
  });
  return writer.view();
}
