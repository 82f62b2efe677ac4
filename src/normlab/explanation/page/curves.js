// A small plot as SVG: axes with titles, curves and the reader's points on them.
const [LEFT, RIGHT, TOP, BOTTOM] = [58, 348, 12, 228];

const scale = ({ ticks, log }, low, high) => {
  const [from, to, at] = [ticks[0], ticks.at(-1), log ? Math.log : Number];
  return (value) => +(low + ((at(value) - at(from)) / (at(to) - at(from))) * (high - low)).toFixed(2);
};
const tickText = ({ log }, value) => (log && value < 1 ? `1/${1 / value}` : number(value));
const words = (x, y, text) => `<text x="${x}" y="${y}" text-anchor="middle">${text}</text>`;
const rule = (path) => `<path class="rule" d="${path}"/>`;

const axes = (x, y, px, py) => [
  ...x.ticks.map((tick) => words(px(tick), BOTTOM + 18, tickText(x, tick)) + rule(`M${px(tick)} ${TOP}V${BOTTOM}`)),
  ...y.ticks.map((tick) => words(LEFT - 22, py(tick) + 4, tickText(y, tick)) + rule(`M${LEFT} ${py(tick)}H${RIGHT}`)),
  words((LEFT + RIGHT) / 2, BOTTOM + 40, x.title),
  `<g transform="translate(12 ${(TOP + BOTTOM) / 2}) rotate(-90)">${words(0, 0, y.title)}</g>`,
];

const curve = ({ points, look, dot }, px, py) => {
  const drawn = points.filter(([, value]) => Number.isFinite(value)).map(([a, b]) => `${px(a)} ${py(b)}`);
  const path = drawn.length ? `<path class="line ${look}" d="M${drawn.join("L")}"/>` : "";
  const [a, b] = dot;
  return path + (Number.isFinite(b) ? `<circle class="${look}" cx="${px(a)}" cy="${py(b)}" r="5.5"/>` : "");
};

// Axes {ticks, title, log} reach from the first tick to the last; curves {points, look, dot}.
const plot = (svg, x, y, curves) => {
  const [px, py] = [scale(x, LEFT, RIGHT), scale(y, BOTTOM, TOP)];
  svg.setAttribute("viewBox", "0 0 360 274");
  svg.innerHTML = [...axes(x, y, px, py), ...curves.map((one) => curve(one, px, py))].join("");
};
