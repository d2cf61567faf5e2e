/** Between octets and strings. */

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** UTF-8 octets of a string. */
export function toOctets(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** The text in `[from, to)`, as UTF-8; malformed sequences become U+FFFD. */
export function toText(octets: Uint8Array, from = 0, to: number = octets.length): string {
  // 24: below it a loop over char codes beats the call into the decoder, see text_bench.ts
  if (to - from <= 24) {
    let text = "";
    let at = from;
    while (at < to && octets[at]! < 0x80) text += String.fromCharCode(octets[at++]!);
    if (at === to) return text;
  }
  return DECODER.decode(octets.subarray(from, to));
}

/** The same text by itself: a part of a longer one keeps all of that in memory, which matters to who keeps many. */
export function detached(text: string): string {
  const middle = text.length >> 1;
  return [text.slice(0, middle), text.slice(middle)].join("");
}

/** Octets of a string in UTF-8, without making them. */
export function octetLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) length += 1;
    else {
      // a pair of surrogates is four octets for two units; a lone one becomes U+FFFD, three for one
      length += 2;
      if (isHighSurrogate(code) && isLowSurrogate(text.charCodeAt(i + 1))) i++;
    }
  }
  return length;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
