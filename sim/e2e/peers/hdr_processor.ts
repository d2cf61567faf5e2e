/** The Java tool of HdrHistogram, which reads histogram logs (Debian's libhdrhistogram-java). */
import { needProgram } from "./packages.ts";

/** What the tool says of all values of one tag. */
export interface ProcessedTag {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Has the tool read a log; `output`: a file it may write. */
export async function processTag(log: string, tag: string, output: string): Promise<ProcessedTag> {
  const jar = await needProgram("hdrhistogram.jar");
  const java = await needProgram("java");
  const tool = ["-cp", jar, "org.HdrHistogram.HistogramLogProcessor"];
  // the values as they are in the log
  const args = [...tool, "-i", log, "-o", output, "-tag", tag, "-outputValueUnitRatio", "1.0"];
  const { code, stderr } = await new Deno.Command(java, { args, stdin: "null" }).output();
  if (code !== 0) throw new Error(`HistogramLogProcessor ended with ${code}: ${new TextDecoder().decode(stderr)}`);
  // 1.000: I:5 ( 1 2 3 ) T:12 ( p50 p90 p99 p99.9 p99.99 max )
  const line = (await Deno.readTextFile(output)).trimEnd().split("\n").at(-1)!;
  const match = /T:(\d+) \(([^)]*)\)/.exec(line);
  if (match === null) throw new Error(`HistogramLogProcessor wrote: ${line}`);
  const [p50 = NaN, p90 = NaN, p99 = NaN, p999 = NaN, , max = NaN] = match[2]!.trim().split(/\s+/).map(Number);
  return { count: Number(match[1]), p50, p90, p99, p999, max };
}
