// Where runs come from: what each started from, and what started from its checkpoints.
import { element } from "../elements.js";
import { count, percent } from "../words.js";
import { runsOf } from "../training/runs.js";

const CHECKPOINT = /^(.*)-step-(\d+)(-average)?$/;

/** Draws the tree; nothing where there are no runs. */
export function lineage(card, place, events) {
  const runs = runsOf(events);
  card.hidden = runs.length === 0;
  const promoted = new Map(events.all("promotion").map(each => [each.checkpointId, each.model]));
  const known = new Map(runs.map(run => [run.incarnation, run]));
  const origin = run => {
    const weights = run.spec.start?.weights;
    const [, incarnation] = weights?.match(CHECKPOINT) ?? [];
    return { weights, parent: known.get(incarnation) };
  };
  const roots = new Map();
  const children = new Map();
  for (const run of [...runs].reverse()) {
    const { weights, parent } = origin(run);
    const into = parent ? children : roots;
    const key = parent ? weights : weights ?? "Fresh weights";
    into.set(key, [...(into.get(key) ?? []), run]);
  }

  function leaf(run) {
    const told = [...children.keys(), ...promoted.keys(), run.best?.checkpointId].filter(id => id?.match(CHECKPOINT)?.[1] === run.incarnation);
    const checkpoints = [...new Set(told)].sort((one, other) => step(one) - step(other));
    return element(
      "li",
      {},
      element("strong", {}, run.id),
      element("small", {}, ` ${run.spec.dataset.name} · ${run.spec.network.name} · ${run.spec.recipe.name} · ${run.state}`),
      branch(checkpoints.map(id => element(
        "li",
        {},
        `step ${count(step(id))}`,
        id.endsWith("-average") ? ", average" : "",
        events.get("evaluation", id) ? `, ${percent(events.get("evaluation", id).accuracy, 2)} right` : "",
        promoted.has(id) ? element("span", { className: "badge" }, `served as ${promoted.get(id)}`) : null,
        branch((children.get(id) ?? []).map(leaf)),
      ))),
    );
  }
  place.replaceChildren(...[...roots].map(([from, all]) => element("li", {}, element("span", { className: "quiet" }, from), branch(all.map(leaf)))));
}

function branch(items) {
  return items.length > 0 ? element("ul", {}, items) : null;
}

function step(id) {
  return Number(id.match(CHECKPOINT)[2]);
}
