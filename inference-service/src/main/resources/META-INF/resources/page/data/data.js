// "Data": what is in each data set, what of it was skipped and why, and its images as they are and as a recipe changes them.
import { button, element, table } from "../elements.js";
import { Field, fill, select } from "../form.js";
import { missing, say } from "../peers.js";
import { json, pictureOf } from "../service.js";
import { count, percent } from "../words.js";
import { upload } from "./upload.js";

const AGAIN_MS = 2_000;
const BUSY = 503;
const STATES = { untried: "not read yet", preparing: "being prepared", available: "", unavailable: "cannot be had" };
/** Images as they are: a recipe that changes nothing, and takes what there is. */
const PLAIN = { name: "quick", batchSize: 2 };

/** Makes the view work; `show()` is to be called when it comes to be seen. */
export function data(view) {
  const part = Object.fromEntries([...view.querySelectorAll("[id]")].map(each => [each.id, each]));
  let chosen = null;
  let drawn = null;
  let pictures = [];
  let recipes = [];
  /** One picture is made at a time, so one is asked for at a time. */
  let turn = Promise.resolve();
  upload(view, name => {
    drawn = null;
    list().then(() => open(name));
  });

  async function list() {
    if (view.hidden) {
      return;
    }
    try {
      const lacks = await missing("dataset");
      say(part["data-problem"], lacks);
      part.upload.hidden = Boolean(lacks);
      if (lacks) {
        return;
      }
      const all = await json("/api/dataset/datasets");
      const focus = document.activeElement?.dataset?.dataset;
      part.datasets.replaceChildren(...all.map(choice));
      part.datasets.querySelector(`[data-dataset="${CSS.escape(focus ?? "")}"]`)?.focus();
      if (chosen === null) {
        // What is there already; looking must not begin a download that nobody asked for.
        const first = all.find(({ name, state }) => state === "available" && name !== "strokes") ?? all.find(({ state }) => state === "available");
        if (first) {
          await open(first.name);
        }
      }
    } catch (failure) {
      say(part["data-problem"], failure.message);
    }
  }

  function choice({ name, state, reason }) {
    const made = button([name, STATES[state] ? element("small", {}, STATES[state]) : ""], () => open(name), { title: reason ?? "" });
    made.dataset.dataset = name;
    made.setAttribute("aria-pressed", String(name === chosen));
    return made;
  }

  async function open(name) {
    chosen = name;
    [...part.datasets.children].forEach(each => each.setAttribute("aria-pressed", String(each.dataset.dataset === name)));
    try {
      const set = await json(`/api/dataset/datasets/${encodeURIComponent(name)}`, { patienceMs: 60_000 });
      if (chosen !== name || view.hidden) {
        return;
      }
      if (set.state === "preparing") {
        forget();
        part.dataset.replaceChildren(element("p", { className: "card quiet", role: "status" }, `${name} is being read, or fetched …`));
        setTimeout(() => chosen === name && open(name), AGAIN_MS);
      } else if (set.state === "unavailable") {
        forget();
        part.dataset.replaceChildren(element("p", { className: "notice", role: "alert" }, `${name} cannot be had: ${set.reason}`));
      } else if (drawn !== `${name} ${set.contents?.digest}`) {
        drawn = `${name} ${set.contents?.digest}`;
        await draw(set);
      }
    } catch (failure) {
      part.dataset.replaceChildren(element("p", { className: "notice", role: "alert" }, failure.message));
    }
  }

  async function draw({ name, contents }) {
    forget();
    if (!contents) {
      part.dataset.replaceChildren(element("p", { className: "card quiet" }, `Nothing is known of ${name} yet.`));
      return;
    }
    recipes = recipes.length > 0 ? recipes : await json("/api/dataset/recipes");
    const sum = split => contents.classes.reduce((all, each) => all + each[split], 0);
    part.dataset.replaceChildren(
      element(
        "article",
        { className: "card" },
        element("h2", {}, name),
        element("p", { className: "lead" }, `${contents.kind}: ${contents.classes.length} classes, ${count(sum("train"))} images to train on and ${count(sum("test"))} to test on, ${contents.shape.replaceAll("x", "×")}${contents.sizes ? ` (as files ${contents.sizes})` : ""}.`),
        ...contents.notes.map(note => element("p", { className: "notice" }, note)),
        element("div", { className: "halves" }, element("section", {}, element("h3", {}, "Classes"), bars(contents.classes)), element("section", {}, element("h3", {}, "Images"), facts(contents), sheet(name, PLAIN, "Its first training images, in the order of the first epoch"))),
      ),
      augmented(name),
      skipped(contents),
    );
  }

  function facts({ mean, deviation, duplicates, digest }) {
    const numbers = values => values.map(value => value.toFixed(4)).join(", ");
    const said = [["mean", numbers(mean)], ["standard deviation", numbers(deviation)], ["test images in the training split", count(duplicates)], ["digest", digest.slice(0, 16)]];
    return element("dl", { className: "facts" }, said.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
  }

  function augmented(name) {
    const recipe = new Field("Recipe", select());
    fill(recipe.input, recipes.map(each => each.name));
    const changing = recipes.find(({ augmentation }) => JSON.stringify(augmentation) !== "{\"shift\":0}");
    recipe.value = changing?.name ?? recipes[0]?.name;
    const epoch = new Field("Epoch", element("input", { type: "number", min: 0, step: 1, value: 0 }));
    const place = element("div");
    const draw = () => {
      recipe.hint.textContent = inWords(recipes.find(each => each.name === recipe.value)?.augmentation);
      place.replaceChildren(sheet(name, { name: recipe.value, batchSize: 8 }, `Training images as ${recipe.value} changes them in epoch ${epoch.value}`, epoch.value));
    };
    recipe.input.addEventListener("change", draw);
    epoch.input.addEventListener("change", draw);
    draw();
    return element("article", { className: "card" }, element("h2", {}, "As a recipe changes them"), element("div", { className: "row end" }, recipe.element, epoch.element), place);
  }

  /** 64 images as one picture, fetched when it comes into view. */
  function sheet(name, recipe, alt, epoch = 0) {
    const made = element("img", { className: "sheet", alt });
    new IntersectionObserver(async ([{ isIntersecting }], observer) => {
      if (!isIntersecting) {
        return;
      }
      observer.disconnect();
      try {
        const asked = turn.then(() => patiently(() =>
          pictureOf(`/api/dataset/preview?epoch=${encodeURIComponent(epoch)}`, {
            method: "POST",
            body: JSON.stringify({ dataset: name, recipe }),
            headers: { "Content-Type": "application/json" },
            patienceMs: 60_000,
          }),
        ));
        turn = asked.catch(() => {});
        made.src = await asked;
        pictures.push(made.src);
      } catch (failure) {
        made.replaceWith(element("p", { className: "notice", role: "alert" }, failure.message));
      }
    }).observe(made);
    return made;
  }

  function forget() {
    drawn = null;
    pictures.forEach(URL.revokeObjectURL);
    pictures = [];
  }

  setInterval(list, 5 * AGAIN_MS);
  return { show: list };
}

/** Somebody else may have the turn. */
async function patiently(ask) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (failure) {
      if (failure.status !== BUSY || attempt === 5) {
        throw failure;
      }
      await new Promise(resolve => setTimeout(resolve, AGAIN_MS));
    }
  }
}

