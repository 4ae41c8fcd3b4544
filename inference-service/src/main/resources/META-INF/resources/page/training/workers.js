// Who trains what, as the trainers tell it.
import { element, table } from "../elements.js";
import { whileSeen } from "../peers.js";
import { json } from "../service.js";
import { bytes, count, percent } from "../words.js";

/** Shows them while the view is seen. */
export function workers(view, { place = "#workers", note = "#workers-note" } = {}) {
  const at = view.querySelector(place);
  const said = view.querySelector(note);
  return whileSeen({
    view,
    services: ["trainer"],
    ask: () => json("/api/trainer/workers"),
    show: pool => {
      at.replaceChildren(...tables(pool));
    },
    note: said,
  });
}

function tables({ workers: all, waiting }) {
  const held = all.length === 0
    ? element("p", { className: "quiet" }, "No worker has come to the pool yet.")
    : table({
        label: "Workers",
        heads: ["worker", "trains", "replicas", "images/s", "waits for data", "memory"],
        numbers: [3, 4, 5],
        rows: all.map(each => [
          each.worker,
          each.refused ?? (each.leaves ? `leaves ${each.leaves}` : each.runId ?? "nothing"),
          each.replicas?.length ? each.replicas.join(", ") : "–",
          each.imagesPerSecond && each.runId ? count(each.imagesPerSecond) : "–",
          each.waitRatio !== undefined && each.runId ? percent(each.waitRatio, 1) : "–",
          each.memoryBytes ? bytes(each.memoryBytes) : "–",
        ]),
      });
  return [
    held,
    ...(waiting.length > 0 ? [table({ label: "Runs that wait", heads: ["run that waits", "why"], rows: waiting.map(({ runId, reason }) => [runId, reason]) })] : []),
  ];
}
