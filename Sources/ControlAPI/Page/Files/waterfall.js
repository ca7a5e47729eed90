// The rows that are in sight of all that the filter lets through, with where their time went.

const MOST_ROWS = 60;

/// Rows of the ring that the filter lets through, oldest first, without a list that is moved.
class View {
  constructor(ring) {
    this.ring = ring;
    this.rows = new Float64Array(ROOM);
    this.clear();
  }
  clear() { this.head = 0; this.tail = 0; }
  get size() { return this.tail - this.head; }
  at(index) { return this.rows[(this.head + index) % ROOM]; }
  add(row) {
    if (this.size === ROOM) this.head += 1;
    this.rows[this.tail % ROOM] = row;
    this.tail += 1;
  }
  /// Forgets rows before this one; returns how many.
  dropBefore(row) {
    const before = this.head;
    while (this.head < this.tail && this.rows[this.head % ROOM] < row) this.head += 1;
    return this.head - before;
  }
  /// Where a row is, or the next one behind it.
  indexOf(row) {
    let low = 0, high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle) < row) low = middle + 1; else high = middle;
    }
    return low;
  }
}

class Waterfall {
  selected = -1;
  follows = true;
  running = [];
  lines = [];
  row = new Row(ring);
  other = new Row(ring);
  box = $("rows");
  page = 3;
  height = 26;
  constructor() {
    this.box.onscroll = () => this.scrolled();
    new ResizeObserver(() => this.measure()).observe(this.box);
    $("body").onclick = (event) => {
      const row = +event.target.closest("tr").dataset.row;
      if (row < 0) return;
      this.select(row);
      open();
    };
  }

  /// With what is under way behind what is over.
  get size() { return view.size + this.running.length; }
  /// How tall rows are, and how many are in sight. Asked for seldom: it has all laid out.
  measure() {
    const { box } = this, room = box.clientHeight - box.querySelector("thead").offsetHeight;
    this.height = this.lines[0]?.node.offsetHeight || 26;
    this.page = max(3, min(MOST_ROWS, floor(room / this.height)));
    this.shown = -1;
    this.draw();
  }
  get top() {
    const last = max(0, this.size - this.page);
    return this.follows ? last : min(round(this.box.scrollTop / this.height), last);
  }

  scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.box, isEnd = scrollTop + clientHeight >= scrollHeight - this.height;
    if (this.follows && isEnd) return;
    // Not if it was us.
    if (!(Math.abs(scrollTop - this.expected) < 2)) this.setFollow(isEnd);
    this.expected = NaN;
    this.draw();
  }

  setFollow(follows) {
    this.follows = follows;
    this.shown = -1;
    press("follow", follows);
  }

  scrollTo(index) {
    this.expected = this.box.scrollTop = index * this.height;
  }

  /// Keeps what is in sight where it is when rows before it have gone.
  shift(gone) {
    if (gone && !this.follows) this.scrollTo(max(0, this.top - gone));
  }

  select(row) {
    this.selected = row;
    const index = view.indexOf(row), top = this.top;
    this.setFollow(index === view.size - 1);
    this.scrollTo(index < top || index >= top + this.page ? max(0, index - (this.page >> 1)) : top);
    this.draw();
  }

  /// The row that is so many away from the selected one.
  step(by) {
    const last = view.size - 1, index = (this.selected < 0 ? last + (by < 0) : view.indexOf(this.selected)) + by;
    return last < 0 ? -1 : view.at(max(0, min(last, index)));
  }

  draw() {
    const { page, size } = this;
    if (size !== this.shown) {
      this.shown = size;
      $("spacer").style.height = max(0, size - page + 1) * this.height + "px";
      if (this.follows) this.scrollTo(size);
    }
    const top = this.top, shown = min(page, size - top), over = max(0, min(shown, view.size - top));
    const span = this.span(top, over, shown > over);
    const tie = ring.has(this.selected) && this.row.at(this.selected).target ? ring.key(this.selected % ROOM) : "";
    while (this.lines.length < shown) this.lines.push(this.makeLine());
    this.lines.forEach((line, i) => {
      line.node.hidden = i >= shown;
      if (i < over) this.fill(line, this.row.at(view.at(top + i)), top + i, span, tie);
      else if (i < shown) this.fillRunning(line, this.running[top + i - view.size], span);
    });
    put("axis", shown ? clockTime(span.from) + " + " + duration(span.to - span.from) : "");
  }

  /// From the first beginning to the last end of what is in sight.
  span(top, over, isRunning) {
    let from = Infinity, to = isRunning ? serverNow() : -Infinity;
    for (let i = 0; i < over; i += 1) {
      const row = this.row.at(view.at(top + i));
      from = min(from, row.start);
      to = max(to, row.t);
    }
    // One that hangs for minutes does not make the others too small to be seen.
    if (!over) for (const { start } of this.running) from = min(from, start);
    return { from, to: max(to, from + 1) };
  }

  makeLine() {
    const cells = [..."1234567"].map(() => el("td"));
    const parts = ["queue", "delay", "send", "hurt"].map((kind) => el("span", { className: "seg " + kind }));
    cells[6].append(...parts);
    const node = el("tr", null, ...cells);
    $("body").append(node);
    return { node, cells, parts };
  }

  fill(line, row, index, span, tie) {
    const { node, cells } = line, shown = `${row.row} ${span.from} ${span.to}`;
    node.ariaCurrent = row.row === this.selected;
    node.classList.toggle("tied", tie !== "" && ring.key(row.slot) === tie);
    if (line.shown === shown) return;
    line.shown = shown;
    node.dataset.row = row.row;
    node.ariaRowIndex = index + 2;
    const words = outcomeWords(row), hurt = isHurt(row);
    [clockTime(row.t), row.proxy, requestOf(row), this.attempt(row),
      [row.status ?? "–", words].join(" "), duration(row.duration_ms)].forEach((text, i) => put(cells[i], visible(text)));
    cells[4].className = hurt ? "bad" : "";
    this.bars(line.parts, row, span, hurt ? words[0] : "");
  }

  /// One that is not over: its bar grows.
  fillRunning(line, running, span) {
    const { node, cells, parts } = line;
    node.ariaCurrent = false;
    node.classList.remove("tied");
    line.shown = "";
    node.dataset.row = -1;
    ["", running.proxy, requestOf(running), running.attempt ? "a" + running.attempt : "", running.waiting ? "waits for its place" : "under way",
      duration(max(0, serverNow() - running.start))].forEach((text, i) => put(cells[i], visible(text)));
    cells[4].className = "";
    const start = max(span.from, running.start), took = max(0, span.to - start);
    this.bars(parts, { start, queued_ms: running.waiting ? took : 0, actual_delay_ms: 0, duration_ms: took }, span, "…");
  }

  /// `a2 ↳ 1.01 s (Retry-After 1)`: the second attempt, so long after the first had ended.
  attempt(row) {
    return row.attempt === null ? "" : `a${row.attempt}${row.before < 0 ? "" : " ↳ " + retryWords(row, this.other.at(row.before))}`;
  }

  bars(parts, row, span, letter) {
    const scale = 100 / (span.to - span.from), queued = row.queued_ms, held = min(row.actual_delay_ms, row.duration_ms - queued);
    let from = (row.start - span.from) * scale;
    [queued, held, row.duration_ms - queued - held].forEach((length, i) => {
      const { style } = parts[i], wide = length * scale;
      style.display = length < 0.1 && i < 2 ? "none" : "";
      style.left = `min(${from.toFixed(2)}%, 100% - 3px)`;
      style.width = wide.toFixed(2) + "%";
      put(parts[i], wide > 4 ? "qds"[i] : "");
      from += wide;
    });
    parts[3].style.display = letter ? "" : "none";
    parts[3].style.left = `min(${from.toFixed(2)}%, 100% - 1rem)`;
    put(parts[3], letter);
  }
}
