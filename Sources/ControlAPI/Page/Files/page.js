// Joins the parts: what is heard, what is shown, and what keys and buttons do.

const root = document.documentElement, ring = new Ring(), view = new View(ring), probe = new Row(ring), details = new Details();
const waterfall = new Waterfall(), flags = new Map();
const page = { filter: readFilter(""), isOn: true, seed: "", pausedAt: -1, running: [], oneIn: 1, leftOut: 0, lost: 0, gone: 0, isDirty: true, isAsked: false, lostAt: 0, asking: 0 };
const PRESETS = { faults: "acted:true", errors: "status:4xx,5xx", retries: "attempt>1", cut: "end:fin,rst",
  refused: "refused:true", left: "end:client-*" };
const isPaused = () => page.pausedAt >= 0;

// Heard

const hear = {
  state(state) {
    const { seed_text: seed, started } = state;
    if (seed) {
      if (page.started && started !== page.started) startAgain();
      Object.assign(page, { seed, started });
      put("seed", seed);
      put("version", state.version + (state.world ? ", world " + short(state.world) : ""));
    }
    showState(state);
    showEmpty();
  },
  meters(meters) {
    for (const [name, m] of entries(meters.proxies)) if (m.requests || m.peak) noteFlight(flight.lines, name, serverNow(), m.in_flight);
    for (const [host, m] of entries(meters.clients)) noteFlight(flight.clients, host, serverNow(), m.in_flight);
    showMeters(meters);
    page.isDirty = true;
  },
  records(records) {
    records.forEach(take);
    redraw();
  },
  running(running) {
    page.running = running.map(asRow);
    if (!isPaused()) showRunning();
  },
  sampled({ one_in: oneIn, left_out: leftOut }) {
    page.oneIn = oneIn;
    page.leftOut += leftOut;
    showLink();
    redraw();
  },
  lost({ count: lost }) {
    // What had gone before the page came is not lost by it.
    if (ring.total) page.lost += lost;
    showLink();
  },
  date(text) {
    const off = Date.parse(text) - Date.now();
    flight.offset = Math.abs(off) > 5000 ? off : 0;
  },
  link(state, why) {
    // A server that begins anew says nothing of what is not.
    page.oneIn = 1;
    if (state !== "poll") hear.running([]);
    page.lostAt = state === "lost" ? page.lostAt || Date.now() : 0;
    page.link = state;
    page.why = why;
    showLink();
  },
  askToken() {
    $("token").value = "";
    $("token").placeholder = token && "wrong";
    $("asks").showModal();
    return new Promise((done) => { $("asks").onclose = () => { done($("token").value); setTimeout(learn); }; });
  },
};

/// An exchange under way, with the names that a filter asks for.
const NOTHING = fromEntries([...NUMBERS, ...TEXTS].map((name) => [name, null]));
const asRow = (running) => ({ ...NOTHING, ...running, start: parseTime(running.start),
  faults: running.faults.map((type) => ({ toxic: type, type, acted: false })) });

function showRunning() {
  waterfall.running = page.running.filter(passes);
  redraw();
}

/// The server is another process: its numbers begin again.
function startAgain() {
  ring.clear();
  view.clear();
  forgetChanges();
  for (const flag of flags.values()) Object.assign(flag, { served: 0, hurt: 0, isDirty: true });
  waterfall.selected = -1;
  page.lost = page.leftOut = 0;
  // Its number will be another's.
  if (!$("details").hidden) details.close();
  if (isPaused()) page.pausedAt = 0;
  say("The server has started again.");
}

function take(record) {
  if (ring.total && record.seq <= probe.at(ring.total - 1).seq) startAgain();
  const row = probe.at(ring.push(record)), flag = flags.get(/^\/flags\/(..)\/\1\.gif(\?|$)/.exec(row.target)?.[1]);
  noteFlight(flight.lines, row.proxy, row.start, row.in_flight);
  if (flag) {
    if (isHurt(row)) flag.hurt += 1; else flag.served += 1;
    flag.isDirty = true;
  }
  if (!isPaused() && passes(row)) view.add(row.row);
}
const passes = (row) => !page.isOn || page.filter(row);

// Shown

