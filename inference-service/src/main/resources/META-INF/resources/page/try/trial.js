// "Try it": a drawing or a picture, its answer while it is drawn, what the network saw and where it looked.
import { json } from "../service.js";
import { percent } from "../words.js";
import { Bars } from "./bars.js";
import { feedback } from "./feedback.js";
import { Latest } from "./latest.js";
import { clearLooks, drawLooks } from "./looks.js";
import { pictures } from "./pictures.js";
import { Sketch } from "./sketch.js";

const PAUSE_MS = 250;
const LONG_NAME = 6;
const KEYS = "By keys: arrows move the pen, space puts it down and lifts it, backspace undoes, escape clears.";

/** Makes the view work. `serve` is to be told of the served model, or null. */
export function trial(view) {
  const part = Object.fromEntries(
    [...view.querySelectorAll("[id]")].map(element => [element.id, element]),
  );
  const answers = new Latest();
  const explanations = new Latest();
  const bars = new Bars(part.bars, label => explain(label));
  const said = feedback(part);
  const sketch = new Sketch(part.sketch, finished => drawn(finished));
  /** Undefined until it was asked for. */
  let model;
  const touch = matchMedia("(pointer: coarse)").matches;
  let picture = null;
  let answer = null;
  let pause;

  pictures(part.paper, [part.file, part.camera], given);
  part.clear.addEventListener("click", clear);
  part.undo.addEventListener("click", () => sketch.undo());
  part["camera-label"].hidden = part.camera.hidden = !touch;

  function serve(served) {
    model = served;
    part.trial.hidden = !model;
    part.served.textContent = model ? about(model) : "No model is served yet: one is as soon as a checkpoint was promoted.";
    if (!model) {
      return;
    }
    const ink = model.inputConvention === "ink";
    part.sketch.hidden = !ink;
    part.undo.hidden = !ink;
    part["sketch-help"].textContent = ink && !touch ? KEYS : "";
    part.invitation.textContent = ink
      ? `Draw here, or ${touch ? "take" : "drop or paste"} a picture`
      : `${touch ? "Take" : "Drop or paste"} a picture, or choose one below`;
    bars.serve(model.classes);
    said.serve(model.classes);
    ask(true);
  }

  function drawn(finished) {
    picture = null;
    ask(finished);
  }

  function given(file) {
    if (!model) {
      return;
    }
    if (!sketch.empty) {
      sketch.clear();
    }
    URL.revokeObjectURL(part.picture.src);
    part.picture.src = URL.createObjectURL(file);
    picture = file;
    ask(true);
  }

  function clear() {
    picture = null;
    sketch.clear();
    (part.sketch.hidden ? part.file : part.sketch).focus();
  }

  /** Asks about what is on the paper now; for the explanation only when nothing more comes for a moment. */
  function ask(finished) {
    const nothing = !picture && sketch.empty;
    part.picture.hidden = !picture;
    part.invitation.hidden = !nothing;
    part.clear.disabled = nothing;
    part.undo.disabled = sketch.empty;
    clearTimeout(pause);
    explanations.drop();
    if (nothing || !model) {
      answers.drop();
      forget();
      return;
    }
    answers.ask(() => post(`/classify?top=${bars.wanted}`), answered, refused);
    pause = setTimeout(() => explain(null), finished ? 0 : PAUSE_MS);
  }

  async function post(path) {
    const body = picture ?? (await sketch.file());
    return json(path, { method: "POST", body, headers: { "Content-Type": "application/octet-stream" } });
  }

  function answered(found) {
    answer = found;
    said.answered(found);
    part.refusal.hidden = true;
    const label = document.createElement("strong");
    label.textContent = found.label;
    label.classList.toggle("long", found.label.length > LONG_NAME);
    const sure = document.createElement("span");
    sure.textContent = percent(found.probability) + (found.calibrated ? "" : " (not calibrated)");
    part.answer.replaceChildren(label, sure);
    part.warnings.replaceChildren(...(found.warnings ?? []).map(warning => {
      const item = document.createElement("li");
      item.textContent = warning;
      return item;
    }));
    bars.show(found.top, found.label);
  }

  function explain(wanted) {
    const path = wanted === null ? "/explain" : `/explain?class=${encodeURIComponent(wanted)}`;
    explanations.ask(() => post(path), explained, failure => {
      clearLooks(part.seen, part.heat);
      part["looks-note"].textContent = failure.message;
    });
  }

  async function explained(said) {
    part["looks-note"].textContent = "";
    part["heat-caption"].textContent = `Where “${said.label}” is seen`;
    await drawLooks(part.seen, part.heat, said);
    if (answer) {
      bars.show(answer.top, said.label);
    }
  }

  function refused(failure) {
    forget();
    part.refusal.textContent = failure.message;
    part.refusal.hidden = false;
  }

  function forget() {
    answer = null;
    said.answered(null);
    part.answer.replaceChildren();
    part.warnings.replaceChildren();
    part.refusal.hidden = true;
    part["looks-note"].textContent = "";
    part["heat-caption"].textContent = "Where it looked";
    bars.serve(model?.classes ?? []);
    clearLooks(part.seen, part.heat);
  }

  return { serve, model: () => model };
}

function about(model) {
  const [channels, height, width] = model.inputShape;
  const accuracy = !Number.isFinite(model.accuracy) ? "" : `, ${percent(model.accuracy)} right on its test split`;
  return `${model.name}: ${model.classes.length} classes, pictures of ${width}×${height}${channels === 1 ? " in grey" : ""}${accuracy}. Version ${model.version}.`;
}
