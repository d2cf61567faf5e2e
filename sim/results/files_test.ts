import { assertEquals, assertThrows } from "@std/assert";
import { makeRunFolder, pathIn, runFolderName, writeWhole } from "./files.ts";
import { freeOctetsOf } from "./free_space.ts";

function inTempFolder(act: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    act(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("runFolderName is UTC to the second and the scenario, without colons", () => {
  assertEquals(
    runFolderName(new Date("2026-03-01T04:05:06.789Z"), "office-hours"),
    "2026-03-01T04-05-06Z-office-hours",
  );
});

Deno.test("pathIn takes a folder with or without a slash at its end", () => {
  assertEquals([pathIn("a/b", "c"), pathIn("a/b/", "c")], ["a/b/c", "a/b/c"]);
});

Deno.test("makeRunFolder makes missing folders and takes an empty one, leaving it empty", () => {
  inTempFolder((folder) => {
    makeRunFolder(`${folder}/a/b`);
    makeRunFolder(`${folder}/a/b`);
    assertEquals([...Deno.readDirSync(`${folder}/a/b`)], []);
  });
});

Deno.test("makeRunFolder refuses a folder that holds something", () => {
  inTempFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/notes.txt`, "mine");
    assertThrows(() => makeRunFolder(folder), Error, "not empty");
    assertEquals(Deno.readTextFileSync(`${folder}/notes.txt`), "mine");
  });
});

Deno.test("makeRunFolder refuses a path below a file", () => {
  inTempFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    assertThrows(() => makeRunFolder(`${folder}/file/run`), Error, "Cannot write results to");
  });
});

Deno.test("makeRunFolder refuses a disk with less than 64 MiB free, and accepts one that does not say", () => {
  inTempFolder((folder) => {
    assertThrows(() => makeRunFolder(folder, () => 5 * 1_048_576), Error, "5 MiB free");
    makeRunFolder(folder, () => undefined);
  });
});

Deno.test("freeOctetsOf gives a number or nothing, and does not throw for a missing folder", () => {
  const free = freeOctetsOf("/");
  assertEquals(free === undefined || free > 0, true);
  assertEquals(freeOctetsOf("/no/such/folder"), undefined);
});

Deno.test("writeWhole replaces a file and leaves nothing else behind", () => {
  inTempFolder((folder) => {
    writeWhole(`${folder}/a.json`, "1");
    writeWhole(`${folder}/a.json`, "2");
    assertEquals([...Deno.readDirSync(folder)].map((each) => each.name), ["a.json"]);
    assertEquals(Deno.readTextFileSync(`${folder}/a.json`), "2");
  });
});
