// A card for each server: what it did, what it is set to, and changes, each of which can be undone.

const MOST_CARDS = 12, MOST_UNDO = 50, SPARKS = 32;
const LIMITS = split("max_concurrency max_concurrency_per_client over_limit rate max_connections");
/// Milliseconds for each answer, and kB a second.
const NETWORKS = { "Slow 3G": [400, 50], "Slow 4G": [150, 180], "Fast 4G": [60, 1012], Edge: [400, 30],
  "3G": [100, 97], LTE: [50, 6250], DSL: [5, 250], "Wi-Fi": [1, 5000], "Very bad": [500, 125] };
const world = { types: new Map(), state: null, meters: null, undo: [], cards: new Map() };
const proxyPath = (name, ...rest) => ["/proxies", ...[name, ...rest].map(encodeURIComponent)].join("/");
const toxicPath = ({ name }, ...rest) => proxyPath(name, "toxics", ...rest);

/// Sends calls, says what became of them, and keeps those that lead back.
async function change(name, what, calls, back) {
  const card = world.cards.get(name);
  let words = `applied ${hour(Date.now())}: ${what}`, done = 0;
  try {
    for (; done < calls.length; done += 1) await call(...calls[done]);
  } catch (error) {
    words = (done ? "half" : "not") + " applied: " + error.message;
    // The fields say what is not so.
    if (card) card.signature = "";
    showState(world.state);
  }
  if (back && done) world.undo.push({ name, what, back: back.slice(0, done) });
  if (world.undo.length > MOST_UNDO) world.undo.shift();
  if (card) put(card.applied, visible(words));
  say(visible(words));
  showUndo();
}

function showUndo() {
  const last = world.undo.at(-1);
  $("undo").disabled = !last;
  put("undo", last ? "Undo: " + short(last.what) : "Undo");
}

/// They would lead back to what is no more.
function forgetChanges() {
  world.undo = [];
  showUndo();
}

function undo() {
  const last = world.undo.pop();
  if (last) change(last.name, "undone: " + last.what, last.back);
}

/// Changes toxics, or makes those that there are not: `{type, stream, toxicity, attributes}`; `name`
/// is one that there is.
function setToxics(proxy, what, wanted) {
  const calls = [], back = [];
  for (const { name, ...toxic } of wanted) {
    const old = proxy.toxics.find((t) => (name ? t.name === name : t.type === toxic.type && t.stream === toxic.stream));
    if (old) {
      const path = toxicPath(proxy, old.name), before = { toxicity: old.toxicity };
      const { type, stream, ...now } = toxic;
      if (now.attributes) before.attributes = fromEntries(keys(now.attributes).map((key) => [key, old.attributes[key] ?? 0]));
      calls.push(["PATCH", path, now]);
      back.push(["PATCH", path, before]);
    } else {
      const made = { name: `${toxic.type}_${toxic.stream}`, ...toxic };
      calls.push(["POST", toxicPath(proxy), made]);
      back.push(["DELETE", toxicPath(proxy, made.name)]);
    }
  }
  return change(proxy.name, what, calls, back);
}

const named = (toxic) => toxic && { name: toxic.name };
const find = (proxy, type) => proxy.toxics.find((t) => t.type === type);
const newToxic = (type) => (type === "respond" ? { type, stream: "upstream", toxicity: 1, attributes: { 503: 1 } } : { type, stream: world.types.get(type)?.stream || "downstream" });
const setDelay = (proxy, ms) => setToxics(proxy, `delay of ${proxy.name} ${duration(ms)}`,
  [{ ...newToxic("latency"), ...named(find(proxy, "latency")), attributes: { latency: ms } }]);
const setErrors = (proxy, share) => setToxics(proxy, `errors of ${proxy.name} ${percent(share)}`,
  [{ ...(named(find(proxy, "respond")) ?? newToxic("respond")), toxicity: share }]);
const setNetwork = (proxy, name) => setToxics(proxy, `${proxy.name} is like ${name}`,
  [{ ...newToxic("latency"), toxicity: 1, attributes: { latency: NETWORKS[name][0] } },
    { ...newToxic("bandwidth"), toxicity: 1, attributes: { rate: NETWORKS[name][1] } }]);
