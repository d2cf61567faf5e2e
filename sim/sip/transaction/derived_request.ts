/** The requests that are made from an INVITE: its ACK (RFC 3261 §17.1.1.3) and its CANCEL (RFC 3261 §9.1). */
import type { OctetWriter } from "../../bytes/writer.ts";
import type { Message } from "../message.ts";

/** Writes the ACK of a final response other than 2xx: all of the INVITE but for the To of the response. */
export function writeAck(writer: OctetWriter, invite: Message, response: Message): void {
  writeDerived(writer, "ACK", invite, response.header("To") ?? invite.header("To") ?? "");
}

/** Writes the CANCEL of an INVITE; it has the same branch and the same CSeq number. */
export function writeCancel(writer: OctetWriter, invite: Message): void {
  writeDerived(writer, "CANCEL", invite, invite.header("To") ?? "");
}

function writeDerived(writer: OctetWriter, method: string, invite: Message, to: string): void {
  writer.text(method).text(" ").text(invite.requestUri()).line(" SIP/2.0");
  // the INVITE is our own: its top Via stands alone in its line
  writer.text("Via: ").line(invite.headerLines("Via")[0] ?? "");
  for (const route of invite.headerLines("Route")) writer.text("Route: ").line(route);
  writer.line("Max-Forwards: 70");
  writer.text("From: ").line(invite.header("From") ?? "");
  writer.text("To: ").line(to);
  writer.text("Call-ID: ").line(invite.callId());
  writer.text("CSeq: ").decimal(invite.cseq()?.sequenceNumber ?? 0).text(" ").line(method);
  writer.line("Content-Length: 0").crlf();
}
