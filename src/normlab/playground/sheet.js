// The sheet: ink on paper by mouse, finger or pen, or a picture that lies on it. `changed` is told whether one is done.
const PEN = 1 / 12; // of the sheet's shorter side
const LARGEST = 1024; // pixels of a photograph's longer side: more would only cost time

const toSheet = (canvas, draws, changed) => {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let last = null;

  const wipe = () => {
    context.globalCompositeOperation = "source-over";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
  };
  const place = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return [((clientX - box.left) * canvas.width) / box.width, ((clientY - box.top) * canvas.height) / box.height];
  };
  const stroke = (event) => {
    context.lineWidth = PEN * Math.min(canvas.width, canvas.height);
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = "#000";
    context.beginPath();
    context.moveTo(...last);
    const on = event.getCoalescedEvents?.() ?? [];
    for (const each of on.length ? on : [event]) {
      last = place(each);
      context.lineTo(...last);
    }
    context.stroke();
    changed(context.getImageData(0, 0, canvas.width, canvas.height), false);
  };
  const lift = () => {
    if (!last) return;
    last = null;
    changed(context.getImageData(0, 0, canvas.width, canvas.height), true);
  };
  if (draws) {
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      last = place(event);
      stroke(event);
    });
    canvas.addEventListener("pointermove", (event) => { if (last) stroke(event); });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, lift);
  }

  // A picture as it is, in its own pixels; on the sheet it lies as large as it fits, light on dark as ink on paper.
  const lay = (image, inverted) => {
    const size = [image.naturalWidth ?? image.width, image.naturalHeight ?? image.height];
    const scale = Math.min(1, LARGEST / Math.max(...size));
    const whole = document.createElement("canvas");
    [whole.width, whole.height] = size.map((side) => Math.max(1, Math.round(side * scale)));
    const own = whole.getContext("2d", { willReadFrequently: true });
    own.drawImage(image, 0, 0, whole.width, whole.height);
    wipe();
    const fit = Math.min(canvas.width / whole.width, canvas.height / whole.height);
    const [wide, tall] = [whole.width * fit, whole.height * fit];
    context.imageSmoothingEnabled = fit < 1;
    context.drawImage(whole, (canvas.width - wide) / 2, (canvas.height - tall) / 2, wide, tall);
    if (inverted) {
      context.globalCompositeOperation = "difference";
      context.fillStyle = "#fff";
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.globalCompositeOperation = "source-over";
    }
    changed(own.getImageData(0, 0, whole.width, whole.height), true);
  };
  wipe();
  return { wipe, lay };
};
