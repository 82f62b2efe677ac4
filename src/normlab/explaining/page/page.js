// The page itself: what the reader moves goes to `now`, and what follows from it is shown anew.
const $ = (id) => document.getElementById(id);
const all = (selector) => [...document.querySelectorAll(selector)];
const put = (texts) => Object.entries(texts).forEach(([id, text]) => { $(id).textContent = text; });
const grids = Object.fromEntries(["x", "y", "g", "dx"].map((id) => [id, makeGrid($(id), id === "dx" ? "dL/dx" : id)]));
const bad = new Map(); // fields without a number in them, and the complaint beneath their section
let job, pass, g, dx, before;
let pointed = -1;

// Once the reader rests: the address, and a sentence for screen readers.
const later = (wait, act, timer) => (...given) => {
  clearTimeout(timer);
  timer = setTimeout(act, wait, ...given);
};
const say = later(700, (said) => put({ said }));
const remember = later(300, () => history.replaceState(null, "", `#${toAddress()}`));

// Numbers with a slider and a field. γ and β are the chosen channel's or everyone's; α's slider counts powers of two.
const channel = () => Number($("channel").value);
const get = (key) => (Array.isArray(now[key]) ? now[key][Math.max(channel(), 0)] : now[key]);
const set = (key, value) => {
  now[key] = Array.isArray(now[key]) ? now[key].map((old, c) => ([-1, c].includes(channel()) ? value : old)) : value;
};
const showKnobs = () => all("[data-knob]").forEach((node) => {
  const [slider, field] = node.querySelectorAll("input");
  const value = get(node.dataset.knob);
  slider.value = node.dataset.knob === "alpha" ? Math.log2(value) : value;
  slider.ariaValueText = number(value);
  if (field !== document.activeElement && !bad.has(field)) field.value = String(+value.toFixed(6));
});

const mend = (field) => {
  bad.get(field)?.remove();
  bad.delete(field);
  ["aria-invalid", "aria-describedby"].forEach((name) => field.removeAttribute(name));
};
const complain = (field, expected) => {
  mend(field);
  const came = field.value.trim() ? `“${field.value}”` : "nothing";
  const text = `${field.ariaLabel}: got ${came}, expected ${expected}. The last good number stays in use.`;
  const note = element("li", { id: `bad-${performance.now()}` }, text);
  field.ariaInvalid = "true";
  field.setAttribute("aria-describedby", note.id);
  field.closest("section").querySelector(".bad").append(note);
  bad.set(field, note);
  say(text);
};
const type = (field, use) => {
  const { low = -start.most, high = start.most } = field.dataset;
  const { value, expected } = readNumber(field.value, Number(low), Number(high));
  if (expected) return complain(field, expected);
  mend(field);
  use(value);
  return show();
};

const showPickers = () => {
  const family = { 1: "layer norm", [C]: "instance norm" }[job.groups] ?? "group norm";
  const text = `${plural(job.groups, "group")} of ${plural(C / job.groups, "channel")}: ${family}`;
  $("groups").value = DIVISORS.indexOf(job.groups);
  $("groups").ariaValueText = text;
  $("groups").classList.toggle("idle", job.norm !== "gn");
  $("images").value = now.images;
  put({ "groups-text": job.norm === "gn" ? text : "moving it picks layer, group or instance norm", "images-text": now.images });
  all("input[type=radio]").forEach((radio) => { radio.checked = now[radio.name] === radio.value; });
};

// Parts of the page that are there for some norms or states only.
const showParts = () => {
  const alone = job.norm === "bn" && now.images === 1 && job.training;
  const open = job.norm === "none" || (job.norm === "bn" && !job.training);
  const facts = { [now.norm]: true, refused: norms.refused(job), alone, open };
  all("[data-for]").forEach((node) => { node.hidden = !node.dataset.for.split(" ").some((key) => facts[key]); });
};

// How many sets there are, and how many of the outputs that were there before have moved.
const showCounts = () => {
  const common = pass.y.slice(0, before?.length);
  const moved = common.filter((y, i) => Math.abs(y - before?.[i]) > 1e-12).length;
  const sizes = pass.stats.map(({ cells }) => plural(cells.length, "value"));
  put({
    count: sizes.length ? `Here: ${plural(sizes.length, "set")} of ${sizes[0]}.` : "",
    moved: before ? `The last change moved ${moved} of the ${plural(common.length, "output")} that were there.` : "",
  });
  before = pass.y;
};

const showRunning = () => {
  if (job.norm !== "bn") return;
  const own = norms.statistics(job);
  const next = norms.update(now, own);
  const { c } = place(now.cell);
  const refused = norms.refused({ ...job, training: true });
  const columns = [now.mean, now.variance, next.mean, next.variance];
  const [train, evaluated] = [true, false].map((training) => norms.forward({ ...job, training }).y[now.cell]);
  $("running").innerHTML = now.mean.map((_, k) =>
    `<tr><th scope="row">${k + 1}</th>${columns.map((values) => `<td>${number(values[k])}</td>`).join("")}</tr>`).join("");
  $("update").innerHTML = lines(updateLines(own, next, c));
  $("step").disabled = refused;
  put({
    steps: `${plural(now.steps, "training step")} taken.`, "update-channel": c + 1, "both-cell": where(now.cell),
    "both-train": refused ? "—" : number(train), "both-eval": number(evaluated),
  });
};

