// deno-lint-ignore-file camelcase -- codes are named as on the wire
/** Why the agent does not do what it was asked for: a value, worded for whoever asked. */

/** What is wrong with a field of a request, or with a place in its scenario. */
export interface RequestFault {
  /** The field, such as `share.index`; empty for the body as a whole. */
  readonly path: string;
  readonly what: string;
  /** Line and column from 1 in a scenario that was sent as text. */
  readonly line?: number;
  readonly column?: number;
}

/** Names of refusals; programs tell them apart by these. */
export type RefusalCode =
  | "unauthorized"
  | "not_found"
  | "bad_json"
  | "invalid_body"
  | "invalid_scenario"
  | "too_large"
  | "target_not_allowed"
  | "target_unknown"
  | "share_out_of_range"
  | "start_in_the_past"
  | "wrong_state"
  | "busy"
  | "led"
  | "version_mismatch"
  | "agents_unreachable"
  | "cannot_write"
  | "internal";

const STATUS: Readonly<Record<RefusalCode, number>> = {
  unauthorized: 401,
  not_found: 404,
  bad_json: 400,
  invalid_body: 422,
  invalid_scenario: 422,
  too_large: 413,
  target_not_allowed: 403,
  target_unknown: 422,
  share_out_of_range: 422,
  start_in_the_past: 422,
  wrong_state: 409,
  busy: 409,
  led: 409,
  version_mismatch: 409,
  agents_unreachable: 502,
  cannot_write: 507,
  internal: 500,
};

/** A refusal; `message` is one sentence. */
export class Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly faults: readonly RequestFault[];

  /** `faults`: everything that is wrong, where that can be said. */
  constructor(code: RefusalCode, message: string, faults: readonly RequestFault[] = []) {
    this.code = code;
    this.message = message;
    this.faults = faults;
  }

  /** Its HTTP status. */
  status(): number {
    return STATUS[this.code];
  }
}
