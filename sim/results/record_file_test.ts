import { assert, assertEquals } from "@std/assert";
import { encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { readRecords, RecordWriter } from "./record_file.ts";

/** The octets of a file with these records, and a footer when `finished`. */
function fileOf(records: readonly object[], finished = true): Uint8Array {
  const folder = Deno.makeTempDirSync();
  try {
    const writer = new RecordWriter(`${folder}/records`);
    records.forEach((record) => writer.append(record));
    if (finished) writer.finish();
    else writer.abandon();
    return Deno.readFileSync(`${folder}/records`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

const RECORDS = [{ index: 0, octets: Uint8Array.of(1, 2) }, { index: 1, text: "ä" }, { index: 2, share: 0.5 }];
const AS_WRITTEN = new Set(RECORDS.map((record) => JSON.stringify(record)));
/** As files of the first version have them. */
const UNCHECKED = joined(...RECORDS.map((record) => encode(record)));

Deno.test("readRecords gives what RecordWriter wrote", () => {
  assertEquals(readRecords(fileOf(RECORDS)), { records: RECORDS, complete: true, faults: [] });
  assertEquals(readRecords(fileOf([])), { records: [], complete: true, faults: [] });
});

Deno.test("readRecords gives all records of a file without a footer and says that it is incomplete", () => {
  assertEquals(readRecords(fileOf(RECORDS, false)), { records: RECORDS, complete: false, faults: ["no_footer"] });
  assertEquals(readRecords(UNCHECKED, false), { records: RECORDS, complete: false, faults: ["no_footer"] });
});

Deno.test("readRecords gives every whole record of a file that was cut off anywhere", () => {
  const octets = fileOf(RECORDS);
  const ends = RECORDS.map((_, i) => fileOf(RECORDS.slice(0, i + 1), false).length);
  for (let size = 0; size < octets.length; size++) {
    const read = readRecords(octets.subarray(0, size));
    assertEquals(read.records, RECORDS.slice(0, ends.filter((end) => end <= size).length), `cut at ${size}`);
    assert(!read.complete);
    assert(read.faults.includes("no_footer"));
  }
});

Deno.test("readRecords gives only records as they were written, whichever octets of the file are changed", () => {
  const octets = fileOf(RECORDS);
  const change = fc.record({
    at: fc.nat(octets.length - 1),
    by: fc.uint8Array({ minLength: 1, maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean(), (changes, isCut) => {
      const changed = octets.slice(0, isCut ? -90 : undefined);
      for (const { at, by } of changes) {
        by.forEach((octet, i) => changed[Math.min(at + i, changed.length - 1)]! ^= octet);
      }
      const { records, complete } = readRecords(changed);
      for (const record of records) assert(AS_WRITTEN.has(JSON.stringify(record)));
      assertEquals(complete, octets.every((octet, i) => octet === changed[i]));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("readRecords finds changed octets, lost records and records after the footer", () => {
  const octets = fileOf(RECORDS);
  const changed = octets.slice();
  changed[changed.indexOf(0x01, 8)] = 0x03;
  assertEquals(readRecords(changed).faults, ["wrong_checksum", "changed_record"]);
  assertEquals(readRecords(changed).records, RECORDS.slice(1));
  const lost = octets.subarray(fileOf(RECORDS.slice(0, 1), false).length);
  assertEquals(readRecords(lost).faults, ["wrong_count", "wrong_checksum"]);
  const merged = readRecords(joined(octets, fileOf([{ index: 3 }])));
  assertEquals(merged, { records: RECORDS, complete: false, faults: ["after_footer"] });
  assertEquals(readRecords(joined(fileOf(RECORDS, false), new Uint8Array(9))).faults, ["damaged", "no_footer"]);
});

Deno.test("readRecords gives nothing of a changed file whose records have no checks of their own", () => {
  const footer = { footer: true, records: 3, checksum: "0".repeat(64) };
  assertEquals(readRecords(joined(UNCHECKED, encode(footer)), false), {
    records: [],
    complete: false,
    faults: ["wrong_checksum", "changed_record"],
  });
});

Deno.test("readRecords never throws on random octets", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
    assert(!readRecords(octets).complete);
  }));
});
