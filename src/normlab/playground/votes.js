// What every run says of an image, and what all of them say together.
const poll = (arms, pixels, classes) => arms.flatMap((arm) => arm.runs.map(({ seed, weights }) => {
  const probabilities = softmax(compute(arm.steps, weights, pixels).at(-1));
  const label = probabilities.indexOf(Math.max(...probabilities));
  return { arm: arm.name, seed, label, says: classes[label], probabilities };
}));

// [label, votes] pairs, the most votes first; of as many, the surer.
const counted = (votes) => {
  const tally = new Map();
  for (const { label, probabilities } of votes) {
    const { count, sure } = tally.get(label) ?? { count: 0, sure: 0 };
    tally.set(label, { count: count + 1, sure: sure + probabilities[label] });
  }
  return [...tally].sort(([, a], [, b]) => b.count - a.count || b.sure - a.sure).map(([label, { count }]) => [label, count]);
};
const sureness = (votes, label) => votes.reduce((sum, vote) => sum + vote.probabilities[label], 0) / votes.length;
const of = (votes, arm) => votes.filter((vote) => vote.arm === arm.name);

// "7 of 9 runs say 3; gn:4: 1 says 8, 1 says 5."
const sentence = (votes, arms, classes) => {
  const [[winner, count]] = counted(votes);
  if (count === votes.length) return `${count === 1 ? "The run says" : `All ${count} runs say`} ${classes[winner]}.`;
  const others = arms.map((arm) => [arm.name, counted(of(votes, arm)).filter(([label]) => label !== winner)]);
  const told = others.filter(([, found]) => found.length).map(([name, found]) =>
    `${name}: ${found.map(([label, n]) => `${n} ${n === 1 ? "says" : "say"} ${classes[label]}`).join(", ")}`);
  return [`${count} of ${votes.length} runs ${count === 1 ? "says" : "say"} ${classes[winner]}`, ...told].join("; ") + ".";
};

const element = (tag, text = "", options = {}) => Object.assign(document.createElement(tag), { textContent: text }, options);

const bar = (tally, total, winner, classes) => {
  const whole = element("div", "", { className: "bar" });
  for (const [label, count] of tally) {
    const part = element("span", classes[label], { className: label === winner ? "" : "other" });
    part.style.flexGrow = count / total;
    whole.append(part);
  }
  whole.setAttribute("aria-hidden", "true");
  return whole;
};

const showVotes = (body, votes, arms, classes) => {
  const [[winner]] = counted(votes);
  body.replaceChildren(...arms.map((arm) => {
    const [mine, row] = [of(votes, arm), document.createElement("tr")];
    const tally = counted(mine);
    const [[first, count]] = tally;
    const cell = element("td", "", { className: "wide" });
    cell.append(bar(tally, mine.length, winner, classes));
    row.append(element("th", arm.name, { scope: "row" }), cell, element("td", classes[first]),
      element("td", `${count} of ${mine.length}`), element("td", `${(100 * sureness(mine, first)).toFixed(1)} %`));
    return row;
  }));
};
