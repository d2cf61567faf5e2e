/** A test whose traffic is captured while it runs, and read by tshark afterwards. */
import { assertEquals } from "@std/assert";
import { captureObstacle, startCapture } from "./capture.ts";
import { type CaptureCheck, checkCapture } from "./tshark.ts";

/** What is captured. */
export interface Judged {
  /** Ports of SIP and of MSRP that are known beforehand. */
  readonly ports?: readonly number[];
  /** Loopback addresses that only this test uses. */
  readonly hosts?: readonly string[];
}

/** Why this machine does not let us capture; then what tshark would say is left out, by name. */
const OBSTACLE = await captureObstacle();

/**
 * Runs `act` under a capture; then, as a step of its own, nothing in it may be malformed or warned of, and `also` may ask
 * more. Ports that SDP or Contact name are dissected too.
 */
export async function judged(
  t: Deno.TestContext,
  { ports = [], hosts = [] }: Judged,
  act: () => Promise<void>,
  also: (check: CaptureCheck) => void = () => {},
): Promise<void> {
  const capture = OBSTACLE === undefined ? await startCapture(ports, hosts) : undefined;
  try {
    await act();
    await t.step({
      name: "tshark and the second reader of MSRP find nothing malformed and nothing to warn of",
      ignore: capture === undefined,
      fn: async () => {
        const end = await capture!.stop();
        assertEquals(end.dropped, 0, "the capture is whole");
        const text = new TextDecoder("latin1").decode(await Deno.readFile(capture!.file));
        const msrp = portsOf(text, /\r\nm=message (\d+) TCP\/MSRP/g);
        const named = [...portsOf(text, /\r\nContact:[^\r\n]*@127\.[0-9.]+:(\d+)/g), ...portsOf(text, VIA_REGEXP)];
        const check = await checkCapture(capture!.file, {
          sip: [...new Set([...ports, ...named])].filter((port) => !msrp.includes(port)),
          msrp,
        });
        assertEquals(check.frames, end.frames);
        assertEquals([check.malformed, check.warnings], [[], []]);
        also(check);
      },
    });
  } finally {
    await capture?.remove();
  }
}

const VIA_REGEXP = /\r\nVia: SIP\/2\.0\/(?:UDP|TCP) 127\.[0-9.]+:(\d+)/g;

/** Ports that messages name; 9 is the one where nobody listens. */
function portsOf(text: string, regexp: RegExp): number[] {
  return [...new Set([...text.matchAll(regexp)].map(([, port]) => Number(port)))].filter((port) => port !== 9);
}
