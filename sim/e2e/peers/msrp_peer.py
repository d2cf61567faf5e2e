"""A small strict peer for end-to-end tests: MSRP (RFC 4975) behind a minimal SIP user agent (RFC 3261), on loopback.

It shares no code with the program under test. Anything malformed from the other side is one line on stderr and exit
code 1; wrong usage is 2. One file of more than 300 lines on purpose: it is copied and run as it stands, with nothing
but Python 3.

  msrp_peer.py uas PORT [--msrp-port PORT] [--count N] [--report] [--no-report] [--accept TYPES]
      Answers INVITE (UDP and TCP on 127.0.0.1:PORT) with a passive MSRP stream, takes one message per session, prints
      {"size", "sha256", "chunks", "message_id", "content_type"}, answers BYE, and ends after N sessions (default 1).
      A success report is sent when asked for, unless --no-report; with --report not asking for one is a fault.
      MESSAGE is answered 200 and printed as {"pager": true, "size", "sha256", "content_type"}; it does not count.

  msrp_peer.py uac HOST:PORT FROM TO [--tcp] [--bytes N] [--chunk N] [--report] [--type TYPE]
      Invites TO as FROM with an active MSRP stream, sends one message of N octets, in chunks of N octets or in one,
      waits for its responses and report, sends BYE, and prints {"delivered", "size", "sha256", "chunks", "reports"}.
"""

import argparse
import asyncio
import hashlib
import json
import os
import re
import secrets
import sys

IDENT = rb"[A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}"
MSRP_URI = re.compile(r"msrps?://[^\s/;@]+:\d{1,5}/[A-Za-z0-9\-._~+=/]+;[A-Za-z0-9]+(;[^\s;]+)*", re.I)
MSRP_START = re.compile(rb"MSRP (" + IDENT + rb") (?:([A-Z]+)|(\d{3})(?: ([^\r\n]*))?)")
MSRP_HEADER = re.compile(r"([A-Za-z][!#$%&'*+\-.^_`|~0-9A-Za-z]*): (.*)")
BYTE_RANGE = re.compile(r"(\d+)-(\d+|\*)/(\d+|\*)")
SIP_HEADER = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*:[ \t]*(.*?)[ \t]*")
COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
           "c": "content-type", "k": "supported", "x": "session-expires", "a": "accept-contact"}
T1 = 0.5


class Fault(Exception):
    """The other side broke a rule."""


def demand(condition, what):
    if not condition:
        raise Fault(what)


def fail(error):
    """Ends the process: a fault of the other side is what we are here to find."""
    sys.stderr.write(f"msrp_peer: {type(error).__name__}: {error}\n")
    sys.stderr.flush()
    sys.stdout.flush()
    os._exit(1)


def guarded(function):
    """A callback or task whose faults end the process."""
    if asyncio.iscoroutinefunction(function):
        async def run(*args):
            try:
                return await function(*args)
            except asyncio.CancelledError:
                raise
            except Exception as error:  # whatever it is, the test must see it
                fail(error)
    else:
        def run(*args):
            try:
                return function(*args)
            except Exception as error:
                fail(error)
    return run


def tell(**what):
    print(json.dumps(what), flush=True)


# ---------------------------------------------------------------------------------------------------------------- SIP


