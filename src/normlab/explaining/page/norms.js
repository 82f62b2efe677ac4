// The arithmetic of every norm in float64, without a page. A tensor is a flat array, row-major over [N, C, H, W].
const norms = (() => {
  const EPS = 1e-5;
  const MOMENTUM = 0.1;
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const mean = (values) => sum(values) / values.length;

  // Where a flat index lies.
  const place = (index, [, C, H, W]) => ({
    n: Math.floor(index / (C * H * W)),
    c: Math.floor(index / (H * W)) % C,
    h: Math.floor(index / W) % H,
    w: index % W,
  });

  // Cells with equal keys share a statistic: all that tells one norm from another.
  const keys = {
    bn: ({ c }) => c,
    gn: ({ n, c }, [, C], groups) => `${n} ${Math.floor(c / (C / groups))}`,
    "ln-c": ({ n, h, w }) => `${n} ${h} ${w}`,
    "ln-chw": ({ n }) => n,
    rms: ({ n }) => n,
  };

  // The set of each cell, numbered from 0 by first appearance; −1 in every cell without a norm.
  const sets = ({ norm, groups, shape }) => {
    const seen = new Map();
    return Array.from({ length: shape.reduce((a, b) => a * b) }, (_, index) => {
      if (norm === "none") return -1;
      const key = keys[norm](place(index, shape), shape, groups);
      if (!seen.has(key)) seen.set(key, seen.size);
      return seen.get(key);
    });
  };

  const members = (assigned) => {
    const lists = Array.from({ length: Math.max(...assigned) + 1 }, () => []);
    assigned.forEach((set, index) => set >= 0 && lists[set].push(index));
    return lists;
  };

  // Mean and biased variance of one set; RMS norm takes no mean away, so its "variance" is the mean square.
  const statistic = (cells, x, norm) => {
    const centre = norm === "rms" ? 0 : mean(cells.map((i) => x[i]));
    const squares = sum(cells.map((i) => (x[i] - centre) ** 2));
    const variance = squares / cells.length;
    return { cells, centre, squares, variance, sigma: Math.sqrt(variance + EPS) };
  };

  const statistics = (job) => members(sets(job)).map((cells) => statistic(cells, job.x, job.norm));

  // What eval mode of batch norm divides by: kept numbers instead of the batch's own.
  const kept = (list, { mean: centres, variance: variances }) => list.map((own, c) => ({
    ...own, centre: centres[c], variance: variances[c], sigma: Math.sqrt(variances[c] + EPS), fixed: true,
  }));

  // γ and β have one value per channel, or (ln-chw) one per element.
  const affine = (values, index, shape) => {
    const { c } = place(index, shape);
    return values.length === shape[1] ? values[c] : values[index % values.length];
  };

  // PyTorch refuses a variance of one value: batch norm in training, group norm when one value is all there is.
  const refused = ({ norm, groups, shape: [N, C, H, W], training }) =>
    (norm === "bn" && training && N * H * W === 1) || (norm === "gn" && (N * C * H * W) / groups === 1);

  // job: {norm, groups, shape, x, gamma, beta, training, running: {mean, variance}}
  const forward = (job) => {
    const { norm, shape, x, gamma, beta } = job;
    const assigned = sets(job);
    if (norm === "none") return { job, sets: assigned, stats: [], xhat: [...x], y: [...x] };
    const own = statistics(job);
    const stats = norm === "bn" && !job.training ? kept(own, job.running) : own;
    const xhat = assigned.map((set, i) => (x[i] - stats[set].centre) / stats[set].sigma);
    const y = xhat.map((value, i) => affine(gamma, i, shape) * value + affine(beta, i, shape));
    return { job, sets: assigned, stats, xhat, y };
  };

  // dL/dx from g = dL/dy, with h = γ·g:  (h − mean(h) − x̂·mean(h·x̂)) / σ  over each set.
  // No mean is taken away where the norm takes none away, and kept statistics are constants.
  const backward = ({ job, stats, xhat }, g) => {
    const dx = [...g];
    stats.forEach(({ cells, sigma, fixed }) => {
      const h = cells.map((i) => affine(job.gamma, i, job.shape) * g[i]);
      const level = fixed || job.norm === "rms" ? 0 : mean(h);
      const slope = fixed ? 0 : mean(h.map((value, k) => value * xhat[cells[k]]));
      cells.forEach((i, k) => { dx[i] = (h[k] - level - xhat[i] * slope) / sigma; });
    });
    return dx;
  };

  // Running statistics after one more batch: momentum 0.1, and the *unbiased* variance of the batch.
  const update = (running, own) => ({
    mean: running.mean.map((old, c) => (1 - MOMENTUM) * old + MOMENTUM * own[c].centre),
    variance: running.variance.map((old, c) =>
      (1 - MOMENTUM) * old + (MOMENTUM * own[c].squares) / (own[c].cells.length - 1)),
    steps: running.steps + 1,
  });

  const fresh = (channels) => ({ mean: Array(channels).fill(0), variance: Array(channels).fill(1), steps: 0 });

  // What a scale of the weights before the norm (x → αx) does, g staying what it was.
  const scaled = (job, g, alpha) => {
    const length = (values) => Math.sqrt(sum(values.map((value) => value ** 2)));
    const [before, after] = [1, alpha].map((a) => forward({ ...job, x: job.x.map((value) => a * value) }));
    const [plain, now] = [before, after].map((pass) => length(backward(pass, g)));
    const moved = after.y.reduce((most, value, i) => Math.max(most, Math.abs(value - before.y[i])), 0);
    return { moved, gradient: now / plain, step: now / plain / alpha };
  };

  const softThreshold = (w, t) => Math.sign(w) * Math.max(Math.abs(w) - t, 0);
  const shrink = (w, t) => w / (1 + t);
  const subgradient = (w, t) => w - t * Math.sign(w);
  const divisors = (C) => Array.from({ length: C }, (_, i) => i + 1).filter((groups) => C % groups === 0);

  return {
    EPS, sum, mean, place, sets, statistics, affine, refused, forward, backward, update, fresh, scaled,
    softThreshold, shrink, subgradient, divisors,
  };
})();
