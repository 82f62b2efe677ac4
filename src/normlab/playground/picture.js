// A picture as an image of the data set, step by step as `normlab predict` does it (`normlab.prediction.picture`).
// A picture is { width, height, planes }: one plane of shades for each channel, 0 to 255.
const LIGHT = 128;
const INK = 0.15 * 255;
const rounded = (value) => (value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value)); // halves to even
const level = (value) => Math.min(255, Math.max(0, rounded(value)));

// What is transparent lies on white; grey is weighed as ITU-R 601 has it.
const toShades = ({ width, height, data }, channels) => {
  const on = (i, c) => 255 + (data[4 * i + c] - 255) * (data[4 * i + 3] / 255);
  const grey = (i) => Math.floor((on(i, 0) * 19595 + on(i, 1) * 38470 + on(i, 2) * 7471 + 32768) / 65536);
  const planes = Array.from({ length: channels }, (_, c) =>
    Float64Array.from({ length: width * height }, (_, i) => (channels === 1 ? grey(i) : Math.round(on(i, c)))));
  return { width, height, planes };
};

const quantile = (sorted, share) => {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at - Math.floor(at));
};
const edge = ({ width, height, planes: [shades] }) => Float64Array.from([
  ...shades.subarray(0, width), ...shades.subarray((height - 1) * width),
  ...Array.from({ length: height }, (_, row) => shades[row * width]),
  ...Array.from({ length: height }, (_, row) => shades[row * width + width - 1]),
]).sort();
const ground = (picture) => quantile(edge(picture), 0.5);

// Whether what is on it is darker than what is around it; an image of the right size has to have a light border.
const isInverted = (picture, stored) => {
  const around = ground(picture);
  if (stored) return around > LIGHT;
  const sorted = Float64Array.from(picture.planes[0]).sort();
  return around - quantile(sorted, 0.001) > quantile(sorted, 0.999) - around;
};

// The background's own level taken away, and the brightest at 255.
const cleaned = (picture) => {
  const around = ground(picture);
  const above = picture.planes[0].map((value) => Math.max(0, value - around));
  const top = above.length > 1 ? quantile(Float64Array.from(above).sort(), 0.999) : 0;
  return { ...picture, planes: [top > 0 ? above.map((value) => Math.min(255, (value * 255) / top)) : above] };
};

// Which values of a line make up one of the resized line, and with which weights: averages, or between neighbours.
const BOX = { reach: 0.5, weight: (x) => Number(x > -0.5 && x <= 0.5) };
const TRIANGLE = { reach: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };
const parts = (filter, from, start, length, to) => {
  const scale = length / to;
  const wide = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = start + (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - filter.reach * wide + 0.5));
    const last = Math.min(from, Math.floor(centre + filter.reach * wide + 0.5));
    const weights = Array.from({ length: last - first }, (_, k) => filter.weight((first + k - centre + 0.5) / wide));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
};
const mixed = (values, from, stride, { first, weights }) =>
  Math.floor(weights.reduce((sum, weight, k) => sum + weight * values[from + (first + k) * stride], 0) + 0.5);

// A window of a picture at another size: across, then down, in whole shades after each.
const resized = ({ width, height, planes }, window, [tall, wide], filter) => {
  const across = parts(filter, width, window.left, window.width, wide);
  const down = parts(filter, height, window.top, window.height, tall);
  const made = planes.map((plane) => {
    const narrow = Float64Array.from({ length: height * wide }, (_, i) =>
      mixed(plane, Math.floor(i / wide) * width, 1, across[i % wide]));
    return Float64Array.from({ length: tall * wide }, (_, i) => mixed(narrow, i % wide, wide, down[Math.floor(i / wide)]));
  });
  return { width: wide, height: tall, planes: made };
};

const reach = (length, has) => {
  const there = Array.from({ length }, (_, i) => i).filter(has);
  return there.length ? [there[0], there.at(-1) + 1] : null;
};
// The window that has all ink; null on an empty page.
const inked = ({ width, height, planes: [ink] }) => {
  const [rows, columns] = [new Uint8Array(height), new Uint8Array(width)];
  ink.forEach((value, i) => { if (value > INK) rows[Math.floor(i / width)] = columns[i % width] = 1; });
  const [down, across] = [reach(height, (i) => rows[i]), reach(width, (i) => columns[i])];
  return down && { top: down[0], left: across[0], height: down[1] - down[0], width: across[1] - across[0] };
};

