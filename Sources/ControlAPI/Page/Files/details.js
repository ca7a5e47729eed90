// One exchange in words, and what makes it happen again.

const ENDS = { keep: "the connection goes on", timeout: "the client took nothing", upgraded: "a tunnel", error: "see the log" };
/// `client-rst`: the client reset.
const endWords = (end) => ENDS[end] || end.replace(/^(client|backend)-/, "the $1 ").replace(/^[fr]/, "we $&")
  .replace("fin", "closed").replace("rst", "reset").replace("malformed", "sent nonsense");
const requestOf = (r) => (!r.target ? "not understood" : !r.method || r.target.startsWith(r.method + " ") ? r.target : `${r.method} ${r.target}`);

/// What an injected answer said, in seconds; 0 if it said nothing.
function retryAfter(row) {
  const acted = [429, 503].includes(row.status) ? row.faults.find((f) => f.acted && f.type === "respond") : undefined;
  const toxic = acted && world.state?.proxies[row.proxy]?.toxics.find((t) => t.name === acted.toxic);
  return ceil((toxic?.attributes.retry_after ?? 0) / 1000);
}
function retryWords(row, before) {
  const asked = retryAfter(before);
  return duration(max(0, row.start - before.t)) + (asked ? ` (Retry-After ${asked})` : "");
}

class Details {
  record = null;
  asked = 0;

  async show(row) {
    this.tied = this.ties(row);
    const { seq } = row, word = outcomeWords(row), asked = ++this.asked;
    this.record = null;
    $("details").hidden = false;
    const title = `Exchange ${count(seq)}: ${word}`;
    put("h-details", title);
    let nodes;
    try {
      const [text] = saved ? saved.records.filter((line) => JSON.parse(line).seq === seq) : await journalLines("q=seq:" + seq);
      if (asked !== this.asked) return;
      this.record = JSON.parse(text);
      nodes = this.nodes(this.record);
    } catch (error) {
      nodes = [error.status ? error.message : "Forgotten: --ring N keeps more."];
    }
    $("facts").replaceChildren(...nodes, button("Close details", () => this.close()));
    reveal("details");
    say(title);
  }

  /// What came before and after it at the same target.
  ties(row) {
    const words = [], other = new Row(ring), { row: number, before } = row;
    if (before >= 0) words.push(["before", `attempt ${other.at(before).attempt}: ${other.status ?? "no status"}, ${outcomeWords(other)}; this one came after ${retryWords(row, other)}`]);
    for (let next = number + 1; next < ring.total; next += 1) {
      if (other.at(next).before !== number) continue;
      return [...words, ["then", `asked again after ${retryWords(other, row)}: attempt ${other.attempt}, ${other.status ?? "no status"}`]];
    }
    if (isHurt(row)) words.push(["then", "not asked again so far"]);
    return words;
  }

  /// The server asks again, and shows what came.
  async replay() {
    const r = this.record;
    if (!r) return;
    // Another exchange may be shown when it has come.
    const made = $("made"), tell = (text) => { if (made.isConnected) this.tell(text); };
    tell("Asking again …");
    try {
      const a = await (await call("POST", "/replay", { seq: r.seq })).json();
      tell([`${a.status ?? "No status"} ${a.reason ?? ""}`, `${count(a.content_bytes)} bytes of ${a.content_length === null ? "unknown" : count(a.content_length)}, ${duration(a.duration_ms)}, end: ${a.ending}`
        + (a.seq ? `, exchange ${count(a.seq)}` : ""), a.problem ?? "", ...a.fields.map((field) => field.join(": ")), ...(a.text ? ["", ...a.text.split("\n")] : [])].map(visible).join("\n"));
      say("Answered: " + (a.status ?? a.ending));
    } catch (error) {
      tell(error.message);
      say(error.message);
    }
  }

  tell(text) {
    put("made", text);
    reveal("made");
  }

  close() {
    this.asked += 1;
    $("details").hidden = true;
    $("rows").focus();
  }

