// Asks how far the study is, each second, and shows it; the report below is loaded again whenever it was written anew.
(() => {
  "use strict";
  const by = (id) => document.getElementById(id);
  const frame = by("report"), turn = by("turn");
  let shown = 0;

  const plural = (count) => `${count} ${count === 1 ? "run" : "runs"}`;

  const headline = ({ phase, stopping, done, total, why }) => {
    const runs = total === null ? `${plural(done)} done, until settled` : `${done} of ${plural(total)} done`;
    if (phase === "preparing") return stopping ? "Stopping" : "Preparing";
    if (phase === "failed") return `Ended: ${why}`;
    if (phase === "done") return "Done";
    if (phase === "stopped") return `Stopped: ${runs}`;
    return stopping ? `Stopping: runs under way are finished first; ${runs}` : runs;
  };

  // Not read aloud, since it changes all the time.
  const doing = ({ phase, left, doing, file }) => {
    if (phase === "preparing") return doing;
    if (phase === "training") return left && `about ${left} left`;
    return file && `${phase === "stopped" ? "So far" : "Report"}: ${file}`;
  };

  const list = (place, texts) => place.replaceChildren(...texts.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }));

  const runs = (place, all) => place.replaceChildren(...all.map(({ name, share, told }) => {
    const item = document.createElement("li"), bar = document.createElement("progress");
    bar.value = share;
    bar.setAttribute("aria-label", name);
    item.append(told ? `${name}, ${told}` : name, bar);
    return item;
  }));

  const text = (place, words) => {
    if (place.textContent !== words) place.textContent = words; // else a screen reader would say it each second
  };

  const over = (phase) => phase === "done" || phase === "failed";

  const button = ({ phase, stopping }) => {
    turn.parentElement.hidden = over(phase);
    text(turn, stopping ? "Continue" : "Stop");
  };

  // What was unfolded stays so.
  const summaries = () => [...(frame.contentDocument?.querySelectorAll("details") ?? [])];
  const summary = (part) => part.querySelector("summary")?.textContent;
  let open = [];

  const report = ({ report }) => {
    if (report === shown) return;
    shown = report;
    frame.hidden = false;
    open = summaries().filter((part) => part.open).map(summary);
    frame.contentWindow.location.replace(`report?${report}`); // no entry in the browser's history
  };

  const show = (state) => {
    text(by("headline"), headline(state));
    document.title = `${[headline(state), state.left].filter(Boolean).join(" · ")} · ${state.name}`;
    if (state.share === null) by("share").removeAttribute("value");
    else by("share").value = state.share;
    text(by("doing"), doing(state));
    by("now").hidden = !state.runs.length;
    by("notes").hidden = !state.notes.length;
    list(by("notes").querySelector("ul"), state.notes);
    runs(by("runs"), state.runs);
    list(by("finished"), state.finished.toReversed());
    curves(by("curves"), by("legend"), state);
    button(state);
    report(state);
  };

  const gone = () => {
    text(by("headline"), "The command has ended; the same command continues");
    text(by("doing"), "");
    by("now").hidden = turn.parentElement.hidden = true;
  };

  // Null where nobody answers any more.
  const ask = (name, method) =>
    fetch(name, { method }).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);

  const keep = async () => {
    const state = await ask("state", "GET");
    if (!state) return gone();
    if (!over(state.phase)) setTimeout(keep, 1_000);
    show(state);
  };

  const press = async () => {
    const state = await ask(turn.textContent === "Stop" ? "stop" : "continue", "POST");
    if (state) show(state);
    else gone();
  };

  // As tall as its page, so that there is one scroll bar.
  frame.addEventListener("load", () => {
    for (const part of summaries()) part.open ||= open.includes(summary(part));
    const inside = frame.contentDocument.documentElement;
    new ResizeObserver(() => { frame.style.height = `${inside.scrollHeight}px`; }).observe(frame.contentDocument.body);
  });
  turn.addEventListener("click", press);
  keep();
})();