class Sip:
    """One SIP message, checked as it is read."""

    def __init__(self, octets, stream):
        head, separator, body = octets.partition(b"\r\n\r\n")
        demand(separator, f"no blank line in {octets[:60]!r}")
        lines = head.decode("utf-8").split("\r\n")
        demand(not any("\n" in line or "\r" in line for line in lines), "a bare CR or LF in a header")
        self.start = lines[0]
        self.headers = []
        for line in lines[1:]:
            match = SIP_HEADER.fullmatch(line)
            demand(match, f"bad header line {line!r}")
            name = match[1].lower()
            self.headers.append((COMPACT.get(name, name), match[2]))
        length = self.get("content-length")
        demand(length is not None or not stream, "no Content-Length on a stream (RFC 3261 18.3)")
        demand(length is None or re.fullmatch(r"\d+", length), f"bad Content-Length {length!r}")
        demand(length is None or int(length) == len(body), f"Content-Length {length} but {len(body)} octets of body")
        self.body = body
        match = re.fullmatch(r"([A-Z]+) (\S+) SIP/2\.0", self.start)
        self.method, self.uri, self.status = (match[1], match[2], 0) if match else ("", "", 0)
        if not match:
            match = re.fullmatch(r"SIP/2\.0 (\d{3}) (.*)", self.start)
            demand(match, f"bad start line {self.start!r}")
            self.status = int(match[1])
        self.check()

    def check(self):
        for name in ("via", "from", "to", "call-id", "cseq"):
            demand(self.get(name), f"no {name} in {self.start!r}")
        for name in ("from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type"):
            demand(len(self.all(name)) <= 1, f"{name} twice in {self.start!r}")
        self.branch = param(self.get("via"), "branch")
        demand(re.match(r"SIP/2\.0/(UDP|TCP) \S+", self.get("via")), f"bad Via {self.get('via')!r}")
        demand((self.branch or "").startswith("z9hG4bK"), "a branch without magic cookie")
        cseq = re.fullmatch(r"(\d+) +([A-Z]+)", self.get("cseq"))
        demand(cseq and int(cseq[1]) < 2**31, f"bad CSeq {self.get('cseq')!r}")
        self.sequence, self.cseq_method = int(cseq[1]), cseq[2]
        demand(not self.body or self.get("content-type"), f"a body without Content-Type in {self.start!r}")
        if self.method:
            demand(self.cseq_method == self.method, "CSeq names another method")
            demand(re.fullmatch(r"\d{1,3}", self.get("max-forwards") or ""), f"no Max-Forwards in {self.start!r}")
            demand(param(self.get("from"), "tag"), f"no From tag in {self.start!r}")
        if self.method == "INVITE":
            demand(self.get("contact"), "no Contact in INVITE")
        if self.method == "MESSAGE":
            demand(not self.get("contact"), "Contact in MESSAGE (RFC 3428 9)")
        if self.get("session-expires") is not None:
            method = self.method or self.cseq_method
            demand(method in ("INVITE", "UPDATE"), f"Session-Expires in {method} (RFC 4028 table 1)")

    def get(self, name):
        return next((value for key, value in self.headers if key == name), None)

    def all(self, name):
        return [value for key, value in self.headers if key == name]


