// The reliability diagram: how often the network is right where it is so sure. On the diagonal confidence is what it says.
import { element } from "../elements.js";
import { percent } from "../words.js";

const SVG = "http://www.w3.org/2000/svg";
const SIDE = 240;
const LEFT = 38;
const BELOW = 34;
/** Bins of fewer answers are drawn faint: their height is chance. */
const FEW = 10;

/** The diagram of an evaluation, and its figures in words. */
export function calibration({ confidence, samples, calibrationError, calibration: fitted, uncalibrated }) {
  return element(
    "div",
    {},
    confidence ? diagram(confidence) : element("p", { className: "quiet" }, "This evaluation is from before its confidence was counted by bins."),
    element(
      "p",
      { className: "quiet" },
      `Expected calibration error ${percent(calibrationError, 2)} as the network answers`,
      fitted ? `; ${percent(fitted.calibrationError, 2)} as it is served, divided by the temperature ${fitted.temperature.toPrecision(3)}, fitted on ${fitted.samples.toLocaleString("en")} images that were set apart.` : `; it is served so${uncalibrated ? `: ${uncalibrated}` : ""}.`,
    ),
    confidence
      ? element("details", {}, element("summary", {}, "As numbers"), element("ul", { className: "quiet" }, confidence.flatMap((bin, k) => (bin.samples ? [element("li", {}, `${percent(k / confidence.length, 0)} to ${percent((k + 1) / confidence.length, 0)}: ${bin.samples.toLocaleString("en")} of ${samples.toLocaleString("en")} answers, ${percent(bin.correct / bin.samples)} right`)] : []))))
      : null,
  );
}

function diagram(bins) {
  const svg = shape("svg", { viewBox: `0 0 ${LEFT + SIDE + 22} ${SIDE + BELOW + 8}`, class: "reliability", role: "img", "aria-label": "Reliability diagram: how often it is right, by how sure it is" });
  const x = ratio => LEFT + SIDE * ratio;
  const y = ratio => 8 + SIDE * (1 - ratio);
  for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
    svg.append(
      shape("line", { x1: x(0), x2: x(1), y1: y(tick), y2: y(tick), class: "grid" }),
      shape("text", { x: LEFT - 5, y: y(tick) + 4, "text-anchor": "end" }, percent(tick, 0)),
      shape("text", { x: x(tick), y: y(0) + 15, "text-anchor": "middle" }, percent(tick, 0)),
    );
  }
  bins.forEach((bin, k) => {
    if (bin.samples > 0) {
      const right = bin.correct / bin.samples;
      svg.append(shape("rect", { x: x(k / bins.length) + 1, y: y(right), width: SIDE / bins.length - 2, height: SIDE * right, class: bin.samples < FEW ? "few" : "" }));
    }
  });
  svg.append(
    shape("line", { x1: x(0), y1: y(0), x2: x(1), y2: y(1), class: "ideal" }),
    shape("text", { x: x(0.5), y: y(0) + 31, "text-anchor": "middle" }, "how sure it is; height: how often it is right"),
  );
  return svg;
}

function shape(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}
