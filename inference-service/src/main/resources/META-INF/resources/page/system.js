// "System": the services and how they stand, memory and disks, the pool, and what is elsewhere.
import { arrange, button, element, replace } from "./elements.js";
import { peers } from "./peers.js";
import { call, json } from "./service.js";
import { workers } from "./training/workers.js";
import { bytes, moment, percent } from "./words.js";

const EVERY_MS = 5_000;
const NEARLY_FULL = 0.1;
const SERVICES = [
  { id: null, name: "inference-service", does: "answers, and serves this page" },
  { id: "dataset", name: "dataset-service", does: "reads data sets, publishes batches, keeps runs" },
  { id: "trainer", name: "trainer-service", does: "trains, and writes checkpoints" },
  { id: "evaluator", name: "evaluator-service", does: "scores checkpoints, and promotes the best" },
];

/** Makes the view work; `show()` is to be called when it comes to be seen. */
export function system(view) {
  const part = Object.fromEntries([...view.querySelectorAll("[id]")].map(each => [each.id, each]));
  const cards = SERVICES.map(service => ({ ...service, place: element("article", { className: "card" }), seen: null }));
  const pool = workers(view, { place: "#pool-workers", note: "#pool-note" });
  arrange(part.services, cards.map(({ place }) => place));
  let busy = false;

  async function look() {
    if (view.hidden || document.hidden || busy) {
      return;
    }
    busy = true;
    try {
      const { services, grafana } = await peers();
      const standing = await Promise.all(cards.map(card => ask(card, services)));
      const bad = standing.filter(good => !good).length;
      part["system-lead"].textContent = bad === 0 ? "All services answer, and say that they are well." : `${bad} of ${cards.length} services need a look.`;
      elsewhere(services, grafana);
    } catch (failure) {
      part["system-lead"].textContent = failure.message;
    } finally {
      busy = false;
    }
  }

  async function ask(card, known) {
    if (card.id && !known.includes(card.id)) {
      draw(card, null, `This service does not know where it is (millrace.page.${card.id}).`, "unknown");
      return true;
    }
    try {
      card.said = await json(`${card.id ? `/api/${card.id}` : ""}/system`, { patienceMs: 10_000 });
      card.seen = new Date();
      draw(card, card.said, null, card.said.up ? "up" : "down");
      return card.said.up;
    } catch (failure) {
      draw(card, card.said, `${failure.message}${card.seen ? `. What you see is of ${moment(card.seen)}.` : ""}`, "lost");
      return false;
    }
  }

  function elsewhere(services, grafana) {
    if (part.elsewhere.children.length > 0) {
      return;
    }
    const described = [["inference", ""], ...services.map(name => [name, `/api/${name}`])];
    const entry = (name, ...what) => [element("dt", {}, name), element("dd", {}, what)];
    part.elsewhere.append(
      ...entry("Grafana", grafana ? element("a", { href: grafana }, grafana) : "no address is set (millrace.page.grafana)"),
      ...entry("TensorBoard", element("code", {}, "./millrace tensorboard -f"), " writes event files; then ", element("code", {}, "tensorboard --logdir .millrace/tensorboard")),
      ...entry("OpenAPI", described.flatMap(([name, base]) => [button(name, () => openText(`${base}/q/openapi`), { className: "small" }), " "])),
    );
  }

  setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", look);
  return {
    show: () => {
      look();
      pool();
    },
  };
}

/** In a tab of its own; fetched here, since a link carries no token. */
async function openText(path) {
  const text = await (await call(path)).text();
  open(URL.createObjectURL(new Blob([text], { type: "text/plain" })), "_blank", "noopener");
}

const WORDS = { up: "well", down: "not well", lost: "no answer", unknown: "not known" };

function draw({ place, name, does }, said, problem, state) {
  replace(
    place,
    element("h2", {}, name),
    element("p", { className: "quiet" }, does),
    element("p", {}, element("span", { className: `state ${state}` }, WORDS[state])),
    problem ? element("p", { className: "notice" }, problem) : null,
    ...(said ? standing(said) : []),
  );
}

function standing({ checks, memory, disks, startedAt }) {
  const used = disks.map(({ name, free, total }) => meter(`Disk with ${name}`, total - free, total, `${bytes(free)} of ${bytes(total)} free`, free / total < NEARLY_FULL));
  return [
    ...checks.filter(({ up }) => !up).map(({ name, reason }) => element("p", { className: "notice" }, `${name}: ${reason ?? "down"}`)),
    meter("Heap", memory.heap, memory.maxHeap, `${bytes(memory.heap)} of ${bytes(memory.maxHeap)}`),
    ...used,
    element("p", { className: "quiet" }, `${memory.resident ? `${bytes(memory.resident)} of the machine’s memory, ` : ""}since ${moment(startedAt)}`),
  ];
}

function meter(label, value, most, text, bad = false) {
  return element("p", { className: `meter ${bad ? "bad" : ""}` }, element("span", {}, label), element("progress", { max: most, value, ariaLabel: `${label}: ${percent(value / most, 0)}` }), element("small", {}, text));
}