/// Twenty-five times a second at most, however much has come.
function redraw() {
  page.isDirty = true;
  if (page.isAsked) return;
  page.isAsked = true;
  setTimeout(() => requestAnimationFrame(() => {
    page.isAsked = false;
    const gone = view.dropBefore(isPaused() ? ring.first : max(0, ring.total - SHOWN));
    if (isPaused()) page.gone += gone;
    waterfall.shift(gone);
    waterfall.draw();
    const all = count(min(ring.total, SHOWN));
    put("rows-count", (page.isOn && !page.filter.isAll ? count(view.size) + " of " : "") + "the last " + all + (page.oneIn > 1 ? `, 1 in ${page.oneIn}` : ""));
    put("pause", isPaused() ? "Go on (+" + count(ring.total - page.pausedAt) + (page.gone ? ", the oldest " + count(page.gone) + " gone" : "") + ")" : "Pause");
    showEmpty();
  }), 40);
}

function showLink() {
  const words = [];
  if (page.lostAt) words.push(`Connection lost at ${hour(page.lostAt)} (${page.why}); trying again.`);
  if (page.link === "poll") words.push(`No events (${page.why}): asking once a second.`);
  if (page.leftOut) words.push(`More than ${count(MOST_RECORDS)} exchanges a second: ${count(page.leftOut)} are not in the list${page.oneIn > 1 ? ", which has 1 in " + page.oneIn : ""}; the counts have all.`);
  if (page.lost) words.push(count(page.lost) + " exchanges came too fast for this page; the counts have them.");
  const text = words.join(" "), state = isPaused() && !page.lostAt ? "paused" : page.link;
  if (text !== $("banner").textContent) say(text || "Connected again");
  put("banner", text);
  $("banner").hidden = !text;
  $("state").dataset.state = state;
  put("state", { live: "● live", paused: "❚❚ paused", poll: "◌ polling", lost: "✕ lost", saved: "■ saved " + new Date(saved?.at).toLocaleString() }[state]);
}

/// What to do where there is nothing yet.
function showEmpty() {
  const box = $("empty"), names = keys(world.state?.proxies || {});
  const line = ring.total ? "" : "curl -sO http://" + authority(names.includes("local") ? "local" : names[0]) + "/flags/br/br.gif";
  box.hidden = view.size > 0 || !names[0];
  if (box.hidden || box.dataset.line === line) return;
  box.dataset.line = line;
  box.replaceChildren(...(line ? ["Nothing yet. Try ", el("code", null, line), " ", button("Copy", () => copy(line, "The command"))]
    : ["None passes the filter. ", button("Clear the filter", () => setFilter(""))]));
}

function pick(row) {
  if (row < 0) return;
  waterfall.select(row);
  if ($("details").hidden) reveal("rows"); else open();
}
async function open() {
  if (waterfall.selected < 0) pick(waterfall.step(0));
  if (ring.has(waterfall.selected)) await details.show(probe.at(waterfall.selected));
}

// Filter

async function setFilter(text) {
  const asking = ++page.asking;
  if ($("filter").value !== text) $("filter").value = text;
  let words = "", isBad = false;
  try { page.filter = readFilter(text); } catch { isBad = true; /* the server says why */ }
  refill();
  showRunning();
  if (saved) return;
  history.replaceState(null, "", text ? "#q=" + encodeURIComponent(text) : location.pathname);
  try { words = (await callJSON("/journal/keys?q=" + encodeURIComponent(text))).sentence; } catch (error) {
    [words, isBad] = [error.message, error.status === 400];
  }
  if (asking !== page.asking) return;
  put("says", visible(words));
  $("says").className = isBad ? "bad" : "";
  $("filter").ariaInvalid = isBad;
}
const fromHash = () => setFilter(new URLSearchParams(location.hash.slice(1)).get("q") || "");

function refill() {
  const last = isPaused() ? page.pausedAt : ring.total;
  view.clear();
  for (let row = max(ring.first, last - SHOWN); row < last; row += 1) if (passes(probe.at(row))) view.add(row);
  redraw();
}

