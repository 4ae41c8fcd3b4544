// The table of runs: a row each, which stays the same element while its run is there, so that whatever is pressed in it is not lost.
import { arrange, element } from "../elements.js";
import { count, duration, moment, percent } from "../words.js";
import { COLOURS } from "./chart.js";

const STATES = { silent: "no word", waiting: "waiting" };

/**
 * The rows.
 * @param body of the table
 * @param choose is called with a run's id and whether its curves are wanted
 * @param manage is called with a run's id when somebody wants to do something with it
 */
export class Rows {
  #rows = new Map();

  constructor(body, choose, manage) {
    this.body = body;
    this.choose = choose;
    this.manage = manage;
  }

  /** @param places ids of the runs whose curves are shown, by place of their colour */
  show(runs, places, manageable) {
    const ids = new Set(runs.map(({ id }) => id));
    [...this.#rows.keys()].filter(id => !ids.has(id)).forEach(id => this.#rows.delete(id));
    arrange(this.body, runs.map(run => {
      if (!this.#rows.has(run.id)) {
        this.#rows.set(run.id, this.#row(run.id));
      }
      const row = this.#rows.get(run.id);
      row.fill(run, places.indexOf(run.id), manageable);
      return row.element;
    }));
  }

  #row(id) {
    const box = element("input", { type: "checkbox", ariaLabel: `Curves of ${id}` });
    box.dataset.run = id;
    box.addEventListener("change", () => this.choose(id, box.checked));
    const mark = element("span", { className: "mark" });
    const about = element("small");
    const state = element("span");
    const remark = element("small");
    const progress = element("progress", { ariaLabel: `Steps of ${id}` });
    const steps = element("small");
    const pace = element("td", { className: "number" });
    const best = element("td", { className: "number" });
    const more = element("button", { type: "button", className: "small", ariaLabel: `Manage ${id}` }, "Manage");
    more.dataset.manage = id;
    more.addEventListener("click", () => this.manage(id));
    return {
      element: element(
        "tr",
        {},
        element("td", {}, element("label", { className: "choice" }, box, mark)),
        element("th", { scope: "row" }, id, about),
        element("td", {}, state, remark),
        element("td", { className: "wide" }, progress, steps),
        pace,
        best,
        element("td", { className: "act" }, more),
      ),
      fill: (run, place, manageable) => {
        box.checked = place >= 0;
        mark.style.background = place >= 0 ? `var(${COLOURS[place]})` : "";
        more.hidden = !manageable;
        const { spec } = run;
        text(about, `${spec.dataset.name} · ${spec.network.name} · ${spec.recipe.name}${spec.shards > 1 ? ` · ${spec.shards} replicas` : ""}`);
        state.className = `state ${run.state}`;
        text(state, STATES[run.state] ?? run.state);
        text(remark, remarkOf(run));
        progress.max = run.steps;
        progress.value = run.step;
        text(steps, `${count(run.step)} of ${count(run.steps)} steps${run.left ? `, ${duration(run.left)} left` : ""}`);
        text(pace, run.state === "running" ? count(run.status.imagesPerSecond) : "–");
        text(best, run.best ? percent(run.best.accuracy, 2) : "–");
      },
    };
  }
}

function text(place, words) {
  if (place.textContent !== words) {
    place.textContent = words;
  }
}

/** What there is to say of a run's state. */
export function remarkOf({ state, status }) {
  if (state === "silent") {
    return `since ${moment(status.updatedAt)}`;
  }
  if (state === "waiting") {
    return status?.waits ?? "";
  }
  return status?.reason ?? status?.checkpointProblem ?? status?.validationProblem ?? "";
}
