// One cell's whole arithmetic, spelled out as one would on a blackboard. Every function gives pairs [sign, line].
const worked = (() => {
  "use strict";
  const { number, bracketed, shifted, letter, plural } = format;
  const LISTED = 40;

  const listed = (terms, joint) =>
    (terms.length > LISTED ? [...terms.slice(0, LISTED - 1), "…", terms.at(-1)] : terms).join(joint);
  const span = (text) => `<span>${text}</span>`; // a term that is not broken across lines
  const total = (terms) => listed(terms.map(span), " + ");

  const statistic = ({ cells, centre, squares, variance }, x, norm) => {
    const values = cells.map((i) => x[i]);
    const count = values.length;
    if (norm === "rms") {
      const terms = total(values.map((value) => `${bracketed(value)}²`));
      return [["mean of x²", `(${terms}) / ${count} = ${number(squares)} / ${count} = ${number(variance)}`]];
    }
    const terms = total(values.map((value) => `(${number(value)} ${shifted(-centre)})²`));
    return [
      ["μ", `(${total(values.map(bracketed))}) / ${count} = ${number(norms.sum(values))} / ${count} = ${number(centre)}`],
      ["σ²", `(${terms}) / ${count} = ${number(squares)} / ${count} = ${number(variance)}`],
    ];
  };

  const normalized = ({ centre, variance, sigma }, x, xhat, norm) => {
    const above = norm === "rms" ? number(x) : `(${number(x)} ${shifted(-centre)})`;
    return [
      ["√(σ² + ε)".replace("σ²", norm === "rms" ? "mean of x²" : "σ²"), `√(${number(variance)} + 0.00001) = ${number(sigma)}`],
      ["x̂", `${above} / ${number(sigma)} = ${number(xhat)}`],
    ];
  };

  const result = ({ job, xhat, y }, i) => {
    const [gamma, beta] = [job.gamma, job.beta].map((values) => norms.affine(values, i, job.shape));
    return [["y", `γ · x̂ + β = ${number(gamma)} · ${bracketed(xhat[i])} ${shifted(beta)} = <strong>${number(y[i])}</strong>`]];
  };

  const cell = (pass, i) => {
    const { job, sets, stats, xhat, y } = pass;
    if (sets[i] < 0) return [["y", `x = <strong>${number(y[i])}</strong>`]];
    const own = stats[sets[i]];
    const source = own.fixed
      ? [["μ", `running mean = ${number(own.centre)}`], ["σ²", `running variance = ${number(own.variance)}`]]
      : statistic(own, job.x, job.norm);
    return [...source, ...normalized(own, job.x[i], xhat[i], job.norm), ...result(pass, i)];
  };

  // Which cells a set joins, in words.
  const reach = (index, { norm, groups }) => {
    const { n, c, h, w } = norms.place(index, [0, C, H, W]);
    const width = C / groups;
    const first = Math.floor(c / width) * width + 1;
    const channels = width === 1 ? `channel ${first}` : `channels ${first} to ${first + width - 1}`;
    return {
      bn: `channel ${c + 1} of every image`,
      gn: groups === 1 ? `all of image ${n + 1}` : `${channels} of image ${n + 1}`,
      "ln-c": `row ${h + 1}, column ${w + 1} of image ${n + 1}, across its channels`,
    }[norm] ?? `all of image ${n + 1}`;
  };

  const title = ({ job, sets, stats }, i) => sets[i] < 0
    ? "No norm: the cell stands alone"
    : `Set ${letter(sets[i])}: ${reach(i, job)}, ${plural(stats[sets[i]].cells.length, "value")}`;

  // Batch norm's update for one channel, momentum and both variances in numbers.
  const update = (running, own, next, c) => {
    const { cells, squares, variance, centre } = own[c];
    const count = cells.length;
    const unbiased = squares / (count - 1);
    return [
      ["biased", `${number(squares)} / ${count} = ${number(variance)}, which training divides by`],
      ["unbiased", `${number(squares)} / (${count} − 1) = ${number(unbiased)}, which is remembered`],
      ["mean", `0.9 · ${bracketed(running.mean[c])} + 0.1 · ${bracketed(centre)} = <strong>${number(next.mean[c])}</strong>`],
      ["variance", `0.9 · ${number(running.variance[c])} + 0.1 · ${number(unbiased)} = <strong>${number(next.variance[c])}</strong>`],
    ];
  };

  // dL/dx of one cell, and what the gradients of its set add up to.
  const gradient = ({ job, sets, stats, xhat }, g, dx, i) => {
    if (sets[i] < 0) return [["dL/dx", `dL/dy = <strong>${number(dx[i])}</strong>`]];
    const { cells, sigma, fixed } = stats[sets[i]];
    const h = (k) => norms.affine(job.gamma, k, job.shape) * g[k];
    if (fixed) return [["dL/dx", `h / √(σ² + ε) = ${number(h(i))} / ${number(sigma)} = <strong>${number(dx[i])}</strong>`]];
    const level = norms.mean(cells.map(h));
    const slope = norms.mean(cells.map((k) => h(k) * xhat[k]));
    const away = job.norm === "rms" ? "" : `${shifted(-level)} `;
    return [
      ["h", `γ · g = ${number(h(i))}`],
      ...(job.norm === "rms" ? [] : [["mean(h)", number(level)]]),
      ["mean(h·x̂)", number(slope)],
      ["dL/dx", `(${number(h(i))} ${away}− ${bracketed(xhat[i])} · ${bracketed(slope)}) / ${number(sigma)} = <strong>${number(dx[i])}</strong>`],
      ["Σ dL/dx", `over set ${letter(sets[i])} = ${number(norms.sum(cells.map((k) => dx[k])))}`],
      ["Σ dL/dx · x̂", `over set ${letter(sets[i])} = ${number(norms.sum(cells.map((k) => dx[k] * xhat[k])))}`],
    ];
  };

  const lines = (pairs) => pairs.map(([sign, text]) => `<dt>${sign}</dt><dd>= ${text}</dd>`).join("");

  return { cell, title, update, gradient, lines };
})();