def param(value, name):
    """A parameter of a header value, outside quotes and <>."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|<[^>]*>', "", value or "")
    match = re.search(rf";\s*{name}\s*(?:=\s*([^;,\s]+))?", bare, re.I)
    return match and (match[1] or "")


def uri_of(value):
    match = re.search(r"<([^>]*)>", value)
    return match[1] if match else value.split(";")[0].strip()


def respond_text(request, status, reason, to_tag, extra=(), body=b""):
    lines = [f"SIP/2.0 {status} {reason}"]
    for name, spelling in (("via", "Via"), ("record-route", "Record-Route"), ("from", "From"), ("to", "To"),
                           ("call-id", "Call-ID"), ("cseq", "CSeq")):
        for value in request.all(name):
            if name == "to" and param(value, "tag") is None:
                value += f";tag={to_tag}"
            lines.append(f"{spelling}: {value}")
    lines += [f"{name}: {value}" for name, value in extra]
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def read_sip(reader):
    """The next SIP message of a stream; None at its end."""
    while True:
        try:
            head = await reader.readuntil(b"\r\n")
        except asyncio.IncompleteReadError as end:
            demand(not end.partial.strip(), "the stream ended within a SIP message")
            return None
        if head != b"\r\n":
            break
    head += await reader.readuntil(b"\r\n\r\n")
    match = re.search(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)[ \t]*\r\n", head, re.I)
    demand(match, "no Content-Length on a stream (RFC 3261 18.3)")
    return Sip(head + await reader.readexactly(int(match[1])), stream=True)


class Datagrams(asyncio.DatagramProtocol):
    """The UDP side of a user agent."""

    def __init__(self, agent):
        self.agent = agent

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, octets, address):
        guarded(self.receive)(octets, address)

    def receive(self, octets, address):
        if octets.strip(b"\r\n"):
            self.agent.receive(Sip(octets, stream=False), lambda out: self.transport.sendto(out, address))


# ---------------------------------------------------------------------------------------------------------------- SDP


def read_sdp(octets):
    """The MSRP stream of a description: path, accept types, setup and direction."""
    text = octets.decode("utf-8")
    demand(text.endswith("\r\n"), "the SDP does not end in CR LF")
    lines = text[:-2].split("\r\n")
    demand(all(re.fullmatch(r"[a-z]=.*", line) for line in lines), "a line of the SDP is none")
    order = "".join(line[0] for line in lines)
    demand(re.fullmatch(r"vosi?u?e*p*c?b*(?:tr*)+z?k?a*(?:mi?c*b*k?a*)+", order), f"order of SDP lines: {order}")
    demand(lines[0] == "v=0", "SDP version")
    demand(re.fullmatch(r"o=\S+ \d+ \d+ IN IP[46] \S+", lines[1]), f"bad origin {lines[1]!r}")
    media = [line for line in lines if line.startswith("m=")]
    match = re.fullmatch(r"m=message (\d+) TCP/MSRP \*", media[0])
    demand(match and len(media) == 1, f"media {media}")
    demand(any(line.startswith("c=IN IP") for line in lines), "no c= line")
    attributes = {}
    for line in lines[lines.index(media[0]):]:
        if line.startswith("a="):
            name, _, value = line[2:].partition(":")
            demand(name not in attributes, f"a={name} twice")
            attributes[name] = value
    path = attributes.get("path", "").split(" ")
    demand(all(MSRP_URI.fullmatch(uri) for uri in path), f"bad path {path}")
    demand(attributes.get("accept-types"), "no accept-types")
    port = re.search(r":(\d+)/", path[-1])[1]
    demand(int(match[1]) == int(port), f"m= has port {match[1]}, path has {port} (RFC 4975 8.1)")
    setup = attributes.get("setup")
    demand(setup in (None, "active", "passive", "actpass"), f"a=setup:{setup}")
    demand("connection" not in attributes, "a=connection (RFC 6135 4.2.1)")
    directions = [name for name in ("sendonly", "recvonly", "sendrecv", "inactive") if name in attributes]
    demand(len(directions) <= 1, f"directions {directions}")
    return {"path": path, "accept": attributes["accept-types"].split(" "), "setup": setup,
            "direction": (directions or ["sendrecv"])[0], "origin": lines[1]}


def write_sdp(uri, setup, direction, accept, origin):
    port = re.search(r":(\d+)/", uri)[1]
    lines = ["v=0", f"o=- {origin} {origin} IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
             f"m=message {port} TCP/MSRP *", f"a=path:{uri}", f"a=accept-types:{accept}", f"a=setup:{setup}",
             f"a={direction}"]
    return ("\r\n".join(lines) + "\r\n").encode()


# --------------------------------------------------------------------------------------------------------------- MSRP


class Msrp:
    """One MSRP request or response, read from a stream, checked against the grammar of RFC 4975 9."""

    @classmethod
    async def read(cls, reader):
        try:
            line = await reader.readuntil(b"\r\n")
        except asyncio.IncompleteReadError as end:
            demand(not end.partial, "the stream ended within an MSRP start line")
            return None
        start = MSRP_START.fullmatch(line[:-2])
        demand(start, f"bad MSRP start line {line!r}")
        self = cls()
        self.tid, self.method, self.status = start[1].decode(), (start[2] or b"").decode(), int(start[3] or 0)
        end_line = b"\r\n-------" + start[1]
        octets = bytearray(b"\r\n")
        while True:
            octets += await reader.readuntil(b"\r\n")
            tail = bytes(octets[-len(end_line) - 3:])
            if tail.startswith(end_line) and tail[-3:] in (b"$\r\n", b"+\r\n", b"#\r\n"):
                break
        self.flag = chr(octets[-3])
        self.split(bytes(octets[2:len(octets) - len(end_line) - 1]))
        self.check()
        return self

    def split(self, content):
        """`content`: from behind the start line to behind the CR LF before the end-line."""
        head, blank, body = content.partition(b"\r\n\r\n")
        if blank:
            demand(body.endswith(b"\r\n") or body == b"", "no CR LF before the end-line")
            demand(body, "a blank line but neither body nor CR LF")
            self.body = body[:-2]
        else:
            demand(content.endswith(b"\r\n"), "no headers")
            head, self.body = content[:-2], None
        self.headers = []
        for line in head.decode("utf-8").split("\r\n"):
            match = MSRP_HEADER.fullmatch(line)
            demand(match, f"bad MSRP header {line!r}")
            self.headers.append((match[1], match[2]))

    def check(self):
        names = [name for name, _ in self.headers]
        demand(names[:2] == ["To-Path", "From-Path"], f"headers begin with {names[:2]}")
        demand(len(set(names)) == len(names), f"a header twice: {names}")
        for name in ("To-Path", "From-Path"):
            demand(all(MSRP_URI.fullmatch(uri) for uri in self.get(name).split(" ")), f"bad {name} {self.get(name)!r}")
        if self.body is None:
            demand("Content-Type" not in names, "Content-Type without body")
        else:
            demand(self.method, "a response with a body")
            demand(names[-1] == "Content-Type", f"Content-Type is not the last header: {names}")
            demand(re.fullmatch(r"[\w!#$&.+^-]+/[\w!#$&.+^-]+(;.*)?", self.get("Content-Type")), "bad Content-Type")
        if not self.method:
            demand(self.flag == "$", "a response that does not end in $")
            return
        demand(self.method in ("SEND", "REPORT"), f"method {self.method}")
        demand(re.fullmatch(IDENT, (self.get("Message-ID") or "").encode()), f"bad Message-ID {self.get('Message-ID')}")
        demand(self.get("Success-Report") in (None, "yes", "no"), "bad Success-Report")
        demand(self.get("Failure-Report") in (None, "yes", "no", "partial"), "bad Failure-Report")
        text = self.get("Byte-Range")
        match = BYTE_RANGE.fullmatch(text or "1-*/*")
        demand(match, f"bad Byte-Range {text}")
        self.start = int(match[1])
        self.end = None if match[2] == "*" else int(match[2])
        self.total = None if match[3] == "*" else int(match[3])
        demand(self.start >= 1, f"Byte-Range {text}")
        demand(self.end is None or self.end >= self.start - 1, f"Byte-Range {text}")
        demand(self.end is None or self.total is None or self.end <= self.total, f"Byte-Range {text}")
        if self.method == "REPORT":
            demand(re.fullmatch(r"\d{3} \d{3}( .*)?", self.get("Status") or ""), "a REPORT without Status")
            demand(self.get("Success-Report") is None and self.get("Failure-Report") is None, "report headers in a REPORT")
            demand(text, "a REPORT without Byte-Range")

    def get(self, name):
        return next((value for key, value in self.headers if key == name), None)


def write_msrp(start, headers, body=None, flag="$"):
    tid = start.split(" ")[1]
    lines = [start] + [f"{name}: {value}" for name, value in headers]
    head = ("\r\n".join(lines) + "\r\n").encode()
    content = b"" if body is None else b"\r\n" + body + b"\r\n"
    return head + content + f"-------{tid}{flag}\r\n".encode()


class Incoming:
    """One message as its chunks come; the sender must keep them in order and without gaps."""

    def __init__(self, first):
        self.first = first
        self.chunks = 0
        self.content = bytearray()

    def add(self, chunk):
        first = self.first
        if self.chunks > 0:
            demand(chunk.get("Byte-Range"), "a later chunk without Byte-Range (RFC 4975 7.1.1)")
        for name in ("Success-Report", "Failure-Report", "Content-Type"):
            demand(chunk.get(name) == first.get(name), f"{name} differs between chunks of a message")
        demand(chunk.total == first.total, "the total differs between chunks of a message")
        demand(chunk.start == len(self.content) + 1, f"chunk at {chunk.start}, expected {len(self.content) + 1}")
        body = chunk.body or b""
        last = chunk.start - 1 + len(body)
        if chunk.end is not None:
            demand(last <= chunk.end, f"{len(body)} octets in Byte-Range {chunk.get('Byte-Range')}")
            demand(chunk.flag != "$" or last == chunk.end, f"{len(body)} octets in {chunk.get('Byte-Range')} with $")
            demand(len(body) <= 2048, f"a chunk of {len(body)} octets with a fixed range end (RFC 4975 7.1.1)")
        demand(chunk.flag != "$" or chunk.total in (None, last), f"the message ends at {last}, total {chunk.total}")
        self.content += body
        self.chunks += 1
        return chunk.flag == "$"


# ---------------------------------------------------------------------------------------------------------------- UAS


class Session:
    """A dialog with its one MSRP message."""

    def __init__(self, invite):
        self.invite = invite
        self.tag = secrets.token_hex(6)
        self.offer = read_sdp(invite.body)
        self.uri = None
        self.acknowledged = asyncio.Event()
        self.answer = None
        self.incoming = None
        self.done = False
        self.over = False
        self.writer = None
        self.sequence = self.invite_sequence = invite.sequence


class Uas:
    """Answers calls until `count` sessions are over."""

    def __init__(self, options):
        self.options = options
        self.sessions = {}
        self.replies = {}
        self.finished = asyncio.Event()
        self.over = 0

    async def run(self):
        loop = asyncio.get_running_loop()
        self.msrp = await asyncio.start_server(guarded(self.serve_msrp), "127.0.0.1", self.options.msrp_port, limit=1 << 30)
        self.msrp_port = self.msrp.sockets[0].getsockname()[1]
        sip = await asyncio.start_server(guarded(self.serve_sip), "127.0.0.1", self.options.port, limit=1 << 24)
        port = sip.sockets[0].getsockname()[1]
        udp, _ = await loop.create_datagram_endpoint(lambda: Datagrams(self), local_addr=("127.0.0.1", port))
        self.contact = f"<sip:peer@127.0.0.1:{port}>;+g.oma.sip-im"
        sys.stderr.write(f"msrp_peer: ready on 127.0.0.1:{port}\n")
        sys.stderr.flush()
        await self.finished.wait()
        await asyncio.sleep(0.3)  # a lost 200 to BYE is asked for again
        udp.close()

    async def serve_sip(self, reader, writer):
        while (message := await read_sip(reader)) is not None:
            self.receive(message, writer.write)
        writer.close()

    def receive(self, message, send):
        demand(message.method, f"a response nobody waits for: {message.start!r}")
        key = (message.branch, message.method)
        if key in self.replies and message.method != "ACK":
            send(self.replies[key])
            return

        def reply(status, reason, tag="", extra=(), body=b""):
            self.replies[key] = respond_text(message, status, reason, tag or secrets.token_hex(4), extra, body)
            send(self.replies[key])

        call = (message.get("call-id"), param(message.get("from"), "tag"))
        session = self.sessions.get(call)
        to_tag = param(message.get("to"), "tag")
        if to_tag is not None and message.method != "ACK":
            if session is None or to_tag != session.tag or session.over:
                return reply(481, "Call/Transaction Does Not Exist")
            demand(message.sequence > session.sequence, f"CSeq {message.sequence} after {session.sequence}")
            session.sequence = message.sequence
        if message.method == "INVITE":
            self.receive_invite(message, session, call, send, reply)
        elif message.method == "ACK":
            demand(session and to_tag == session.tag, "an ACK outside a dialog")
            demand(message.sequence == session.invite_sequence, "an ACK with the CSeq of another request")
            session.acknowledged.set()
        elif message.method == "BYE":
            demand(session, "a BYE outside a dialog")
            demand(session.acknowledged.is_set(), "a BYE before the ACK")
            demand(session.done, "a BYE before the message was whole")
            session.over = True
            reply(200, "OK", session.tag)
            self.over += 1
            if self.over >= self.options.count:
                self.finished.set()
        elif message.method == "UPDATE":
            demand(session, "an UPDATE outside a dialog")
            reply(200, "OK", session.tag, [("Contact", self.contact)] + timer_headers(message))
        elif message.method == "MESSAGE":
            reply(200, "OK")
            tell(pager=True, size=len(message.body), sha256=hashlib.sha256(message.body).hexdigest(),
                 content_type=message.get("content-type"))
        elif message.method == "OPTIONS":
            reply(200, "OK", "", [("Allow", "INVITE, ACK, BYE, MESSAGE, OPTIONS, UPDATE")])
        else:
            reply(405, "Method Not Allowed", "", [("Allow", "INVITE, ACK, BYE, MESSAGE, OPTIONS, UPDATE")])

    def receive_invite(self, message, session, call, send, reply):
        if session is None:
            demand(message.get("content-type") == "application/sdp", "an INVITE without SDP")
            session = Session(message)
            demand(session.offer["setup"] != "passive", "a=setup:passive in an offer (RFC 6135 4.2.1)")
            demand(session.offer["direction"] in ("sendonly", "sendrecv"), "an offer that will not send")
            session.uri = f"msrp://127.0.0.1:{self.msrp_port}/{secrets.token_hex(10)};tcp"
            self.sessions[call] = session
            session.answer = write_sdp(session.uri, "passive", "recvonly", self.options.accept, secrets.randbelow(10**9))
        else:
            demand(read_sdp(message.body)["origin"] == session.offer["origin"], "a refresh with another o= line")
        session.sequence = session.invite_sequence = message.sequence
        session.acknowledged.clear()
        extra = [("Contact", self.contact), ("Allow", "INVITE, ACK, BYE, MESSAGE, OPTIONS, UPDATE"),
                 ("Supported", "timer"), ("Content-Type", "application/sdp")] + timer_headers(message)
        reply(200, "OK", session.tag, extra, session.answer)
        octets = self.replies[(message.branch, "INVITE")]
        asyncio.ensure_future(guarded(self.repeat)(session, octets, send))

    async def repeat(self, session, octets, send):
        """The 200 again until its ACK (RFC 3261 13.3.1.4)."""
        delay, waited = T1, 0.0
        while waited < 64 * T1:
            try:
                return await asyncio.wait_for(session.acknowledged.wait(), delay)
            except asyncio.TimeoutError:
                waited += delay
                delay = min(2 * delay, 4.0)
                send(octets)
        raise Fault("no ACK for 32 s")

    async def serve_msrp(self, reader, writer):
        seen, bound = set(), None
        while (chunk := await Msrp.read(reader)) is not None:
            demand(chunk.method, f"a response to nothing: {chunk.tid}")
            demand(chunk.tid not in seen, f"transaction {chunk.tid} twice")
            seen.add(chunk.tid)
            session = next((it for it in self.sessions.values() if it.uri == chunk.get("To-Path")), None)
            demand(session, f"no session {chunk.get('To-Path')}")
            demand(session.writer in (None, writer), "a second connection for a session")
            session.writer = writer
            demand(chunk.get("From-Path").split(" ")[-1] == session.offer["path"][-1], "From-Path is not that of the offer")
            if chunk.method == "SEND":
                self.receive_send(session, chunk, writer)
            await writer.drain()
        writer.close()

    def receive_send(self, session, chunk, writer):
        paths = [("To-Path", chunk.get("From-Path").split(" ")[0]), ("From-Path", session.uri)]
        if chunk.get("Failure-Report") in (None, "yes"):
            writer.write(write_msrp(f"MSRP {chunk.tid} 200 OK", paths))
        incoming = session.incoming
        if chunk.body is None and incoming is None:
            return
        demand(not session.done, "more chunks after the last")
        if incoming is None:
            incoming = session.incoming = Incoming(chunk)
        demand(chunk.get("Message-ID") == incoming.first.get("Message-ID"), "a second message in the session")
        demand(chunk.flag != "#", "the message was given up")
        if not incoming.add(chunk):
            return
        session.done = True
        size = len(incoming.content)
        wanted = chunk.get("Success-Report") == "yes"
        demand(wanted or not self.options.report, "no success report was asked for")
        if wanted and not self.options.no_report:
            headers = [("To-Path", chunk.get("From-Path")), ("From-Path", session.uri),
                       ("Message-ID", chunk.get("Message-ID")), ("Byte-Range", f"1-{size}/{size}"),
                       ("Status", "000 200 OK")]
            writer.write(write_msrp(f"MSRP {secrets.token_hex(10)} REPORT", headers))
        tell(size=size, sha256=hashlib.sha256(incoming.content).hexdigest(), chunks=incoming.chunks,
             message_id=chunk.get("Message-ID"), content_type=chunk.get("Content-Type"))


def timer_headers(request):
    """Session-Expires of the answer, where the request supports timers (RFC 4028 9)."""
    supported = [tag.strip() for value in request.all("supported") for tag in value.split(",")]
    value = request.get("session-expires")
    if value is None or "timer" not in supported:
        return []
    seconds, refresher = value.split(";")[0].strip(), param(value, "refresher") or "uac"
    demand(re.fullmatch(r"\d+", seconds) and refresher in ("uac", "uas"), f"bad Session-Expires {value!r}")
    return [("Session-Expires", f"{seconds};refresher={refresher}"), ("Require", "timer")]


# ---------------------------------------------------------------------------------------------------------------- UAC


class Uac:
    """Sends one message and ends."""

    def __init__(self, options):
        self.options = options
        self.responses = asyncio.Queue()

    def receive(self, message, send):
        if message.status:
            self.responses.put_nowait(message)
        elif message.method != "ACK":
            send(respond_text(message, 200, "OK", secrets.token_hex(4)))

    async def connect(self):
        host, port = self.options.target.rsplit(":", 1)
        if not self.options.tcp:
            loop = asyncio.get_running_loop()
            transport, _ = await loop.create_datagram_endpoint(lambda: Datagrams(self), remote_addr=(host, int(port)))
            self.local = transport.get_extra_info("sockname")[1]
            self.send_sip = transport.sendto
            return
        reader, writer = await asyncio.open_connection(host, int(port))
        self.local = writer.get_extra_info("sockname")[1]
        self.send_sip = writer.write

        async def pump():
            while (message := await read_sip(reader)) is not None:
                self.receive(message, writer.write)
        asyncio.ensure_future(guarded(pump)())

    def request(self, method, sequence, uri, to, routes=(), extra=(), body=b""):
        branch = "z9hG4bK" + secrets.token_hex(8)
        lines = [f"{method} {uri} SIP/2.0",
                 f"Via: SIP/2.0/{'TCP' if self.options.tcp else 'UDP'} 127.0.0.1:{self.local};branch={branch};rport",
                 "Max-Forwards: 70"] + [f"Route: {route}" for route in routes]
        lines += [f"From: <{self.options.caller}>;tag={self.tag}", f"To: {to}", f"Call-ID: {self.call_id}",
                  f"CSeq: {sequence} {method}"] + [f"{name}: {value}" for name, value in extra]
        lines.append(f"Content-Length: {len(body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body

    async def final(self, octets, method):
        """The final response to a request, sent again over UDP until something comes."""
        self.send_sip(octets)
        delay, waited = T1, 0.0
        while waited < 64 * T1:
            try:
                response = await asyncio.wait_for(self.responses.get(), delay)
            except asyncio.TimeoutError:
                waited += delay
                delay = min(2 * delay, 4.0)
                if not self.options.tcp:
                    self.send_sip(octets)
                continue
            demand(response.get("call-id") == self.call_id, "a response to another call")
            if response.cseq_method == method and response.status >= 200:
                return response
            if response.cseq_method == method:
                delay = 32.0
        raise Fault(f"no final response to {method}")

    async def run(self):
        await self.connect()
        self.tag, self.call_id = secrets.token_hex(5), secrets.token_hex(10)
        uri = f"msrp://127.0.0.1:9/{secrets.token_hex(10)};tcp"
        sdp = write_sdp(uri, "active", "sendonly", "*", secrets.randbelow(10**9))
        contact = f"<sip:peer@127.0.0.1:{self.local}{';transport=tcp' if self.options.tcp else ''}>;+g.oma.sip-im"
        extra = [("Contact", contact), ("Accept-Contact", "*;+g.oma.sip-im"), ("User-Agent", "IM-client/OMA1.0 peer"),
                 ("Allow", "INVITE, ACK, BYE, UPDATE"), ("Content-Type", "application/sdp")]
        invite = self.request("INVITE", 1, self.options.callee, f"<{self.options.callee}>", (), extra, sdp)
        answer = await self.final(invite, "INVITE")
        demand(answer.status // 100 == 2, f"the INVITE was answered {answer.status}")
        demand(param(answer.get("to"), "tag") and answer.get("contact"), "a 2xx without To tag or Contact")
        routes = [route.strip() for value in answer.all("record-route") for route in value.split(",")][::-1]
        target = uri_of(answer.get("contact"))
        self.send_sip(self.request("ACK", 1, target, answer.get("to"), routes))
        peer = read_sdp(answer.body)
        demand(peer["setup"] == "passive", f"a=setup:{peer['setup']} in the answer to active")
        demand(peer["direction"] in ("recvonly", "sendrecv"), "an answer that will not receive")
        result = await self.transfer(uri, peer["path"])
        bye = await self.final(self.request("BYE", 2, target, answer.get("to"), routes), "BYE")
        demand(bye.status == 200, f"the BYE was answered {bye.status}")
        tell(**result)

    async def transfer(self, uri, path):
        host, port = re.match(r"msrps?://([^:/]+):(\d+)/", path[0]).groups()
        reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 24)
        content = bytes(0x20 + (i * 31 + i // 256) % 95 for i in range(self.options.bytes))
        size, step = len(content), self.options.chunk or max(1, len(content))
        message_id, open_tids = secrets.token_hex(8), set()
        ranges = [(at, min(at + step, size)) for at in range(0, size, step)] or [(0, 0)]
        for start, end in ranges:
            tid = secrets.token_hex(10)
            open_tids.add(tid)
            shown = end if end - start <= 2048 else "*"
            headers = [("To-Path", " ".join(path)), ("From-Path", uri), ("Message-ID", message_id),
                       ("Success-Report", "yes" if self.options.report else "no"),
                       ("Byte-Range", f"{start + 1}-{shown}/{size}"), ("Content-Type", self.options.type)]
            writer.write(write_msrp(f"MSRP {tid} SEND", headers, content[start:end], "$" if end == size else "+"))
            await writer.drain()
        reports, covered = 0, 0
        while open_tids or (self.options.report and (covered < size or reports == 0)):
            chunk = await asyncio.wait_for(Msrp.read(reader), 30)
            demand(chunk is not None, "the MSRP connection was closed early")
            demand(chunk.get("To-Path") == uri, f"To-Path {chunk.get('To-Path')} is not ours")
            if chunk.method == "REPORT":
                demand(self.options.report and chunk.get("Message-ID") == message_id, "a REPORT that was not asked for")
                demand(chunk.get("Status").startswith("000 200"), f"Status {chunk.get('Status')}")
                reports += 1
                covered += chunk.end - chunk.start + 1
                continue
            demand(not chunk.method, "a request nobody expected")
            demand(chunk.tid in open_tids, f"a response to {chunk.tid}, which is not open")
            demand(chunk.status == 200, f"a chunk was answered {chunk.status}")
            open_tids.discard(chunk.tid)
        writer.close()
        return {"delivered": True, "size": size, "sha256": hashlib.sha256(content).hexdigest(), "chunks": len(ranges),
                "reports": reports}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    uas = commands.add_parser("uas")
    uas.add_argument("port", type=int)
    uas.add_argument("--msrp-port", type=int, default=0)
    uas.add_argument("--count", type=int, default=1)
    uas.add_argument("--report", action="store_true")
    uas.add_argument("--no-report", action="store_true")
    uas.add_argument("--accept", default="*")
    uac = commands.add_parser("uac")
    uac.add_argument("target")
    uac.add_argument("caller")
    uac.add_argument("callee")
    uac.add_argument("--tcp", action="store_true")
    uac.add_argument("--bytes", type=int, default=5000)
    uac.add_argument("--chunk", type=int, default=0)
    uac.add_argument("--report", action="store_true")
    uac.add_argument("--type", default="text/plain")
    options = parser.parse_args()
    agent = Uas(options) if options.command == "uas" else Uac(options)
    try:
        asyncio.run(agent.run())
    except Exception as error:
        fail(error)


if __name__ == "__main__":
    main()
