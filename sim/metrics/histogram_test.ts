import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from "hdr-histogram-js";
import { deflateSync, inflateSync } from "node:zlib";
import { Histogram, MAX_MICROS } from "./histogram.ts";

const LATENCIES = fc.array(
  fc.oneof(fc.double({ min: 0, max: 50, noNaN: true }), fc.integer({ min: 0, max: 3_600_000 })),
);

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

function bucketsOf(histogram: Histogram): [number, number][] {
  const buckets: [number, number][] = [];
  histogram.forEachBucket((micros, count) => buckets.push([micros, count]));
  return buckets;
}

/** The compressed form that logs of HdrHistogram hold: cookie, length, zlib. */
function compressed(encoding: Uint8Array): string {
  const deflated = deflateSync(encoding);
  const octets = new Uint8Array(8 + deflated.length);
  new DataView(octets.buffer).setInt32(0, 0x1c849314);
  new DataView(octets.buffer).setInt32(4, deflated.length);
  octets.set(deflated, 8);
  return btoa(String.fromCharCode(...octets));
}

Deno.test("Histogram gives quantiles in microseconds to three digits", () => {
  const histogram = histogramOf(Array.from({ length: 1000 }, (_, i) => i + 1));
  assertEquals(histogram.count(), 1000);
  for (const [share, expected] of [[0.5, 500_000], [0.99, 990_000], [1, 1_000_000]] as const) {
    assert(Math.abs(histogram.quantile(share) - expected) <= expected / 1000, String(share));
  }
  assert(Math.abs(histogram.mean() - 500_500) < 500);
  assert(Math.abs(histogram.deviation() - 288_675) < 500);
});

Deno.test("Histogram records values outside 0 to 1 h at the bound and counts them", () => {
  const histogram = histogramOf([-1, 3_600_001, Infinity, 5]);
  assertEquals(histogram.overflows, 3);
  assertEquals(histogram.count(), 4);
  assertEquals(histogram.quantile(0), 0);
  assert(histogram.quantile(1) >= MAX_MICROS);
});

Deno.test("Histogram refuses NaN, which would spoil the mean", () => {
  assertThrows(() => new Histogram().record(NaN), RangeError, "not a number");
});

Deno.test("Histogram summary of nothing has a count of 0 and no figures", () => {
  assertEquals(new Histogram().summary().count, 0);
  assertEquals(new Histogram().summary().p99, null);
});

Deno.test("Histogram summary holds whole microseconds in ascending order", () => {
  const { count, min, p50, p90, p95, p99, p999, max, mean, stdev } = histogramOf([1.2341, 2, 3, 900]).summary();
  assertEquals(count, 4);
  assertEquals(min, 1234);
  const ascending = [min, p50, p90, p95, p99, p999, max].map(Number);
  assertEquals(ascending, ascending.toSorted((a, b) => a - b));
  assert([...ascending, mean, stdev].every(Number.isInteger));
});

Deno.test("Histogram decodes what it encodes, whatever was recorded", () => {
  fc.assert(fc.property(LATENCIES, (values) => {
    const histogram = histogramOf(values);
    const decoded = Histogram.decode(histogram.encode());
    assert(decoded !== undefined);
    assertEquals(bucketsOf(decoded), bucketsOf(histogram));
    assertEquals(decoded.summary(), histogram.summary());
    assertEquals(decoded.encode(), histogram.encode());
  }));
});

Deno.test("Histogram adds encodings exactly: the sum is the histogram of all values", () => {
  fc.assert(fc.property(LATENCIES, LATENCIES, (some, others) => {
    const sum = new Histogram();
    assert(sum.addEncoded(histogramOf(some).encode()));
    assert(sum.addEncoded(histogramOf(others).encode()));
    const added = histogramOf(some);
    added.add(histogramOf(others));
    const all = histogramOf([...some, ...others]);
    assertEquals(bucketsOf(sum), bucketsOf(all));
    assertEquals(bucketsOf(added), bucketsOf(all));
    assertEquals(sum.summary(), all.summary());
  }));
});

