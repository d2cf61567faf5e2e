import { assertEquals } from "@std/assert";
import { parseSizeHistogram } from "./size_histogram.ts";

Deno.test("a histogram has sizes or ranges of sizes with their counts; rows of nothing are left out", () => {
  assertEquals(parseSizeHistogram("size,count\n100,5\n200,0\n\n300,1.5\n"), [
    { least: 100, most: 100, weight: 5 },
    { least: 300, most: 300, weight: 1.5 },
  ]);
  assertEquals(parseSizeHistogram("count,from,to\r\n7,0,63\r\n1,64,127\r\n"), [
    { least: 0, most: 63, weight: 7 },
    { least: 64, most: 127, weight: 1 },
  ]);
});

Deno.test("a fault in a histogram names its line and column", () => {
  const faultOf = (text: string): string => (parseSizeHistogram(text) as { fault: string }).fault;
  assertEquals(faultOf("size,count\n100,5\n1x,2\n"), `3:1: is no size in bytes, 0 to 67108864: "1x"`);
  assertEquals(faultOf("size,count\n100,\n"), `2:5: is no count: ""`);
  assertEquals(faultOf("size,count\n100,-4\n"), `2:5: is no count: "-4"`);
  assertEquals(faultOf("from,to,count\n20,10,4\n"), "2:4: must go upwards: 20 to 10");
  assertEquals(faultOf("bytes,n\n1,1\n"), "1:1: has the columns bytes, n; known: size, count or from, to, count");
  assertEquals(faultOf("size,count\n100,0\n"), "has no count above 0");
  assertEquals(faultOf("size,count\n"), "has no sizes");
  assertEquals(faultOf(""), "has no sizes");
});
