/** MSRP requests and responses as values (RFC 4975 §9); a request that carries content is a chunk of a message. */
import type { ByteRange } from "./byte_range.ts";

/** Flag of an end-line: `$` last of the message, `+` more to come, `#` given up (RFC 4975 §7.1). */
export type Continuation = "$" | "+" | "#";

/** Value of Failure-Report: whether responses and failure reports are wanted (RFC 4975 §7.1.1). */
export type FailureReport = "yes" | "no" | "partial";

/** Value of Status in a REPORT (RFC 4975 §7.1.2). */
export interface ReportStatus {
  /** `000` for the codes of RFC 4975 §10. */
  readonly namespace: string;
  readonly code: number;
  readonly comment: string;
}

/** What stands above the body of a request. */
export interface RequestHead {
  readonly transactionId: string;
  /** `SEND`, `REPORT`, or one we do not know. */
  readonly method: string;
  /** MSRP URIs, the next hop first. */
  readonly toPath: readonly string[];
  /** MSRP URIs, the last hop first. */
  readonly fromPath: readonly string[];
  readonly messageId: string | undefined;
  /** False when absent. */
  readonly successReport: boolean;
  /** `yes` when absent. */
  readonly failureReport: FailureReport;
  readonly byteRange: ByteRange | undefined;
  readonly status: ReportStatus | undefined;
  /** Headers that have no place above, MIME headers included, in order. */
  readonly otherHeaders: readonly (readonly [name: string, value: string])[];
  /** Undefined in a request without body; it then has no blank line either. */
  readonly contentType: string | undefined;
}

/** A request as received; `body` is a part of the received octets. */
export interface Request extends RequestHead {
  readonly kind: "request";
  /** Undefined exactly when there is no Content-Type; an empty body is something else. */
  readonly body: Uint8Array | undefined;
  readonly continuation: Continuation;
}

/** A response; it never has a body. */
export interface Response {
  readonly kind: "response";
  readonly transactionId: string;
  readonly status: number;
  readonly comment: string;
  readonly toPath: readonly string[];
  readonly fromPath: readonly string[];
}

/** Why octets are no MSRP request or response. */
export type ChunkFault =
  | "bad_start_line"
  | "bad_end_line"
  | "bad_header"
  | "too_many_headers"
  | "repeated_header"
  | "bad_path"
  | "missing_path"
  | "bad_message_id"
  | "missing_message_id"
  | "bad_report_header"
  | "bad_byte_range"
  | "bad_status"
  | "missing_status"
  | "bad_content_type"
  | "content_type_not_last"
  | "missing_content_type"
  | "missing_body"
  | "body_in_response";

/** Octets that are neither, with what could be read of them: enough to answer 400 where that is allowed. */
export interface Malformed {
  readonly kind: "malformed";
  readonly fault: ChunkFault;
  readonly transactionId: string;
  /** Empty for a response, and when the start line could not be read. */
  readonly method: string;
  readonly toPath: readonly string[];
  readonly fromPath: readonly string[];
  readonly failureReport: FailureReport;
}

const IDENT_REGEXP = /^[A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}$/;

/** Whether a text may be a transaction identifier or a Message-ID: `ident` of RFC 4975 §9. */
export function isIdent(text: string): boolean {
  return IDENT_REGEXP.test(text);
}

/** Comment that goes with a status code of RFC 4975 §10. */
export function commentOf(status: number): string {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Not Allowed";
    case 408:
      return "Timeout";
    case 413:
      return "Stop Sending";
    case 415:
      return "Unknown Media Type";
    case 423:
      return "Parameter Out Of Bounds";
    case 481:
      return "No Such Session";
    case 501:
      return "Unknown Method";
    case 506:
      return "Bound Elsewhere";
    default:
      return "";
  }
}
