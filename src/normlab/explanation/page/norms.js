// The arithmetic of every norm in float64. A tensor is a flat array, row-major over [N, C, H, W].
const EPS = 1e-5;
const MOMENTUM = 0.1;
const sum = (values) => values.reduce((total, value) => total + value, 0);
const mean = (values) => sum(values) / values.length;
const each = (length, make) => Array.from({ length }, (_, i) => make(i));
const divisors = (count) => each(count, (i) => i + 1).filter((groups) => count % groups === 0);

const place = (index, [, C, H, W]) => ({
  n: Math.floor(index / (C * H * W)),
  c: Math.floor(index / (H * W)) % C,
  h: Math.floor(index / W) % H,
  w: index % W,
});

// Cells with equal keys share a statistic: all that tells one norm from another.
const keys = {
  bn: ({ c }) => c,
  gn: ({ n, c }, width) => `${n} ${Math.floor(c / width)}`,
  "ln-c": ({ n, h, w }) => `${n} ${h} ${w}`,
  "ln-chw": ({ n }) => n,
  rms: ({ n }) => n,
};

// The set of each cell, numbered as one meets them; −1 without a norm.
const toSets = ({ norm, groups, shape, x }) => {
  const seen = new Map();
  return x.map((_, index) => {
    if (norm === "none") return -1;
    const key = keys[norm](place(index, shape), shape[1] / groups);
    if (!seen.has(key)) seen.set(key, seen.size);
    return seen.get(key);
  });
};

// Mean and biased variance of one set; RMS norm takes no mean away, so its "variance" is the mean square.
const statistic = (cells, { x, norm }) => {
  const centre = norm === "rms" ? 0 : mean(cells.map((i) => x[i]));
  const squares = sum(cells.map((i) => (x[i] - centre) ** 2));
  const variance = squares / cells.length;
  return { cells, centre, squares, variance, sigma: Math.sqrt(variance + EPS) };
};

const statistics = (job) => {
  const lists = [];
  (job.sets ?? toSets(job)).forEach((set, index) => (lists[set] ??= []).push(index));
  return lists.map((cells) => statistic(cells, job));
};

// In evaluation batch norm divides by numbers that were kept.
const kept = ({ mean: centres, variance }) => (own, c) =>
  ({ ...own, centre: centres[c], variance: variance[c], sigma: Math.sqrt(variance[c] + EPS), fixed: true });

// PyTorch refuses a variance of one value: of batch norm in training, of group norm if it is all.
const refuses = ({ norm, groups, shape: [N, C, H, W], training }) =>
  (norm === "bn" && training && N * H * W === 1) || (norm === "gn" && (N * C * H * W) / groups === 1);

// job: {norm, groups, shape, x, gamma, beta, training, running: {mean, variance}, and sets if known}
// γ and β have one value per channel, or (ln-chw) one per element.
const forward = (job) => {
  const { norm, shape, x } = job;
  const sets = job.sets ?? toSets(job);
  if (norm === "none") return { job, sets, stats: [], xhat: x, y: [...x] };
  const spread = (v) => x.map((_, i) => v[v.length === shape[1] ? place(i, shape).c : i % v.length]);
  const [gamma, beta] = [spread(job.gamma), spread(job.beta)];
  const own = statistics({ ...job, sets });
  const stats = norm === "bn" && !job.training ? own.map(kept(job.running)) : own;
  const xhat = sets.map((set, i) => (x[i] - stats[set].centre) / stats[set].sigma);
  return { job, sets, stats, xhat, gamma, beta, y: xhat.map((value, i) => gamma[i] * value + beta[i]) };
};

// dL/dx from g = dL/dy, with h = γ·g:  (h − mean(h) − x̂·mean(h·x̂)) / σ  over each set.
// RMS norm has no mean(h), and constants have neither mean.
const backward = ({ job, stats, xhat, gamma }, g) => {
  const dx = [...g];
  stats.forEach(({ cells, sigma, fixed }) => {
    const h = cells.map((i) => gamma[i] * g[i]);
    const level = fixed || job.norm === "rms" ? 0 : mean(h);
    const slope = fixed ? 0 : mean(h.map((value, k) => value * xhat[cells[k]]));
    cells.forEach((i, k) => { dx[i] = (h[k] - level - xhat[i] * slope) / sigma; });
  });
  return dx;
};

// Running statistics after one more batch, with its *unbiased* variance.
const update = ({ steps, mean: centres, variance }, own) => ({
  steps: steps + 1,
  mean: centres.map((old, c) => (1 - MOMENTUM) * old + MOMENTUM * own[c].centre),
  variance: variance.map((old, c) => (1 - MOMENTUM) * old + (MOMENTUM * own[c].squares) / (own[c].cells.length - 1)),
});
const fresh = (channels) => ({ steps: 0, mean: Array(channels).fill(0), variance: Array(channels).fill(1) });

// What a scale of the weights before the norm (x → αx) does, g staying what it was.
const scaled = (job, g, alpha) => {
  const passes = [1, alpha].map((a) => forward({ ...job, x: job.x.map((value) => a * value) }));
  const [before, after] = passes.map((pass) => Math.hypot(...backward(pass, g)));
  const moved = passes[1].y.map((value, i) => Math.abs(value - passes[0].y[i]));
  return { moved: Math.max(...moved), gradient: after / before, step: after / before / alpha };
};

const softThreshold = (w, t) => Math.sign(w) * Math.max(Math.abs(w) - t, 0);
const shrink = (w, t) => w / (1 + t);
const subgradient = (w, t) => w - t * Math.sign(w);
