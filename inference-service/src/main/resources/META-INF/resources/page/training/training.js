// "Training": the runs, and the curves of those that are chosen.
import { element } from "../elements.js";
import { say } from "../peers.js";
import { count, percent } from "../words.js";
import { Chart, charts, COLOURS } from "./chart.js";
import { management } from "./manage.js";
import { orderForm } from "./order.js";
import { Rows } from "./rows.js";
import { differences, runsOf } from "./runs.js";
import { workers } from "./workers.js";

const SHOWN = 20;
/** As short as it can be said: 2, 1.5, 0.0001. */
const short = value => String(Number(value.toPrecision(3)));
const MEASURES = [
  { id: "loss", of: "loss", also: "validationLoss", format: value => value.toPrecision(3), axis: short },
  { id: "accuracy", of: "accuracy", also: "validationAccuracy", format: value => percent(value, 2), axis: value => percent(value, 0), scored: true },
  { id: "rate", of: "learningRate", format: value => value.toPrecision(2), axis: short },
  { id: "pace", of: "imagesPerSecond", format: count },
];

/** Makes the view work; `show()` is to be called when it comes to be seen. */
export function training(view, events) {
  const part = Object.fromEntries([...view.querySelectorAll("[id]")].map(each => [each.id, each]));
  const drawn = MEASURES.map(measure => ({ measure, chart: new Chart(part[`chart-${measure.id}`], measure) }));
  /** Ids of chosen runs, by place of their colour; null: nobody has chosen, the newest is shown. */
  let chosen = null;
  let due = false;
  let places = [];
  const told = text => say(part["training-told"], text);
  const order = orderForm(view, events, told);
  const manage = management(part.manage, events, { told, orderLike: order.like });
  const rows = new Rows(part.runs, choose, manage.open);
  const team = workers(view);

  events.whenChanged(later);
  // What has been silent for long is called so although nothing comes.
  setInterval(later, 5_000);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    drawn.forEach(({ chart }) => chart.repaint());
    later();
  });

  /** However much comes, one drawing a frame; none while nobody sees it. */
  function later() {
    if (!due && !view.hidden && !document.hidden) {
      due = true;
      requestAnimationFrame(() => {
        due = false;
        draw();
      });
    }
  }
  document.addEventListener("visibilitychange", later);

  async function draw() {
    const runs = runsOf(events);
    places = placesOf(runs);
    const chosenRuns = places.map(id => runs.find(run => run.id === id)).filter(Boolean);
    part["training-lead"].textContent = lead(runs);
    say(part["training-problem"], events.refused ?? (events.problem && `Events cannot be read now, so this may be old: ${events.problem}`));
    part["runs-card"].hidden = runs.length === 0;
    rows.show(runs.slice(0, SHOWN), places, manage.possible());
    drawDifferences(chosenRuns);
    const points = pointsByIncarnation(events);
    const drawable = chosenRuns.some(({ incarnation }) => points.has(incarnation));
    part.charts.hidden = !drawable;
    say(part["charts-note"], drawable || runs.length === 0 ? null : noCurves(chosenRuns));
    if (!drawable) {
      return;
    }
    try {
      await charts();
      drawCurves(runs, points);
    } catch (failure) {
      part["training-problem"].hidden = false;
      part["training-problem"].textContent = failure.message;
    }
  }

  function lead(runs) {
    if (events.refused) {
      return "";
    }
    if (events.follows === false) {
      return "This service serves a file: it knows of no training.";
    }
    if (!events.complete) {
      return "Reading what there is …";
    }
    const running = runs.find(run => run.state === "running");
    if (running) {
      return events.all("promotion").length > 0
        ? `Run ${running.id} is training.`
        : "A network is learning from labelled pictures right now. As soon as its first checkpoint is good enough, it is served, and you can try it.";
    }
    const waiting = runs.find(run => run.state === "waiting" && run.status);
    if (waiting) {
      return `Nothing is training now: run ${waiting.id} ${waiting.status.waits}.`;
    }
    return runs.length === 0 ? "No run was ordered yet: start one below, or by ./millrace up." : "Nothing is training now.";
  }

  function placesOf(runs) {
    const known = new Set(runs.map(({ id }) => id));
    chosen = chosen?.filter(id => known.has(id)) ?? null;
    const first = runs.find(run => run.step > 0) ?? runs[0];
    return chosen ?? (first ? [first.id] : []);
  }

  function noCurves(shown) {
    if (shown.length === 0) {
      return "Tick a run to see its curves.";
    }
    return shown.some(({ state }) => state === "running" || state === "waiting")
      ? "The curves begin with the first steps."
      : "Of these runs no curves are kept.";
  }

  function choose(id, wanted) {
    const others = places.filter(each => each !== id);
    chosen = wanted ? [...others, id].slice(-COLOURS.length) : others;
    later();
  }

  function drawDifferences(runs) {
    const differing = runs.length > 1 ? differences(runs) : [];
    part["differences-card"].hidden = runs.length < 2;
    part["differences-head"].replaceChildren(
      element("th", { scope: "col" }, "differs"),
      ...runs.map(({ id }) => element("th", { scope: "col" }, id)),
    );
    part.differences.replaceChildren(
      ...differing.map(([member, values]) =>
        element("tr", {}, element("th", { scope: "row" }, member), ...values.map(value => element("td", {}, value))),
      ),
    );
  }

  function drawCurves(runs, points) {
    const selected = places
      .map((id, place) => ({ place, run: runs.find(each => each.id === id) }))
      .filter(({ run }) => run);
    for (const { measure, chart } of drawn) {
      chart.show(
        selected.flatMap(({ place, run }) => {
          const curve = points.get(run.incarnation) ?? [];
          const name = selected.length > 1 ? `${run.id} ` : "";
          return [
            line(`${name}training`, place, false, curve, measure.of),
            ...(measure.also ? [line(`${name}validation`, place, true, curve, measure.also)] : []),
            ...(measure.scored ? [scores(`${name}test`, place, run)] : []),
          ].filter(({ xs }, nth) => nth === 0 || xs.length > 0);
        }),
      );
    }
  }

  function scores(label, place, run) {
    const scored = events.all("evaluation").filter(each => each.incarnation === run.incarnation && !each.averaged);
    return line(label, place, true, scored.sort((one, other) => one.step - other.step), "accuracy");
  }

  return {
    show: () => {
      later();
      team();
      order.look();
      manage.look().then(later);
    },
  };
}

function line(label, place, points, of, member) {
  const there = of.filter(each => each[member] !== undefined && each[member] !== null);
  return { label, place, points, xs: there.map(({ step }) => step), ys: there.map(each => each[member]) };
}

function pointsByIncarnation(events) {
  const curves = new Map();
  for (const point of events.all("point")) {
    if (!curves.has(point.incarnation)) {
      curves.set(point.incarnation, []);
    }
    curves.get(point.incarnation).push(point);
  }
  curves.forEach(curve => curve.sort((one, other) => one.step - other.step));
  return curves;
}
