// The control port: calls, and the stream of events with what stands in when there is none.

let token = "";
/// A run that was saved, in a page of which there is no server.
const saved = $("saved") && JSON.parse($("saved").textContent);
/// Records a second that are read; of more the server sends one in so many, and says so.
const MOST_RECORDS = 6000;

/// A call; throws an error with its `status` and in the server's own words.
async function call(method, path, body, signal) {
  if (saved) throw new Error("A saved run has no server.");
  const headers = token ? { Authorization: "Bearer " + token } : {};
  const reply = await fetch(path, { method, headers, signal, body: body && JSON.stringify(body) });
  if (reply.ok) return reply;
  let words = (await reply.text()).slice(0, 1000);
  try { words = JSON.parse(words).error; } catch { /* it is no JSON */ }
  throw Object.assign(new Error(words.trim()), { status: reply.status });
}
const callJSON = async (path) => (await call("GET", path)).json();

/// Records of the journal as it has them, each as text.
async function journalLines(query) {
  return (await (await call("GET", "/journal?" + query)).text()).split("\n").filter((line) => line.startsWith('{"seq":'));
}

/// Reads `/events` and starts again when it breaks; polls where there are none.
class Wire {
  cursor = 0;
  failures = 0;

  async run() {
    for (;;) {
      try {
        await this.listen();
      } catch (error) {
        await this.failed(error);
      }
      this.failures += 1;
      await sleep(min(500 * 2 ** this.failures, 8000));
    }
  }

  async listen() {
    const stop = new AbortController(), from = this.cursor ? "since=" + this.cursor : "last=" + SHOWN;
    const reply = await call("GET", `/events?max_rate=${MOST_RECORDS}&${from}`, null, stop.signal);
    this.failures = 0;
    hear.date(reply.headers.get("Date"));
    hear.link("live");
    let rest = "", heard = Date.now();
    // The server says something every 15 s.
    const watch = setInterval(() => { if (Date.now() - heard > 40000) stop.abort(); }, 10000);
    const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (let piece; !(piece = await reader.read()).done;) {
        heard = Date.now();
        rest = this.events(rest + piece.value);
      }
    } finally { clearInterval(watch); stop.abort(); }
  }

  async failed(error) {
    if (error.status === 401) { token = await hear.askToken(); return; }
    // It answers, but has no events for us.
    if (error.status) try { await this.poll(error.message); return; } catch { /* said below */ }
    hear.link("lost", error.message);
  }

  /// Takes whole events.
  events(text) {
    const all = text.split("\n\n"), rest = all.pop();
    for (const event of all) {
      const [, name, , id, data] = /^event: (\w+)\n(id: (\d+)\n)?data: (.*)$/.exec(event) || [];
      if (id) this.cursor = +id;
      if (name && hear[name]) hear[name](JSON.parse(data));
    }
    return rest;
  }

  /// Once a second, until it is time to try the events again.
  async poll(why) {
    for (let turn = 0; turn < 30; turn += 1) {
      hear.state({ proxies: await callJSON("/proxies") });
      hear.meters(await callJSON("/concurrency"));
      hear.running(await callJSON("/running"));
      hear.link("poll", why);
      const lines = await journalLines("since=" + this.cursor).catch(() => []), records = lines.map(JSON.parse);
      if (records.length) this.cursor = records.at(-1).seq;
      hear.records(records);
      await sleep(1000);
    }
  }
}
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
