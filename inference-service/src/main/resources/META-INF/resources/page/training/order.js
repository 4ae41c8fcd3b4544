// The form that starts a run. It knows recipes, networks and data sets, and asks the dataset-service what the order would become
// while it is written, so that what is wrong is said before it is sent.
import { element } from "../elements.js";
import { Field, fill, place, select } from "../form.js";
import { missing, say } from "../peers.js";
import { json, send } from "../service.js";
import { count } from "../words.js";

const PAUSE_MS = 400;
const STATES = { untried: "not read yet", preparing: "being prepared", unavailable: "cannot be had" };

/** Makes the form work. */
export function orderForm(view, events, told) {
  const box = view.querySelector("#order");
  const note = view.querySelector("#order-note");
  const form = view.querySelector("#order-form");
  const number = properties => element("input", { type: "number", ...properties });
  const word = properties => element("input", { type: "text", autocomplete: "off", spellcheck: false, ...properties });
  const checkpoints = element("datalist", { id: "order-checkpoints" });
  const from = word({ placeholder: "fresh weights" });
  from.setAttribute("list", checkpoints.id);
  const fields = {
    dataset: new Field("Data set", select(), { names: ["dataset", "strokes"] }),
    recipe: new Field("Recipe", select(), { names: ["recipe.name", "recipe"] }),
    network: new Field("Network", select(), { names: ["network", "stem"] }),
    epochs: new Field("Epochs", number({ min: 1, step: 1 }), { names: ["recipe.epochs"] }),
    batchSize: new Field("Images in a batch", number({ min: 2, step: 1 }), { names: ["recipe.batchSize"] }),
    learningRate: new Field("Learning rate", number({ min: 0, step: "any" }), { names: ["recipe.schedule.learningRate"] }),
    validation: new Field("Set apart for validation", number({ min: 0, max: 0.9, step: "any" }), { names: ["recipe.validation"], hint: "a part of the training images, such as 0.1" }),
    weights: new Field("Starts from", from, { names: ["weights", "sha256"], hint: "a checkpoint, imagenet, a file of the trainer’s" }),
    seed: new Field("Seed", number({ step: 1, placeholder: "1" }), { names: ["seed"] }),
    shards: new Field("Replicas", number({ min: 1, max: 64, step: 1, placeholder: "1" }), { names: ["shards"], hint: "each has a batch of its own in a step" }),
    workers: new Field("Workers, at the most", number({ min: 1, step: 1, placeholder: "as many as replicas" }), { names: ["workers"] }),
    priority: new Field("Priority", number({ step: 1, placeholder: "0" }), { names: ["priority"], hint: "a higher one is trained first" }),
    model: new Field("Served as", word({ placeholder: "the data set’s name" }), { names: ["model"] }),
    runId: new Field("Run id", word({ placeholder: "made up" }), { names: ["runId"] }),
    more: new Field("Further members of the recipe", element("textarea", { rows: 2, spellcheck: false, placeholder: "{\"augmentation\": {\"shift\": 2}}" }), { names: ["recipe"], hint: "JSON, merged with the recipe" }),
  };
  const all = Object.values(fields);
  const first = ["dataset", "recipe", "network", "epochs", "batchSize", "learningRate"];
  const outlook = element("p", { className: "quiet", role: "status" });
  const fault = element("p", { className: "notice", role: "alert", hidden: true });
  const start = element("button", { type: "submit" }, "Start");
  form.replaceChildren(
    ...first.map(name => fields[name].element),
    element("details", { className: "more" }, element("summary", {}, "More"), element("div", { className: "fields" }, Object.keys(fields).filter(name => !first.includes(name)).map(name => fields[name].element))),
    fault,
    element("div", { className: "row" }, start, outlook),
    checkpoints,
  );
  let recipes = [];
  let networks = [];
  let pause;
  let asked = 0;

  form.addEventListener("input", () => {
    hints();
    clearTimeout(pause);
    pause = setTimeout(check, PAUSE_MS);
  });
  form.addEventListener("submit", async event => {
    event.preventDefault();
    start.disabled = true;
    try {
      const run = await send("/api/dataset/runs", order(), { patienceMs: 60_000 });
      place(null, all);
      say(fault, null);
      told([`Run ${run.runId} was ordered.`, ...run.notes].join(" "));
      box.open = false;
      fields.runId.value = "";
    } catch (failure) {
      say(fault, faultOf(failure));
    } finally {
      start.disabled = false;
    }
  });
  box.addEventListener("toggle", look);

  /** What the services know by now. */
  async function look() {
    if (!box.open || view.hidden) {
      return;
    }
    try {
      const lacks = (await missing("dataset")) ?? (await missing("trainer"));
      form.hidden = Boolean(lacks);
      say(note, lacks);
      if (lacks) {
        return;
      }
      const [datasets, known, described] = await Promise.all([
        json("/api/dataset/datasets"),
        json("/api/dataset/recipes"),
        json("/api/trainer/networks", { headers: { Accept: "application/json" } }),
      ]);
      recipes = known;
      networks = described;
      const newest = events.all("run").at(-1)?.spec.dataset.name;
      const before = fields.dataset.value;
      fill(fields.dataset.input, datasets.map(({ name, state }) => [name, STATES[state] ? `${name} (${STATES[state]})` : name]));
      if (!before && newest) {
        fields.dataset.value = newest;
      }
      fill(fields.recipe.input, recipes.map(({ name }) => name));
      fill(fields.network.input, networks.map(({ name }) => name));
      checkpoints.replaceChildren(...["imagenet", ...events.all("evaluation").map(({ checkpointId }) => checkpointId)].map(value => element("option", { value })));
      hints();
      await check();
    } catch (failure) {
      say(note, failure.message);
    }
  }

  function recipe() {
    return recipes.find(({ name }) => name === fields.recipe.value);
  }

  /** What the recipe says where the form says nothing. */
  function hints() {
    const base = recipe();
    const parameters = networks.find(({ name }) => name === fields.network.value)?.parameters;
    fields.recipe.hint.textContent = base?.description ?? "";
    fields.network.hint.textContent = parameters ? `${(parameters / 1e6).toFixed(1)} million parameters` : "";
    fields.epochs.input.placeholder = base?.epochs ?? "";
    fields.batchSize.input.placeholder = base?.batchSize ?? "";
    fields.learningRate.input.placeholder = base?.schedule.learningRate ?? "";
    fields.validation.input.placeholder = base?.validation ?? "0";
  }

  /** The body of `POST /runs`. */
  function order() {
    const wanted = { ...JSON.parse(fields.more.value || "{}"), name: fields.recipe.value };
    const rate = fields.learningRate.number;
    Object.assign(
      wanted,
      filled({ epochs: fields.epochs.number, batchSize: fields.batchSize.number, validation: fields.validation.number }),
      rate === undefined ? {} : { schedule: { ...wanted.schedule, learningRate: rate } },
    );
    return filled({
      dataset: fields.dataset.value,
      network: fields.network.value,
      recipe: wanted,
      weights: fields.weights.value || undefined,
      seed: fields.seed.number,
      shards: fields.shards.number,
      workers: fields.workers.number === undefined ? undefined : { max: fields.workers.number },
      priority: fields.priority.number,
      model: fields.model.value || undefined,
      runId: fields.runId.value || undefined,
    });
  }

  /** Asks what would become of it; of several answers the last one counts. */
  async function check() {
    const mine = ++asked;
    try {
      const plan = await send("/api/dataset/plan", order());
      if (mine === asked) {
        place(null, all);
        say(fault, null);
        outlook.textContent = plan.steps
          ? `${count(plan.steps)} steps on ${count(plan.samples)} images, ${plan.recipe.epochs} ${plan.recipe.epochs === 1 ? "epoch" : "epochs"}.`
          : "The data set is read, or fetched, when the run begins.";
      }
    } catch (failure) {
      if (mine === asked) {
        outlook.textContent = "";
        say(fault, faultOf(failure));
      }
    }
  }

  function faultOf(failure) {
    if (failure instanceof SyntaxError) {
      all.forEach(field => field.say(null));
      fields.more.say(`This is no JSON: ${failure.message}`);
      fields.more.element.closest("details").open = true;
      return null;
    }
    const rest = place(failure, all);
    const hidden = form.querySelector("[aria-invalid=true]")?.closest("details");
    if (hidden) {
      hidden.open = true;
    }
    return rest;
  }

  /** Fills in what another run was ordered with. */
  async function like(spec) {
    box.open = true;
    await look();
    fields.dataset.value = spec.dataset.name;
    fields.recipe.value = spec.recipe.name;
    fields.network.value = spec.network.name;
    fields.epochs.value = spec.recipe.epochs;
    fields.batchSize.value = spec.recipe.batchSize;
    fields.learningRate.value = spec.recipe.schedule.learningRate;
    fields.seed.value = spec.seed;
    fields.shards.value = spec.shards;
    fields.model.value = spec.model;
    const { name, description, epochs, batchSize, schedule, ...rest } = spec.recipe;
    const { learningRate, ...shape } = schedule;
    fields.more.value = JSON.stringify({ ...rest, schedule: shape });
    hints();
    await check();
    box.scrollIntoView({ block: "nearest" });
    fields.dataset.input.focus();
  }

  return { look, like };
}

function filled(members) {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && !Number.isNaN(value)));
}
