/** The control API of agents, as one VU of k6 uses it. */
import http from "k6/http";

/**
 * What an agent answered; `fault` is one sentence when it did not do what was asked.
 * @typedef {{ body: any, fault: string | undefined, reached: boolean }} Answer
 */

/** @typedef {{ method: "GET" | "POST", agent: string, path: string, body?: unknown }} Question */

/** Talks to agents by their base URLs. */
export class AgentClient {
  /** @type {string} */
  #token;
  /** @type {string} */
  #timeout;

  /** @param {string} token bearer token of all agents @param {number} timeout seconds an answer may take */
  constructor(token, timeout) {
    this.#token = token;
    this.#timeout = `${timeout}s`;
  }

  /** @param {string} agent @param {string} path @returns {Answer} */
  get(agent, path) {
    return this.#one({ method: "GET", agent, path });
  }

  /** @param {string} agent @param {string} path @param {unknown} [body] @returns {Answer} */
  post(agent, path, body = {}) {
    return this.#one({ method: "POST", agent, path, body });
  }

  /** The text of a file of a run's results, or undefined. @param {string} agent @param {string} path */
  text(agent, path) {
    const response = http.get(
      agent + path,
      this.#params({ method: "GET", agent, path }),
    );
    return response.status === 200 && typeof response.body === "string" ? response.body : undefined;
  }

  /** Asks several agents at the same time; answers in the order of the questions. @param {Question[]} questions */
  all(questions) {
    const responses = http.batch(questions.map((each) => this.#request(each)));
    return questions.map((question, index) => answerOf(question, /** @type {any} */ (responses)[index]));
  }

  /** @param {Question} question */
  #one(question) {
    const { method, url, body, params } = this.#request(question);
    return answerOf(question, http.request(method, url, body, params));
  }

  /** @param {Question} question */
  #request(question) {
    return {
      method: question.method,
      url: question.agent + question.path,
      body: question.body === undefined ? null : JSON.stringify(question.body),
      params: this.#params(question),
    };
  }

  /** @param {Question} question */
  #params(question) {
    return {
      headers: {
        Authorization: `Bearer ${this.#token}`,
        "Content-Type": "application/json",
      },
      timeout: this.#timeout,
      // one series an endpoint, not one a run and sequence number
      tags: {
        name: question.path.replace(/\?.*$/, "").replace(
          /^\/v1\/runs\/[^/]+/,
          "/v1/runs/{id}",
        ),
      },
    };
  }
}

/** @param {Question} question @param {import("k6/http").RefinedResponse<any>} response @returns {Answer} */
function answerOf({ agent, path, method }, response) {
  /** @type {any} */
  let body;
  try {
    body = response.body ? response.json() : undefined;
  } catch {
    body = undefined;
  }
  if (response.status >= 200 && response.status < 300) {
    return { body, fault: undefined, reached: true };
  }
  const reached = response.status > 0;
  const why = body?.error?.message ??
    (reached ? `status ${response.status}` : response.error || "no answer");
  return { body, fault: `${agent}: ${method} ${path}: ${why}`, reached };
}
