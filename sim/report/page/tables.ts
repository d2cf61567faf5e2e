/** Tables of the page: a caption, heads of columns and rows, first column to the left and figures to the right. */
import { type Insertion, type Markup, markup } from "./markup.ts";

/** What a table shows. */
export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  /** As many cells as heads; the first names the row. */
  readonly rows: readonly (readonly Insertion[])[];
  /** Classes of rows, by their index. */
  readonly classes?: readonly (string | undefined)[];
  /** Columns with text instead of figures, by index; the first one always has. */
  readonly texts?: readonly number[];
  /** Its caption is read aloud only, because the heading above says the same. */
  readonly isQuiet?: boolean;
}

/** A table that scrolls by itself where the page is too narrow for it. */
export function tableOf({ caption, head, rows, classes = [], texts = [], isQuiet = false }: Table): Markup {
  const kind = (column: number): string => column === 0 || texts.includes(column) ? "text" : "figure";
  const heads = head.map((each, i) => markup`<th scope="col" class="${kind(i)}">${each}</th>`);
  const body = rows.map((cells, i) => {
    const [name, ...others] = cells;
    const rest = others.map((cell, column) => markup`<td class="${kind(column + 1)}">${cell}</td>`);
    return markup`<tr class="${classes[i] ?? ""}"><th scope="row">${name}</th>${rest}</tr>\n`;
  });
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="${
    isQuiet ? "quiet" : ""
  }"><caption>${caption}</caption>
<thead><tr>${heads}</tr></thead><tbody>
${body}</tbody></table></div>`;
}

/** A section of the page with a heading that can be linked to; undefined contents leave it out. */
export function section(id: string, title: string, lead: Insertion, contents: Insertion): Markup {
  const introduction = lead === undefined ? undefined : markup`<p class="lead">${lead}</p>`;
  return markup`<section id="${id}"><h2>${title}</h2>${introduction}
${contents}
</section>
`;
}

/** A chart with what it shows in words above it; `key` tells its lines apart. */
export function figure(title: string, note: Insertion, chart: Insertion, key?: Insertion): Markup {
  return markup`<figure><figcaption><h3>${title}</h3><p>${note}</p></figcaption>
<div class="scroll">${chart}</div>${key}</figure>
`;
}

/** The place of a chart that the browser draws; `words` are read aloud instead of it. */
export function canvasPlace(id: string, words: string): Markup {
  return markup`<div class="chart" data-chart="${id}" role="img" aria-label="${words}"></div>
<noscript><p class="muted">This chart needs scripts; its figures are in the tables, and in <code>report --format csv</code>.</p></noscript>`;
}
