// Draws every chart at the width that the page has for it, and again when that width changes.
(() => {
  "use strict";
  const panel = { least: 200, axis: 46, gap: 20 };
  const actions = { export: true, source: false, compiled: false, editor: false };
  // An element a dot is sharp at any size and slow from some thousand dots on.
  const many = 200_000; // characters of a specification
  const drawn = new Map();

  const facets = (spec, width) => {
    const most = Math.floor((width + panel.gap) / (panel.least + panel.gap));
    const columns = Math.max(1, Math.min(spec.columns, most));
    const inner = Math.floor((width - (columns - 1) * panel.gap) / columns - panel.axis);
    return { ...spec, columns, spec: { ...spec.spec, width: inner } };
  };

  const single = (spec, width) => ({ ...spec, width, autosize: { type: "fit-x", contains: "padding" } });

  const draw = async (place, spec, renderer) => {
    const width = Math.floor(place.clientWidth);
    const before = drawn.get(place);
    if (!width || before?.width === width) return;
    drawn.set(place, { ...before, width });
    const fitted = spec.facet ? facets(spec, width) : single(spec, width);
    const padded = { ...fitted, padding: { left: 1, right: 1, top: 4, bottom: 6 } };
    const result = await window.vegaEmbed(place, padded, { renderer, actions });
    before?.result?.finalize();
    drawn.set(place, { width, result });
  };

  for (const script of document.querySelectorAll("script[data-chart]")) {
    const place = document.getElementById(script.dataset.chart);
    const spec = JSON.parse(script.textContent);
    const renderer = script.textContent.length > many ? "canvas" : "svg";
    let waiting;
    draw(place, spec, renderer);
    new ResizeObserver(() => {
      clearTimeout(waiting);
      waiting = setTimeout(() => draw(place, spec, renderer), 150);
    }).observe(place);
  }
})();
