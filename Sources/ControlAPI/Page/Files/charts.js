// Concurrency over two minutes, on a canvas with a table beside it, and how long exchanges took, a
// table with bars.

const STEP = 250, STEPS = 480, MOST_LINES = 8;
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3], [10, 4], [3, 1]];

/// The most under way in each quarter of a second, by server. Each step knows which one it is of.
const flight = { lines: new Map(), offset: 0 };
/// When the server says that it is now.
const serverNow = () => Date.now() + flight.offset;

function noteFlight(name, t, value) {
  let line = flight.lines.get(name);
  if (!line) {
    if (flight.lines.size >= MOST_LINES) return;
    flight.lines.set(name, line = { most: new Float32Array(STEPS), step: new Float64Array(STEPS) });
  }
  const step = Math.floor(t / STEP), slot = step % STEPS;
  if (line.step[slot] > step) return;
  if (line.step[slot] < step) { line.step[slot] = step; line.most[slot] = 0; }
  line.most[slot] = Math.max(line.most[slot], value);
}

/// From the oldest step to that of now.
function steps(line) {
  const now = Math.floor(serverNow() / STEP);
  return Array.from({ length: STEPS }, (_, i) => {
    const step = now - STEPS + 1 + i;
    return line.step[step % STEPS] === step ? line.most[step % STEPS] : 0;
  });
}

function drawFlight(meters) {
  const canvas = $("flight"), pen = canvas.getContext("2d"), style = getComputedStyle(canvas);
  const scale = Math.min(devicePixelRatio || 1, 2), width = canvas.clientWidth, height = canvas.clientHeight;
  canvas.width = width * scale;
  canvas.height = height * scale;
  pen.scale(scale, scale);
  const lines = [...flight.lines].map(([name, line], i) => [steps(line), meters.proxies[name]?.limit, DASHES[i]]);
  const highest = Math.max(4, ...lines.flatMap(([all]) => all));
  const top = Math.max(highest, ...lines.map(([, limit]) => (limit <= highest * 2 ? limit : 0)));
  const y = (value) => height - 3 - (height - 18) * value / top;
  const draw = (all, dash, colour) => {
    pen.strokeStyle = colour;
    pen.setLineDash(dash);
    pen.beginPath();
    all.forEach((value, i) => pen.lineTo(width * i / (all.length - 1), y(value)));
    pen.stroke();
  };
  for (const [all, limit, dash] of lines) {
    draw(all, dash, style.color);
    if (limit && limit <= top) draw([limit, limit], [1, 5], style.borderColor);
  }
  pen.fillStyle = style.color;
  pen.fillText(count(top), 3, 10);
}

function showFlight(meters) {
  drawFlight(meters);
  const all = entries(meters.proxies), most = (key) => Math.max(0, ...all.map(([, m]) => m[key]));
  put($("flight-now"), "now " + count(all.reduce((sum, [, m]) => sum + m.in_flight, 0)) + " · peak of one server " + count(most("peak")));
  put($("flight-legend"), [...flight.lines.keys()].map((name, i) => short(name) + " " + ["----", "-- -", "....", "-.-.", "- - -", ". . .", "--- -", "-- .."][i]).join(", "));
  const row = (name, m, limit) => [name, count(m.in_flight), count(m.peak), String(limit ?? "none"), count(m.connections)];
  fillTable($("flight-table"), ["server, client", "in flight", "peak", "limit", "connections"], all.slice(0, 50).flatMap(([name, m]) =>
    [row(short(name), m, m.limit), ...entries(m.clients || {}).slice(0, 5).map(([host, c]) => row("from " + short(host), c, m.limit_per_client))]));
}

/// From 0.1 ms on, one for each doubling.
const BINS = 24;
const sorted = new Float64Array(SHOWN);

/// Exact quantiles of what is shown: the least time that so many took at most.
function showLatency(view, row) {
  const n = Math.min(view.size, SHOWN), bins = Array(BINS).fill(0);
  for (let i = 0; i < n; i += 1) {
    sorted[i] = row.at(view.at(view.size - n + i)).duration_ms;
    bins[Math.max(0, Math.min(BINS - 1, Math.ceil(Math.log2(sorted[i] / 0.1))))] += 1;
  }
  const all = sorted.subarray(0, n).sort(), at = (share) => duration(all[Math.ceil(n * share) - 1]);
  put($("latency-now"), n ? "p50 " + at(0.5) + " · p95 " + at(0.95) + " · p99 " + at(0.99) + " · of " + count(n) : "nothing yet");
  const top = Math.max(...bins), rows = bins.map((many, i) => [duration(0.1 * 2 ** i), count(many), "█".repeat(Math.ceil(24 * many / top)), many]);
  fillTable($("latency-table"), ["up to", "exchanges", "share"], rows.filter((r) => r[3]).map((r) => r.slice(0, 3)));
}
