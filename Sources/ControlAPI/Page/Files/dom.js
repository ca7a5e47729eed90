"use strict";
// Elements, texts from the wire, words for quantities, copying, and the one live region.

const $ = (id) => document.getElementById(id);
const { entries, keys, values, fromEntries } = Object, { max, min, floor, ceil, round } = Math;

/// An element with properties, `onclick` and `ariaLabel` too.
function el(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}
const button = (words, act) => el("button", { type: "button", onclick: act }, words);

/// Writes only what changes, so that nothing is laid out again for nothing; into a node, or that of an id.
function put(where, text) {
  const node = where.nodeType ? where : $(where);
  if (node.textContent !== text) node.textContent = text;
}

/// Shows it, and scrolls no further than it takes.
function reveal(id) {
  $(id).hidden = false;
  $(id).scrollIntoView({ block: "nearest" });
}

/// Text from the wire: characters that would hide or turn what stands beside them are spelled out.
const HIDDEN = /[\0-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const visible = (text) => String(text).replace(HIDDEN, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
/// At most 60 characters of it.
const short = (text) => visible(text.length > 60 ? text.slice(0, 60) + "…" : text);

/// 14:02:01.120
const clockTime = (t) => `${new Date(t).toTimeString().slice(0, 8)}.${String(floor(t % 1000)).padStart(3, "0")}`;
const hour = (t) => clockTime(t).slice(0, 8);

/// A time in milliseconds: `0.41 ms`, `12 ms`, `1.01 s`.
function duration(ms) {
  if (ms < 999.5) return (ms < 10 ? +ms.toFixed(ms < 1 ? 2 : 1) : round(ms)) + " ms";
  return (ms / 1000).toFixed(ms < 99500 ? 2 : 0) + " s";
}

/// 1 204
const count = (n) => String(round(n)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
const percent = (share) => +(share * 100).toFixed(2) + " %";

/// Says something, in the corner and to people who do not see it, once in 2 s: what came last.
const speech = { text: "", timer: 0 };
function say(text) {
  speech.text = text;
  if (speech.timer) return;
  put("live", text);
  speech.timer = setTimeout(() => {
    speech.timer = 0;
    if (speech.text !== $("live").textContent) say(speech.text);
  }, 2000);
}

/// Also where there is no clipboard: pages over plain HTTP have none.
async function copy(text, what) {
  let done = true;
  try { await navigator.clipboard.writeText(text); } catch {
    const focused = document.activeElement, field = el("textarea", { value: text });
    document.body.append(field);
    field.select();
    done = document.execCommand("copy");
    field.remove();
    focused.focus({ preventScroll: true });
  }
  say(what + (done ? " copied" : " cannot be copied here: " + text));
}

/// A word of a shell. What comes from the wire has no control characters, and JSON spells them out.
const shellWord = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : "'" + text.replace(/'/g, "'\\''") + "'");

/// `heads`, and rows of texts; only what changes is written.
function fillTable(table, heads, rows) {
  if (!table.tHead) table.append(el("thead", null, el("tr", null, ...heads.map((h) => el("th", { scope: "col" }, h)))), el("tbody"));
  const body = table.tBodies[0];
  while (body.rows.length > rows.length) body.deleteRow(-1);
  rows.forEach((texts, i) => {
    if (!body.rows[i]) body.append(el("tr", null, el("th", { scope: "row" }), ...heads.slice(1).map(() => el("td"))));
    texts.forEach((text, column) => put(body.rows[i].cells[column], text));
  });
}
