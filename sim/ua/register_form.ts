/** REGISTER requests of one population: what they have in common is kept once, what a client has of its own are numbers. */
import { linesOf } from "../sip/request.ts";
import type { HeaderFields, RequestContent } from "./outgoing.ts";
import type { UserAgentSettings } from "./settings.ts";
import type { UserAgent } from "./user_agent.ts";

/** 64 bits that tell the Call-IDs of this population's registrations from all others in the world. */
const CALL_PREFIX_DIGITS = 16;

/** What the REGISTER requests of one registration share. */
export interface RegisterFields {
  /** Number of its Call-ID in the population; of 32 bits. */
  readonly call: number;
  /** From tag, 32 random bits (RFC 3261 §19.3). */
  readonly tag: number;
}

/** The form of one population on one endpoint. */
export class RegisterForm {
  /** Request-URI: the domain of the registrar (RFC 3261 §10.2). */
  readonly uri: string;
  readonly #settings: UserAgentSettings;
  readonly #callPrefix: string;
  #call: number;
  #routes: readonly string[] = [];

  private constructor(settings: UserAgentSettings) {
    const { random } = settings.endpoint;
    this.#settings = settings;
    this.uri = `sip:${settings.domain}`;
    this.#callPrefix = random.hexadecimal(CALL_PREFIX_DIGITS);
    this.#call = random.bits();
  }

  /** The form of the population with these settings, made when it is first asked for. */
  static of(settings: UserAgentSettings): RegisterForm {
    let form = FORMS.get(settings);
    if (form === undefined) FORMS.set(settings, form = new RegisterForm(settings));
    return form;
  }

  /** The number of a Call-ID that no registration of the population has had. */
  newCall(): number {
    return this.#call = (this.#call + 1) | 0;
  }

  /** Routes as the clients of a registrar mostly share them: those given before, where they are the same. */
  sharedRoutes(routes: readonly string[]): readonly string[] {
    const known = this.#routes;
    const isKnown = known.length === routes.length && known.every((route, index) => route === routes[index]);
    if (!isKnown) this.#routes = routes;
    return this.#routes;
  }

  /** One REGISTER: `sequence` is its number in CSeq, `expires` the seconds asked for. */
  request(
    agent: UserAgent,
    { call, tag }: RegisterFields,
    sequence: number,
    expires: number,
    credentials: HeaderFields,
  ): RequestContent {
    const { endpoint, profile } = this.#settings;
    const { aor } = agent;
    const headers: HeaderFields = [
      ["Max-Forwards", "70"],
      ["From", `<${aor}>;tag=${digitsOf(tag)}`],
      ["To", `<${aor}>`],
      ["Call-ID", `${this.#callPrefix}${digitsOf(call)}@${endpoint.local.host}`],
      ["CSeq", `${sequence} REGISTER`],
      ["Contact", `${agent.contact()};expires=${expires}`],
      ["Expires", String(expires)],
      ["User-Agent", profile.userAgent],
      ["Allow", profile.allow],
      ["Supported", "timer"],
      ...credentials,
    ];
    const lines = linesOf(headers);
    return { method: "REGISTER", uri: this.uri, lines: () => lines };
  }
}

const FORMS: WeakMap<UserAgentSettings, RegisterForm> = new WeakMap();

/** Eight hexadecimal digits of 32 bits. */
function digitsOf(bits: number): string {
  return (bits >>> 0).toString(16).padStart(8, "0");
}
