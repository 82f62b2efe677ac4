// What the reader has set, how an address carries it, and what the arithmetic needs of it.
const start = JSON.parse(document.getElementById("start").textContent);
const [, C, H, W] = start.shape;
const PER_IMAGE = C * H * W;
const MOST_IMAGES = Math.max(8, start.shape[0]);
const DIVISORS = norms.divisors(C);
const GROUPED = ["ln", "gn", "in"];

const state = (() => {
  "use strict";

  // Further images: small whole numbers, the same on every visit.
  const invented = (index) => (Math.imul(index + 1, 2654435761) >>> 16) % 9 - 2;
  const pool = () => Array.from({ length: MOST_IMAGES * PER_IMAGE }, (_, i) => start.x[i] ?? invented(i));
  const between = DIVISORS[Math.min(1, DIVISORS.length - 1)];

  const initial = () => ({
    norm: start.norm, groups: start.groups ?? between, images: start.shape[0], x: pool(),
    gamma: Array(C).fill(1), beta: Array(C).fill(0), channel: -1, training: true, running: norms.fresh(C),
    upstream: null, cell: 0, alpha: 1, lambda: 0.5, weight: 0.8,
  });

  const now = initial();
  const size = () => now.images * PER_IMAGE;
  const groups = () => ({ ln: 1, in: C })[now.norm] ?? now.groups;

  const job = () => ({
    norm: GROUPED.includes(now.norm) ? "gn" : now.norm, groups: groups(), shape: [now.images, C, H, W],
    x: now.x.slice(0, size()), gamma: now.gamma, beta: now.beta, training: now.training, running: now.running,
  });

  // g = dL/dy: the reader's own numbers, or 1 at the chosen cell.
  const upstream = () =>
    Array.from({ length: size() }, (_, i) => (now.upstream ? now.upstream[i] : Number(i === now.cell)));

  const pickNorm = (norm) => {
    now.norm = norm;
    if (norm === "gn" && (now.groups === 1 || now.groups === C)) now.groups = between;
  };

  const pickGroups = (count) => {
    now.groups = count;
    now.norm = { 1: "ln", [C]: "in" }[count] ?? "gn";
  };

  const own = () => now.x.map((_, i) => Number(i === now.cell));

  // One line for each thing that an address can say: how it is written, how it is read.
  const numbers = (text, count) => {
    const list = text.split(",").map(Number);
    const good = list.every(Number.isFinite) && (count === undefined || list.length === count);
    if (!good) throw new Error(`expected ${count} numbers`);
    return list;
  };
  const bounded = (text, low, high) => {
    const [value] = numbers(text, 1);
    if (value < low || value > high) throw new Error(`expected a number between ${low} and ${high}`);
    return value;
  };
  const over = (old, list) => old.map((value, i) => list[i] ?? value);
  const whole = (text) => {
    const list = numbers(text);
    if (list.length % PER_IMAGE || list.length > now.x.length) throw new Error(`expected ${PER_IMAGE} numbers an image`);
    return list;
  };
  const named = (text) => {
    const [norm, count] = text.split(":");
    if (!document.querySelector(`[name=norm][value="${CSS.escape(norm)}"]`)) throw new Error("no norm is called so");
    if (count && !DIVISORS.includes(Number(count))) throw new Error(`expected groups of ${DIVISORS.join(", ")}`);
    pickNorm(norm);
    if (count) now.groups = Number(count);
  };
  const remembered = (text) => {
    const [steps, ...list] = numbers(text, 1 + 2 * C);
    return { steps, mean: list.slice(0, C), variance: list.slice(C) };
  };
  const readers = {
    norm: named,
    images: (text) => { now.images = Math.round(bounded(text, 1, MOST_IMAGES)); },
    x: (text) => { now.x = over(now.x, whole(text)); },
    first: (text) => { now.x[0] = bounded(text, -start.most, start.most); },
    gamma: (text) => { now.gamma = numbers(text, C); },
    beta: (text) => { now.beta = numbers(text, C); },
    mode: (text) => { now.training = text !== "eval"; },
    running: (text) => { now.running = remembered(text); },
    cell: (text) => { now.cell = bounded(text, 0, size() - 1); },
    g: (text) => { now.upstream = text === "1" ? null : over(own(), whole(text)); },
    alpha: (text) => { now.alpha = bounded(text, 1 / 8, 8); },
    lambda: (text) => { now.lambda = bounded(text, 0, 2); },
    w: (text) => { now.weight = bounded(text, -3, 3); },
  };

  const written = (s) => ({
    norm: s.norm === "gn" ? `gn:${s.groups}` : s.norm, images: s.images, x: s.x.slice(0, s.images * PER_IMAGE),
    gamma: s.gamma, beta: s.beta, mode: s.training ? "train" : "eval",
    running: [s.running.steps, ...s.running.mean, ...s.running.variance], cell: s.cell,
    g: s.upstream ? s.upstream.slice(0, s.images * PER_IMAGE) : 1, alpha: s.alpha, lambda: s.lambda, w: s.weight,
  });

  // Only what is not as it was at the start, so that short links stay short.
  const toAddress = () => {
    const usual = written({ ...initial(), images: now.images });
    usual.images = start.shape[0];
    return Object.entries(written(now)).filter(([key, value]) => String(value) !== String(usual[key]))
      .map(([key, value]) => `${key}=${value}`).join("&");
  };

  // Takes what it understands and returns what it does not, in words.
  const fromAddress = (text) => [...new URLSearchParams(text)].flatMap(([key, value]) => {
    try {
      readers[key](value);
      return [];
    } catch (error) {
      return [`${key} in the address: ${readers[key] ? error.message : "not known"}, got ${value.slice(0, 40)}`];
    }
  }).concat(keepCellInside());
  const keepCellInside = () => {
    now.cell = Math.min(now.cell, size() - 1);
    return [];
  };

  const reset = () => Object.assign(now, initial());

  return { now, size, groups, job, upstream, own, pickNorm, pickGroups, keepCellInside, toAddress, fromAddress, reset };
})();
