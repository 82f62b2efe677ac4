// What is folded opens where an address leads into it and while the page is printed; long tables can be searched.
(() => {
  "use strict";
  const shown = () => {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let part = place; part; part = part.parentElement) {
      if (part instanceof HTMLDetailsElement) part.open = true;
    }
    place?.scrollIntoView();
  };
  addEventListener("hashchange", shown);
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")].filter((part) => !part.closest(".chart"));
    for (const part of folded) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of folded) part.open = false;
  });
  if (location.hash) shown();
  // The page of a study that is being trained, where no other page sees to it: as long as something new comes in, and for ten minutes after.
  if ("live" in document.documentElement.dataset && window === window.top) {
    const mark = document.querySelector("meta[name=fingerprint]").content;
    const seen = JSON.parse(sessionStorage.getItem("normlab") ?? "{}");
    const since = seen.mark === mark ? seen.since : Date.now();
    sessionStorage.setItem("normlab", JSON.stringify({ mark, since }));
    if (Date.now() - since < 600_000) setTimeout(() => location.reload(), 3_000);
  }
  for (const field of document.querySelectorAll("[data-filter]")) {
    field.addEventListener("input", () => {
      for (const row of document.getElementById(field.dataset.filter).tBodies[0].rows) {
        row.hidden = !row.cells[0].textContent.includes(field.value.trim());
      }
    });
  }
})();
