// The control port: calls, and the stream of events with what stands in when there is none.

let token = "";

/// A call; throws an error with its `status` and in the server's own words.
async function call(method, path, body, signal) {
  const headers = token ? { Authorization: "Bearer " + token } : {};
  const reply = await fetch(path, { method, headers, signal, body: body && JSON.stringify(body) });
  if (reply.ok) return reply;
  let words = (await reply.text()).slice(0, 1000);
  try { words = JSON.parse(words).error; } catch { /* it is no JSON */ }
  throw Object.assign(new Error(words.trim()), { status: reply.status });
}
const callJSON = async (path) => (await call("GET", path)).json();

/// Reads a text as it comes, until `take` has had enough; it returns what it leaves.
async function readText(path, onReply, take) {
  const stop = new AbortController(), reply = await call("GET", path, undefined, stop.signal);
  onReply(reply);
  let rest = "", heard = Date.now();
  // The server says something every 15 s.
  const watch = setInterval(() => { if (Date.now() - heard > 40000) stop.abort(); }, 10000);
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let piece; rest !== null && !(piece = await reader.read()).done;) {
      heard = Date.now();
      rest = take(rest + piece.value);
    }
  } finally { clearInterval(watch); stop.abort(); }
}

/// One record as the journal has it, as text; undefined if the ring has it no more.
async function recordText(seq) {
  let line;
  await readText("/journal?since=" + (seq - 1), () => {}, (text) => {
    if (!text.includes("\n")) return text;
    line = text.split("\n")[0];
    return null;
  });
  return line?.startsWith('{"seq":' + seq + ",") ? line : undefined;
}

/// The number `seed`, which may be larger than those that JSON has here.
const seedIn = (text) => /"seed":(\d+)/.exec(text)?.[1];

/// Reads `/events` and starts again when it breaks; polls where there are none.
class Wire {
  cursor = 0;
  failures = 0;
  constructor(hear) { this.hear = hear; }

  async run() {
    for (;;) {
      try {
        await readText("/events?since=" + this.cursor, (reply) => this.opened(reply), (text) => this.events(text));
      } catch (error) {
        await this.failed(error);
      }
      this.failures += 1;
      await sleep(Math.min(500 * 2 ** this.failures, 8000));
    }
  }

  opened(reply) {
    this.failures = 0;
    this.hear.date(reply.headers.get("Date"));
    this.hear.link("live");
  }

  async failed(error) {
    if (error.status === 401) { token = await this.hear.askToken(); return; }
    // It answers, but has no events for us.
    if (error.status) try { await this.poll(error.message); return; } catch { /* said below */ }
    this.hear.link("lost", error.message);
  }

  /// Takes whole events.
  events(text) {
    const all = text.split("\n\n"), rest = all.pop();
    for (const event of all) {
      const [, name, , id, data] = /^event: (\w+)\n(id: (\d+)\n)?data: (.*)$/.exec(event) || [];
      if (id) this.cursor = Number(id);
      if (name === "state") this.hear.state(JSON.parse(data), seedIn(data));
      else if (name && this.hear[name]) this.hear[name](JSON.parse(data));
    }
    return rest;
  }

  /// Once a second, until it is time to try the events again.
  async poll(why) {
    for (let turn = 0; turn < 30; turn += 1) {
      this.hear.state({ proxies: await callJSON("/proxies") });
      this.hear.meters(await callJSON("/concurrency"));
      this.hear.link("poll", why);
      const text = await call("GET", "/journal?since=" + this.cursor).then((reply) => reply.text(), () => "");
      const records = text.split("\n").filter((line) => line.startsWith('{"seq"')).map((line) => JSON.parse(line));
      if (records.length) this.cursor = records[records.length - 1].seq;
      this.hear.records(records);
      await sleep(1000);
    }
  }
}
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