const massOf = (plane, width) => {
  let [sum, row, column] = [0, 0, 0];
  plane.forEach((value, i) => { sum += value; row += value * Math.floor(i / width); column += value * (i % width); });
  return [row / sum, column / sum];
};
// A plane moved by fractions of a pixel, between neighbours; what comes in from outside is 0.
const moved = (plane, [height, width], [down, right]) => {
  const at = (row, column) => (row < height && column < width ? plane[row * width + column] : 0);
  return plane.map((_, i) => {
    const [row, column] = [Math.floor(i / width) - down, (i % width) - right];
    if (row < 0 || column < 0 || row > height - 1 || column > width - 1) return 0;
    const [top, left] = [Math.floor(row), Math.floor(column)];
    const [r, c] = [row - top, column - left];
    return (1 - r) * ((1 - c) * at(top, left) + c * at(top, left + 1)) + r * ((1 - c) * at(top + 1, left) + c * at(top + 1, left + 1));
  });
};

// The ink, scaled to the box of such images and moved so that its mass is where theirs is.
const centred = (picture, { box, centre }, [height, width]) => {
  const window = inked(picture);
  const plane = new Float64Array(height * width);
  if (!window) return plane;
  const factor = box / Math.max(window.height, window.width);
  const [tall, wide] = [window.height, window.width].map((side) => Math.max(1, rounded(side * factor)));
  const cut = { ...picture, planes: [cutOut(picture, window)], width: window.width, height: window.height };
  const small = resized(cut, { ...window, top: 0, left: 0 }, [tall, wide], BOX).planes[0];
  const [top, left] = [Math.floor((height - tall) / 2), Math.floor((width - wide) / 2)];
  small.forEach((value, i) => { plane[(top + Math.floor(i / wide)) * width + left + (i % wide)] = value; });
  const mass = massOf(plane, width);
  return moved(plane, [height, width], [centre[0] - mass[0], centre[1] - mass[1]]).map(level);
};
const cutOut = ({ width, planes: [plane] }, window) =>
  Float64Array.from({ length: window.width * window.height }, (_, i) =>
    Math.floor(plane[(window.top + Math.floor(i / window.width)) * width + window.left + (i % window.width)]));

// The middle of a picture, of the shape that is wanted: in whole pixels, or to their fractions.
const middle = ({ width, height }, aspect, whole) => {
  const [tall, wide] = [Math.min(height, width * aspect), Math.min(width, height / aspect)];
  if (!whole) return { top: (height - tall) / 2, left: (width - wide) / 2, height: tall, width: wide };
  const [rows, columns] = [Math.max(1, rounded(tall)), Math.max(1, rounded(wide))];
  return { top: Math.floor((height - rows) / 2), left: Math.floor((width - columns) / 2), height: rows, width: columns };
};
const fitted = (picture, [height, width], own) => {
  const window = middle(picture, height / width, !own);
  return resized(picture, window, [height, width], own || height > window.height ? TRIANGLE : BOX);
};

// The pixels [C, H, W] of a picture made an image of the data set, and what was done to it.
const toImage = (picture, [, height, width], habits) => {
  const fits = picture.height === height && picture.width === width;
  const notes = [];
  let shown = picture;
  if (habits.dark && !habits.own && isInverted(picture, fits)) {
    shown = { ...picture, planes: picture.planes.map((plane) => plane.map((value) => 255 - value)) };
    notes.push("inverted");
  }
  if (fits) return { pixels: shown.planes.flatMap((plane) => [...plane]), notes };
  if (habits.box && !habits.own) {
    const pixels = [...centred(cleaned(shown), habits, [height, width])];
    return { pixels, notes: [...notes, pixels.some(Boolean) ? "cut to its ink and centred as the training images are" : "nothing was found on it"] };
  }
  const made = fitted(shown, [height, width], habits.own);
  return { pixels: made.planes.flatMap((plane) => [...plane]), notes: [...notes, `resized to ${width}×${height}`] };
};
