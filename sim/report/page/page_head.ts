/** The head that every page has. */
import { Markup, markup } from "./markup.ts";

/**
 * The head of a document, from its first line on; `policy`: what it may load; `script`: one that runs before its body.
 */
export function pageHead(title: string, policy: string, styles: readonly string[], script?: string): Markup {
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="imstorm">
<title>${title}</title>
${elements("style", styles)}${elements("script", script === undefined ? [] : [script])}</head>
`;
}

/** Elements of one kind, each with a text of our own. */
export function elements(name: "style" | "script", texts: readonly string[]): Markup[] {
  return texts.map((text) => new Markup(`<${name}>${text}</${name}>\n`));
}
