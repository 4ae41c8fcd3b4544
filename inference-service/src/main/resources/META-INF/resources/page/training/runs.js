// Runs as the events tell them, put together for those who look.

const SILENT_MS = 20_000;

/** All runs, the newest first: order, status, and the best checkpoint that was scored. */
export function runsOf(events) {
  const best = bestByIncarnation(events);
  return events
    .all("run")
    .map(({ spec, incarnation, steps }) => {
      const status = events.get("status", spec.runId);
      return { id: spec.runId, spec, incarnation, steps, status, best: best.get(incarnation), ...standing(spec, steps, status) };
    })
    .sort((one, other) => other.spec.createdAt.localeCompare(one.spec.createdAt));
}

function bestByIncarnation(events) {
  const best = new Map();
  for (const score of events.all("evaluation")) {
    if (!(best.get(score.incarnation)?.accuracy >= score.accuracy)) {
      best.set(score.incarnation, score);
    }
  }
  return best;
}

/** Whether somebody is at a run, as its status has it; one that waits for a worker is to be trained, and is not. */
export function isTrained(status) {
  return status?.state === "running" && !status.waits;
}

/** In words; what has not been heard of for long is not called running. */
function standing(spec, steps, status) {
  const step = Math.min(status?.step ?? 0, steps);
  if (!status || (status.state === "running" && !isTrained(status))) {
    return { state: spec.stopped ? "stopped" : "waiting", step };
  }
  if (!isTrained(status)) {
    return { state: status.state, step };
  }
  const silent = Date.now() - Date.parse(status.updatedAt) > SILENT_MS;
  return { state: silent ? "silent" : "running", step, left: silent ? null : secondsLeft(status, steps) };
}

function secondsLeft(status, steps) {
  const perStep = status.samples / status.step;
  return status.step > 0 && status.imagesPerSecond > 0
    ? ((steps - status.step) * perStep) / status.imagesPerSecond
    : null;
}

/** In what the recipes, networks and data of some runs differ: `[[member, [value, …]], …]`. */
export function differences(runs) {
  const flats = runs.map(({ spec }) =>
    flat({
      dataset: spec.dataset.name,
      network: spec.network.name,
      stem: spec.network.stem,
      seed: spec.seed,
      shards: spec.shards,
      ...spec.recipe,
    }),
  );
  const members = new Set(flats.flatMap(each => [...each.keys()]));
  return [...members]
    .map(member => [member, flats.map(each => each.get(member) ?? "–")])
    .filter(([, values]) => new Set(values).size > 1);
}

function flat(value, name = "", into = new Map()) {
  if (value && typeof value === "object" && !Array.isArray(value)) {
    for (const [member, each] of Object.entries(value)) {
      flat(each, name ? `${name}.${member}` : member, into);
    }
  } else if (value !== null && value !== undefined) {
    into.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return into;
}
