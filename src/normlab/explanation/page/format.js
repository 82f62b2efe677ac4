// How numbers are written and read.
const minus = (text) => text.replaceAll("-", "−");

// In a sentence: six decimals without idle zeros, or a power of ten.
const number = (value) => {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return "—";
  return minus(value && (size < 1e-4 || size >= 1e7) ? value.toExponential(2) : String(+value.toFixed(6)));
};

// In a cell: what fits. What rounding leaves of a zero is a zero.
const short = (value) => {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size < 1e-12) return number(Math.round(value));
  if (size < 5e-4 || size >= 1e5) return minus(value.toExponential(0));
  return Number.isFinite(value) ? minus(value.toFixed(size < 100 ? 3 : 1)) : "—";
};

const bracketed = (value) => (value < 0 ? `(${number(value)})` : number(value));
const shifted = (value) => `${value < 0 ? "−" : "+"} ${number(Math.abs(value))}`;
const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

// What a set is called: A to Z, AA to ZZ and on.
const letter = (set) => (set < 26 ? "" : letter(Math.floor(set / 26) - 1)) + String.fromCharCode(65 + (set % 26));

// What a person typed: {value}, or {expected} in words.
const readNumber = (typed, low = -start.most, high = start.most) => {
  const text = typed.trim().replace("−", "-");
  if (/^[-+]?\d*,\d+$/.test(text)) return { expected: `a decimal point, as in ${text.replace(",", ".")}` };
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return { expected: "a number such as 4, −2, 0.5 or 1e-3" };
  const value = Number(text);
  return low <= value && value <= high ? { value } : { expected: minus(`a number between ${low} and ${high}`) };
};
