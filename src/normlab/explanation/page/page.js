// What the reader moves goes to `now`, and what follows from it is shown anew.
const $ = (id) => document.getElementById(id);
const all = (selector) => [...document.querySelectorAll(selector)];
const put = (texts) => Object.entries(texts).forEach(([id, text]) => { $(id).textContent = text; });
const grids = Object.fromEntries(["x", "y", "g", "dx"].map((id) => [id, makeGrid($(id), id === "dx" ? "dL/dx" : id)]));
const bad = new Map(); // fields that hold no number, and the complaint about each
let job, pass, g, dx, before;
let pointed = -1;

// Once the reader rests.
const later = (wait, act, timer) => (...given) => {
  clearTimeout(timer);
  timer = setTimeout(act, wait, ...given);
};
const say = later(700, (said) => put({ said }));
const remember = later(300, () => history.replaceState(null, "", `#${toAddress()}`));

// Sliders with a field: γ and β are of one channel or of all, α is on a logarithmic scale.
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
  if (field !== document.activeElement && !bad.has(field)) field.value = +value.toFixed(6);
});

const mend = (field) => {
  bad.get(field)?.remove();
  bad.delete(field);
  field.ariaInvalid = null;
  field.removeAttribute("aria-describedby");
};
const complain = (field, expected) => {
  mend(field);
  const came = field.value.trim() ? `“${field.value}”` : "nothing";
  const text = `${field.ariaLabel}: got ${came}, expected ${expected}. The last good number stays.`;
  const note = element("li", { id: `bad-${performance.now()}` }, text);
  field.ariaInvalid = "true";
  field.setAttribute("aria-describedby", note.id);
  field.closest("section").querySelector(".bad").append(note);
  bad.set(field, note);
  say(text);
};
const type = (field, use) => {
  const { value, expected } = readNumber(field.value, field.dataset.low, field.dataset.high);
  if (expected) return complain(field, expected);
  mend(field);
  use(value);
  return show();
};

const showPickers = () => {
  const family = { 1: "layer", [C]: "instance" }[job.groups] ?? "group";
  const text = `${plural(job.groups, "group")} of ${plural(C / job.groups, "channel")}: ${family} norm`;
  $("groups").value = DIVISORS.indexOf(job.groups);
  $("groups").ariaValueText = text;
  $("groups").classList.toggle("idle", job.norm !== "gn");
  $("images").value = now.images;
  put({ "groups-text": job.norm === "gn" ? text : "layer, group and instance norm", "images-text": now.images });
  all("input[type=radio]").forEach((radio) => { radio.checked = now[radio.name] === radio.value; });
};

const showParts = () => {
  const batch = job.norm === "bn";
  const alone = batch && now.images === 1 && job.training;
  const facts = { [now.norm]: true, refused: refuses(job), alone, evaluation: batch && !job.training };
  all("[data-for]").forEach((node) => { node.hidden = !node.dataset.for.split(" ").some((key) => facts[key]); });
};

const showCounts = () => {
  const common = pass.y.slice(0, before?.length);
  const moved = common.filter((y, i) => Math.abs(y - before?.[i]) > 1e-12).length;
  const [first] = pass.stats;
  put({
    count: first ? `Here: ${plural(pass.stats.length, "set")} of ${plural(first.cells.length, "value")}.` : "",
    moved: before ? `The last change moved ${moved} of the ${plural(common.length, "output")} that were there.` : "",
  });
  before = pass.y;
};

const showRunning = () => {
  if (job.norm !== "bn") return;
  const own = statistics(job);
  const next = update(now, own);
  const { c } = place(now.cell, start.shape);
  const refused = refuses({ ...job, training: true });
  const [train, evaluated] = [true, false].map((training) => forward({ ...job, training }).y[now.cell]);
  const columns = [now.mean, now.variance, next.mean, next.variance];
  $("running").replaceChildren(...each(C, (k) => element("tr", {}, element("th", { scope: "row" }, k + 1),
    ...columns.map((values) => element("td", {}, number(values[k]))))));
  $("update").innerHTML = lines(updateLines(own, next, c));
  $("step").disabled = refused;
  put({
    steps: `${plural(now.steps, "training step")} taken.`, "update-channel": c + 1, "both-cell": where(now.cell),
    "both-train": refused ? "—" : number(train), "both-eval": number(evaluated),
  });
};