function addToxic(proxy, toxic) {
  const first = world.types.get(toxic.type)?.name ?? toxic.type;
  let name = first;
  for (let n = 2; proxy.toxics.some((t) => t.name === name); n += 1) name = first + n;
  return change(proxy.name, `${name} of ${proxy.name} added`,
    [["POST", toxicPath(proxy), { ...toxic, name }]], [["DELETE", toxicPath(proxy, name)]]);
}
const removeToxic = (proxy, toxic) => change(proxy.name, `${toxic.name} of ${proxy.name} removed`,
  [["DELETE", toxicPath(proxy, toxic.name)]], [["POST", toxicPath(proxy), toxic]]);
const setProxy = (proxy, key, value) => change(proxy.name, key.replaceAll("_", " ") + " of " + proxy.name + " " + (value ?? "none"),
  [["PATCH", proxyPath(proxy.name), { [key]: value }]], [["PATCH", proxyPath(proxy.name), { [key]: proxy[key] ?? null }]]);

// What is shown

function makeCard(name) {
  const card = { name, signature: "", fields: new Map(), rates: Array(SPARKS).fill(0), place: el("small"), counts: el("p"),
    counted: el("p"), spark: el("p", { className: "spark", ariaHidden: true }), flight: el("p"), controls: el("div", { className: "online" }), applied: el("p") };
  card.node = el("article", { className: "card", ariaLabel: "Server " + short(name) }, el("h3", null, el("bdi", null, short(name)), " ", card.place),
    card.counts, card.counted, card.spark, card.flight, card.controls, card.applied);
  return card;
}

/// The flag servers in their order, then the others; not more than can be looked at.
function shownNames(proxies) {
  const order = ["fault", "chaos", "error", "delay", "local"], all = keys(proxies);
  put("servers-shown", all.length > MOST_CARDS ? `the first ${MOST_CARDS} of ${count(all.length)}` : "");
  return all.sort((a, b) => order.indexOf(b) - order.indexOf(a)).slice(0, MOST_CARDS);
}

function showState(state) {
  world.state = state;
  const names = shownNames(state.proxies), box = $("cards");
  for (const [name, card] of world.cards) if (!names.includes(name)) { card.node.remove(); world.cards.delete(name); }
  names.forEach((name, i) => {
    const card = world.cards.get(name) || makeCard(name);
    world.cards.set(name, card);
    if (box.children[i] !== card.node) box.insertBefore(card.node, box.children[i] || null);
    showProxy(card, state.proxies[name]);
  });
  if (world.meters) showMeters(world.meters);
}

function showProxy(card, proxy) {
  card.proxy = proxy;
  card.node.classList.toggle("off", !proxy.enabled);
  put(card.place, short(proxy.listen) + (proxy.upstream === "flags" ? "" : " → " + short(proxy.upstream)) + (proxy.enabled ? "" : ", disabled"));
  const signature = JSON.stringify([proxy.enabled, proxy.protocol, proxy.behavior, proxy.toxics.map((t) => [t.name, t.type, keys(t.attributes)])]);
  if (signature !== card.signature) {
    const focused = [...card.fields].find(([, field]) => field.input === document.activeElement);
    card.signature = signature;
    card.fields.clear();
    card.controls.replaceChildren(...controls(card, proxy));
    const again = card.fields.get(focused?.[0])?.input;
    // What is being typed is not lost by what others change.
    if (again) { again.value = focused[1].input.value; again.focus(); }
  }
  for (const field of card.fields.values()) if (field.input !== document.activeElement || field.isSlider) field.show(proxy);
}

function controls(card, proxy) {
  const { behavior, protocol } = proxy, isNames = protocol === "dns";
  card.more = el("details", { open: card.more?.open }, el("summary", null, `Toxics (${proxy.toxics.length}), limits`),
    ...proxy.toxics.map((t) => toxicFields(card, t)),
    el("div", null,
      choice(card, "Add toxic", isNames ? "messages" : "streams", (type) => addToxic(card.proxy, newToxic(type))),
      isNames ? "" : choice(card, "Be like", "networks", (name) => (NETWORKS[name] ? setNetwork(card.proxy, name) : put(card.applied, "not applied: there is no " + short(name)))),
      ...LIMITS.map((key) => field(card, key, key.replaceAll("_", " "), (p) => p[key],
        (text) => setProxy(card.proxy, key, text === "" ? null : key === "over_limit" ? text : +text), key === "over_limit"))),
    enabling(card, proxy));
  return [behavior ? el("p", null, "behaviour: " + visible(behavior))
    : slide(card, "Delay", 5000, (p) => find(p, "latency")?.attributes.latency ?? 0, duration, (value) => setDelay(card.proxy, value)),
  behavior || !protocol || isNames ? ""
    : slide(card, "Error rate", 100, (p) => (find(p, "respond")?.toxicity ?? 0) * 100, (value) => percent(value / 100), (value) => setErrors(card.proxy, value / 100)),
  card.more];
}