const showScaled = () => {
  const { alpha } = now;
  const { moved, gradient, step } = norms.scaled(job, g, alpha);
  put({
    "scaled-y": number(moved), "scaled-gradient": `× ${number(gradient)}`, "scaled-step": `× ${number(step)}`,
    "rule-gradient": number(1 / alpha), "rule-step": number(1 / alpha ** 2),
  });
  const ticks = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8];
  const measured = ticks.map((a) => [a, norms.scaled(job, g, a)]);
  const points = (key) => measured.map(([a, result]) => [a, result[key]]);
  plot($("scaled-plot"), { ticks, log: true, title: "α, the scale of the weights" },
    { ticks: [1 / 64, 1 / 8, 1, 8, 64], log: true, title: "times what it is at α = 1" }, [
      { look: "second", name: "gradient", at: [4.2, 0.42], points: points("gradient"), dot: [alpha, gradient] },
      { look: "first", name: "relative step", at: [0.42, 14], points: points("step"), dot: [alpha, step] },
    ]);
};

const showThreshold = () => {
  const { w, lambda: t } = now;
  const rules = { soft: norms.softThreshold, ridge: norms.shrink, sub: norms.subgradient };
  Object.entries(rules).forEach(([id, rule]) => put({ [id]: number(rule(w, t)) }));
  put({
    "soft-why": Math.abs(w) <= t ? `exactly zero, as |w| ≤ ${number(t)}` : `${number(t)} nearer to zero`,
    "sub-why": w && Math.abs(w) < t ? "past zero, to the other side" : "",
  });
  const line = (rule, look, name, at) => ({
    look, name, at: [at, rule(at, t) + 0.3], dot: [w, rule(w, t)], points: [-3, -t, t, 3].map((v) => [v, rule(v, t)]),
  });
  const ticks = [-3, -2, -1, 0, 1, 2, 3];
  plot($("threshold-plot"), { ticks, title: "w before the step" }, { ticks, title: "w after the step" },
    [line(Number, "none", "no penalty", -2.2), line(rules.ridge, "second", "L2", 2.7), line(rules.soft, "first", "L1", -2.7)]);
};

// The set of the cell under the pointer, else of the chosen one.
const showCell = () => {
  const lit = pointed >= 0 && pointed < size() ? pointed : now.cell;
  Object.values(grids).forEach((grid) => grid.light(lit, pass.sets));
  put({ "cell-title": where(lit), "cell-set": setTitle(pass, lit) });
  $("cell").innerHTML = lines(cellLines(pass, lit));
  $("gradient").innerHTML = lines(gradientLines(pass, g, dx, lit));
};

const choose = (index) => {
  now.cell = index;
  g = upstream();
  dx = norms.backward(pass, g);
  grids.x.show(job.x, pass.sets, true);
  grids.y.show(pass.y, pass.sets);
  grids.g.show(g, pass.sets, now.upstream === "own");
  grids.dx.show(dx, pass.sets);
  [...bad.keys()].filter((field) => !field.isConnected).forEach(mend);
  [showCell, showRunning, showScaled, remember].forEach((part) => part());
  say(`${where(index)}. ${setTitle(pass, index)}. y = ${number(pass.y[index])}. ${$("moved").textContent}`);
};

const show = () => {
  job = toJob();
  pass = norms.forward(job);
  if (norms.refused(job)) pass.y.fill(NaN);
  [showPickers, showParts, showKnobs, showCounts, showThreshold].forEach((part) => part());
  choose(Math.min(now.cell, size() - 1));
};

const open = (address) => {
  const unread = take(address).map(([key, text]) => `“${key}=${text.slice(0, 40)}” in the address is not understood`);
  $("address").replaceChildren(...unread.map((text) => element("li", {}, text)));
};
const restart = (address) => {
  [...bad.keys()].forEach(mend);
  reset();
  open(address);
};

const actions = {
  step: () => Object.assign(now, norms.update(now, norms.statistics(job))),
  forget: () => Object.assign(now, norms.fresh(C)),
  reset: () => restart(""),
  copy: () => {
    history.replaceState(null, "", `#${toAddress()}`);
    const told = (copied) => () => put({ copied });
    navigator.clipboard?.writeText(location.href).then(told("Copied."), told("The address bar holds the link."));
  },
};

document.addEventListener("input", ({ target }) => {
  const { id, name, value } = target;
  const values = { x: now.x, g: now.g }[target.closest(".tensor")?.id];
  const knob = target.closest("[data-knob]")?.dataset.knob;
  if (values) return type(target, (typed) => { values[indexOf(target)] = typed; });
  if (knob && target.type === "text") return type(target, (typed) => set(knob, typed));
  if (knob) set(knob, knob === "alpha" ? 2 ** value : Number(value));
  if (name === "norm") pickNorm(value);
  else if (name) now[name] = value;
  if (id === "groups") pickGroups(DIVISORS[value]);
  if (id === "images") now.images = Number(value);
  return show();
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  const act = button?.dataset.try ? () => open(button.dataset.try) : actions[button?.id];
  if (!act) return;
  act();
  show();
});

Object.values(grids).forEach(({ host }) => {
  const point = (index) => {
    pointed = index;
    showCell();
  };
  const pick = ({ target }) => indexOf(target) >= 0 && choose(indexOf(target));
  host.addEventListener("focusin", pick);
  host.addEventListener("click", pick);
  host.addEventListener("keydown", () => { pointed = -1; });
  host.addEventListener("pointerover", ({ target, pointerType }) => pointerType === "mouse" && point(indexOf(target)));
  host.addEventListener("pointerleave", () => point(-1));
});

window.addEventListener("hashchange", () => {
  restart(location.hash.slice(1));
  show();
});
open(location.hash.slice(1));
show();
