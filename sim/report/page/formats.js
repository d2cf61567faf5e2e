// Values as the charts write them, by the unit of the chart.
// deno-lint-ignore no-unused-vars -- used by charts.js, which follows in the page
const formats = (() => {
  function digits(value) {
    const absolute = Math.abs(value);
    const text = absolute >= 99.95 ? value.toFixed(0) : absolute >= 9.995 ? value.toFixed(1) : value.toFixed(2);
    return text.includes(".") ? text.replace(/\.?0+$/, "") : text.replace(/\B(?=(\d{3})+$)/g, ",");
  }

  function scaled(value, steps) {
    const [size, unit] = steps.findLast(([least]) => Math.abs(value) >= least) ?? steps[0];
    return `${digits(value / size)} ${unit}`;
  }

  const OCTETS = [[1, "B"], [1024, "KiB"], [1024 ** 2, "MiB"], [1024 ** 3, "GiB"]];
  const MICROS = [[1, "µs"], [1000, "ms"], [1e6, "s"]];

  function clock(second) {
    const two = (value) => String(Math.floor(value)).padStart(2, "0");
    const minutes = `${Math.floor(second / 60) % 60}`;
    if (second < 3600) return `${minutes}:${two(second % 60)}`;
    return `${Math.floor(second / 3600)}:${minutes.padStart(2, "0")}:${two(second % 60)}`;
  }

  return {
    clock,
    rate: (value) => `${digits(value)}/s`,
    micros: (value) => value === 0 ? "0" : scaled(value, MICROS),
    share: (value) => `${digits(value * 100)} %`,
    octets: (value) => value === 0 ? "0" : scaled(value, OCTETS),
    count: (value) => digits(value),
  };
})();
