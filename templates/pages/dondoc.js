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

// The editor of templates: fields are put in at the caret, places are shown in the text, fields are found by their names.
{
  const folded = text => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

  function insert(text, before, after) {
    const marked = text.value.slice(text.selectionStart, text.selectionEnd);
    text.focus();
    // Keeps what Ctrl+Z goes back to, where the browser still knows how.
    if (!document.execCommand("insertText", false, before + marked + after)) {
      text.setRangeText(before + marked + after, text.selectionStart, text.selectionEnd, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
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
    const text = document.getElementById("van-ban");
    if (!text) return;
    const sought = document.getElementById("tim-truong");
    const show = () => {
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
