// One cell's arithmetic, as on a blackboard: pairs of a sign and what it equals.
const lines = (pairs) => pairs.map(([sign, text]) => `<dt>${sign}</dt><dd>= ${text}</dd>`).join("");
const strong = (value) => `<strong>${number(value)}</strong>`;

// Terms are not broken across lines, and of very many the middle is left out.
const total = (values, term) => {
  const terms = values.map((value) => `<span>${term(value)}</span>`);
  return (terms.length > 40 ? [...terms.slice(0, 39), "…", terms.at(-1)] : terms).join(" + ");
};

const statisticLines = ({ cells, centre, squares, variance }, { x, norm }) => {
  const values = cells.map((i) => x[i]);
  const over = (added, result) => ` / ${cells.length} = ${number(added)} / ${cells.length} = ${number(result)}`;
  const all = (term) => `(${total(values, term)})`;
  if (norm === "rms") return [["mean of x²", all((v) => `${bracketed(v)}²`) + over(squares, variance)]];
  return [
    ["μ", all(bracketed) + over(sum(values), centre)],
    ["σ²", all((v) => `(${number(v)} ${shifted(-centre)})²`) + over(squares, variance)],
  ];
};

const cellLines = ({ job, sets, stats, xhat, gamma, beta, y }, i) => {
  if (sets[i] < 0) return [["y", `x = ${strong(y[i])}`]];
  const own = stats[sets[i]];
  const { centre, variance, sigma } = own;
  const rms = job.norm === "rms";
  const above = `(${number(job.x[i])} ${shifted(-centre)})`;
  const remembered = [["μ", `${number(centre)}, remembered`], ["σ²", `${number(variance)}, remembered`]];
  return [
    ...(own.fixed ? remembered : statisticLines(own, job)),
    [rms ? "root" : "√(σ² + ε)", `√(${number(variance)} + 0.00001) = ${number(sigma)}`],
    ["x̂", `${rms ? number(job.x[i]) : above} / ${number(sigma)} = ${number(xhat[i])}`],
    ["y", `γ · x̂ + β = ${number(gamma[i])} · ${bracketed(xhat[i])} ${shifted(beta[i])} = ${strong(y[i])}`],
  ];
};

const reach = (index, { norm, groups: count }) => {
  const { n, c, h, w } = place(index, start.shape);
  const width = C / count;
  const first = c - (c % width) + 1;
  const channels = width === 1 ? `channel ${first}` : `channels ${first} to ${first + width - 1}`;
  if (norm === "bn") return `channel ${c + 1} of every image`;
  if (norm === "ln-c") return `row ${h + 1}, column ${w + 1} of image ${n + 1}, across its channels`;
  return `${norm === "gn" && count > 1 ? channels : "all"} of image ${n + 1}`;
};

const setTitle = ({ job, sets, stats }, i) => (sets[i] < 0 ? "No norm: the cell stands alone"
  : `Set ${letter(sets[i])}: ${reach(i, job)}, ${plural(stats[sets[i]].cells.length, "value")}`);

// Batch norm's update for one channel, with both variances.
const updateLines = (own, next, c) => {
  const { cells: { length: count }, squares, variance, centre } = own[c];
  const unbiased = number(squares / (count - 1));
  return [
    ["biased", `${number(squares)} / ${count} = ${number(variance)}, which training divides by`],
    ["unbiased", `${number(squares)} / (${count} − 1) = ${unbiased}, which is remembered`],
    ["new mean", `0.9 · ${bracketed(now.mean[c])} + 0.1 · ${bracketed(centre)} = ${strong(next.mean[c])}`],
    ["new variance", `0.9 · ${number(now.variance[c])} + 0.1 · ${unbiased} = ${strong(next.variance[c])}`],
  ];
};

// dL/dx of one cell, and what the gradients of its set add up to.
const gradientLines = ({ job, sets, stats, xhat, gamma }, g, dx, i) => {
  if (sets[i] < 0) return [["dL/dx", `g = ${strong(dx[i])}`]];
  const { cells, sigma, fixed } = stats[sets[i]];
  const h = (k) => gamma[k] * g[k];
  const level = mean(cells.map(h));
  const slope = mean(cells.map((k) => h(k) * xhat[k]));
  const added = (term) => `${number(sum(cells.map(term)))} over set ${letter(sets[i])}`;
  const away = job.norm === "rms" ? "" : ` ${shifted(-level)}`;
  const above = fixed ? number(h(i)) : `(${number(h(i))}${away} − ${bracketed(xhat[i])} · ${bracketed(slope)})`;
  return [
    ["h", `γ · g = ${number(h(i))}`],
    ...(away && !fixed ? [["mean(h)", number(level)]] : []),
    ...(fixed ? [] : [["mean(h·x̂)", number(slope)]]),
    ["dL/dx", `${above} / ${number(sigma)} = ${strong(dx[i])}`],
    ["Σ dL/dx", added((k) => dx[k])],
    ["Σ dL/dx · x̂", added((k) => dx[k] * xhat[k])],
  ];
};
