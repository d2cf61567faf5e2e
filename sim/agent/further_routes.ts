/** Routes that are no question and answer: the stream of events, and what a lead and its agents exchange. */
import type { Route } from "./routes.ts";

/** Server-sent events (WHATWG HTML, `text/event-stream`). */
export const EVENTS_ROUTE: Route = {
  method: "GET",
  path: "/v1/runs/{id}/events",
  id: "events",
  summary: "A stream of events: `state` when it changes, `snapshot` every second; data as of the routes of that name.",
  types: ["text/event-stream"],
  status: 200,
  refusals: ["not_found"],
  handle: () => {
    throw new TypeError("Cannot answer at once: the server streams it");
  },
};

/** What a lead asks its agents. */
export const EXCHANGE_ROUTE: Route = {
  method: "POST",
  path: "/v1/runs/{id}/exchange",
  id: "exchange",
  summary: "For leads: orders and news of deliveries there, figures and news of deliveries back, as MessagePack.",
  types: ["application/vnd.msgpack"],
  status: 200,
  refusals: ["not_found", "wrong_state", "invalid_body", "too_large"],
  handle: () => {
    throw new TypeError("Cannot answer in JSON: the server answers in octets");
  },
};
