import { assert, assertEquals } from "@std/assert";
import { encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { readRecords, RecordWriter } from "./record_file.ts";

/** The octets of a file with these records, and a footer when `finished`. */
function fileOf(records: readonly unknown[], finished = true): Uint8Array {
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

const RECORDS = [{ index: 0, octets: Uint8Array.of(1, 2) }, { index: 1, text: "ä" }, { index: 2 }];

Deno.test("readRecords gives what RecordWriter wrote", () => {
  assertEquals(readRecords(fileOf(RECORDS)), { records: RECORDS, complete: true, faults: [] });
  assertEquals(readRecords(fileOf([])), { records: [], complete: true, faults: [] });
});

Deno.test("readRecords gives all records of a file without a footer and says that it is incomplete", () => {
  assertEquals(readRecords(fileOf(RECORDS, false)), { records: RECORDS, complete: false, faults: ["no_footer"] });
});

Deno.test("readRecords gives every whole record of a file that was cut off anywhere", () => {
  const octets = fileOf(RECORDS);
  const ends = RECORDS.map((_, i) => joined(...RECORDS.slice(0, i + 1).map((record) => encode(record))).length);
  for (let size = 0; size < octets.length; size++) {
    const read = readRecords(octets.subarray(0, size));
    assertEquals(read.records.length, ends.filter((end) => end <= size).length, `cut at ${size}`);
    assert(!read.complete);
    assert(read.faults.includes("no_footer"));
  }
});

Deno.test("readRecords finds changed octets, lost records and records after the footer", () => {
  const octets = fileOf(RECORDS);
  const changed = octets.slice();
  const index = changed.indexOf(0x01, 8);
  changed[index] = 0x03;
  assertEquals(readRecords(changed).faults, ["wrong_checksum"]);
  const lost = octets.subarray(encode(RECORDS[0]).length);
  assertEquals(readRecords(lost).faults, ["wrong_count", "wrong_checksum"]);
  assertEquals(readRecords(joined(octets, encode({ index: 3 }))).faults, ["after_footer"]);
});

Deno.test("readRecords never throws on random octets", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
    assert(!readRecords(octets).complete);
  }));
});
