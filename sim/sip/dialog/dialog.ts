/** One dialog: its identifiers, its target and route set, and the order of its requests (RFC 3261 §12). */
import { TextCache } from "../../bytes/text_cache.ts";
import type { Message } from "../message.ts";
import { parseNameAddr } from "../name_addr.ts";
import { sharedValues } from "../shared_values.ts";
import { isLooseRouter, parseUri, writeUri } from "../uri.ts";

/** States of a dialog (RFC 3261 §12); `early` until a 2xx. */
export type DialogState = "early" | "confirmed" | "terminated";

interface Identity {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly localUri: string;
  readonly remoteUri: string;
}

/** The first route of a set, read once: requests go out by loose or by strict routing. */
interface FirstRoute {
  readonly uri: string;
  readonly isLoose: boolean;
}

/** The view of one party. */
export class Dialog {
  /** Call-ID of all its messages. */
  readonly callId: string;
  /** Our tag. */
  readonly localTag: string;
  /** The peer's tag. */
  readonly remoteTag: string;
  /** URI of our From in requests. */
  readonly localUri: string;
  /** URI of our To in requests. */
  readonly remoteUri: string;
  /** URI of the peer's last Contact, where requests go in the end. */
  remoteTarget: string;
  /** Route values with angle brackets, in the order of our Route lines. */
  routeSet: readonly string[];
  /** CSeq number of our last request, 0 before any. */
  localSequenceNumber: number;
  /** CSeq number of the peer's last request; undefined before any. */
  remoteSequenceNumber: number | undefined;
  /** Where it stands. */
  state: DialogState;

  /** From its parts; `fromAnswer` and `fromRequest` read them from messages. */
  constructor(
    identity: Identity,
    peer: { remoteTarget: string; routeSet: readonly string[] },
    numbers: { local: number; remote: number | undefined },
    state: DialogState,
  ) {
    this.callId = identity.callId;
    this.localTag = identity.localTag;
    this.remoteTag = identity.remoteTag;
    this.localUri = identity.localUri;
    this.remoteUri = identity.remoteUri;
    this.remoteTarget = peer.remoteTarget;
    this.routeSet = peer.routeSet;
    this.localSequenceNumber = numbers.local;
    this.remoteSequenceNumber = numbers.remote;
    this.state = state;
  }

  /**
   * The caller's dialog, from a 1xx or 2xx to its INVITE (RFC 3261 §12.1.2); undefined when the answer has no To tag or
   * no usable Contact, with which no dialog can be run.
   */
  static fromAnswer(
    request: { callId: string; localTag: string; localUri: string; remoteUri: string; sequenceNumber: number },
    response: Message,
  ): Dialog | undefined {
    const remoteTag = response.toTag();
    const remoteTarget = contactUriOf(response);
    if (remoteTag === "" || remoteTarget === undefined || response.status <= 100 || response.status >= 300) {
      return undefined;
    }
    const { callId, localTag, localUri, remoteUri } = request;
    return new Dialog(
      { callId, localTag, remoteTag, localUri, remoteUri },
      { remoteTarget, routeSet: reversedRouteSet(response) },
      { local: request.sequenceNumber, remote: undefined },
      response.status < 200 ? "early" : "confirmed",
    );
  }

  /**
   * The callee's dialog, early, from an INVITE and the tag of our answer (RFC 3261 §12.1.1); undefined without a usable
   * Contact, From or To. A peer of RFC 2543 may have no tag: then `remoteTag` is empty.
   */
  static fromRequest(request: Message, localTag: string): Dialog | undefined {
    const remoteTarget = contactUriOf(request);
    const from = request.from();
    const to = request.to();
    if (remoteTarget === undefined || from === undefined || to === undefined) return undefined;
    return new Dialog(
      { callId: request.callId(), localTag, remoteTag: request.fromTag(), localUri: to.uri, remoteUri: from.uri },
      { remoteTarget, routeSet: sharedValues(request, "Record-Route") },
      { local: 0, remote: request.cseq()?.sequenceNumber },
      "early",
    );
  }

  /**
   * Confirms an early dialog. The caller passes the 2xx, whose route set and Contact take the place of those of the 1xx
   * (RFC 3261 §13.2.2.4).
   */
  confirm(answer?: Message): void {
    if (this.state !== "early") return;
    this.state = "confirmed";
    if (answer === undefined) return;
    this.refreshTarget(answer);
    this.routeSet = reversedRouteSet(answer);
  }

  /**
   * Request-URI and Route values of the next request (RFC 3261 §12.2.1.1): with a strict first router, its URI comes
   * first and the target last.
   */
  requestTarget(): { uri: string; routes: readonly string[] } {
    const value = this.routeSet[0];
    const first = value === undefined ? undefined : FIRST_ROUTES.of(value);
    if (first === undefined || first.isLoose) return { uri: this.remoteTarget, routes: this.routeSet };
    return { uri: first.uri, routes: [...this.routeSet.slice(1), `<${this.remoteTarget}>`] };
  }

  /** CSeq number for a new request of ours, except ACK and CANCEL (RFC 3261 §12.2.1.1). */
  nextSequenceNumber(): number {
    return ++this.localSequenceNumber;
  }

  /**
   * Takes a request of the peer. `out_of_order`: an older one than the last, to be answered 500 (RFC 3261 §12.2.2). INVITE
   * and UPDATE also refresh the target (RFC 3311 §5.2).
   */
  acceptRequest(message: Message): "ok" | "out_of_order" {
    if (message.method === "ACK" || message.method === "CANCEL") return "ok";
    const sequenceNumber = message.cseq()?.sequenceNumber ?? -1;
    if (sequenceNumber < (this.remoteSequenceNumber ?? 0)) return "out_of_order";
    this.remoteSequenceNumber = sequenceNumber;
    if (message.method === "INVITE" || message.method === "UPDATE") this.refreshTarget(message);
    return "ok";
  }

  /** Takes the Contact of a target refresh request or of the 2xx to ours; without one the target stays (RFC 3261 §12.2). */
  refreshTarget(message: Message): void {
    this.remoteTarget = contactUriOf(message) ?? this.remoteTarget;
  }
}

/** The caller's route set by an answer (RFC 3261 §12.1.2). */
export function reversedRouteSet(answer: Message): readonly string[] {
  const values = sharedValues(answer, "Record-Route");
  return values.length < 2 ? values : values.toReversed();
}

function contactUriOf(message: Message): string | undefined {
  const uri = message.contact()?.uri;
  return uri === "*" ? undefined : uri;
}

/** What may not stand in a Request-URI is left out of the URI (RFC 3261 §19.1.1, Table 1). */
function readFirstRoute(value: string): FirstRoute {
  const uri = parseNameAddr(value)?.uri;
  const parsed = uri === undefined ? undefined : parseUri(uri);
  // an unreadable route is kept as a loose one: the next hop may understand it
  if (uri === undefined || parsed === undefined || isLooseRouter(parsed)) return { uri: value, isLoose: true };
  const parameters = new Map(parsed.parameters);
  parameters.delete("method");
  const { headers: _headers, ...rest } = parsed;
  return { uri: writeUri({ ...rest, parameters }), isLoose: false };
}

const FIRST_ROUTES = new TextCache(readFirstRoute);
