// The filter: what `GET /journal?q=` takes, read here so that it costs no call. What it means in
// words, and what is wrong with it, the server says.

/// Kind and field of each key.
const KEYS = { fault: ["fault"], acted: ["acted"], mangled: ["mangled"], client: ["client"],
  path: ["path", "target"], target: ["text", "target"], label: ["text", "label"],
  delay: ["ms", "delay_ms"], actual_delay: ["ms", "actual_delay_ms"], queued: ["ms", "queued_ms"],
  duration: ["ms", "duration_ms"], bytes: ["bytes", "bytes_sent"], bytes_promised: ["bytes", "bytes_promised"], t: ["time", "t"] };
for (const name of ["proxy", "method", "via", "world", "end"]) KEYS[name] = ["list", name];
for (const name of ["refused", "status"]) KEYS[name] = [name, name];
for (const name of ["attempt", "in_flight", "seq", "conn", "exchange"]) KEYS[name] = ["number", name];
for (const key of values(KEYS)) if (["ms", "bytes"].includes(key[0])) KEYS[key[1]] = key;
KEYS.faults = KEYS.fault;
const UNITS = {
  ms: { us: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 36e5, "": 1 },
  bytes: { "": 1, b: 1, kb: 1e3, kib: 1024, mb: 1e6, mib: 1048576, gb: 1e9, gib: 1073741824 },
  number: { "": 1 },
};
const fail = () => { throw new Error("no filter"); };

/// Returns what the filter lets through, as a function of a record or a row.
/// Throws an error for what is none.
function readFilter(text) {
  const terms = readWords([...text]).map(readTerm);
  const asked = terms.flatMap((t) => (t.kind === "fault" && !t.not ? t.patterns : []));
  for (const term of terms) term.asked = asked;
  const holds = (row) => terms.every((t) => !t.test(row, t) === t.not);
  holds.isAll = !terms.length;
  return terms.length > 32 ? fail() : holds;
}

/// A value is its characters, and for each whether it was quoted.
function readWords(chars) {
  const words = [], isBlank = (c) => " \t\n\r".includes(c);
  for (let at = 0; ;) {
    while (at < chars.length && isBlank(chars[at])) at += 1;
    if (at >= chars.length) return words;
    let not = chars[at] === "-";
    if (not) at += 1;
    const [all, name, op] = /^([a-z_][\w-]*)(:|>=?|<=?|==?|!=)/i.exec(chars.slice(at, at + 99).join("")) || [""];
    const value = [];
    at += all.length;
    if (op === "!=") not = !not;
    for (let quoted = false; at < chars.length && (quoted || !isBlank(chars[at])); at += 1) {
      if (chars[at] === '"') quoted = !quoted;
      else {
        if (quoted && chars[at] === "\\" && at + 1 < chars.length) at += 1;
        value.push({ c: chars[at], quoted });
      }
      if (quoted && at + 1 >= chars.length) fail();
    }
    if (!value.length) fail();
    words.push({ name, not, op: "=!".includes(op?.[0]) ? ":" : op, value });
  }
}

const plain = (value) => value.map((v) => v.c).join("");
const isMark = (v, mark) => v.c === mark && !v.quoted;

/// What commas part.
function parts(value) {
  const all = [[]];
  for (const v of value) if (isMark(v, ",")) all.push([]); else all.at(-1).push(v);
  return all.length > 32 || all.some((part) => !part.length) ? fail() : all;
}

/// The bytes of a text, each as a character.
const asBytes = (text) => (/^[\0-\x7f]*$/.test(text) ? text : String.fromCharCode(...new TextEncoder().encode(text)));

/// Bytes, of which ANY is any run and ONE any one.
const ANY = -1, ONE = -2;
function pattern(value, isPath) {
  const all = value.flatMap((v) => (isMark(v, "*") ? [ANY] : isPath && isMark(v, "?") ? [ONE]
    : [...asBytes(v.c)].map((byte) => byte.charCodeAt(0))));
  return all.length > 256 ? fail() : all;
}

/// Whether a text is as a pattern says; only the last run is ever tried again.
function matches(all, text) {
  let p = 0, s = 0, run = -1, from = 0;
  while (s < text.length) {
    if (all[p] === ONE || all[p] === text.charCodeAt(s)) { p += 1; s += 1; }
    else if (all[p] === ANY) { run = p++; from = s; }
    else if (run >= 0) { p = run + 1; s = ++from; }
    else return false;
  }
  while (all[p] === ANY) p += 1;
  return p === all.length;
}
const anyMatches = (patterns, text) => patterns.some((p) => matches(p, asBytes(text)));

