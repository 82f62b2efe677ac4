// Carries out a network's steps on one image. A value is a flat array, row-major over [C, H, W]; sums are in float64.
const size = ([C, H, W]) => C * H * W;

// Adds w·x to a plane for one place of a window: y[h, w] += w · x[h·s + top, w·s + left], where there is an x.
const shifted = (y, x, w, { of: [, H, W], shape: [, h, v], stride: [down, right] }, top, left, from) => {
  const first = Math.max(0, Math.ceil(-left / right));
  const last = Math.min(v - 1, Math.floor((W - 1 - left) / right));
  for (let row = 0; row < h; row += 1) {
    const line = row * down + top;
    if (line < 0 || line >= H) continue;
    let at = from + line * W + first * right + left;
    for (let i = row * v + first; i <= row * v + last; i += 1, at += right) y[i] += w * x[at];
  }
};

const convolve = (step, [x], { weight, bias }) => {
  const { of: [C, H, W], shape: [D, h, v], kernel: [tall, wide], padding, dilation, groups } = step;
  const [inputs, outputs, result] = [C / groups, D / groups, new Float32Array(D * h * v)];
  const plane = new Float64Array(h * v);
  let k = 0;
  for (let d = 0; d < D; d += 1) {
    plane.fill(bias ? bias[d] : 0);
    for (let c = 0; c < inputs; c += 1) {
      const from = (Math.floor(d / outputs) * inputs + c) * H * W;
      for (let i = 0; i < tall; i += 1) {
        for (let j = 0; j < wide; j += 1, k += 1) {
          const [top, left] = [i * dilation[0] - padding[0], j * dilation[1] - padding[1]];
          if (weight[k]) shifted(plane, x, weight[k], step, top, left, from);
        }
      }
    }
    result.set(plane, d * h * v);
  }
  return result;
};

// Gives each window's values, in a list that is used again, to `reduce`.
const pool = (reduce) => ({ of: [C, H, W], shape, kernel, stride, padding, dilation }, [x]) => {
  const [, h, v] = shape;
  return new Float32Array(C * h * v).map((_, index) => {
    const [c, row, column] = [Math.floor(index / (h * v)), Math.floor(index / v) % h, index % v];
    const seen = [];
    for (let i = 0; i < kernel[0]; i += 1) {
      const y = row * stride[0] - padding[0] + i * dilation[0];
      for (let j = 0; y >= 0 && y < H && j < kernel[1]; j += 1) {
        const at = column * stride[1] - padding[1] + j * dilation[1];
        if (at >= 0 && at < W) seen.push(x[(c * H + y) * W + at]);
      }
    }
    return reduce(seen);
  });
};
const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// γ and β have a value for each channel, or for each element.
const along = (values, { of }) => {
  const each = values.length === of[0] ? size(of) / of[0] : 1;
  return (index) => values[Math.floor(index / each)];
};
const scaled = (x, step, { weight, bias }) => {
  const [gamma, beta] = [along(weight, step), along(bias, step)];
  return x.map((value, index) => gamma(index) * value + beta(index));
};

// The mean and variance of each set of values; without centring, 0 and the mean square.
const moments = (x, start, count, stride, centred) => {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < count; i += 1) sum += x[start + i * stride];
  const mean = centred ? sum / count : 0;
  for (let i = 0; i < count; i += 1) squares += (x[start + i * stride] - mean) ** 2;
  return { mean, variance: squares / count };
};

const standardize = (step, [x], tensors) => {
  const each = x.length / step.groups;
  const sets = Array.from({ length: step.groups }, (_, g) => moments(x, g * each, each, 1, step.centred));
  const plain = new Float64Array(x).map((value, index) => {
    const { mean, variance } = sets[Math.floor(index / each)];
    return (value - mean) / Math.sqrt(variance + step.eps);
  });
  const y = new Float32Array(scaled(plain, step, tensors));
  if (!tensors.threshold) return y;
  const least = along(tensors.threshold, step);
  return y.map((value, index) => Math.max(value, least(index)));
};

const across = (step, [x], tensors) => {
  const [C, positions] = [step.of[0], x.length / step.of[0]];
  const sets = Array.from({ length: positions }, (_, at) => moments(x, at, C, positions, true));
  const plain = new Float64Array(x).map((value, index) => {
    const { mean, variance } = sets[index % positions];
    return (value - mean) / Math.sqrt(variance + step.eps);
  });
  return new Float32Array(scaled(plain, step, tensors));
};

const evonorm = (step, [x], tensors) => {
  const [each, slope] = [x.length / step.groups, along(tensors.slope, step)];
  const sets = Array.from({ length: step.groups }, (_, g) => moments(x, g * each, each, 1, true));
  const swish = new Float64Array(x).map((value, index) => {
    const { variance } = sets[Math.floor(index / each)];
    return value / (1 + Math.exp(-slope(index) * value)) / Math.sqrt(variance + step.eps);
  });
  return new Float32Array(scaled(swish, step, tensors));
};

const exponentials = (logits) => {
  const most = Math.max(...logits);
  return Array.from(logits, (logit) => Math.exp(logit - most));
};
const softmax = (logits) => {
  const parts = exponentials(logits);
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
};

// Each channel's darkest level to 0 and its brightest to 255.
const stretch = ({ of: [C] }, [x]) => {
  const each = x.length / C;
  const ends = Array.from({ length: C }, (_, c) => {
    const plane = x.subarray(c * each, (c + 1) * each);
    return [plane.reduce((a, b) => Math.min(a, b)), plane.reduce((a, b) => Math.max(a, b))];
  });
  return x.map((value, index) => {
    const [low, high] = ends[Math.floor(index / each)];
    return high > low ? Math.floor((255 * (value - low)) / (high - low) + 0.5 + 1e-6) : 0;
  });
};

const OPERATIONS = {
  convolve, standardize, across, evonorm, stretch,
  largest: pool((values) => values.reduce((a, b) => Math.max(a, b))),
  mean: pool(average),
  affine: (step, [x], tensors) => scaled(x, step, tensors),
  tanh: (step, [x], tensors) => scaled(x.map((value) => Math.tanh(tensors.alpha[0] * value)), step, tensors),
  relu: (_, [x]) => x.map((value) => Math.max(value, 0)),
  add: (_, [x, other]) => x.map((value, index) => value + other[index]),
  logsoftmax: (_, [x]) => Float32Array.from(softmax(x), Math.log),
};
const TENSORS = ["weight", "bias", "threshold", "slope", "alpha"];

// All values that a network computes of pixels, 0 to 255: first the pixels, last the logits.
const compute = (steps, weights, pixels) => {
  const values = [Float32Array.from(pixels)];
  for (const step of steps) {
    const held = TENSORS.filter((name) => step[name]);
    const tensors = Object.fromEntries(held.map((name) => [name, weights.subarray(step[name][0], step[name][0] + step[name][1])]));
    values.push(OPERATIONS[step.do](step, step.reads.map((number) => values[number]), tensors));
  }
  return values;
};