  nodes(r) {
    const facts = this.facts(r).filter(([, text]) => text !== null);
    const buttons = r.target?.startsWith("/") ? [button("Copy as curl (c)", () => this.curl())] : [];
    if (r.faults.length) buttons.push(button("Copy as toxic", () => this.toxic()));
    if (r.attempt && r.target) buttons.push(button("Copy draw command", () => this.draw()));
    if (/^(GET|HEAD)$/.test(r.method) && r.target && !saved) buttons.push(button("Replay (r)", () => this.replay()));
    return [el("dl", null, ...facts.map(([name, text]) => el("div", null, el("dt", null, visible(name)), el("dd", null, visible(text))))),
      ...buttons, el("pre", { id: "made", hidden: true })];
  }

  facts(r) {
    const spare = max(0, r.duration_ms - r.queued_ms - r.actual_delay_ms).toFixed(1);
    return [
      ["ended", r.t], ["server", r.proxy], ["client", r.client], ["connection", `${r.conn}, exchange ${r.exchange} on it`],
      ["request", requestOf(r)], ["attempt", r.attempt], ...this.tied, ["status", r.status ?? "none"], ["refused by", r.refused],
      ["bytes", count(r.bytes_sent) + " of " + (r.bytes_promised === null ? "unknown" : count(r.bytes_promised))],
      ["took", `${r.duration_ms} ms: queued ${r.queued_ms}, held back ${r.actual_delay_ms} (drawn ${r.delay_ms}), the rest ${spare}`],
      ["in flight", r.in_flight], ["via", r.via], ["world", r.world], ["label", r.label], ["mangled", r.mangled ? "yes" : null],
      ["end", `${r.end}: ${endWords(r.end)}`],
      ...r.faults.map((f) => [f.toxic, [f.type, f.draw === null ? "by order of arrival" : "drew " + f.draw + (f.draw < f.toxicity ? " < " : " ≥ ") + f.toxicity,
        f.status && "status " + f.status, f.delay_ms && f.delay_ms + " ms", f.acted ? "has acted" : "has not acted"].filter(Boolean).join(", ")])];
  }

  // To be copied

  made(words, what) {
    const text = words.map((line) => line.map(shellWord).join(" ")).join("\n");
    this.tell(visible(text).replaceAll("\\u000a", "\n"));
    copy(text, what);
  }

  curl() {
    const r = this.record;
    if (!r?.target?.startsWith("/")) return;
    const method = r.method === "GET" ? [] : r.method === "HEAD" ? ["-I"] : ["-X", r.method];
    const label = r.label ? ["-H", "X-Flagserver-Label: " + r.label] : [];
    this.made([["curl", "-ig", "--path-as-is", ...method, ...label, `http://${authority(r.proxy)}${r.target}`]], "The curl command");
  }

  /// The faults that acted, so that they strike just this request again.
  toxic() {
    const r = this.record, known = world.state.proxies[r.proxy]?.toxics || [];
    this.made(r.faults.filter((f) => f.acted).map((f) => {
      const toxic = known.find((t) => t.name === f.toxic) || f;
      const once = { name: `${f.toxic}_${r.seq}`, type: f.type, stream: toxic.stream, attributes: f.status ? { [f.status]: 1 } : toxic.attributes, toxicity: 1,
        exchanges: `${r.attempt}...${r.attempt}`, match: { path: r.target?.split("?")[0] } };
      return ["curl", "-s", location.origin + proxyPath(r.proxy, "toxics"), "-d", JSON.stringify(once)];
    }), "The toxic");
  }

  draw() {
    const r = this.record;
    this.made([["flagserver", "draw", r.proxy, "--seed", page.seed, "--target", r.target, "-n", r.attempt]], "The draw command");
  }
}

/// Where a server is for whoever reads this page.
function authority(name) {
  const [, host, port] = /^(.*):(\d+)$/.exec(world.state?.proxies[name]?.listen) || ["", "localhost", "8001"];
  return `${/^(127\.0\.0\.1|\[::1?\]|0\.0\.0\.0|)$/.test(host) ? location.hostname : host}:${port}`;
}
