/** A program that dies of a fault of its own while it draws on the terminal. */
import { Screen } from "../../cli/screen.ts";

const screen = new Screen({ onResize: () => {}, onKey: () => {}, onHangUp: () => {} });
screen.draw(["this must not stay"]);
setTimeout(() => {
  if (Deno.args[0] === "rejection") void Promise.reject(new Error("on purpose"));
  else throw new Error("on purpose");
}, 100);
