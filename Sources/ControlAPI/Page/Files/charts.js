// Concurrency over two minutes, on a canvas with a table beside it, and how long exchanges took, a
// table with bars.

const STEP = 250, STEPS = 480, MOST_LINES = 8;
const DASHES = [[9, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3], [10, 4], [3, 1]];

/// The most under way in each quarter of a second, by server. Each step knows which one it is of.
const flight = { lines: new Map(), clients: new Map(), offset: 0 };
/// When the server says that it is now.
const serverNow = () => Date.now() + flight.offset;

function noteFlight(lines, name, t, value) {
  let line = lines.get(name);
  if (!line) {
    if (lines.size >= MOST_LINES) return;
    lines.set(name, line = { most: new Float32Array(STEPS), step: new Float64Array(STEPS) });
  }
  const step = floor(t / STEP), slot = step % STEPS;
  if (line.step[slot] > step) return;
  if (line.step[slot] < step) { line.step[slot] = step; line.most[slot] = 0; }
  line.most[slot] = max(line.most[slot], value);
}

/// From the oldest step to that of now.
function steps(line) {
  const now = floor(serverNow() / STEP);
  return Array.from({ length: STEPS }, (_, i) => {
    const step = now - STEPS + 1 + i;
    return line.step[step % STEPS] === step ? line.most[step % STEPS] : 0;
  });
}

const isByClient = () => $("flight-by").value === "client";
const shownLines = () => (isByClient() ? flight.clients : flight.lines);

function drawFlight(meters) {
  const canvas = $("flight"), pen = canvas.getContext("2d"), style = getComputedStyle(canvas);
  const scale = min(devicePixelRatio || 1, 2), width = canvas.clientWidth, height = canvas.clientHeight;
  canvas.width = width * scale;
  canvas.height = height * scale;
  pen.scale(scale, scale);
  const lines = [...shownLines()].map(([name, line], i) => {
    const m = isByClient() ? meters.clients[name] : meters.proxies[name];
    return [steps(line), m?.limit, m?.peak, DASHES[i]];
  });
  const highest = max(4, ...lines.flatMap(([all]) => all));
  const top = max(highest, ...lines.map(([, limit]) => (limit <= highest * 2 ? limit : 0)));
  const y = (value) => height - 3 - (height - 18) * value / top;
  const draw = (all, dash, colour) => {
    pen.strokeStyle = colour;
    pen.setLineDash(dash);
    pen.beginPath();
    all.forEach((value, i) => pen.lineTo(width * i / (all.length - 1), y(value)));
    pen.stroke();
  };
  for (const [all, limit, peak, dash] of lines) {
    draw(all, dash, style.color);
    for (const [level, dots] of [[limit, [1, 5]], [peak, [5, 9]]]) {
      if (level && level <= top) draw([level, level], dots, style.borderColor);
    }
  }
  pen.fillStyle = style.color;
  pen.fillText(count(top), 3, 10);
}

function showFlight(meters) {
  drawFlight(meters);
  const all = entries(meters.proxies), most = (key) => max(0, ...all.map(([, m]) => m[key]));
  put("flight-now", "now " + count(all.reduce((sum, [, m]) => sum + m.in_flight, 0)) + " · peak of one server " + count(most("peak")));
  put("flight-legend", [...shownLines().keys()].map((name, i) => short(name) + " " + DASHES[i].map((n, k) => (k % 2 ? "\u00a0" : "─").repeat(ceil(n / 3))).join("")).join(", "));
  const row = (name, m, limit) => [name, count(m.in_flight), count(m.peak), String(limit ?? "none"), count(m.connections)];
  fillTable($("flight-table"), ["server, client", "in flight", "peak", "limit", "connections"], all.slice(0, 50).flatMap(([name, m]) =>
    [row(short(name), m, m.limit), ...entries(m.clients || {}).slice(0, 5).map(([host, c]) => row("from " + short(host), c, m.limit_per_client))]));
}

const sorted = new Float64Array(SHOWN);

/// Of all exchanges, as the server counts them; behind a filter of those that are shown, exactly.
function showLatency(meters, isAll, view, row) {
  const bounds = meters.latency_bounds_seconds, found = isAll ? allTimes(meters) : shownTimes(bounds, view, row);
  const { n, at, bins } = found, share = (name) => name + " " + duration(at(name.slice(1) / 100));
  put("latency-now", n ? ["p50", "p95", "p99"].map(share).join(" · ") + " · of " + count(n) + (isAll ? "" : " shown") : "nothing yet");
  const top = max(...bins), words = (i) => (bounds[i] ? duration(bounds[i] * 1000) : "more");
  const rows = bins.map((many, i) => [words(i), count(many), "█".repeat(ceil(24 * many / top)), many]);
  fillTable($("latency-table"), ["up to", "exchanges", "share"], rows.filter((r) => r[3]).map((r) => r.slice(0, 3)));
}

function allTimes({ proxies, latency }) {
  const bins = values(proxies).map((m) => m.latency.buckets).reduce((sum, all) => all.map((many, i) => many + (sum[i] || 0)), []);
  return { n: latency.count, at: (share) => latency["p" + share * 100] * 1000, bins };
}

/// The least time that so many took at most.
function shownTimes(bounds, view, row) {
  const n = min(view.size, SHOWN), bins = [...bounds, 0].map(() => 0);
  for (let i = 0; i < n; i += 1) {
    sorted[i] = row.at(view.at(view.size - n + i)).duration_ms;
    const bin = bounds.findIndex((bound) => sorted[i] <= bound * 1000);
    bins[bin < 0 ? bounds.length : bin] += 1;
  }
  const all = sorted.subarray(0, n).sort();
  return { n, at: (share) => all[ceil(n * share) - 1], bins };
}
