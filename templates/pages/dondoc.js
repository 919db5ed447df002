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
