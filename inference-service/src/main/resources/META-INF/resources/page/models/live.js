// What is found out about versions while they are served: how often they were right, and what a shadow says beside them.
import { element } from "../elements.js";
import { json } from "../service.js";
import { count, percent } from "../words.js";

const MOST_FLIPS = 5;

/** What this service knows of a name: feedback by version, and the comparison with a shadow, null where it is not asked. */
export async function known({ model, shadow }) {
  const path = `/models/${encodeURIComponent(model)}`;
  return { feedback: await json(`${path}/feedback`), shadow: shadow ? await compared(`${path}/shadow`) : null };
}

async function compared(path) {
  try {
    return await json(path);
  } catch (failure) {
    if (failure.status === 404) {
      return null;
    }
    throw failure;
  }
}

/** How often a version was right, of those of its answers of which somebody said what is. */
export function liveAccuracy(version) {
  return element(
    "small",
    {},
    `Right in ${percent(version.accuracy, 1)} of ${count(version.answers)} answers by feedback, ${percent(version.low, 1)} to ${percent(version.high, 1)} with a confidence of 95 %.`,
  );
}

/** What the shadow says beside what is served. */
export function comparison(wanted, shadow) {
  if (shadow?.shadow !== wanted) {
    return element("p", { className: "quiet" }, `${wanted} is to be asked beside it; this service does not do so yet.`);
  }
  if (shadow.problem) {
    return element("p", { className: "notice" }, `${wanted} is not asked beside it: ${shadow.problem}.`);
  }
  const dropped = shadow.dropped ? ` Of ${count(shadow.dropped)} more it was not asked, for others waited.` : "";
  if (!shadow.images) {
    return element("p", { className: "quiet" }, `${wanted} is asked beside it: of no image yet.${dropped}`);
  }
  const flips = shadow.flips.slice(0, MOST_FLIPS).map(flip => `${flip.label} became ${flip.shadow} ${count(flip.images)} ×`);
  return element(
    "p",
    { className: "quiet" },
    `${wanted} is asked beside it, and says the same of ${percent(shadow.agreement, 1)} of ${count(shadow.images)} images${flips.length ? `: ${flips.join(", ")}` : ""}.${dropped}`,
  );
}
