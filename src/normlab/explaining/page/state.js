// What the reader has set: numbers, lists of numbers and words, all of which an address can carry.
const start = JSON.parse(document.getElementById("start").textContent);
const [, C, H, W] = start.shape;
const MOST_IMAGES = Math.max(8, start.shape[0]);
const DIVISORS = norms.divisors(C);
const middle = DIVISORS[Math.min(1, DIVISORS.length - 1)];
const each = (length, make) => Array.from({ length }, (_, i) => make(i));

// Images beyond the first: small whole numbers, the same on every visit.
const invented = (index) => (Math.imul(index + 1, 2654435761) >>> 16) % 9 - 2;
const everyCell = (make) => each(MOST_IMAGES * C * H * W, make);
const initial = () => ({
  norm: start.norm, groups: start.groups ?? middle, images: start.shape[0], cell: 0,
  x: everyCell((i) => start.x[i] ?? invented(i)), gamma: each(C, () => 1), beta: each(C, () => 0),
  mode: "train", ...norms.fresh(C), upstream: "one", g: everyCell(() => 0), alpha: 1, lambda: 0.5, w: 0.8,
});
const now = initial();
const reset = () => Object.assign(now, initial());
const size = () => now.images * C * H * W;

// Layer and instance norm are group norm with one group, and with as many as channels.
const groups = () => ({ ln: 1, in: C })[now.norm] ?? now.groups;
const pickGroups = (count) => Object.assign(now, { groups: count, norm: { 1: "ln", [C]: "in" }[count] ?? "gn" });
const pickNorm = (norm) => {
  now.norm = norm;
  if (norm === "gn" && [1, C].includes(now.groups)) now.groups = middle;
};

// What the arithmetic asks for, see norms.forward.
const toJob = () => ({
  norm: ["ln", "in"].includes(now.norm) ? "gn" : now.norm, groups: groups(), shape: [now.images, C, H, W],
  x: now.x.slice(0, size()), gamma: now.gamma, beta: now.beta, training: now.mode === "train", running: now,
});

// g = dL/dy: the reader's own numbers, or 1 at the chosen cell.
const upstream = () => (now.upstream === "own" ? now.g.slice(0, size()) : each(size(), (i) => Number(i === now.cell)));

const between = (low, high) => (value) => low <= value && value <= high;
const whole = (high) => (value) => Number.isInteger(value) && between(0, high)(value);
const ALLOWED = {
  groups: (value) => DIVISORS.includes(value), images: (value) => value && whole(MOST_IMAGES)(value), cell: whole(1e9),
  steps: whole(1e9), variance: between(0, 1e30), alpha: between(1 / 8, 8), lambda: between(0, 2), w: between(-3, 3),
};

// A value as it stands in an address; undefined where it cannot be one.
const fromText = (key, text) => {
  const values = text.split(",").map(Number);
  const old = now[key];
  if (typeof old === "string") return document.querySelector(`[name=${key}][value="${CSS.escape(text)}"]`)?.value;
  if (!values.every(ALLOWED[key] ?? between(-start.most, start.most))) return undefined;
  if (Array.isArray(old)) return values.length > old.length ? undefined : old.map((value, i) => values[i] ?? value);
  return values[0];
};

// Takes what it understands of an address, and returns the rest.
const take = (address) => [...new URLSearchParams(address)].filter(([key, text]) => {
  const value = key in now ? fromText(key, text) : undefined;
  if (value === undefined) return true;
  if (key === "norm") pickNorm(value);
  else now[key] = value;
  return false;
});

// Only what is not as it was at the start: short states have short addresses.
const toAddress = () => {
  const usual = initial();
  const visible = (value) => (value.length === now.x.length ? value.slice(0, size()) : value);
  return Object.keys(now).filter((key) => String(now[key]) !== String(usual[key]))
    .map((key) => `${key}=${visible(now[key])}`).join("&");
};
