/** Good sample messages for tests, as text with line feeds and as octets. */
import { toOctets } from "../bytes/text.ts";
import { Message } from "../sip/message.ts";
import { parseMessage } from "../sip/parse.ts";

/** A pager-mode MESSAGE, 564 octets on the wire. */
export const PAGER_MESSAGE = `MESSAGE sip:bob@ims.example SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK74bf9a1c2d3e;rport
Max-Forwards: 70
Route: <sip:127.0.0.1:5060;lr>
From: <sip:alice@ims.example>;tag=a73kszlfl
To: <sip:bob@ims.example>
Call-ID: 9f8e7d6c5b4a39281706@127.0.0.1
CSeq: 1 MESSAGE
Accept-Contact: *;+g.oma.sip-im
P-Preferred-Identity: <sip:alice@ims.example>
User-Agent: IM-client/OMA1.0 Acme-Sim/v0.1
Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE
Supported: timer
Content-Type: text/plain;charset=UTF-8
Content-Length: 18

Watson, come here.`;

/** The offer of `LARGE_INVITE`, 266 octets on the wire. */
export const LARGE_OFFER = `v=0
o=- 3913000000 3913000000 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=message 2855 TCP/MSRP *
a=path:msrp://127.0.0.1:2855/iau39soe2843z;tcp
a=accept-types:message/cpim
a=accept-wrapped-types:text/plain message/imdn+xml
a=setup:actpass
a=sendonly
`;

/** An INVITE of large message mode, 926 octets on the wire. */
export const LARGE_INVITE = `INVITE sip:bob@ims.example SIP/2.0
Via: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKe1c5d0b27a44;rport
Max-Forwards: 70
Route: <sip:127.0.0.1:5060;transport=tcp;lr>
From: <sip:alice@ims.example>;tag=8f1c2a77
To: <sip:bob@ims.example>
Call-ID: 5d0f6c1e9b7a43c2@127.0.0.1
CSeq: 1 INVITE
Contact: <sip:alice@127.0.0.1:5070;transport=tcp>;+g.oma.sip-im
Accept-Contact: *;+g.oma.sip-im
User-Agent: IM-client/OMA1.0 Acme-Sim/v0.1
P-Preferred-Identity: <sip:alice@ims.example>
Privacy: id
Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE
Supported: timer
Session-Expires: 1800;refresher=uac
Content-Type: application/sdp
Content-Length: 266

${LARGE_OFFER}`;

/** The 200 to `PAGER_MESSAGE`. */
export const PAGER_OK = `SIP/2.0 200 OK
Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK74bf9a1c2d3e;received=127.0.0.1;rport=5070
From: <sip:alice@ims.example>;tag=a73kszlfl
To: <sip:bob@ims.example>;tag=6b3c0f9e
Call-ID: 9f8e7d6c5b4a39281706@127.0.0.1
CSeq: 1 MESSAGE
Server: IM-serv/OMA1.0 Acme-Sim/v0.1
Content-Length: 0

`;

/** A 200 to `LARGE_INVITE` through a proxy that stays in the path; without SDP. */
export const LARGE_OK = `SIP/2.0 200 OK
Via: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKe1c5d0b27a44;received=127.0.0.1;rport=5070
Record-Route: <sip:127.0.0.1:5060;transport=tcp;lr>
From: <sip:alice@ims.example>;tag=8f1c2a77
To: <sip:bob@ims.example>;tag=314159
Call-ID: 5d0f6c1e9b7a43c2@127.0.0.1
CSeq: 1 INVITE
Contact: <sip:bob@127.0.0.1:5071;transport=tcp>;+g.oma.sip-im
Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE
Supported: timer
Require: timer
Session-Expires: 1800;refresher=uac
Content-Length: 0

`;

/** A REGISTER with one contact. */
export const REGISTER = `REGISTER sip:ims.example SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK0c7a5512;rport
Max-Forwards: 70
From: <sip:alice@ims.example>;tag=4fa3
To: <sip:alice@ims.example>
Call-ID: 8d5a11c0@127.0.0.1
CSeq: 1 REGISTER
Contact: <sip:alice@127.0.0.1:5070>;+g.oma.sip-im;expires=3600
Content-Length: 0

`;

/** Octets of a text whose lines end in LF: on the wire they end in CR LF. */
export function wire(text: string): Uint8Array {
  return toOctets(text.replaceAll("\n", "\r\n"));
}

/** A good message from its text; throws when it is not. */
export function messageOf(text: string | Uint8Array): Message {
  const message = new Message();
  const fault = parseMessage(typeof text === "string" ? wire(text) : text, message);
  if (fault !== undefined) throw new Error(`Cannot parse sample: ${fault}`);
  return message;
}
