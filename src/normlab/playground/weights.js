// Weights from the text that a page holds: base64, deflated, byte by byte in planes.
const unpack = async (text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const whole = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(whole).arrayBuffer());
  const count = planes.length / 4;
  const mixed = new Uint8Array(planes.length);
  planes.forEach((byte, index) => { mixed[4 * (index % count) + Math.floor(index / count)] = byte; });
  return new Float32Array(mixed.buffer); // little-endian, as every machine with a browser is
};
