// One chart of one measure, a curve a run, by uPlot.
import { count } from "../words.js";

const HEIGHT = 220;

/** Loads the library once, when a chart is first to be seen. */
let library;
export function charts() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = "/webjars/uplot/1.6.30/dist/uPlot.iife.min.js";
    script.onload = resolve;
    script.onerror = () => reject(new Error("the charts could not be loaded"));
    document.head.append(script);
  });
  return library;
}

/** Colours of curves, by the run's place; each is told from the others in light and in dark, and by its dashes. */
export const COLOURS = ["--curve-1", "--curve-2", "--curve-3", "--curve-4"];
const DASHES = [[], [8, 4], [3, 3], [10, 3, 3, 3]];

export class Chart {
  #plot = null;
  #shape = "";

  constructor(place, { format, axis = format }) {
    this.place = place;
    this.format = format;
    this.axis = axis;
    new ResizeObserver(() => this.#fit()).observe(place);
  }

  /**
   * Draws curves.
   * @param curves `{label, place, points, xs, ys}`: `place` chooses the colour, `points` whether marks and no lines are drawn
   */
  show(curves) {
    const data = curves.length > 0 ? uPlot.join(curves.map(({ xs, ys }) => [xs, ys])) : [[]];
    const shape = JSON.stringify(curves.map(({ label, place, points }) => [label, place, points]));
    if (this.#plot && shape === this.#shape) {
      this.#plot.setData(data);
      return;
    }
    this.#shape = shape;
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#options(curves), data, this.place);
  }

  /** Draws anew in the colours that hold now. */
  repaint() {
    this.#shape = "";
  }

  #fit() {
    if (this.#plot && this.place.clientWidth > 0) {
      this.#plot.setSize({ width: this.place.clientWidth, height: HEIGHT });
    }
  }

  #options(curves) {
    const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
    return {
      width: this.place.clientWidth,
      height: HEIGHT,
      scales: { x: { time: false } },
      axes: [axis, { ...axis, size: 62, values: (plot, ticks) => ticks.map(this.axis) }],
      legend: { live: true },
      cursor: { sync: { key: "training" }, drag: { x: true, y: false } },
      series: [
        { label: "step", value: (plot, value) => (value === null ? "–" : count(value)) },
        ...curves.map(({ label, place, points }) => ({
          label,
          class: points ? "marks" : null,
          stroke: colour(COLOURS[place % COLOURS.length]),
          width: points ? 0 : 1.75,
          dash: points ? [] : DASHES[place % DASHES.length],
          paths: points ? () => null : undefined,
          points: points ? { show: true, size: 8, fill: colour(COLOURS[place % COLOURS.length]) } : { show: false },
          spanGaps: true,
          value: (plot, value) => (value === null ? "–" : this.format(value)),
        })),
      ],
    };
  }
}
