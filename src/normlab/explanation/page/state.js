// What the reader has set: numbers, lists of numbers and words, which an address can carry.
const start = JSON.parse(document.getElementById("start").textContent);
const [, C, H, W] = start.shape;
const MOST_IMAGES = Math.max(8, start.shape[0]);
const DIVISORS = divisors(C);
const middle = DIVISORS[Math.min(1, DIVISORS.length - 1)];

// Further images: small whole numbers, always the same.
const invented = (index) => (Math.imul(index + 1, 2654435761) >>> 16) % 9 - 2;
const everyCell = (make) => each(MOST_IMAGES * C * H * W, make);
const initial = () => ({
  norm: start.norm, groups: start.groups ?? middle, images: start.shape[0], cell: start.cell,
  x: everyCell((i) => start.x[i] ?? invented(i)), gamma: [...start.gamma], beta: [...start.beta],
  mode: "train", ...fresh(C), upstream: "one", g: everyCell((i) => Number(!i)), alpha: 2, lambda: 0.5, w: 0.3,
});
const now = initial();
const reset = () => Object.assign(now, initial());
const size = () => now.images * C * H * W;

// Layer and instance norm are group norm with 1 and with C groups.
const groups = () => ({ ln: 1, in: C })[now.norm] ?? now.groups;
const pickGroups = (count) => {
  now.norm = { 1: "ln", [C]: "in" }[count] ?? "gn";
  if (now.norm === "gn") now.groups = count;
};
const toJob = () => ({
  ...now, norm: ["ln", "in"].includes(now.norm) ? "gn" : now.norm, groups: groups(), shape: [now.images, C, H, W],
  x: now.x.slice(0, size()), training: now.mode === "train", running: now,
});

// g = dL/dy: the reader's own numbers, or 1 at the chosen cell.
const upstream = () => (now.upstream === "own" ? now.g.slice(0, size()) : each(size(), (i) => Number(i === now.cell)));

const between = (low, high) => (value) => low <= value && value <= high;
const whole = (low, high) => (value) => Number.isInteger(value) && between(low, high)(value);
const ALLOWED = {
  groups: (value) => DIVISORS.includes(value), images: whole(1, MOST_IMAGES), cell: whole(0, 1e9), steps: whole(0, 1e9),
  variance: between(0, 1e30), alpha: between(1 / 8, 8), lambda: between(0, 2), w: between(-3, 3),
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
  const value = Object.hasOwn(now, key) ? fromText(key, text) : undefined;
  if (value !== undefined) now[key] = value;
  return value === undefined;
});

// Only what is not as it was at the start.
const toAddress = () => {
  const usual = initial();
  const visible = (value) => (value.length === now.x.length ? value.slice(0, size()) : value);
  return Object.keys(now).filter((key) => String(now[key]) !== String(usual[key]))
    .map((key) => `${key}=${visible(now[key])}`).join("&");
};
