// The last exchanges in typed columns: what they take does not depend on how many there were.

/// More than are shown, so that a pause has room before it costs rows.
const SHOWN = 10000, ROOM = 16384, LONGEST_TEXT = 1000;
const split = (text) => text.split(" ");
const TEXTS = split("proxy method target client label end refused via world faults");
const NUMBERS = split("seq t duration_ms queued_ms delay_ms actual_delay_ms bytes_promised bytes_sent in_flight conn exchange attempt status mangled");

/// Each text once, for as long as a row has it. 0 is null.
class Names {
  ids = new Map();
  values = [null];
  keys = [""];
  uses = [1];
  free = [];

  add(key, value) {
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.free.pop() ?? this.values.length;
      this.ids.set(key, id);
      this.values[id] = value;
      this.keys[id] = key;
      this.uses[id] = 0;
    }
    this.uses[id] += 1;
    return id;
  }

  release(id) {
    if (id === 0 || --this.uses[id] > 0) return;
    this.ids.delete(this.keys[id]);
    this.values[id] = this.keys[id] = null;
    this.free.push(id);
  }
}

class Ring {
  constructor() { this.clear(); }

  clear() {
    this.total = 0;
    const each = (names, make) => fromEntries(names.map((name) => [name, make()]));
    this.columns = each(NUMBERS, () => new Float64Array(ROOM));
    this.ids = each(TEXTS, () => new Uint32Array(ROOM));
    this.names = each(TEXTS, () => new Names());
    /// The row of the attempt before, or -1, and the last row at each target.
    this.before = new Float64Array(ROOM);
    this.last = new Map();
  }

  get first() { return max(0, this.total - ROOM); }
  has(row) { return row >= this.first && row < this.total; }
  key(slot) { return `${this.ids.proxy[slot]} ${this.ids.target[slot]}`; }

  /// Takes a record of the journal; returns its row, a number that never comes again.
  push(record) {
    const row = this.total++, slot = row % ROOM;
    if (row >= ROOM) this.drop(row - ROOM, slot);
    for (const name of NUMBERS) {
      const value = record[name];
      this.columns[name][slot] = name === "t" ? parseTime(value) : value === null ? NaN : +value;
    }
    for (const name of TEXTS) this.ids[name][slot] = this.intern(name, record[name]);
    this.before[slot] = -1;
    if (record.attempt !== null) this.tie(row, slot, record.attempt);
    return row;
  }

  drop(row, slot) {
    const key = this.key(slot);
    if (this.last.get(key) === row) this.last.delete(key);
    for (const name of TEXTS) this.names[name].release(this.ids[name][slot]);
  }

  intern(name, value) {
    if (value === null || value === undefined || value.length === 0) return 0;
    if (name === "faults") {
      const facts = value.slice(0, 32).map(({ toxic, type, acted }) => ({ toxic, type, acted }));
      return this.names.faults.add(JSON.stringify(facts), facts);
    }
    let text = name === "client" ? withoutPort(value) : value;
    // A part of a text would keep the whole.
    if (text.length > LONGEST_TEXT) text = JSON.parse(JSON.stringify(text.slice(0, LONGEST_TEXT)));
    return this.names[name].add(text, text);
  }

  /// Finds the attempt before this one at the same target.
  tie(row, slot, attempt) {
    const key = this.key(slot), earlier = this.last.get(key);
    if (this.has(earlier) && this.columns.attempt[earlier % ROOM] === attempt - 1) this.before[slot] = earlier;
    this.last.set(key, row);
  }
}

const withoutPort = (address) => address.replace(/:\d+$/, "");

/// Milliseconds since 1970, with microseconds as its fraction.
const parseTime = (text) => Date.parse(text) + text.slice(23, 26) / 1000;

/// A row of the ring with the names of the journal, made once and moved.
class Row {
  constructor(ring) { this.ring = ring; this.at(0); }
  at(row) { this.row = row; this.slot = row % ROOM; return this; }
  get start() { return this.t - this.duration_ms; }
  get before() {
    const row = this.ring.before[this.slot];
    return this.ring.has(row) ? row : -1;
  }
}
const getter = (name, get) => Object.defineProperty(Row.prototype, name, { get });
for (const name of NUMBERS) {
  getter(name, function () { const value = this.ring.columns[name][this.slot]; return value === value ? value : null; });
}
for (const name of TEXTS) {
  getter(name, function () { return this.ring.names[name].values[this.ring.ids[name][this.slot]] ?? (name === "faults" ? [] : null); });
}

/// What became of an exchange: a letter and a word, which tell it without any colour. What was hurt
/// comes first.
const OUTCOMES = { limit: "L over a limit", error: "E injected error", reset: "X reset", cut: "C cut off", mangled: "M mangled",
  timeout: "T took nothing", gave: "G client left", backend: "B backend failed", broken: "! our mistake" };
const HONEST = { wrong: "N honest error", delayed: "D delayed", fine: "fine" };

function outcome(row) {
  const { end, status } = row, known = { error: "broken", rst: "reset", timeout: "timeout" }[end];
  // A delay explains no error.
  const hasActed = row.faults.some((f) => f.acted && !/^(latency|bandwidth|sl)/.test(f.type));
  const isShort = row.bytes_sent < row.bytes_promised && row.method !== "HEAD" && status !== 304;
  if (row.refused) return "limit";
  if (known) return known;
  if (end.startsWith("backend-")) return "backend";
  if (row.mangled) return "mangled";
  if (end.startsWith("client-") && (status === null || isShort)) return "gave";
  if (isShort || end === "fin" && status === null && hasActed) return "cut";
  // Below 100 they are of names: only 0 is good.
  if (status >= 400 || status && status < 100 || row.faults.some((f) => f.acted && f.type === "respond")) return hasActed ? "error" : "wrong";
  return row.actual_delay_ms >= 1 ? "delayed" : "fine";
}
const isHurt = (row) => outcome(row) in OUTCOMES;
const outcomeWords = (row) => OUTCOMES[outcome(row)] || HONEST[outcome(row)];
