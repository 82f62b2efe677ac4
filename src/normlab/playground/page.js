// The playground itself: what is on the sheet goes to all networks, and what they say is shown.
const play = async () => {
  const given = JSON.parse(document.getElementById("playground-data").textContent);
  const { classes, shape, habits } = given;
  const find = (name) => document.getElementById(`playground-${name}`);
  const arms = await Promise.all(given.arms.map(async (arm) => ({
    ...arm, runs: await Promise.all(arm.runs.map(async ({ seed, weights }) => ({ seed, weights: await unpack(weights) }))),
  })));
  const asked = find("said").textContent;
  let [pixels, frame] = [null, 0];

  const choices = (select, names) => {
    const before = select.value;
    select.replaceChildren(...names.map((name) => element("option", name, { value: name })));
    if (names.includes(before)) select.value = before;
  };
  const runs = arms.flatMap((arm) => arm.runs.map((run) => ({ arm, run, name: `${arm.name} · seed ${run.seed}` })));
  const chosen = () => runs[find("run").selectedIndex];
  const layers = () => choices(find("layer"), norms(chosen().arm).map(({ step }) => step.name));
  const look = () => {
    const { arm, run } = chosen();
    const layer = norms(arm)[find("layer").selectedIndex];
    find("none").hidden = Boolean(layer);
    find("scale").hidden = find("grid").hidden = !layer;
    if (layer) showChannels(find("grid"), find("scale"), layer, compute(arm.steps, run.weights, pixels));
  };

  const show = (seen, done) => {
    const image = toImage(toShades(seen, shape[0]), shape, habits);
    pixels = image.pixels;
    paintImage(find("seen"), pixels, shape);
    find("notes").textContent = image.notes.join(", ") || "as it is";
    const votes = poll(arms, pixels, classes);
    showVotes(find("votes"), votes, arms, classes);
    if (done) find("said").textContent = sentence(votes, arms, classes);
    find("result").hidden = find("channels").hidden = false;
    if (done) look();
  };
  // A pen moves more often than a screen is drawn.
  const changed = (seen, done) => {
    cancelAnimationFrame(frame);
    if (done) show(seen, true);
    else frame = requestAnimationFrame(() => show(seen, false));
  };

  const sheet = toSheet(find("sheet"), shape[0] === 1, changed);
  const take = async (file) => {
    const bitmap = await createImageBitmap(file).catch(() => null);
    if (bitmap) sheet.lay(bitmap, false);
    else find("said").textContent = `${file.name} is no picture that this browser can read: take a PNG or a JPEG.`;
  };
  const first = (files) => { if (files?.length) take(files[0]); };

  const section = document.getElementById("playground");
  section.addEventListener("dragover", (event) => event.preventDefault());
  section.addEventListener("drop", (event) => { event.preventDefault(); first(event.dataTransfer.files); });
  document.addEventListener("paste", (event) => first(event.clipboardData?.files));
  find("file").addEventListener("change", ({ target }) => { first(target.files); target.value = ""; });
  for (const button of section.querySelectorAll(".samples button")) {
    button.addEventListener("click", () => sheet.lay(button.firstElementChild, habits.dark));
  }
  find("clear").addEventListener("click", () => {
    cancelAnimationFrame(frame);
    sheet.wipe();
    find("result").hidden = find("channels").hidden = true;
    find("said").textContent = asked;
  });
  choices(find("run"), runs.map(({ name }) => name));
  layers();
  find("run").addEventListener("change", () => { layers(); look(); });
  find("layer").addEventListener("change", look);
  section.dataset.ready = "";
};

// What the networks see, in grey or in colours.
const paintImage = (canvas, pixels, [C, height, width]) => {
  const image = new ImageData(width, height);
  for (let i = 0; i < height * width; i += 1) {
    for (let c = 0; c < 3; c += 1) image.data[4 * i + c] = pixels[(c % C) * height * width + i];
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
};

if (document.getElementById("playground-data")) play();
