/** Free space of a file system, where we are permitted to know it. */
import { statfsSync } from "node:fs";

/** Octets that may still be written below a folder; undefined where that cannot be known. */
export function freeOctetsOf(folder: string): number | undefined {
  // asking without permission would stop the program with a question
  if (Deno.permissions.querySync({ name: "sys", kind: "statfs" } as Deno.SysPermissionDescriptor).state !== "granted") {
    return undefined;
  }
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
