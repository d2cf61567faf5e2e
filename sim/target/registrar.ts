/** The registrar: takes bindings from REGISTER requests (RFC 3261 §10.3). */
import { detached } from "../bytes/text.ts";
import type { Message } from "../sip/message.ts";
import { parseNameAddr } from "../sip/name_addr.ts";
import { type Parameters, writeParameters } from "../sip/parameters.ts";
import type { HeaderField } from "../sip/request.ts";
import type { ServerTransaction } from "../sip/transaction/user.ts";
import { addressOfRecordOf, parameterOf, parseUri, sameUri } from "../sip/uri.ts";
import type { Address, Flow, TransportName } from "../transport/flow.ts";
import { octetsOfHost, sameAddress } from "../transport/address.ts";
import type { Answers } from "./answers.ts";
import type { Gate } from "./gate.ts";
import type { Binding, Contact, Location } from "./location.ts";

const DEFAULT_EXPIRES = 3600;
/** Longest registration that is granted, seconds. */
const MAX_EXPIRES = 86_400;
/** Contacts in one request; with more of them bound, an address-of-record takes no others. */
const MAX_CONTACTS = 16;
const EXPIRES_REGEXP = /^\d{1,10}$/;
const DEFAULT_PORT = 5060;

/** What a registrar is made of. */
export interface RegistrarOptions {
  readonly location: Location;
  readonly gate: Gate;
  readonly answers: Answers;
  /** Smallest interval that it accepts, seconds. */
  readonly minExpires: number;
}

/** One binding that a REGISTER asks for; 0 seconds ask for its end. */
interface Wish {
  readonly contact: Contact;
  readonly seconds: number;
}

/** Answers REGISTER requests. */
export class Registrar {
  readonly #options: RegistrarOptions;

  /** Works on the location service of its options. */
  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  /** Checks everything first, so that a request changes all it asks for or nothing. */
  register(message: Message, transaction: ServerTransaction): void {
    const { location, gate, answers, minExpires } = this.#options;
    const challenged = gate.checkRegister(message);
    if (challenged !== undefined) return answers.give(transaction, message, challenged.status, [challenged.header]);
    const address = addressOfRecordOf(message.to()?.uri ?? "");
    if (address === undefined) return answers.give(transaction, message, 400);

    const bindings = location.lookUp(address) ?? [];
    const wishes = wishesOf(message, transaction.flow, bindings);
    if (typeof wishes === "number") return answers.give(transaction, message, wishes);
    if (wishes.some(({ seconds }) => seconds > 0 && seconds < minExpires)) {
      return answers.give(transaction, message, 423, [["Min-Expires", String(minExpires)]]);
    }
    for (const { contact, seconds } of wishes) {
      const known = bindings.find((binding) => sameUri(binding.contact.uri, contact.uri));
      if (known !== undefined) location.unbind(address, known.contact.uri);
      if (seconds > 0) location.bind(address, contact, Math.min(seconds, MAX_EXPIRES) * 1000);
    }
    answers.give(transaction, message, 200, this.#contactsOf(address));
  }

  /** The Contact lines of a 200: every binding with the seconds that it still has. */
  #contactsOf(addressOfRecord: string): HeaderField[] {
    const { location } = this.#options;
    return (location.lookUp(addressOfRecord) ?? []).map((binding) => {
      const { uri, parameters } = binding.contact;
      return ["Contact", `<${uri}>;expires=${location.secondsLeft(binding)}${parameters}`];
    });
  }
}

/** What a REGISTER asks for, or the status that refuses it; nothing is asked for by one without Contact. */
function wishesOf(message: Message, flow: Flow, bindings: readonly Binding[]): Wish[] | number {
  const values = message.headerValues("Contact");
  const defaultSeconds = secondsOf(message.header("Expires"), DEFAULT_EXPIRES);
  const callId = message.callId();
  const sequenceNumber = message.sequenceNumber;
  const wishes: Wish[] = [];
  if (values.length > MAX_CONTACTS || bindings.length > MAX_CONTACTS) return 403;
  if (values.includes("*")) {
    if (values.length > 1 || defaultSeconds !== 0) return 400;
    for (const { contact } of bindings) wishes.push({ contact, seconds: 0 });
  }
  for (const value of values) {
    if (value === "*") continue;
    const nameAddr = parseNameAddr(value);
    const reached = nameAddr === undefined ? undefined : reachOf(nameAddr.uri, flow);
    if (nameAddr === undefined || reached === undefined) return 400;
    const uri = detached(nameAddr.uri);
    const parameters = otherParameters(nameAddr.parameters);
    const seconds = secondsOf(nameAddr.parameters.get("expires"), defaultSeconds);
    const { transport, address, flow: reachedBy } = reached;
    wishes.push({ contact: { uri, parameters, transport, address, flow: reachedBy, callId, sequenceNumber }, seconds });
  }
  return isOutOfOrder(wishes, bindings, callId, sequenceNumber) ? 500 : wishes;
}

/** A later request of the same client cannot have a lower CSeq: it was overtaken (RFC 3261 §10.3 item 7). */
function isOutOfOrder(wishes: readonly Wish[], bindings: readonly Binding[], callId: string, number: number): boolean {
  return wishes.some((wish) =>
    bindings.some(({ contact }) =>
      contact.callId === callId && contact.sequenceNumber >= number && sameUri(contact.uri, wish.contact.uri)
    )
  );
}

/** How a contact is reached: on the connection it was registered on, or where its URI points to. */
function reachOf(
  contactUri: string,
  flow: Flow,
): { transport: TransportName; address: Address; flow: Flow | undefined } | undefined {
  const uri = parseUri(contactUri);
  if (uri === undefined) return undefined;
  const isNumeric = octetsOfHost(uri.host) !== undefined;
  // nothing is looked up here: a client that gives a name is where it came from
  const named = isNumeric ? { host: uri.host, port: uri.port ?? DEFAULT_PORT } : flow.remote;
  // clients of one socket share its address: nobody keeps a hundred thousand of them
  const address = sameAddress(named, flow.remote) ? flow.remote : named;
  const asked = parameterOf(uri, "transport")?.toLowerCase();
  const transport = asked === "tcp" || asked === "udp" ? asked : flow.transport;
  return { transport, address, flow: flow.reliable ? flow : undefined };
}

/** Malformed values count as the default (RFC 3261 §10.2.1.1). */
function secondsOf(value: string | undefined, otherwise: number): number {
  return value !== undefined && EXPIRES_REGEXP.test(value) ? Number(value) : otherwise;
}

function otherParameters(parameters: Parameters): string {
  const others = new Map(parameters);
  others.delete("expires");
  return writeParameters(others);
}
