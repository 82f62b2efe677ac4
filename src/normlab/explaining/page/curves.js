// A small plot as SVG: axes with titles, lines with their names and the reader's points on them.
const [LEFT, RIGHT, TOP, BOTTOM] = [58, 348, 12, 228];

const scale = ({ ticks, log }, low, high) => {
  const [from, to, at] = [ticks[0], ticks.at(-1), log ? Math.log : Number];
  return (value) => +(low + ((at(value) - at(from)) / (at(to) - at(from))) * (high - low)).toFixed(2);
};
const tickText = ({ log }, value) => (log && value < 1 ? `1/${1 / value}` : number(value));
const words = (x, y, text, look = "") => `<text class="${look}" x="${x}" y="${y}" text-anchor="middle">${text}</text>`;

const axes = (x, y, px, py) => [
  ...x.ticks.map((tick) => words(px(tick), BOTTOM + 18, tickText(x, tick))),
  ...y.ticks.map((tick) => words(LEFT - 22, py(tick) + 4, tickText(y, tick))),
  ...x.ticks.map((tick) => `<path class="rule" d="M${px(tick)} ${TOP}V${BOTTOM}"/>`),
  ...y.ticks.map((tick) => `<path class="rule" d="M${LEFT} ${py(tick)}H${RIGHT}"/>`),
  words((LEFT + RIGHT) / 2, BOTTOM + 40, x.title),
  `<g transform="translate(12 ${(TOP + BOTTOM) / 2}) rotate(-90)">${words(0, 0, y.title)}</g>`,
];

const curve = ({ points, look, name, at, dot }, px, py) => {
  const drawn = points.filter(([, value]) => Number.isFinite(value)).map(([a, b]) => `${px(a)} ${py(b)}`);
  const mark = Number.isFinite(dot[1]) ? `<circle class="${look}" cx="${px(dot[0])}" cy="${py(dot[1])}" r="5.5"/>` : "";
  const path = drawn.length ? `<path class="line ${look}" d="M${drawn.join("L")}"/>` : "";
  return path + mark + words(px(at[0]), py(at[1]), name, `name ${look}`);
};

// x, y: {ticks, title, log}, an axis from its first tick to its last; curves: {points, look, name, at, dot}.
const plot = (svg, x, y, curves) => {
  const [px, py] = [scale(x, LEFT, RIGHT), scale(y, BOTTOM, TOP)];
  svg.setAttribute("viewBox", "0 0 360 274");
  svg.innerHTML = [...axes(x, y, px, py), ...curves.map((one) => curve(one, px, py))].join("");
};