const showScaled = () => {
  const { alpha } = now;
  const found = scaled(job, g, alpha);
  put({
    "scaled-y": number(found.moved), "scaled-gradient": number(found.gradient), "scaled-step": number(found.step),
    "rule-gradient": number(1 / alpha), "rule-step": number(1 / alpha ** 2),
  });
  const ticks = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8];
  const measured = ticks.map((a) => [a, scaled(job, g, a)]);
  const line = (look, key) => ({ look, points: measured.map(([a, one]) => [a, one[key]]), dot: [alpha, found[key]] });
  plot($("scaled-plot"), { ticks, log: true, title: "α, the scale of the weights" },
    { ticks: [1 / 64, 1 / 8, 1, 8, 64], log: true, title: "times what it is at α = 1" },
    [line("second", "gradient"), line("first", "step")]);
};

const showThreshold = () => {
  const { w, lambda: t } = now;
  put({
    soft: number(softThreshold(w, t)), ridge: number(shrink(w, t)), sub: number(subgradient(w, t)),
    "soft-why": Math.abs(w) <= t ? `exactly zero, as |w| ≤ ${number(t)}` : `${number(t)} nearer to zero`,
  });
  const line = (look, rule) => ({ look, points: [-3, -t, t, 3].map((v) => [v, rule(v, t)]), dot: [w, rule(w, t)] });
  const ticks = [-3, -2, -1, 0, 1, 2, 3];
  plot($("threshold-plot"), { ticks, title: "w before the step" }, { ticks, title: "w after the step" },
    [line("third", Number), line("second", shrink), line("first", softThreshold)]);
};

// The set of the cell under the pointer, else of the chosen one.
const showCell = () => {
  const lit = pointed >= 0 && pointed < size() ? pointed : now.cell;
  Object.values(grids).forEach((grid) => grid.light(lit, pass.sets));
  put({ "cell-title": where(lit), "cell-set": setTitle(pass, lit) });
  $("cell").innerHTML = lines(cellLines(pass, lit));
  $("gradient").innerHTML = lines(gradientLines(pass, g, dx, lit));
};

const choose = (index, news = "") => {
  now.cell = index;
  g = upstream();
  dx = backward(pass, g);
  grids.x.show(job.x, pass.sets, true);
  grids.y.show(pass.y, pass.sets);
  grids.g.show(g, pass.sets, now.upstream === "own");
  grids.dx.show(dx, pass.sets);
  [...bad.keys()].filter((field) => !field.isConnected).forEach(mend);
  showCell();
  showRunning();
  showScaled();
  remember();
  say(`${setTitle(pass, index)}. y = ${number(pass.y[index])}. ${news}`);
};

const show = () => {
  job = toJob();
  job.sets = toSets(job);
  pass = forward(job);
  if (refuses(job)) pass.y.fill(NaN);
  showPickers();
  showParts();
  showKnobs();
  showCounts();
  showThreshold();
  choose(Math.min(now.cell, size() - 1), $("moved").textContent);
};

const open = (address) => $("address").replaceChildren(...take(address).map(([key, text]) =>
  element("li", {}, `“${key}=${text.slice(0, 40)}” in the address is not understood`)));
const restart = (address) => {
  [...bad.keys()].forEach(mend);
  reset();
  open(address);
};

const actions = {
  skip: () => $("arithmetic").focus(),
  step: () => Object.assign(now, update(now, statistics(job))),
  forget: () => Object.assign(now, fresh(C)),
  reset: () => restart(""),
  copy: () => {
    history.replaceState(null, "", `#${toAddress()}`);
    navigator.clipboard?.writeText(location.href).then(() => put({ copied: "Copied." })).catch(() => {});
  },
};

document.addEventListener("input", ({ target }) => {
  const { id, name, value } = target;
  const values = { x: now.x, g: now.g }[target.closest(".tensor")?.id];
  const knob = target.closest("[data-knob]")?.dataset.knob;
  if (values) return type(target, (typed) => { values[indexOf(target)] = typed; });
  if (knob && target.type === "text") return type(target, (typed) => set(knob, typed));
  if (knob) set(knob, knob === "alpha" ? 2 ** value : Number(value));
  if (name) now[name] = value;
  if (id === "groups") pickGroups(DIVISORS[value]);
  if (id === "images") now.images = Number(value);
  return show();
});

document.addEventListener("click", ({ target }) => {
  const { id, dataset } = target.closest("button") ?? {};
  if (dataset?.try) open(dataset.try);
  actions[id]?.();
  if (dataset?.try || actions[id]) show();
});

const pick = ({ target }) => indexOf(target) >= 0 && choose(indexOf(target));
document.addEventListener("focusin", pick);
document.addEventListener("click", pick);
document.addEventListener("keydown", () => { pointed = -1; });
document.addEventListener("pointerover", ({ target, pointerType }) => {
  if (pointerType !== "mouse" || pointed === indexOf(target)) return;
  pointed = indexOf(target);
  showCell();
});
window.addEventListener("hashchange", () => {
  restart(location.hash.slice(1));
  show();
});
open(location.hash.slice(1));
show();
say(""); // nothing has happened yet
