// The page itself: what the reader moves goes to `state`, and what follows from it is shown anew.
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const { now } = state;
  const { number, plural } = format;
  const grids = { x: grid.make($("x"), "x"), y: grid.make($("y"), "y"), g: grid.make($("g"), "g"), dx: grid.make($("dx"), "dL/dx") };
  const bad = new Map(); // what cannot be read as a number, and the complaint beneath its section
  let pass, g, dx, outputs;
  let peek = -1;

  // For screen readers, and only once the reader rests.
  let waiting;
  const say = (text) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { $("said").textContent = text; }, 700);
  };

  // Numbers that have a slider and a field. α's slider is in powers of two.
  const perChannel = (key) => ({
    get: () => now[key][Math.max(now.channel, 0)],
    set: (value) => { now[key] = now[key].map((old, c) => (now.channel < 0 || now.channel === c ? value : old)); },
  });
  const plain = (key) => ({ get: () => now[key], set: (value) => { now[key] = value; } });
  const knobs = {
    gamma: perChannel("gamma"), beta: perChannel("beta"), lambda: plain("lambda"), weight: plain("weight"),
    alpha: { ...plain("alpha"), toSlider: Math.log2, fromSlider: (value) => 2 ** value },
  };
  const same = (value) => value;
  const knobOf = (node) => knobs[node.closest("[data-knob]")?.dataset.knob];

  const mend = (input) => {
    bad.get(input)?.remove();
    bad.delete(input);
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  };

  const complain = (input, expected) => {
    mend(input);
    const note = document.createElement("li");
    note.id = `bad-${Math.random().toString(36).slice(2)}`;
    const came = input.value.trim() ? `“${input.value}”` : "nothing";
    note.textContent = `${input.getAttribute("aria-label")}: got ${came}, expected ${expected}. The last good number stays in use.`;
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", note.id);
    input.closest("section").querySelector(".bad").append(note);
    bad.set(input, note);
    say(note.textContent);
  };

  // Hands the number that was typed to `use`, or says what is wrong with it.
  const typed = (input, use, low = -start.most, high = start.most) => {
    const { value, expected } = format.read(input.value, low, high);
    if (expected) return complain(input, expected);
    mend(input);
    use(value);
    return show();
  };

  const showKnobs = () => all("[data-knob]").forEach((node) => {
    const { get, toSlider = same } = knobOf(node);
    const [slider, field] = node.querySelectorAll("input");
    slider.value = toSlider(get());
    slider.setAttribute("aria-valuetext", number(get()));
    if (field !== document.activeElement && !bad.has(field)) field.value = String(+get().toFixed(6));
  });

  const showPickers = (job) => {
    const at = DIVISORS.indexOf(job.groups);
    $("groups").value = at;
    $("groups").classList.toggle("idle", job.norm !== "gn");
    const name = { 1: "layer norm", [C]: "instance norm" }[job.groups] ?? "group norm";
    const text = `${plural(job.groups, "group")} of ${plural(C / job.groups, "channel")}: ${name}`;
    $("groups").setAttribute("aria-valuetext", text);
    $("groups-text").textContent = job.norm === "gn" ? text : "another family: move to come back";
    $("images").value = now.images;
    $("images-text").textContent = plural(now.images, "image");
    $("channel").value = now.channel;
    $("alone").hidden = !(job.norm === "bn" && now.images === 1 && now.training);
    $("refused").hidden = !norms.refused(job);
    const checked = { norm: now.norm, mode: now.training ? "train" : "eval", upstream: now.upstream ? "own" : "one" };
    all("input[type=radio]").forEach((radio) => { radio.checked = checked[radio.name] === radio.value; });
    all("[data-for]").forEach((node) => { node.hidden = !node.dataset.for.split(" ").includes(now.norm); });
  };

  const showCount = () => {
    const { stats } = pass;
    $("count").textContent = stats.length
      ? `Here: ${plural(stats.length, "set")} of ${plural(stats[0].cells.length, "value")}.` : "Here: no sets.";
    const past = outputs ?? pass.y;
    const common = Math.min(past.length, pass.y.length);
    const moved = pass.y.slice(0, common).filter((y, i) => Math.abs(y - past[i]) > 1e-12).length;
    $("moved").textContent = outputs ? `The last change moved ${moved} of the ${plural(common, "output")} that were there.` : "";
    outputs = pass.y;
  };

  const showRunning = (job) => {
    if (job.norm !== "bn") return;
    const own = norms.statistics(job);
    const next = norms.update(now.running, own, job);
    const { c } = norms.place(now.cell, job.shape);
    $("running").innerHTML = now.running.mean.map((mean, k) => `<tr><th scope="row">${k + 1}</th>${
      [mean, now.running.variance[k], next.mean[k], next.variance[k]].map((v) => `<td>${number(v)}</td>`).join("")}</tr>`).join("");
    $("update-title").textContent = `The next step for channel ${c + 1}`;
    $("update").innerHTML = worked.lines(worked.update(now.running, own, next, c));
    $("steps").textContent = `${plural(now.running.steps, "training step")} taken.`;
    const [train, eval_] = [true, false].map((training) => norms.forward({ ...job, training }).y[now.cell]);
    $("both").textContent = `${grid.where(now.cell)}: y = ${number(train)} in training, y = ${number(eval_)} in evaluation.`;
    all("[data-do=step]").forEach((button) => { button.disabled = norms.refused({ ...job, training: true }); });
  };

  const ALPHAS = Array.from({ length: 13 }, (_, k) => 2 ** (k / 2 - 3));
  const showScaled = (job) => {
    const { moved, gradient, step } = norms.scaled(job, g, now.alpha);
    const { alpha } = now;
    $("scaled-y").textContent = number(moved);
    $("scaled-gradient").textContent = `× ${number(gradient)}`;
    $("scaled-step").textContent = `× ${number(step)}`;
    $("rule-gradient").textContent = number(1 / alpha);
    $("rule-step").textContent = number(1 / alpha ** 2);
    $("open").hidden = !(job.norm === "none" || (job.norm === "bn" && !job.training));
    const measured = ALPHAS.map((a) => [a, norms.scaled(job, g, a)]);
    const ticks = [0.125, 0.25, 0.5, 1, 2, 4, 8];
    plot($("scaled-plot"), {
      x: { from: 1 / 8, to: 8, log: true, ticks, title: "α, the scale of the weights" },
      y: { from: 1 / 64, to: 64, log: true, ticks: [1 / 64, 1 / 16, 1 / 4, 1, 4, 16, 64].map((v) => +v.toFixed(4)), title: "times what it is at α = 1" },
      lines: [
        { points: measured.map(([a, m]) => [a, m.gradient]), look: "second", name: "gradient", at: [2.3, 0.62] },
        { points: measured.map(([a, m]) => [a, m.step]), look: "first", name: "relative step", at: [0.42, 8] },
      ],
      dots: [{ point: [alpha, gradient], look: "second" }, { point: [alpha, step], look: "first" }],
    });
  };

  const showThreshold = () => {
    const [w, t] = [now.weight, now.lambda];
    const rules = { soft: norms.softThreshold, ridge: norms.shrink, sub: norms.subgradient };
    const after = Object.fromEntries(Object.entries(rules).map(([key, rule]) => [key, rule(w, t)]));
    Object.entries(after).forEach(([key, value]) => { $(key).textContent = number(value); });
    $("soft-why").textContent = Math.abs(w) <= t ? `exactly zero, as |w| ≤ ${number(t)}` : `${number(t)} nearer to zero`;
    $("sub-why").textContent = w && Math.abs(w) < t ? "past zero to the other side" : after.sub ? "" : "zero by luck of the numbers";
    const ends = (rule) => [-3, -t, -1e-9, 1e-9, t, 3].map((v) => [v, rule(v, t)]);
    plot($("threshold-plot"), {
      x: { from: -3, to: 3, ticks: [-3, -2, -1, 0, 1, 2, 3], title: "w before the step" },
      y: { from: -3, to: 3, ticks: [-3, -2, -1, 0, 1, 2, 3], title: "w after the step" },
      lines: [
        { points: [[-3, -3], [3, 3]], look: "none", name: "no penalty", at: [-1.9, -1.45] },
        { points: ends(norms.shrink), look: "second", name: "L2", at: [2.6, norms.shrink(2.6, t) + 0.2] },
        { points: ends(norms.softThreshold), look: "first", name: "L1", at: [-2.9, norms.softThreshold(-2.9, t) + 0.5] },
      ],
      dots: [{ point: [w, after.ridge], look: "second" }, { point: [w, after.soft], look: "first" }],
    });
  };

  // The set under the pointer, else that of the chosen cell.
  const showCell = () => {
    const lit = peek >= 0 && peek < pass.y.length ? peek : now.cell;
    Object.values(grids).forEach((one) => one.light(lit, pass.sets));
    $("cell-title").textContent = `${grid.where(lit)}`;
    $("cell-set").textContent = worked.title(pass, lit);
    $("cell").innerHTML = worked.lines(worked.cell(pass, lit));
    $("gradient").innerHTML = worked.lines(worked.gradient(pass, g, dx, lit));
  };

  let remembering;
  const remember = () => {
    clearTimeout(remembering);
    remembering = setTimeout(() => history.replaceState(null, "", `#${state.toAddress()}`), 300);
  };

  const showGradient = () => {
    g = state.upstream();
    dx = norms.backward(pass, g);
    const common = { images: now.images, sets: pass.sets, chosen: now.cell };
    grids.g.show({ ...common, values: g, editable: Boolean(now.upstream) });
    grids.dx.show({ ...common, values: dx });
    grids.y.show({ ...common, values: pass.y });
  };

  const show = () => {
    state.keepCellInside();
    const job = state.job();
    pass = norms.forward(job);
    if (norms.refused(job)) pass.y.fill(NaN);
    grids.x.show({ images: now.images, sets: pass.sets, chosen: now.cell, values: job.x, editable: true });
    [...bad.keys()].filter((input) => !input.isConnected).forEach(mend);
    showPickers(job);
    showKnobs();
    showCount();
    showThreshold();
    choose(now.cell);
  };

  const choose = (index) => {
    now.cell = index;
    const job = state.job();
    showGradient();
    showCell();
    showRunning(job);
    showScaled(job);
    remember();
    say(`${grid.where(index)}. ${worked.title(pass, index)}. y = ${number(pass.y[index])}. ${$("moved").textContent}`);
  };

  const actions = {
    step: () => { now.running = norms.update(now.running, norms.statistics(state.job())); },
    forget: () => { now.running = norms.fresh(C); },
    reset: () => state.reset(),
    copy: async () => {
      history.replaceState(null, "", `#${state.toAddress()}`);
      await navigator.clipboard?.writeText(location.href).catch(() => {});
      $("said").textContent = $("copied").textContent = "The address bar holds the link to this state; it is copied where the browser lets it be.";
    },
  };

  const readAddress = (text) => {
    [...bad.keys()].forEach(mend);
    $("address").replaceChildren(...state.fromAddress(text).map((note) => Object.assign(document.createElement("li"), { textContent: note })));
  };

  const radios = {
    norm: state.pickNorm,
    mode: (value) => { now.training = value === "train"; },
    upstream: (value) => { now.upstream = value === "own" ? state.own() : null; },
  };

  document.addEventListener("input", ({ target }) => {
    const knob = knobOf(target);
    const cells = { x: now.x, g: now.upstream }[target.closest(".tensor")?.id];
    if (cells) return typed(target, (value) => { cells[grid.index(target)] = value; });
    if (knob && target.type === "text") return typed(target, knob.set, +target.dataset.low, +target.dataset.high);
    if (knob) knob.set((knob.fromSlider ?? same)(Number(target.value)));
    if (target.type === "radio") radios[target.name](target.value);
    if (target.id === "groups") state.pickGroups(DIVISORS[target.value]);
    if (target.id === "images") now.images = Number(target.value);
    if (target.id === "channel") now.channel = Number(target.value);
    return show();
  });

  document.addEventListener("click", ({ target }) => {
    const { do: action, try: wish } = target.closest("button")?.dataset ?? {};
    if (wish) readAddress(wish);
    if (action) actions[action]();
    if (action === "reset") readAddress("");
    if (wish || action) show();
  });

  Object.values(grids).forEach((one) => {
    const pick = ({ target }) => grid.index(target) >= 0 && choose(grid.index(target));
    one.host.addEventListener("focusin", pick);
    one.host.addEventListener("click", pick);
    one.host.addEventListener("pointerover", ({ target, pointerType }) => {
      if (pointerType !== "mouse") return;
      peek = grid.index(target);
      showCell();
    });
    one.host.addEventListener("pointerleave", () => { peek = -1; showCell(); });
    one.host.addEventListener("keydown", () => { peek = -1; });
  });

  window.addEventListener("hashchange", () => { state.reset(); readAddress(location.hash.slice(1)); show(); });
  readAddress(location.hash.slice(1));
  show();
})();
