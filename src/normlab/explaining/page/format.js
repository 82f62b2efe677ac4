// How numbers are written and read.
const format = (() => {
  "use strict";
  const trim = (text) => (text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text);
  const signed = (text) => (text === "-0" ? "0" : text.replaceAll("-", "−"));

  // In a sentence: six decimals, no idle zeros; very small and very large ones as powers of ten.
  const number = (value) => {
    if (!Number.isFinite(value)) return "—";
    const size = Math.abs(value);
    return signed(value && (size < 1e-4 || size >= 1e7) ? value.toExponential(2) : trim(value.toFixed(6)));
  };

  // In a cell: what fits. What rounding leaves of a zero is shown as the zero that it is.
  const short = (value) => {
    if (!Number.isFinite(value)) return "—";
    const size = Math.abs(value);
    if (size < 1e-12) return "0";
    return signed(size < 5e-4 || size >= 1e5 ? value.toExponential(0) : value.toFixed(size < 100 ? 3 : 1));
  };

  const bracketed = (value) => (value < 0 ? `(${number(value)})` : number(value));
  const shifted = (value) => `${value < 0 ? "−" : "+"} ${number(Math.abs(value))}`;
  const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

  // What a person typed: {value}, or {expected} in words.
  const read = (typed, low, high) => {
    const text = typed.trim().replace("−", "-");
    if (/^[-+]?\d*,\d+$/.test(text)) return { expected: `a decimal point, as in ${text.replace(",", ".")}` };
    const written = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text);
    if (!written) return { expected: "a number such as 4, −2, 0.5 or 1e-3" };
    const value = Number(text);
    const bounds = `${low} and ${high}`.replace("-", "−");
    return low <= value && value <= high ? { value } : { expected: `a number between ${bounds}` };
  };

  // What a set is called: A to Z, AA to ZZ and on.
  const letter = (set) =>
    (set < 26 ? "" : letter(Math.floor(set / 26) - 1)) + String.fromCharCode(65 + (set % 26));

  return { number, short, bracketed, shifted, plural, read, letter };
})();
