// What a norm makes of the channels: each as a small picture before and after it, with mean and deviation.
const norms = ({ steps }) => steps.map((step, index) => ({ step, index })).filter(({ step }) => step.norm);
const ends = (values) => [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
const short = (value) => value.toFixed(2).replace("-", "−");

const paint = (values, [height, width], [low, high]) => {
  const canvas = element("canvas", "", { width, height });
  const image = new ImageData(width, height);
  values.forEach((value, i) => {
    image.data.fill(high > low ? (255 * (value - low)) / (high - low) : 0, 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
};

const told = (values) => {
  const { mean, variance } = moments(values, 0, values.length, 1, true);
  return `${short(mean)} ± ${short(Math.sqrt(variance))}`;
};

// One scale for all channels before, one for all after: so it is seen which of them a norm makes alike.
const showChannels = (grid, scale, { step, index }, values) => {
  const [before, after] = [values[step.reads[0]], values[index + 1]];
  const [C, height, width] = step.of;
  const scales = [before, after].map(ends);
  scale.textContent = `Black is the least value of all channels and white the greatest: ${scales
    .map(([low, high], i) => `${["before", "after"][i]} the norm ${short(low)} to ${short(high)}`).join(", ")}.`;
  grid.replaceChildren(...Array.from({ length: C }, (_, c) => {
    const figure = element("figure");
    const planes = [before, after].map((all) => all.subarray(c * height * width, (c + 1) * height * width));
    figure.append(...planes.map((plane, i) => paint(plane, [height, width], scales[i])));
    const caption = element("figcaption");
    caption.append(...planes.map((plane) => element("span", told(plane))));
    figure.append(caption);
    figure.setAttribute("aria-label", `channel ${c + 1}, before and after`);
    return figure;
  }));
};