const filterWord = (text) => (/[\s",*?\\]/.test(text) ? '"' + text.replace(/["\\]/g, "\\$&") + '"' : text);
/// Examples of all keys, and what there is now.
async function suggest() {
  const words = (await callJSON("/journal/keys")).keys.map((key) => key.example);
  for (const [name, proxy] of entries(world.state.proxies).slice(0, 20)) {
    words.push("proxy:" + name, ...proxy.toxics.map((toxic) => "fault:" + toxic.name));
  }
  for (const [key, name] of [["path", "target"], ["label", "label"], ["client", "client"], ["end", "end"]]) {
    const seen = ring.names[name].values.filter(Boolean).slice(-8);
    words.push(...seen.map((text) => key + ":" + filterWord(key === "path" ? text.split("?")[0] : text)));
  }
  $("words").replaceChildren(...[...new Set(words)].map((value) => el("option", { value })));
}

// Flags

async function showFlags() {
  const codes = saved ? saved.codes : await callJSON("/flags");
  $("flags-section").hidden = !codes.length;
  for (const code of codes) {
    const node = button("", () => setFilter(`path:/flags/${code}/*`));
    node.append(...(saved ? [] : [el("img", { src: `/flags/${code}/${code}.gif`, alt: "", loading: "lazy" })]), code.toUpperCase());
    flags.set(code, { code, node, served: 0, hurt: 0, isDirty: true });
    $("flags").append(el("li", null, node));
  }
}

function showFlag(flag) {
  const { code, node, served, hurt } = flag;
  flag.isDirty = false;
  node.dataset.is = hurt ? "hurt" : served ? "served" : "never";
  node.title = code.toUpperCase() + ": " + (hurt || served ? "hurt " + hurt + ", served " + served : "never asked for");
}

// Buttons and keys

const press = (id, isPressed) => { $(id).ariaPressed = isPressed; };

function pause() {
  page.pausedAt = isPaused() ? -1 : ring.total;
  page.gone = 0;
  press("pause", isPaused());
  showRunning();
  if (!isPaused()) refill();
  showLink();
  say(isPaused() ? "Paused" : "Going on");
}

function toggleFilter() {
  page.isOn = !page.isOn;
  showRunning();
  press("filter-on", page.isOn);
  put("filter-on", page.isOn ? "Filter on" : "Filter off");
  refill();
}

function follow(follows) {
  waterfall.setFollow(follows);
  waterfall.draw();
}

/// What was chosen stays in this browser.
function theme(name) {
  localStorage.flagserverTheme = root.dataset.theme = name;
  put("theme", "Theme: " + name);
  page.isDirty = true;
}
const nextTheme = () => theme({ auto: "light", light: "dark", dark: "auto" }[root.dataset.theme]);

/// All of it in one file, which needs no server.
async function save() {
  const reply = await fetch("/", { headers: { Accept: "text/html" } }), html = await reply.text();
  const policy = reply.headers.get("Content-Security-Policy").replace(/frame-ancestors[^;]*; /, "");
  const run = { at: Date.now(), state: world.state, meters: world.meters, codes: [...flags.keys()], filter: $("filter").value,
    records: await journalLines("limit=" + SHOWN) };
  const head = '<meta http-equiv="Content-Security-Policy" content="' + policy + '">\n<' + 'script id="saved" type="application/json">'
    + JSON.stringify(run).replaceAll("<", "\\u003c") + "<" + "/script>\n<style>";
  const href = URL.createObjectURL(new Blob([html.replace("<style>", () => head)], { type: "text/html" }));
  el("a", { href, download: `flagserver-${page.seed}.html` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
  say(`Saved with ${count(run.records.length)} exchanges`);
}

const post = (path, words) => call("POST", path).then(() => say(words), (error) => say(error.message));
const help = () => $("keys").showModal();
const step = (by) => pick(waterfall.step(by));
const opened = (act) => async () => { if ($("details").hidden) await open(); details[act](); };

const KEYMAP = [
  ["/", "to the filter", () => $("filter").focus()], ["f", "filter on or off", toggleFilter],
  ["j", "next row", () => step(1)], ["k", "row before", () => step(-1)],
  ["PageDown", "a page on", () => step(waterfall.page)], ["PageUp", "a page back", () => step(-waterfall.page)],
  ["Home", "the oldest", () => step(-ROOM)], ["End", "the newest, and follow", () => { step(ROOM); follow(true); }],
  ["Enter", "its details", open], ["Escape", "close details", () => details.close()],
  ["c", "copy as curl", opened("curl")], ["r", "replay", opened("replay")],
  ["p", "pause or go on", pause], ["u", "undo the last change", undo], ["?", "these keys", help]];

function pressed(event) {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || (event.repeat && key === "r") || document.querySelector("dialog[open]")) return;
  if (target.matches("input, select") && key === "Escape") target.blur();
  // A slider has no use for letters.
  if (target.matches("input, select, .scroll") && !(target.type === "range" && !key[1]) || (key === "Enter" && target.matches("a, button, summary"))) return;
  const found = KEYMAP.find(([name]) => name === ({ ArrowDown: "j", ArrowUp: "k" }[target.id === "rows" && key] || key));
  if (!found) return;
  event.preventDefault();
  found[2]();
}

/// Once a second what need not be faster; nothing where nobody looks.
function second() {
  spark();
  if (document.hidden || !world.meters) return;
  waterfall.measure();
  if (!page.isDirty && !values(world.meters.proxies).some((m) => m.in_flight)) return;
  page.isDirty = false;
  showFlight(world.meters);
  showLatency(world.meters, page.filter.isAll || !page.isOn, view, probe);
  let served = 0, hurt = 0;
  for (const flag of flags.values()) {
    if (flag.isDirty) showFlag(flag);
    if (flag.hurt) hurt += 1; else if (flag.served) served += 1;
  }
  put("flags-now", `served ${served} ━, hurt ${hurt} ╍, never ${flags.size - served - hurt}`);
}

/// The private worlds, each with a page of its own.
async function showWorlds() {
  const all = await callJSON("/worlds");
  $("worlds").hidden = !all.length;
  $("worlds").replaceChildren("Worlds: ", ...all.slice(0, 20).flatMap((one) => [el("a", { href: one.urls.control }, short(one.name)), " "]));
}

async function learnTypes() {
  const all = await callJSON("/faults");
  for (const one of all) world.types.set(one.type, one);
  for (const id of ["streams", "messages"]) $(id).replaceChildren(...all.filter((one) => one[id]).map((one) => el("option", { value: one.type }, one.help)));
}

/// What the server has to be asked for once, when it lets us.
function learn() {
  fromHash();
  for (const one of [learnTypes, showWorlds]) one().catch(() => {});
}

function showSaved() {
  root.classList.add("saved");
  hear.state(saved.state);
  hear.meters(saved.meters);
  hear.records(saved.records.map(JSON.parse));
  hear.link("saved");
  setFilter(saved.filter);
}

function begin() {
  const on = (id, act, event = "click") => $(id).addEventListener(event, act);
  on("copy-seed", () => copy(page.seed, "The seed"));
  on("pause", pause);
  on("undo", undo);
  on("theme", nextTheme);
  on("help", help);
  on("filter", () => setFilter($("filter").value), "input");
  on("filter", () => suggest().catch(() => {}), "focus");
  on("filter-on", toggleFilter);
  on("follow", () => follow(!waterfall.follows));
  on("reset", () => { if (confirm("Reset everything?")) { forgetChanges(); post("/reset", "All is reset"); } });
  on("save", () => save().catch((error) => say(error.message)));
  on("flight-by", () => { page.isDirty = true; }, "change");
  on("peaks", () => post("/concurrency/reset", "Peaks cleared"));
  document.onkeydown = pressed;
  window.onhashchange = fromHash;
  $("presets").append(...entries(PRESETS).map(([name, value]) => button(name, () => setFilter(value))));
  $("networks").append(...keys(NETWORKS).map((value) => el("option", { value })));
  fillTable($("keys-table"), ["key", "does"], KEYMAP.map((one) => one.slice(0, 2)));
  const sample = (kind, letter, words) => el("span", null, el("span", { className: "seg " + kind }, letter), words);
  $("legend").append(sample("queue", "q", "queued"), sample("delay", "d", "held back by faults"), sample("send", "s", "waiting and sending"),
    ...values(OUTCOMES).map((words) => sample("hurt", words[0], words.slice(1))));
  theme(localStorage.flagserverTheme || "auto");
  setInterval(second, 1000);
  setInterval(() => { if (waterfall.running.length && !isPaused() && !document.hidden) waterfall.draw(); }, 250);
  // What is heard is counted by flag.
  showFlags().catch(() => {}).then(() => saved || new Wire().run());
  if (saved) return showSaved();
  learn();
  window.onfocus = () => showWorlds().catch(() => {});
}
begin();
