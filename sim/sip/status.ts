/** Status codes and their reason phrases (RFC 3261 §21 and the registry of its extensions). */

const REASON_PHRASES: Readonly<Record<number, string>> = {
  100: "Trying",
  180: "Ringing",
  181: "Call Is Being Forwarded",
  182: "Queued",
  183: "Session Progress",
  200: "OK",
  202: "Accepted",
  204: "No Notification",
  300: "Multiple Choices",
  301: "Moved Permanently",
  302: "Moved Temporarily",
  305: "Use Proxy",
  380: "Alternative Service",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  410: "Gone",
  412: "Conditional Request Failed",
  413: "Request Entity Too Large",
  414: "Request-URI Too Long",
  415: "Unsupported Media Type",
  416: "Unsupported URI Scheme",
  420: "Bad Extension",
  421: "Extension Required",
  422: "Session Interval Too Small",
  423: "Interval Too Brief",
  433: "Anonymity Disallowed",
  439: "First Hop Lacks Outbound Support",
  480: "Temporarily Unavailable",
  481: "Call/Transaction Does Not Exist",
  482: "Loop Detected",
  483: "Too Many Hops",
  484: "Address Incomplete",
  485: "Ambiguous",
  486: "Busy Here",
  487: "Request Terminated",
  488: "Not Acceptable Here",
  489: "Bad Event",
  491: "Request Pending",
  493: "Undecipherable",
  494: "Security Agreement Required",
  500: "Server Internal Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Server Time-out",
  505: "Version Not Supported",
  513: "Message Too Large",
  580: "Precondition Failure",
  600: "Busy Everywhere",
  603: "Decline",
  604: "Does Not Exist Anywhere",
  606: "Not Acceptable",
};

const CLASS_PHRASES: Readonly<Record<number, string>> = {
  1: "Progress",
  2: "Success",
  3: "Redirection",
  4: "Client Error",
  5: "Server Error",
  6: "Global Failure",
};

/** The usual reason phrase of a status code, that of its class for an unknown one. */
export function reasonPhraseOf(status: number): string {
  return REASON_PHRASES[status] ?? CLASS_PHRASES[Math.floor(status / 100)] ?? "Unknown";
}

/** Whether a response with this status only reports progress: 100 to 199. */
export function isProvisional(status: number): boolean {
  return status >= 100 && status < 200;
}

/** Whether a response with this status ends the transaction: 200 to 699. */
export function isFinal(status: number): boolean {
  return status >= 200 && status < 700;
}

/** Whether a response with this status grants the request: 200 to 299. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The class of a status as people write it: `4xx`. */
export function classOf(status: number): `${number}xx` {
  return `${Math.floor(status / 100)}xx`;
}