/// A slider, saved when it is let go.
function slide(card, label, most, value, words, save) {
  const output = el("output");
  const input = el("input", { type: "range", min: 0, max: most, step: "any", ariaLabel: `${label} of ${short(card.name)}`,
    oninput: () => show(round(input.value)), onchange: () => save(round(input.value)) });
  const show = (now) => { put(output, words(now)); input.ariaValueText = words(now); };
  card.fields.set(label, { input, isSlider: true, show: (proxy) => {
    const now = value(proxy);
    input.max = max(most, now);
    input.value = now;
    show(now);
  } });
  return el("div", { className: "slide" }, el("span", null, label), input, output);
}

/// A field, saved when it is left or at Enter, unless it has no number: no limit is one that is empty.
function field(card, key, label, value, save, isText) {
  const input = el("input", { type: isText ? "text" : "number", step: "any", required: isText === undefined,
    onchange: () => input.reportValidity() && save(input.value) });
  card.fields.set(key, { input, show: (proxy) => { input.value = value(proxy) ?? ""; } });
  return el("label", null, label, input);
}

function toxicFields(card, toxic) {
  const { name, type, stream, toxicity, attributes, ...more } = toxic, now = (p) => p.toxics.find((t) => t.name === name);
  const set = (body, what) => setToxics(card.proxy, `${name} of ${card.name}: ${what}`, [{ name, ...body }]);
  return el("fieldset", null, el("legend", null, `${short(name)} (${type}, ${stream})`),
    field(card, name + "%", "toxicity %", (p) => +(now(p)?.toxicity * 100).toFixed(4), (text) => set({ toxicity: text / 100 }, text + " %")),
    ...keys(attributes).slice(0, 40).map((key) => field(card, `${name}.${key}`, key, (p) => now(p)?.attributes[key],
      (text) => set({ attributes: { [key]: +text } }, `${key} ${text}`))),
    el("p", null, keys(more).length ? visible(JSON.stringify(more)) : ""), button("Remove " + short(name), () => removeToxic(card.proxy, now(card.proxy))));
}

/// One of a list, sent when it is left or at Enter. A select would send all that keys pass by.
function choice(card, label, list, act) {
  const input = el("input", { onchange: () => {
    const { value } = input;
    input.value = "";
    if (value) act(value);
  } });
  input.setAttribute("list", list);
  card.fields.set(list, { input, show() {} });
  return el("label", null, label, input);
}

/// Closing all connections is asked for once more.
const enabling = (card, { enabled, name }) => button(enabled ? "Disable" : "Enable", () => {
  if (!enabled || confirm(`Close all connections of ${short(name)}?`)) setProxy(card.proxy, "enabled", !enabled);
});

// Meters

function showMeters(meters) {
  const more = (n, words) => (n ? ", " + count(n) + words : "");
  world.meters = meters;
  for (const card of world.cards.values()) {
    const m = meters.proxies[card.name];
    if (!m) continue;
    card.requests = m.requests;
    put(card.counts, count(m.requests) + " request" + (m.requests === 1 ? ", " : "s, ") + count(m.errors) + " injected errors" + (m.requests ? " (" + percent(m.errors / m.requests) + ")" : "")
      + more(m.refused, " refused") + more(m.gave_up, " gave up"));
    const each = (counts) => entries(counts || {}).slice(0, 12).map(([name, many]) => name + " × " + count(many)).join(", ");
    put(card.counted, visible([each(m.statuses), each(m.faults)].filter(Boolean).join(" · ")));
    const rate = card.rates[SPARKS - 1];
    put(card.flight, "in flight " + count(m.in_flight) + ", peak " + count(m.peak) + ", limit " + (m.limit ?? "none")
      + (m.queued ? ", queued " + count(m.queued) : "") + more(rate, "/s"));
  }
}

/// Once a second: how many requests came in it.
function spark() {
  for (const card of world.cards.values()) {
    card.rates.push(max(0, card.requests - (card.last ?? card.requests)) || 0);
    card.rates.shift();
    card.last = card.requests;
    const top = max(1, ...card.rates);
    put(card.spark, card.rates.map((rate) => "▁▂▃▄▅▆▇█"[floor(7 * rate / top)]).join(""));
  }
  if (world.meters) showMeters(world.meters);
}