function inWords(augmentation = {}) {
  const said = Object.entries(augmentation).filter(([, value]) => value !== 0);
  return said.length === 0 ? "leaves them as they are" : said.map(([name, value]) => (typeof value === "object" ? `${name} ${Object.entries(value).map(([member, each]) => `${member} ${JSON.stringify(each)}`).join(", ")}` : `${name} ${value}`)).join("; ");
}

function bars(classes) {
  const most = Math.max(...classes.map(({ train, test }) => train + test));
  return element(
    "ol",
    { className: "counts" },
    classes.map(({ name, train, test }) => {
      const bar = part => {
        const made = element("span", { className: part === train ? "train" : "test" });
        made.style.width = percent(part / most, 2).replace(/[ >]/g, "");
        return made;
      };
      return element("li", {}, element("span", { className: "name" }, name), element("span", { className: "track", ariaHidden: "true" }, bar(train), bar(test)), element("span", { className: "number" }, `${count(train)} + ${count(test)}`));
    }),
    element("li", { className: "quiet" }, "images to train on + to test on"),
  );
}

function skipped({ skippedFiles, skipped: named }) {
  if (skippedFiles === 0) {
    return element("p", { className: "card quiet" }, "Nothing of it was skipped.");
  }
  return element(
    "article",
    { className: "card scroll", tabIndex: 0, role: "region", ariaLabel: "Skipped files" },
    element("h2", {}, `${count(skippedFiles)} ${skippedFiles === 1 ? "file was" : "files were"} skipped`),
    table({ label: "Skipped files", heads: ["file", "why"], rows: named.map(({ file, reason }) => [file, reason]) }),
    named.length < skippedFiles ? element("p", { className: "quiet" }, `The first ${named.length} of them.`) : null,
  );
}
