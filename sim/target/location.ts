/** The location service: which contacts an address-of-record is bound to (RFC 3261 §10). */
import type { Millis } from "../clock/clock.ts";
import type { Alarm, Due, Wheel } from "../clock/wheel.ts";
import { addressOfRecordOf } from "../sip/uri.ts";
import type { Address, Flow, TransportName } from "../transport/flow.ts";

/** Spellings of addresses that are remembered; beyond it they are looked at anew. */
const MAX_SPELLINGS = 200_000;

/** A contact as it was registered. */
export interface Contact {
  /** URI, the Request-URI of what is forwarded to it. */
  readonly uri: string;
  /** Parameters of the header field other than `expires`, each with its semicolon. */
  readonly parameters: string;
  readonly transport: TransportName;
  readonly address: Address;
  /** The connection it was registered on; undefined for datagrams. */
  readonly flow: Flow | undefined;
  readonly callId: string;
  readonly sequenceNumber: number;
}

/** A contact that is bound until a moment. */
export interface Binding {
  readonly contact: Contact;
  readonly expiresAt: Millis;
}

class TimedBinding implements Binding, Due {
  readonly contact: Contact;
  readonly expiresAt: Millis;
  readonly alarm: Alarm;
  readonly #addressOfRecord: string;
  readonly #location: Location;

  constructor(location: Location, wheel: Wheel, addressOfRecord: string, contact: Contact, life: Millis) {
    this.contact = contact;
    this.expiresAt = wheel.now + life;
    this.alarm = wheel.arm(life, this, "expiry");
    this.#addressOfRecord = addressOfRecord;
    this.#location = location;
  }

  due(): void {
    this.#location.unbind(this.#addressOfRecord, this.contact.uri);
  }
}

/** All bindings, by address-of-record in canonical text (see `addressOfRecordOf`) and by contact. */
export class Location {
  /** Bindings alive. */
  size = 0;
  readonly #wheel: Wheel;
  /** An address once bound stays here, empty if need be: its user exists. */
  readonly #byAddress: Map<string, TimedBinding[]> = new Map();
  readonly #byContact: Map<string, TimedBinding> = new Map();
  readonly #spellings: Map<string, string> = new Map();

  /** Without bindings; the wheel ends them. */
  constructor(wheel: Wheel) {
    this.#wheel = wheel;
  }

  /** The bindings of the address-of-record in a URI, newest first; undefined when it never had any. */
  lookUp(uri: string): readonly Binding[] | undefined {
    let canonical = this.#spellings.get(uri);
    if (canonical === undefined) {
      canonical = addressOfRecordOf(uri) ?? "";
      if (this.#spellings.size >= MAX_SPELLINGS) this.#spellings.clear();
      this.#spellings.set(uri, canonical);
    }
    return this.#byAddress.get(canonical);
  }

  /** The binding with that contact URI, spelled as it was registered. */
  bindingOf(contactUri: string): Binding | undefined {
    return this.#byContact.get(contactUri);
  }

  /** The oldest binding of another contact; undefined when there is none. */
  bindingOtherThan(contactUri: string): Binding | undefined {
    for (const [uri, binding] of this.#byContact) if (uri !== contactUri) return binding;
    return undefined;
  }

  /** Whole seconds until a binding ends. */
  secondsLeft(binding: Binding): number {
    return Math.ceil((binding.expiresAt - this.#wheel.now) / 1000);
  }

  /** Binds a contact for a time, in place of an older binding of the same URI. */
  bind(addressOfRecord: string, contact: Contact, life: Millis): void {
    this.unbind(addressOfRecord, contact.uri);
    const binding = new TimedBinding(this, this.#wheel, addressOfRecord, contact, life);
    const bindings = this.#byAddress.get(addressOfRecord);
    if (bindings === undefined) this.#byAddress.set(addressOfRecord, [binding]);
    else bindings.unshift(binding);
    this.#byContact.set(contact.uri, binding);
    this.size++;
  }

  /** Ends the binding of a contact; gives whether there was one. */
  unbind(addressOfRecord: string, contactUri: string): boolean {
    const bindings = this.#byAddress.get(addressOfRecord);
    const at = bindings?.findIndex(({ contact }) => contact.uri === contactUri) ?? -1;
    if (bindings === undefined || at < 0) return false;
    const [binding] = bindings.splice(at, 1);
    this.#wheel.cancel(binding!.alarm);
    if (this.#byContact.get(contactUri) === binding) this.#byContact.delete(contactUri);
    this.size--;
    return true;
  }
}
