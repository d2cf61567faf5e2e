// Draws the charts over time with uPlot, from the data in the page: one cursor and one zoom for all of them.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const PRINT_WIDTH = 690;
  const X_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
  const end = data.starts.length * data.step;
  /** A value is that of a whole interval. */
  const middles = data.starts.map((start) => start + data.step / 2);
  const charts = [];
  let isPrinting = false;

  /** A colour of page.css, for the theme that holds now. */
  function colour(name, strength = 1) {
    const hex = getComputedStyle(root).getPropertyValue(`--${name}`).trim();
    if (strength === 1) return hex;
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    return `rgba(${red},${green},${blue},${strength})`;
  }

  const STROKES = {
    line: { width: 1.5 },
    thick: { width: 2.25 },
    thin: { width: 1 },
    dotted: { width: 1, dash: [1, 3] },
    dashed: { width: 1, dash: [6, 4] },
    area: { width: 1.75 },
    bars: { width: 0, size: [0.85, 22] },
    inner: { width: 0, size: [0.4, 10] },
  };
  /** As borders of the marks in a legend: so that it tells series apart without their colours as well. */
  const MARKS = { dotted: "dotted", dashed: "dashed" };
  const WIDTHS = { thick: 3, area: 3, bars: 9, inner: 5 };

  function seriesOf(chart, { label, role, stroke, values }) {
    const hasGaps = values.filter((value) => value !== null).length < 2;
    const { size, ...line } = STROKES[stroke];
    const series = {
      label,
      ...line,
      stroke: colour(role),
      value: (_, value) => value === null || value === undefined ? "" : formats[chart.unit](value),
      points: { show: hasGaps, size: 5, fill: colour(role) },
    };
    if (stroke === "area") series.fill = colour(role, 0.14);
    if (size !== undefined) {
      series.paths = uPlot.paths.bars({ size });
      series.fill = colour(role, stroke === "inner" ? 1 : 0.45);
      series.points.show = false;
    }
    return series;
  }

  /** 1, 2, 5 × 10ⁿ inside a logarithmic scale; more where there are too few of them. */
  function logSplits(_, __, least, most) {
    const leaders = most / least > 1e4 ? [1] : most / least > 200 ? [1, 3] : [1, 2, 5];
    const splits = [];
    for (let power = 10 ** Math.floor(Math.log10(least)); power <= most; power *= 10) {
      for (const leader of leaders) {
        const split = Number((leader * power).toPrecision(6));
        if (split >= least * 0.999 && split <= most * 1.001) splits.push(split);
      }
    }
    return splits;
  }

  function logRange(_, least, most) {
    if (least === null || most === null) return [1, 10];
    const low = Math.max(1, least);
    return [low / 1.25, Math.max(most, low * 4) * 1.25];
  }

  /** From the start of the run to its end; where a reader has zoomed in, that part. */
  function timeRange(_, from, to) {
    const isWhole = from === null || (from <= middles[0] && to >= middles.at(-1));
    return isWhole ? [0, Math.max(end, 1)] : [from, to];
  }

  function linearRange(chart) {
    return (_, __, most) => {
      const top = most === null || most <= 0 ? 1 : most * 1.08;
      return [0, chart.limit !== undefined && chart.limit < top * 2.5 ? Math.max(top, chart.limit * 1.08) : top];
    };
  }

  function axisOf(chart) {
    const axis = {
      scale: "y",
      size: 66,
      font: font(),
      stroke: colour("muted"),
      grid: { stroke: colour("line"), width: 1 },
      ticks: { show: false },
      values: (_, splits) => splits.map((split) => formats[chart.unit](split)),
    };
    if (chart.scale === "log") return { ...axis, splits: logSplits, filter: (_, splits) => splits };
    const steps = chart.unit === "octets" ? Array.from({ length: 50 }, (_, power) => 2 ** power) : undefined;
    return { ...axis, space: 28, ...(steps === undefined ? {} : { incrs: steps }) };
  }

  function timeAxis() {
    return {
      font: font(),
      size: 30,
      stroke: colour("muted"),
      grid: { show: false },
      ticks: { stroke: colour("line"), size: 5 },
      incrs: X_STEPS,
      values: (_, splits) => splits.map((split) => Number.isInteger(split) ? formats.clock(split) : ""),
    };
  }

  function font() {
    return `12px ${getComputedStyle(document.body).fontFamily}`;
  }

  /** Shades what is not measured load, and draws a line where a phase begins. */
  function drawParts(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.font = `${11 * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`;
    ctx.textBaseline = "top";
    for (const { from, to, label } of data.spans) {
      const left = plot.valToPos(from, "x", true);
      const width = plot.valToPos(to, "x", true) - left;
      ctx.fillStyle = colour("span");
      ctx.fillRect(left, bbox.top, width, bbox.height);
      ctx.fillStyle = colour("muted");
      const room = 6 * devicePixelRatio;
      if (ctx.measureText(label).width + 2 * room < width) ctx.fillText(label, left + room, bbox.top + room);
    }
    ctx.strokeStyle = colour("muted");
    ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
    for (const { at } of data.marks) {
      const x = plot.valToPos(at, "x", true);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  function drawLimit(chart) {
    return (plot) => {
      const { ctx, bbox } = plot;
      if (chart.limit === undefined || chart.limit > plot.scales.y.max) return;
      const y = plot.valToPos(chart.limit, "y", true);
      ctx.save();
      ctx.strokeStyle = colour("bad");
      ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      ctx.restore();
    };
  }

  /** A zoom into one chart is one into all. */
  function shareZoom(plot, key) {
    if (key !== "x") return;
    const { min, max } = plot.scales.x;
    for (const other of charts) {
      const { min: otherMin, max: otherMax } = other.scales.x;
      if (other !== plot && (otherMin !== min || otherMax !== max)) other.setScale("x", { min, max });
    }
  }

  function marksOf({ series }) {
    return {
      width: (_, i) => WIDTHS[series[i - 1]?.stroke] ?? 2,
      stroke: (_, i) => colour(series[i - 1]?.role ?? "muted"),
      dash: (_, i) => MARKS[series[i - 1]?.stroke] ?? "solid",
    };
  }

  function draw(place, chart) {
    const rows = chart.series.map(({ values }) => values);
    const isSmall = place.closest(".small") !== null;
    const options = {
      width: widthOf(place),
      height: chart.height,
      legend: { live: !isPrinting, show: !isSmall, markers: marksOf(chart) },
      cursor: { sync: { key: "run" }, drag: { x: true, y: false }, points: { size: 7 } },
      scales: {
        x: { time: false, range: timeRange },
        y: chart.scale === "log" ? { distr: 3, range: logRange } : { range: linearRange(chart) },
      },
      axes: [timeAxis(), axisOf(chart)],
      series: [
        {
          label: "",
          value: (_, at) => at === null || at === undefined ? "" : `at ${formats.clock(at - data.step / 2)}`,
        },
        ...chart.series.map((series) => seriesOf(chart, series)),
      ],
      bands: chart.bands.map(([upper, lower, strength]) => ({
        series: [upper + 1, lower + 1],
        fill: colour(chart.series[lower].role, strength),
      })),
      hooks: { drawClear: [drawParts], draw: [drawLimit(chart)], setScale: [shareZoom] },
    };
    const plot = new uPlot(options, [middles, ...rows], place);
    charts.push(plot);
  }

  function widthOf(place) {
    if (!isPrinting) return Math.max(240, place.clientWidth);
    if (place.closest(".small") !== null) return Math.floor(PRINT_WIDTH / 2) - 12;
    return PRINT_WIDTH;
  }

  function drawAll() {
    for (const plot of charts.splice(0)) plot.destroy();
    for (const place of document.querySelectorAll("[data-chart]")) {
      const chart = data.charts.find(({ id }) => id === place.dataset.chart);
      if (chart !== undefined) draw(place, chart);
    }
  }

  function print(on) {
    if (on === isPrinting) return;
    isPrinting = on;
    root.toggleAttribute("data-printing", on);
    drawAll();
  }

  drawAll();
  document.addEventListener("themechange", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  matchMedia("print").addEventListener("change", ({ matches }) => print(matches));
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width || isPrinting) return;
    width = innerWidth;
    for (const plot of charts) plot.setSize({ width: widthOf(plot.root.parentElement), height: plot.height });
  });
})();
