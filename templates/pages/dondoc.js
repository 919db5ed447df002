// What neither HTML nor htmx can do. Every page works without it.
"use strict";

// Keys: "/" leads to the box for finding a unit, "?" to the help. They rest while somebody types, and can be switched off
// on the page of help.
{
  const KEPT = "dondoc-keys";
  const kept = {
    off() { try { return localStorage.getItem(KEPT) === "off"; } catch { return false; } },
    keep(on) { try { localStorage.setItem(KEPT, on ? "on" : "off"); } catch { /* for this page alone, then */ } },
  };
  const types = (one) => one instanceof Element && one.closest("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (types(event.target) || kept.off()) return;
    const box = document.getElementById("tim-don-vi"), help = document.querySelector(".help");
    if (event.key === "/" && box) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "?" && help) {
      event.preventDefault();
      help.click();
    }
  });

  const row = document.getElementById("chon-phim-tat"), tick = document.getElementById("phim-tat");
  if (row && tick) {
    row.hidden = false;
    tick.checked = !kept.off();
    tick.addEventListener("change", () => kept.keep(tick.checked));
  }
}

// The layer behind the text of a template: merge fields, fields that do not exist, lines with mistakes. It holds the same
// characters as the text in the same boxes, so that it wraps and scrolls like it; nobody but the eye meets it.
class Layer {
  // Words of the template language, which are no fields, and what names a part or a block and no field.
  static WORDS = new Set(("if elif else endif for endfor in set set_global endset and or not is true false True False none " +
    "None loop raw endraw break continue endblock endfilter endmacro as").split(" "));
  static NAMING = new Set(["include", "extends", "import", "block", "macro", "filter"]);
  static CODE = /\{\{(?:(?!\{[{%])[^])*?\}\}|\{%(?:(?!\{[{%])[^])*?%\}|\{#[^]*?#\}/g;
  static TOKEN = /"[^"]*"|'[^']*'|`[^`]*`|\d[\w.]*|[\p{L}_][\p{L}\d_]*(?:\.[\p{L}_][\p{L}\d_]*)*|[=!<>]=|\S/gu;

  constructor(text, behind) {
    this.text = text;
    this.behind = behind;
    this.known = new Set(behind.dataset.known.split(" ").filter(Boolean));
    this.wrong = [];
    behind.hidden = false;
    text.addEventListener("input", () => this.draw());
    text.addEventListener("scroll", () => this.follow());
    addEventListener("pageshow", () => this.draw());
    new ResizeObserver(() => this.follow()).observe(text);
    this.mark();
  }

  follow() {
    this.behind.scrollTop = this.text.scrollTop;
  }

  // The places that the server found; each is remembered with its line, which may move while somebody goes on writing.
  mark() {
    const lines = this.text.value.split("\n");
    this.count = lines.length;
    const places = [...document.querySelectorAll("#loi a[data-line]")].map(place => Number(place.dataset.line) - 1);
    this.wrong = [...new Set(places)].map(at => ({ at, said: lines[at] ?? "" }));
    this.draw();
  }

  draw() {
    const value = this.text.value, pieces = document.createDocumentFragment(), bad = this.bad(value);
    const add = (from, to, kind) => {
      for (const [begin, end, name] of Layer.split(from, to, bad)) {
        const letters = value.slice(begin, end), names = [kind, name].filter(Boolean).join(" ");
        if (!names) {
          pieces.append(letters);
          continue;
        }
        const mark = document.createElement("span");
        mark.className = names;
        mark.textContent = letters;
        pieces.append(mark);
      }
    };
    let at = 0;
    const variables = new Map(), judged = this.known.size && !value.includes("macro");
    for (const found of value.matchAll(Layer.CODE)) {
      const kind = { "{": "field", "%": "logic", "#": "logic" }[found[0][1]], end = found.index + found[0].length;
      add(at, found.index, "");
      at = found.index;
      const unknown = judged && found[0][1] !== "#" ? this.unknown(found[0], variables) : [];
      for (const [from, to] of unknown) {
        add(at, found.index + from, kind);
        add(found.index + from, found.index + to, "unknown");
        at = found.index + to;
      }
      add(at, end, kind);
      at = end;
    }
    add(at, value.length, "");
    // A line end at the very end begins a line in the text, and here only with something behind it.
    pieces.append(document.createElement("br"));
    this.behind.replaceChildren(pieces);
    this.follow();
  }

  // Where lines with mistakes are now: in their places, or moved by as many lines as came or went.
  bad(value) {
    const lines = value.split("\n"), moved = lines.length - this.count;
    const now = this.wrong.map(({ at, said }) => [at, at + moved].find(place => lines[place] === said));
    const starts = [0];
    for (const line of lines) starts.push(starts[starts.length - 1] + line.length + 1);
    return now.filter(place => place !== undefined).sort((one, other) => one - other)
      .map(place => [starts[place], starts[place] + lines[place].length]);
  }

  // `from..to` cut at the lines with mistakes.
  static split(from, to, bad) {
    const parts = [];
    for (const [begin, end] of bad) {
      if (end <= from || begin >= to) continue;
      if (begin > from) parts.push([from, begin, ""]);
      parts.push([Math.max(from, begin), Math.min(to, end), "bad"]);
      from = Math.min(to, end);
    }
    if (from < to) parts.push([from, to, ""]);
    return parts;
  }

  // The fields in a piece of code that do not exist, by their places in it.
  unknown(code, variables) {
    const tokens = [...code.slice(2, -2).matchAll(Layer.TOKEN)].map(found => ({ word: found[0], at: found.index + 2 }));
    while (tokens[0]?.word === "-") tokens.shift();
    const word = at => tokens[at]?.word ?? "", head = word(0);
    if (Layer.NAMING.has(head)) return [];
    const last = head === "for" ? tokens.findIndex(token => token.word === "in") : 0;
    const names = tokens.slice(1, Math.max(last, 1)).map(token => token.word).filter(name => name !== ",");
    const found = [];
    tokens.forEach(({ word: path, at }, place) => {
      if (place < last || !/^[\p{L}_]/u.test(path) || Layer.WORDS.has(path.split(".")[0])) return;
      const before = word(place - 1), after = word(place + 1);
      const isName = before === "|" || before === "." || before === "is" || (before === "not" && word(place - 2) === "is")
        || after === "(" || after === "=";
      const mayBeMissing = after === "is" || (after === "|" && word(place + 2) === "default");
      if (isName || mayBeMissing || head.startsWith("set") && place === 1) return;
      const whole = Layer.resolved(path, variables);
      if (whole !== null && !this.known.has(whole)) found.push([at, at + path.length]);
    });
    if (head === "for") {
      const over = names.length === 1 && /^[\p{L}_]/u.test(word(last + 1)) ? Layer.resolved(word(last + 1), variables) : null;
      for (const name of names) variables.set(name, over);
    } else if (head.startsWith("set")) {
      variables.set(word(1), null);
    }
    return found;
  }

  // What a path stands for, loop variables resolved; nothing where that cannot be told.
  static resolved(path, variables) {
    const [first, ...rest] = path.split(".");
    if (!variables.has(first)) return path;
    const whole = variables.get(first);
    return whole === null ? null : [whole, ...rest].join(".");
  }
}

// The editor of templates: fields are put in at the caret, places are shown in the text, fields are found by their names.
{
  const folded = text => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

  function insert(text, before, after) {
    const marked = text.value.slice(text.selectionStart, text.selectionEnd);
    text.focus();
    const end = text.selectionEnd;
    // Keeps what Ctrl+Z goes back to, where the browser still knows how.
    if (!document.execCommand("insertText", false, before + marked + after)) {
      text.setRangeText(before + marked + after, text.selectionStart, text.selectionEnd, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
    // Between the two, where nothing was marked to stand there.
    if (!marked && after) text.setSelectionRange(end + before.length, end + before.length);
  }

  function goTo(text, line, column) {
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    // Places are counted in characters, the caret in UTF-16 units.
    const at = start + [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
    text.focus();
    text.setSelectionRange(at, start + (lines[line - 1] ?? "").length);
    const height = Number.parseFloat(getComputedStyle(text).lineHeight) || 20;
    text.scrollTop = Math.max(0, (line - 4) * height);
  }

  function filter(list, sought) {
    const words = folded(sought).split(/\s+/).filter(Boolean);
    for (const group of list.querySelectorAll("details")) {
      let some = false;
      for (const item of group.querySelectorAll("li")) {
        const text = folded(item.textContent + " " + group.firstElementChild.textContent);
        item.hidden = !words.every(word => text.includes(word));
        some ||= !item.hidden;
      }
      group.hidden = !some;
      if (words.length) group.open = some;
    }
  }

  function editor() {
    const text = document.getElementById("van-ban"), behind = document.getElementById("lop-nen");
    if (!text || !behind) return;
    const sought = document.getElementById("tim-truong"), condition = document.getElementById("dieu-kien");
    const layer = new Layer(text, behind);
    const show = () => {
      layer.mark();
      for (const one of document.querySelectorAll(".scripted[hidden]")) one.hidden = false;
      if (sought?.value) filter(document.getElementById("truong"), sought.value);
    };
    show();
    sought?.addEventListener("input", () => filter(document.getElementById("truong"), sought.value));
    sought?.addEventListener("keydown", event => { if (event.key === "Enter") event.preventDefault(); });
    document.addEventListener("htmx:after:swap", show);
    document.addEventListener("click", event => {
      const piece = event.target.closest("button[data-before]");
      if (piece) insert(text, piece.dataset.before, piece.dataset.after);
      const chosen = event.target.closest("#boc") && condition.selectedOptions[0];
      if (chosen) insert(text, chosen.dataset.before, chosen.dataset.after);
      const place = event.target.closest("a[data-line]");
      if (place) {
        event.preventDefault();
        goTo(text, Number(place.dataset.line), Number(place.dataset.column));
      }
    });
  }

  editor();
}

// Numbers of messages under way are asked for again while somebody looks: seldom where answers are slow or nothing moves.
{
  const SOON = 3000, SELDOM = 60000;
  const live = () => document.querySelector("[data-live]");
  let wait = SOON, next;

  function later() {
    clearTimeout(next);
    if (live() && !document.hidden) next = setTimeout(ask, wait);
  }

  async function ask() {
    const before = live()?.textContent, began = performance.now();
    // What does not come this time may come the next.
    await htmx.ajax("GET", live().dataset.live, { target: "[data-live]", swap: "outerMorph" }).catch(() => {});
    const still = live()?.textContent === before;
    wait = Math.min(SELDOM, Math.max(SOON, 10 * (performance.now() - began), still ? wait * 1.5 : 0));
    later();
  }

  document.addEventListener("htmx:before:response", event => {
    const { request, response } = event.detail.ctx, path = live()?.dataset.live;
    if (!path || !request.action.startsWith(path) || (response.raw.ok && !response.raw.redirected)) return;
    event.preventDefault();
    // Nobody is signed in any more: the page stays as it is.
    if (response.raw.redirected) live().removeAttribute("data-live");
  });
  document.addEventListener("visibilitychange", () => { wait = SOON; later(); });
  later();
}

// The screen on a wall goes on by itself, unless somebody stops it or asked his system for less motion.
{
  const line = document.querySelector(".wall-moves");
  const button = line?.querySelector("button"), byHand = line?.querySelector("[data-by-hand]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let next;

  // What somebody chose holds for the screens to come.
  function chosen(address, choice) {
    const to = new URL(address, location.href);
    to.search = to.search.replace(/&(dung|chay)=1/g, "");
    if (choice) to.searchParams.set(choice, "1");
    return to.href;
  }

  function goes(on) {
    clearTimeout(next);
    button.textContent = on ? button.dataset.halt : button.dataset.go;
    byHand.href = chosen(line.dataset.next, on ? (calm ? "chay" : "") : "dung");
    if (on) next = setTimeout(go, Number(line.dataset.seconds) * 1000);
    button.onclick = () => goes(!on);
  }

  // A screen that cannot be had leaves this one where it is.
  async function go() {
    const there = await fetch(byHand.href).catch(() => null);
    if (there?.ok) location.replace(byHand.href); else goes(true);
  }

  if (button) {
    button.hidden = false;
    goes("moves" in line.dataset || (!calm && !("stays" in line.dataset)));
  }
}
