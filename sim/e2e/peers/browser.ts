/** Chromium without a window: opens a page as people do, and tells what they would see and what they would not. */
import type { Browser, Page } from "playwright-core";
import type { Millis } from "../../clock/clock.ts";
import { needProgram } from "./packages.ts";

/** A page that was opened. */
export interface OpenedPage {
  readonly page: Page;
  /** What the console said, and errors of scripts. */
  readonly complaints: readonly string[];
  /** Addresses that were asked for, besides the page's own. */
  readonly requests: readonly string[];
  /** From the call until every script had run and every chart was drawn. */
  readonly openedIn: Millis;
}

/** How a page is opened. */
export interface Look {
  readonly colours?: "light" | "dark";
  readonly scripts?: boolean;
}

/** A rectangle of a screenshot. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A running browser; `await using` closes it. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Starts Debian's Chromium; throws when it is not there. */
  static async start(): Promise<TestBrowser> {
    const executablePath = await needProgram("chromium");
    // when it is loaded, playwright looks into /proc for Windows, which Deno allows only where everything is allowed;
    // with this variable its package is-wsl leaves that out
    Deno.env.set("__IS_WSL_TEST__", "1");
    const { chromium } = await import("playwright-core");
    // its sandbox does not run as root; what it opens is our own file
    return new TestBrowser(await chromium.launch({ executablePath, args: ["--no-sandbox"] }));
  }

  /** Opens a file in a window of 1240 by 900. */
  async open(path: string, { colours = "light", scripts = true }: Look = {}): Promise<OpenedPage> {
    const context = await this.#browser.newContext({
      viewport: { width: 1240, height: 900 },
      colorScheme: colours,
      javaScriptEnabled: scripts,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => requests.push(request.url()));
    const address = `file://${path}`;
    const startedAt = performance.now();
    await page.goto(address, { waitUntil: "load" });
    const openedIn = performance.now() - startedAt;
    return { page, complaints, requests: requests.filter((url) => url !== address), openedIn };
  }

  /** Distinct colours that are no grey in rectangles of a PNG picture, counted by the browser itself. */
  async coloursIn(picture: Uint8Array, boxes: readonly Box[]): Promise<number[]> {
    const page = await this.#browser.newPage();
    try {
      const given = JSON.stringify({ picture: picture.toBase64(), boxes });
      return await page.evaluate<number[]>(`(${COUNT_COLOURS})(${given})`);
    } finally {
      await page.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** Runs in the browser, whose types are not those of Deno. */
const COUNT_COLOURS = `async ({ picture, boxes }) => {
  const octets = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([octets], { type: "image/png" }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  return boxes.map(({ x, y, width, height }) => {
    const pixels = new Uint32Array(context.getImageData(x, y, width, height).data.buffer);
    const isColour = (pixel) => {
      const parts = [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
      return Math.max(...parts) - Math.min(...parts) > 30;
    };
    return [...new Set(pixels)].filter(isColour).length;
  });
}`;
