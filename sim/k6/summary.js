/** What k6 found, for people and for CI servers. */

/** @typedef {{ metric: string, expression: string, passed: boolean, value: string }} Gate */

/** The gates of a summary, those that failed first. @param {any} data @returns {Gate[]} */
function gatesOf(data) {
  /** @type {Gate[]} */
  const gates = [];
  for (
    const [metric, { thresholds, values }] of Object.entries(
      /** @type {Record<string, any>} */ (data.metrics),
    )
  ) {
    for (
      const [expression, { ok }] of Object.entries(
        /** @type {Record<string, any>} */ (thresholds ?? {}),
      )
    ) {
      gates.push({
        metric,
        expression,
        passed: ok,
        value: valueOf(expression, values),
      });
    }
  }
  return gates.sort((a, b) => Number(a.passed) - Number(b.passed) || (a.metric < b.metric ? -1 : 1));
}

/** @param {string} expression such as `value<50` @param {Record<string, number>} values */
function valueOf(expression, values) {
  const name = /^[a-z]+(?:\([0-9.]+\))?/.exec(expression)?.[0] ?? "";
  const value = values[name];
  return value === undefined ? "no data" : String(Number(value.toPrecision(6)));
}

/** One line a gate. @param {any} data */
export function textOf(data) {
  const gates = gatesOf(data);
  const width = Math.max(0, ...gates.map(({ metric }) => metric.length));
  const lines = gates.map(({ metric, expression, passed, value }) =>
    `  ${passed ? "passed" : "FAILED"}  ${metric.padEnd(width)}  ${expression}  ${value}`
  );
  return `\n${lines.join("\n")}\n  ${gates.filter(({ passed }) => passed).length} of ${gates.length} gates passed\n`;
}

/** One test case a gate. @param {any} data */
export function junitOf(data) {
  const gates = gatesOf(data);
  const cases = gates.map(({ metric, expression, passed, value }) => {
    const head = `    <testcase classname="imstorm.k6" name="${escape(`${metric}: ${expression}`)}"`;
    if (passed) return `${head}/>`;
    return `${head}>\n      <failure message="${escape(`is ${value}`)}"/>\n    </testcase>`;
  });
  const failures = gates.filter(({ passed }) => !passed).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${gates.length}" failures="${failures}">`,
    `  <testsuite name="imstorm k6" tests="${gates.length}" failures="${failures}">`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(
    ">",
    "&gt;",
  ).replaceAll('"', "&quot;");
}
