import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { embeddedJson, escaped, markup } from "./markup.ts";

Deno.test("markup escapes what is put into it, joins lists and leaves markup as it is", () => {
  const items = ["a<b", 'c"d'].map((each) => markup`<li title="${each}">${each}</li>`);
  assertEquals(
    markup`<ul>${items}${undefined}${3}</ul>`.text,
    '<ul><li title="a&lt;b">a&lt;b</li><li title="c&quot;d">c&quot;d</li>3</ul>',
  );
});

Deno.test("escaped leaves no character that HTML reads as markup, whatever the text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert(!/[<>"']|&(?!(amp|lt|gt|quot|#39);)/.test(escaped(text)));
  }));
  assertEquals(escaped("a\0b\x1b[31m\tc\n"), "a\ufffdb\ufffd[31m\tc\n");
});

Deno.test("embeddedJson says the same as JSON and cannot end its script element", () => {
  const value = { "</script>": ["<!--", "a & b", "\u2028"] };
  const { text } = embeddedJson(value);
  assert(!/[<>&\u2028]/.test(text));
  assertEquals(JSON.parse(text), value);
});