Deno.test("Histogram encodings are read by the HdrHistogram library", () => {
  fc.assert(fc.property(LATENCIES, (values) => {
    const histogram = histogramOf(values);
    const theirs = decodeFromCompressedBase64(compressed(histogram.encode()), 64);
    assertEquals(theirs.totalCount, histogram.count());
    if (values.length > 0) {
      assertEquals(theirs.getValueAtPercentile(99.9), histogram.quantile(0.999));
      assertEquals(theirs.mean, histogram.mean());
    }
  }));
});

Deno.test("Histogram reads encodings of the HdrHistogram library", () => {
  const theirs = build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: MAX_MICROS,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  for (const micros of [0, 1, 1, 77, 5000, 3_000_000_000]) theirs.recordValueWithCount(micros, 70_000);
  const encoded = encodeIntoCompressedBase64(theirs);
  assertEquals(decodeFromCompressedBase64(encoded, 64).totalCount, 420_000);
  const plain = new Uint8Array(inflateSync(Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0)).subarray(8)));
  const ours = Histogram.decode(plain);
  assertEquals(ours?.count(), 420_000);
  assertEquals(ours?.quantile(0.999), theirs.getValueAtPercentile(99.9));
});

Deno.test("Histogram puts every value into the bucket where the library puts it", () => {
  const edges = Array.from({ length: 32 }, (_, power) => [2 ** power - 1, 2 ** power, 2 ** power + 1]).flat();
  const micros = fc.oneof(fc.constantFrom(...edges), fc.integer({ min: 0, max: MAX_MICROS }));
  fc.assert(fc.property(fc.array(micros), (values) => {
    const theirs = build({
      bitBucketSize: 64,
      lowestDiscernibleValue: 1,
      highestTrackableValue: MAX_MICROS,
      numberOfSignificantValueDigits: 3,
      useWebAssembly: false,
    });
    values.forEach((value) => theirs.recordValue(value));
    const ours = histogramOf(values.map((value) => value / 1000));
    for (const share of [0, 0.1, 0.5, 0.9, 0.99, 1]) {
      assertEquals(ours.quantile(share), theirs.getValueAtPercentile(share * 100));
    }
    assertEquals([ours.count(), ours.mean(), ours.deviation()], [theirs.totalCount, theirs.mean, theirs.stdDeviation]);
  }));
});

Deno.test("Histogram takes nothing from octets that are no encoding of its range", () => {
  const encoding = histogramOf([1, 2, 3]).encode();
  const cut = encoding.slice(0, -1);
  const otherRange = encoding.slice();
  otherRange[31]! ^= 1;
  const histogram = new Histogram();
  for (const octets of [new Uint8Array(0), cut, otherRange, new Uint8Array(200)]) assert(!histogram.addEncoded(octets));
  assertEquals(histogram.count(), 0);
});

Deno.test("Histogram never throws on random octets behind a valid header", () => {
  const header = histogramOf([1]).encode().slice(0, 40);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (payload) => {
    const octets = new Uint8Array([...header, ...payload]);
    new DataView(octets.buffer).setInt32(4, payload.length);
    new Histogram().addEncoded(octets);
  }));
});

Deno.test("Histogram counts values up to a bound", () => {
  const histogram = histogramOf([1, 2, 3, 1000]);
  assertEquals(histogram.countsAtMost([0, 1000, 2500, 999_000, MAX_MICROS]), [0, 1, 2, 3, 4]);
  assertEquals(new Histogram().countsAtMost([0, MAX_MICROS]), [0, 0]);
});

Deno.test("Histogram is empty after reset", () => {
  const histogram = histogramOf([1, 2, -3]);
  histogram.reset();
  assertEquals([histogram.count(), histogram.overflows], [0, 0]);
  assertEquals(histogram.encode().length, 40);
});
