// One tensor on the page: images are rows, channels columns; arrow keys walk.
const HUES = [245, 60, 160, 345, 100, 300, 25, 200];
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0] };

const element = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  node.append(...children);
  return node;
};

const indexOf = (target) => Number(target.closest(".cell")?.dataset.index ?? -1);
const where = (index) => {
  const { n, c, h, w } = place(index, start.shape);
  return `image ${n + 1}, channel ${c + 1}, row ${h + 1}, column ${w + 1}`;
};

// No inputmode: some phones' decimal keyboard has no minus sign.
const toCell = (index, editable) => element("span", { class: "cell", "data-index": index },
  element("b", { "aria-hidden": "true" }),
  editable ? element("input", { type: "text", autocomplete: "off" }) : element("button", { type: "button" }));
const head = (name, text) => element("span", { class: name, "aria-hidden": "true" }, text);
const block = (first, editable) => element("div", { class: "block" }, ...each(H * W, (k) => toCell(first + k, editable)));
const row = (n, editable) => [head("image", `image ${n + 1}`), ...each(C, (c) => block((n * C + c) * H * W, editable))];

// The cell some steps away as the eye sees it, up to the border.
const beside = (index, down, right) => {
  const { n, c, h, w } = place(index, start.shape);
  const within = (value, count) => Math.min(Math.max(value, 0), count - 1);
  const [y, x] = [within(n * H + h + down, now.images * H), within(c * W + w + right, C * W)];
  return ((Math.floor(y / H) * C + Math.floor(x / W)) * H + (y % H)) * W + (x % W);
};

// In a text, left and right are the caret's until it stands at an end.
const leaves = ({ key, target: { selectionStart, selectionEnd, value } }) =>
  ({ ArrowLeft: !selectionEnd, ArrowRight: (selectionStart ?? 0) === value.length })[key] ?? true;

const walk = (event, controls) => {
  const step = STEPS[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey || !leaves(event)) return;
  const next = controls[beside(indexOf(event.target), ...step)];
  event.preventDefault();
  next.focus();
  next.select?.();
};

// Colour and letter of a set; after eight colours the tint deepens.
const paint = (node, set) => {
  node.classList.toggle("plain", set < 0);
  node.style.setProperty("--hue", HUES[set % HUES.length] ?? 0);
  node.style.setProperty("--deep", Math.floor(set / HUES.length) % 3);
  node.firstChild.textContent = set < 0 ? "" : letter(set);
};

// A number stays as it was typed, and what is none until it is mended.
const fill = (node, value, label) => {
  const fixed = node.tagName === "BUTTON";
  if (fixed) node.textContent = short(value);
  else if (!node.ariaInvalid && readNumber(node.value).value !== value) node.value = value;
  node.ariaLabel = fixed ? `${label}: ${number(value)}` : label;
};

// A grid in `host`, whose cells are called `name`.
const makeGrid = (host, name) => {
  let controls = [];
  let rows = 0;
  let typing;

  // Rows come and go at the end: what is being typed further up stays.
  const resize = (images, editable) => {
    if (editable !== typing) {
      host.replaceChildren(head("channel", ""), ...each(C, (c) => head("channel", `channel ${c + 1}`)));
      rows = 0;
    }
    for (; rows > images; rows -= 1) [...host.children].slice(-C - 1).forEach((node) => node.remove());
    for (; rows < images; rows += 1) host.append(...row(rows, editable));
    typing = editable;
    controls = [...host.querySelectorAll(".cell > :last-child")];
  };

  const show = (values, sets, editable = false) => {
    resize(now.images, editable);
    controls.forEach((node, i) => {
      paint(node.parentNode, sets[i]);
      fill(node, values[i], `${name}, ${where(i)}${sets[i] < 0 ? "" : `, set ${letter(sets[i])}`}`);
      node.parentNode.classList.toggle("chosen", i === now.cell);
      if (!editable) node.tabIndex = i === now.cell ? 0 : -1; // one stop for Tab
    });
  };

  // Outlines a cell's set: whole channels where it has them, else single cells.
  const light = (index, sets) => host.querySelectorAll(".block").forEach((block) => {
    const cells = [...block.children];
    const inside = cells.map(indexOf).map((i) => i === index || (sets[i] >= 0 && sets[i] === sets[index]));
    const all = inside.every(Boolean);
    block.classList.toggle("lit", all);
    cells.forEach((node, k) => node.classList.toggle("lit", inside[k] && !all));
  });

  host.addEventListener("keydown", (event) => walk(event, controls));
  return { show, light };
};