/// 16 bytes, IPv4 as it is in IPv6; nothing for what is no address.
function addressBytes(text) {
  const four = /^(.*:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (four) {
    const bytes = four.slice(2).map(Number);
    if (bytes.some((b) => b > 255)) return;
    text = (four[1] || "::ffff:") + [0, 2].map((i) => (bytes[i] * 256 + bytes[i + 1]).toString(16)).join(":");
  }
  const [left, right, more] = text.split("::").map((half) => (half ? half.split(":") : []));
  const missing = 8 - left.length - (right?.length || 0);
  if (more || (right ? missing < 1 : missing)) return;
  const groups = [...left, ...Array(missing).fill("0"), ...(right || [])];
  if (!groups.every((g) => /^[0-9a-f]{1,4}$/i.test(g))) return;
  return groups.flatMap((g) => [parseInt(g, 16) >> 8, parseInt(g, 16) & 255]);
}

function network(text) {
  const [, host, bits] = /^([^/]+)(?:\/(\d+))?$/.exec(text) || [], most = host?.includes(":") ? 128 : 32;
  const bytes = host && addressBytes(host);
  return !bytes || bits > most ? fail() : { bytes, bits: bits ? +bits + 128 - most : 128 };
}

const isWithin = ({ bytes, bits }, address) => bytes.every((byte, i) =>
  ((byte ^ address[i]) & (0xff00 >> max(0, min(8, bits - i * 8))) & 255) === 0);

function readTerm({ name, not, op, value }) {
  const text = plain(value), isAny = value.length === 1 && isMark(value[0], "*");
  if (!name) return { not, test: anyText, field: "target", patterns: [[ANY, ...pattern(value), ANY]] };
  const [kind, field] = Object.hasOwn(KEYS, name) ? KEYS[name] : fail();
  const term = { kind, field, not, op, text, test: TESTS[kind] || anyText };
  if (["number", "ms", "bytes", "time"].includes(kind) || (kind === "status" && (isAny || op !== ":"))) {
    return numberTerm(term, isAny && op === ":");
  }
  if (op !== ":") fail();
  const isTruth = ["acted", "mangled", "refused"].includes(kind) && ["true", "false"].includes(text);
  // "Is not false" is "is".
  if (isTruth) return { ...term, not: not !== (text === "false"), patterns: [[ANY]] };
  if (kind === "acted" || kind === "mangled") fail();
  if (kind === "status") term.classes = parts(value).map((v) => statusClass(plain(v)));
  else if (kind === "client") term.networks = isAny ? null : parts(value).map((v) => network(plain(v)));
  else term.patterns = (kind === "text" || kind === "path" ? [value] : parts(value)).map((v) => pattern(v, kind === "path"));
  return term;
}

function statusClass(text) {
  return text === "none" ? null : /^[1-5]xx$/i.test(text) ? -text[0] : /^([1-5]\d\d|1?\d|2[0-3])$/.test(text) ? +text : fail();
}

/// What there is not is like nothing.
const anyText = (row, t) => row[t.field] && anyMatches(t.patterns, t.kind === "path" ? row.target.split("?")[0] : row[t.field]);
const isLike = (patterns, fault) => anyMatches(patterns, fault.toxic) || anyMatches(patterns, fault.type);
const TESTS = {
  fault: (row, t) => row.faults.some((f) => isLike(t.patterns, f)),
  acted: (row, t) => row.faults.some((f) => f.acted && (!t.asked.length || isLike(t.asked, f))),
  mangled: (row) => row.mangled,
  status: (row, t) => t.classes.some((c) => (c < 0 ? floor(row.status / 100) === -c : row.status === c)),
  client: (row, t) => {
    if (!row.client || !t.networks) return row.client;
    const address = addressBytes(withoutPort(row.client).replace(/[[\]]/g, ""));
    return address && t.networks.some((n) => isWithin(n, address));
  },
};

/// The journal has whole tenths of a millisecond and whole microseconds.
function numberTerm(term, isAny) {
  const { field, kind, op } = term, scale = { ms: 10, time: 1000 }[kind] || 1;
  const valueIn = (row) => (row[field] === null ? null : round((field === "t" && row.t.slice ? parseTime(row.t) : row[field]) * scale));
  if (isAny) return { ...term, test: (row) => valueIn(row) !== null };
  const wanted = kind === "time" ? instant(term.text) : amount(term.text, kind, scale);
  return { ...term, test: (row) => {
    const value = valueIn(row);
    if (value === null) return false;
    return value === wanted ? !/^[<>]$/.test(op) : op[0] === (value < wanted ? "<" : ">");
  } };
}

function instant(text) {
  const [, whole, part, zone] = /^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(\.\d+)?(Z|[+ -]\d\d:\d\d)$/i.exec(text) || fail();
  const t = Date.parse(whole.replace(/[t ]/, "T") + zone.toUpperCase().replace(" ", "+"));
  return t === t ? t * 1000 + floor(((part || "") + "000000").slice(1, 7)) : fail();
}

function amount(text, kind, scale) {
  const [, digits, unit] = /^(\d+\.?\d*|\.\d+)([a-z]*)$/i.exec(text) || fail();
  const value = digits * (UNITS[kind] || UNITS.number)[unit.toLowerCase()] * scale, whole = round(value);
  if (Math.abs(value - whole) < 1e-6 * scale) return whole;
  return kind === "ms" && value > 0 ? value : fail();
}
