// Accuracy by epoch: thick lines for the runs under way, thin ones for the mean of each arm's finished runs.
const curves = (() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const FRAME = { left: 52, right: 550, top: 10, bottom: 192 };

  const make = (name, attributes, text) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // The lowest quarter of the values are first epochs, which would leave no room for what matters.
  const range = (lines) => {
    const values = lines.flatMap((line) => line.values).filter((value) => value !== null).sort((a, b) => a - b);
    const low = values[Math.floor(values.length / 4)], high = values[values.length - 1];
    const room = Math.max(high - low, 0.1) * 0.05;
    return { low: low - room, high: high + room };
  };

  const scales = (lines) => {
    const { low, high } = range(lines);
    const epochs = Math.max(2, ...lines.map((line) => line.values.length));
    return {
      low, high, epochs,
      x: (epoch) => FRAME.left + ((epoch - 1) / (epochs - 1)) * (FRAME.right - FRAME.left),
      y: (value) => FRAME.bottom - ((Math.max(value, low) - low) / (high - low)) * (FRAME.bottom - FRAME.top),
    };
  };

  const axes = ({ low, high, epochs, x, y }) => {
    const marks = [0.1, 0.5, 0.9].map((share) => low + share * (high - low));
    const step = Math.ceil(epochs / 10);
    const numbers = Array.from({ length: epochs }, (_, index) => index + 1).filter((n) => n === 1 || n % step === 0);
    return [
      ...marks.map((value) => make("line", { class: "grid", x1: FRAME.left, x2: FRAME.right, y1: y(value), y2: y(value) })),
      ...marks.map((value) => make("text", { x: FRAME.left - 6, y: y(value) + 4, "text-anchor": "end" }, `${value.toFixed(2)}%`)),
      ...numbers.map((n) => make("text", { x: x(n), y: FRAME.bottom + 15, "text-anchor": "middle" }, `${n}`)),
      make("text", { x: FRAME.right, y: FRAME.bottom + 27, "text-anchor": "end" }, "epoch"),
    ];
  };

  const line = ({ values, stroke, growing }, { x, y }) => {
    const points = values.flatMap((value, index) => value === null ? [] : [`${x(index + 1).toFixed(1)},${y(value).toFixed(1)}`]);
    const path = make("path", { d: `M${points.join("L")}`, stroke: stroke.colour, "stroke-width": growing ? 2.5 : 1,
      "stroke-dasharray": stroke.dash.join(" "), opacity: growing ? 1 : 0.75 });
    const [cx, cy] = points[points.length - 1].split(",");
    return growing ? [path, make("circle", { cx, cy, r: 3.5, fill: stroke.colour })] : [path];
  };

  const sample = ({ colour, dash }) => {
    const picture = make("svg", { viewBox: "0 0 28 8", "aria-hidden": "true" });
    picture.append(make("line", { x1: 0, x2: 28, y1: 4, y2: 4, stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash.join(" ") }));
    return picture;
  };

  const legend = (place, names, strokes) => {
    place.replaceChildren(...names.map((name) => {
      const entry = document.createElement("span");
      entry.append(sample(strokes[name]), name);
      return entry;
    }));
  };

  return (picture, key, { strokes, curves: { means, growing } }) => {
    const known = Object.keys(strokes);
    const lines = [
      ...known.filter((arm) => means[arm]).map((arm) => ({ values: means[arm], stroke: strokes[arm], growing: false })),
      ...growing.filter((run) => strokes[run.arm]).map((run) => ({ values: run.values, stroke: strokes[run.arm], growing: true })),
    ];
    if (!lines.length) return;
    const scale = scales(lines);
    picture.replaceChildren(...axes(scale), ...lines.flatMap((each) => line(each, scale)));
    const last = ({ run, values }) => `${run} ${values[values.length - 1].toFixed(2)} % after epoch ${values.length}`;
    picture.setAttribute("aria-label", `Accuracy by epoch. ${growing.map(last).join("; ")}`);
    legend(key, known.filter((arm) => means[arm] || growing.some((run) => run.arm === arm)), strokes);
  };
})();
