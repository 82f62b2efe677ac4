// One tensor on the page: images are rows, channels are columns, and arrow keys walk from cell to cell.
const grid = (() => {
  "use strict";
  const HUES = [245, 60, 160, 345, 100, 300, 25, 200];
  const element = (tag, attributes = {}, children = []) => {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...children);
    return made;
  };

  const where = (index) => {
    const { n, c, h, w } = norms.place(index, [0, C, H, W]);
    return `image ${n + 1}, channel ${c + 1}, row ${h + 1}, column ${w + 1}`;
  };

  // No inputmode: the decimal keyboard of some phones has no minus sign.
  const field = () => element("input", { type: "text", autocomplete: "off", spellcheck: "false", autocapitalize: "off" });
  const cell = (index, editable) => element("span", { class: "cell", "data-index": index }, [
    element("b", { "aria-hidden": "true" }),
    editable ? field() : element("button", { type: "button", tabindex: -1 }),
  ]);

  const block = (n, c, editable) => {
    const first = (n * C + c) * H * W;
    const cells = Array.from({ length: H * W }, (_, k) => cell(first + k, editable));
    return element("div", { class: "block", style: `--w:${W}` }, cells);
  };

  const row = (n, editable) => [
    element("span", { class: "image", "aria-hidden": "true" }, [`image ${n + 1}`]),
    ...Array.from({ length: C }, (_, c) => block(n, c, editable)),
  ];

  const heads = () => ["", ...Array.from({ length: C }, (_, c) => `channel ${c + 1}`)]
    .map((text) => element("span", { class: "channel", "aria-hidden": "true" }, [text]));

  // The cell one step away as the eye sees it, or the same one at the border.
  const beside = (index, down, right, images) => {
    const { n, c, h, w } = norms.place(index, [0, C, H, W]);
    const row = Math.min(Math.max(n * H + h + down, 0), images * H - 1);
    const column = Math.min(Math.max(c * W + w + right, 0), C * W - 1);
    return ((Math.floor(row / H) * C + Math.floor(column / W)) * H + (row % H)) * W + (column % W);
  };

  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0] };

  // In a text, left and right belong to the caret until it stands at an end.
  const leaves = (event) => {
    const input = event.target;
    if (input.tagName !== "INPUT") return event.key !== "Enter";
    if (event.key === "ArrowLeft") return input.selectionEnd === 0;
    return event.key !== "ArrowRight" || input.selectionStart === input.value.length;
  };

  const walk = (event, controls, images) => {
    const step = STEPS[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey || !leaves(event)) return;
    const back = event.key === "Enter" && event.shiftKey ? -1 : 1;
    const next = controls[beside(controls.indexOf(event.target), back * step[0], step[1], images)];
    event.preventDefault();
    next.focus();
    if (next.select) next.select();
  };

  const put = (node, name, value) => node.getAttribute(name) !== value && node.setAttribute(name, value);

  // Colour and letter of a set; after eight colours the tint deepens.
  const paint = (node, set) => {
    node.classList.toggle("plain", set < 0);
    node.style.setProperty("--hue", HUES[Math.max(set, 0) % HUES.length]);
    node.style.setProperty("--deep", Math.floor(Math.max(set, 0) / HUES.length) % 3);
    node.firstChild.textContent = set < 0 ? "" : format.letter(set);
  };

  // The outline of a cell's set: around whole channels where it has them, else around single cells.
  const outline = (host, cells, sets, index) => {
    const inside = (i) => i === index || (sets[i] >= 0 && sets[i] === sets[index]);
    host.querySelectorAll(".block").forEach((node) => {
      const own = [...node.children].map((child) => inside(Number(child.dataset.index)));
      const whole = own.every(Boolean);
      node.classList.toggle("lit", whole);
      own.forEach((lit, k) => node.children[k].classList.toggle("lit", lit && !whole));
    });
    cells.forEach((node, i) => node.classList.toggle("chosen", i === index));
  };

  // A grid in `host`; `name` is what its cells are called, `editable` whether one can type in them.
  const make = (host, name) => {
    let cells = [];
    let controls = [];
    let shownImages = 0;
    let shownEditable = null;

    // Rows come and go at the end, so that what is being typed further up stays as it is.
    const resize = (images, editable) => {
      if (editable !== shownEditable) host.replaceChildren(...heads());
      if (editable !== shownEditable) shownImages = 0;
      for (; shownImages > images; shownImages -= 1) [...host.children].slice(-C - 1).forEach((node) => node.remove());
      for (; shownImages < images; shownImages += 1) host.append(...row(shownImages, editable));
      shownEditable = editable;
      cells = [...host.querySelectorAll(".cell")];
      controls = cells.map((node) => node.lastChild);
    };

    const write = (control, value, index, label) => {
      if (control.tagName === "INPUT") {
        // What is being typed, and what is waiting to be mended, stays as it is.
        const keeps = control === document.activeElement || control.getAttribute("aria-invalid") === "true";
        if (!keeps) control.value = String(value);
        put(control, "aria-label", label);
      } else {
        control.textContent = format.short(value);
        put(control, "aria-label", `${label}: ${format.number(value)}`);
      }
    };

    const show = ({ images, editable = false, values, sets, chosen }) => {
      resize(images, editable);
      cells.forEach((node, i) => {
        paint(node, sets[i]);
        const set = sets[i] < 0 ? "" : `, set ${format.letter(sets[i])}`;
        write(controls[i], values[i], i, `${name}, ${where(i)}${set}`);
        if (!editable) controls[i].tabIndex = i === chosen ? 0 : -1;
      });
    };
    const light = (index, sets) => outline(host, cells, sets, index);

    host.addEventListener("keydown", (event) => controls.includes(event.target) && walk(event, controls, shownImages));
    host.style.setProperty("--c", C);
    return { host, show, light };
  };

  const index = (target) => Number(target.closest(".cell")?.dataset.index ?? -1);
  return { make, where, index };
})();
