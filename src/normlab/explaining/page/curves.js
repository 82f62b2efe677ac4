// A small plot as SVG: axes with titles, lines with their names beside them, and the reader's point.
const plot = (() => {
  "use strict";
  const BOX = { left: 58, right: 348, top: 14, bottom: 228 };

  const scale = ({ from, to, log }, low, high) => {
    const at = log ? Math.log : (value) => value;
    return (value) => low + ((at(value) - at(from)) / (at(to) - at(from))) * (high - low);
  };

  const axes = (x, y, px, py) => [
    ...x.ticks.map((tick) => `<text x="${px(tick)}" y="${BOX.bottom + 18}" text-anchor="middle">${format.number(tick)}</text>
      <path class="rule" d="M${px(tick)} ${BOX.top}V${BOX.bottom}"/>`),
    ...y.ticks.map((tick) => `<text x="${BOX.left - 8}" y="${py(tick) + 4}" text-anchor="end">${format.number(tick)}</text>
      <path class="rule" d="M${BOX.left} ${py(tick)}H${BOX.right}"/>`),
    `<text x="${(BOX.left + BOX.right) / 2}" y="${BOX.bottom + 40}" text-anchor="middle">${x.title}</text>`,
    `<text transform="translate(14 ${(BOX.top + BOX.bottom) / 2}) rotate(-90)" text-anchor="middle">${y.title}</text>`,
  ].join("");

  const line = ({ points, look, name, at }, px, py) => {
    const path = points.filter(([, value]) => Number.isFinite(value))
      .map(([a, b], k) => `${k ? "L" : "M"}${px(a).toFixed(1)} ${py(b).toFixed(1)}`).join("");
    const words = name ? `<text class="${look} name" x="${px(at[0])}" y="${py(at[1])}">${name}</text>` : "";
    return `<path class="line ${look}" d="${path}"/>${words}`;
  };

  const dot = ({ point: [a, b], look }, px, py) => Number.isFinite(b)
    ? `<circle class="${look}" cx="${px(a).toFixed(1)}" cy="${py(b).toFixed(1)}" r="5.5"/>` : "";

  // x, y: {from, to, ticks, title, log}; lines: {points, look, name, at}; dots: {point, look}.
  return (svg, { x, y, lines, dots }) => {
    const [px, py] = [scale(x, BOX.left, BOX.right), scale(y, BOX.bottom, BOX.top)];
    svg.setAttribute("viewBox", "0 0 360 274");
    svg.innerHTML = `<defs><clipPath id="${svg.id}-box"><rect x="${BOX.left}" y="${BOX.top - 6}"
      width="${BOX.right - BOX.left + 6}" height="${BOX.bottom - BOX.top + 12}"/></clipPath></defs>
      ${axes(x, y, px, py)}<g clip-path="url(#${svg.id}-box)">
      ${lines.map((one) => line(one, px, py)).join("")}${dots.map((one) => dot(one, px, py)).join("")}</g>`;
  };
})();
