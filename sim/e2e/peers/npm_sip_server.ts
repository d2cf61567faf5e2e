/**
 * A small registrar and message server on the npm package `sip`, a stack of another maker with its own parser, its own
 * transactions and its own digest. Challenges every REGISTER (401) and MESSAGE (407) without credentials; hands each
 * MESSAGE on to the contact of its receiver. Run as a program: `npm_sip_server.ts PORT`; the password of user X is pw-X.
 */
import digest from "sip/digest.js";
import sip from "sip";
import { LOOPBACK } from "./ports.ts";

/** A message as the package has parsed it, as far as it is used here. */
interface Parsed {
  method?: string;
  status?: number;
  uri: string;
  content: string;
  headers: Record<string, unknown> & { from: { uri: string }; to: { uri: string } };
}

interface Stack {
  send(message: unknown, onResponse?: (response: Parsed) => void): void;
}

const REALM = "ims.test";
const contacts = new Map<string, string>();
/** What the package remembers of a challenge, by user and by where credentials go. */
const challenges = new Map<string, Record<string, unknown>>();

function isAuthentic(request: Parsed, user: string, proxy: boolean): boolean {
  const context = challenges.get(`${user} ${proxy}`);
  return context !== undefined && digest.authenticateRequest(context, request, { user, password: `pw-${user}` });
}

function challenge(request: Parsed, user: string, proxy: boolean): unknown {
  const context = { realm: REALM };
  challenges.set(`${user} ${proxy}`, context);
  const response = proxy
    ? sip.makeResponse(request, 407, "Proxy Authentication Required")
    : sip.makeResponse(request, 401, "Unauthorized");
  return digest.challenge(context, response);
}

function register(stack: Stack, request: Parsed): void {
  const response = sip.makeResponse(request, 200, "OK");
  const [contact] = request.headers.contact as { uri: string; params: { expires?: string } }[];
  const aor = request.headers.to.uri;
  const expires = contact?.params.expires ?? request.headers.expires ?? "600";
  if (contact === undefined || String(expires) === "0") contacts.delete(aor);
  else {
    contacts.set(aor, contact.uri);
    response.headers.contact = [{ uri: contact.uri, params: { expires } }];
  }
  stack.send(response);
}

function forward(stack: Stack, request: Parsed): void {
  const uri = contacts.get(request.uri);
  if (uri === undefined) return stack.send(sip.makeResponse(request, 404, "Not Found"));
  stack.send({
    method: "MESSAGE",
    uri,
    headers: {
      from: { uri: request.headers.from.uri, params: { tag: crypto.randomUUID().slice(0, 8) } },
      to: { uri: request.headers.to.uri },
      "call-id": crypto.randomUUID(),
      cseq: { method: "MESSAGE", seq: 1 },
      "max-forwards": 69,
      "content-type": request.headers["content-type"],
    },
    content: request.content,
  }, (response) => {
    if (response.status! >= 200) stack.send(sip.makeResponse(request, response.status, "Forwarded"));
  });
}

if (import.meta.main) {
  const options = { address: LOOPBACK, publicAddress: LOOPBACK, port: Number(Deno.args[0]), logger: { error: tell } };
  const stack: Stack = sip.create(options, (request: Parsed) => {
    if (request.method === "ACK") return;
    const isRegister = request.method === "REGISTER";
    const user = sip.parseUri(request.headers.from.uri).user;
    if (!isRegister && request.method !== "MESSAGE") stack.send(sip.makeResponse(request, 405, "Method Not Allowed"));
    else if (!isAuthentic(request, user, !isRegister)) stack.send(challenge(request, user, !isRegister));
    else if (isRegister) register(stack, request);
    else forward(stack, request);
  });
  await Deno.stdout.write(new TextEncoder().encode("ready\n"));
}

function tell(error: unknown): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`npm sip: ${error instanceof Error ? error.stack : error}\n`));
}
