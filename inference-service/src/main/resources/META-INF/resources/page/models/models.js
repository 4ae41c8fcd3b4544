// "Models": what each name stands for, the checkpoints that were scored, best first, and what can be done with them.
import { button, element } from "../elements.js";
import { say, whileSeen } from "../peers.js";
import { json, send } from "../service.js";
import { count, moment, percent } from "../words.js";
import { insight } from "./insight.js";
import { lineage } from "./lineage.js";
import { comparison, known, liveAccuracy } from "./live.js";

const SHOWN = 30;
const EVERY_MS = 5_000;
const CAUSES = { best: "as the best so far", manual: "by hand", rollback: "by a rollback" };

/** Makes the view work; `show()` is to be called when it comes to be seen. */
export function models(view, events) {
  const part = Object.fromEntries([...view.querySelectorAll("[id]")].map(each => [each.id, each]));
  const look = insight(part.insight, () => show());
  /** What the evaluator says of each checkpoint beyond its events, by id; empty until it was asked. */
  let lines = new Map();
  /** What the evaluator says of each name, and what is known of it while it is served, by name. */
  let decided = new Map();
  let live = new Map();
  let manageable = false;
  let drawn = "";
  const ask = whileSeen({
    view,
    services: ["evaluator"],
    everyMs: EVERY_MS,
    ask: async () => {
      const [board, names] = await Promise.all([json("/api/evaluator/leaderboard"), json("/api/evaluator/models")]);
      return { board, names, seen: await Promise.all(names.map(known)) };
    },
    show: ({ board, names, seen }) => {
      manageable = true;
      lines = new Map(board.map(line => [line.checkpointId, line]));
      decided = new Map(names.map(each => [each.model, each]));
      live = new Map(names.map(({ model }, nth) => [model, seen[nth]]));
      show();
    },
    note: part["models-problem"],
  });
  events.whenChanged(changed => {
    if (["run", "evaluation", "promotion", "all", "following"].some(kind => changed.has(kind))) {
      show();
    }
  });

  function show() {
    if (view.hidden) {
      return;
    }
    const promotions = events.all("promotion");
    const scores = events.all("evaluation");
    const names = [...new Set([...promotions, ...scores].map(({ model }) => model))].sort();
    part["models-lead"].textContent = events.refused ?? leading(names);
    // Whatever is pressed or focused here stays, unless there is something new to show.
    const state = JSON.stringify([names, promotions, scores.length, [...lines], [...decided], [...live], manageable, look.shown()]);
    if (state !== drawn) {
      drawn = state;
      const focus = document.activeElement?.dataset?.key;
      part["models-list"].replaceChildren(...names.map(name => card(name, events.get("promotion", name), scores.filter(({ model }) => model === name))));
      lineage(part["lineage-card"], part.lineage, events);
      if (focus) {
        part["models-list"].querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus();
      }
    }
  }

  function leading(names) {
    if (events.follows === false) {
      return "This service serves a file: it knows of no other models.";
    }
    if (!events.complete) {
      return "Reading what there is …";
    }
    return names.length === 0
      ? "No checkpoint was scored yet. The best one of a name is served."
      : "Every checkpoint is scored on the test split; the best one of a name is served.";
  }

  function card(name, promotion, scores) {
    const title = `model-${name}`;
    const best = [...scores].sort((one, other) => other.accuracy - one.accuracy || other.step - one.step);
    const calibrated = best.some(({ checkpointId }) => lines.get(checkpointId)?.calibratedError !== undefined);
    const heads = ["checkpoint", "step", "epoch", "accuracy", "loss", manageable ? (calibrated ? "calibration error, then" : "calibration error") : "scored", ""];
    return element(
      "article",
      { className: "card scroll", "aria-labelledby": title, tabIndex: 0 },
      element("h2", { id: title }, name),
      element("p", { className: "lead" }, promoted(promotion)),
      ...(decided.get(name)?.shadow ? [comparison(decided.get(name).shadow, live.get(name)?.shadow)] : []),
      manageable && promotion ? element("div", { className: "row" }, ...choices(name, promotion)) : null,
      element(
        "table",
        { "aria-labelledby": title },
        element("thead", {}, element("tr", {}, ...heads.map((text, nth) => element("th", { scope: "col", className: nth > 0 && nth < 6 ? "number" : "" }, text)))),
        element("tbody", {}, ...best.slice(0, SHOWN).map(score => row(name, score, promotion))),
      ),
      best.length > SHOWN ? element("p", { className: "quiet" }, `The best ${SHOWN} of ${best.length} checkpoints.`) : null,
    );
  }

  function choices(name, promotion) {
    const { previous: back, shadow } = decided.get(name) ?? {};
    return [
      back ? act(`Roll back to ${back}`, name, "rollback", undefined, `${name} is ${back} again, and pinned.`) : null,
      promotion.pinned
        ? act("Unpin", name, "unpin", undefined, `${name} is no longer pinned: what is better takes its place.`)
        : act("Pin", name, "promote", { checkpointId: promotion.checkpointId }, `${name} is pinned: it stays, whatever is better.`),
      shadow ? act("Remove the shadow", name, "shadow", undefined, `Nothing is asked beside ${name} any more.`, {}, "DELETE") : null,
    ];
  }

  function act(text, name, what, body, said, properties = {}, method = "POST") {
    const made = button(
      text,
      async () => {
        say(part["models-told"], null);
        try {
          await send(`/api/evaluator/models/${encodeURIComponent(name)}/${what}`, body, { method });
          say(part["models-told"], said);
          ask();
        } catch (failure) {
          say(part["models-problem"], failure.message);
        }
      },
      properties,
    );
    made.dataset.key = `${what} ${name} ${body?.checkpointId ?? ""}`;
    return made;
  }

  function row(name, score, promotion) {
    const id = score.checkpointId;
    const line = lines.get(id);
    const served = id === promotion?.checkpointId;
    const shadowed = id === decided.get(name)?.shadow;
    const said = live.get(name)?.feedback.find(({ version }) => version === id);
    const own = { checkpointId: id };
    const opened = button(id, () => look.open(id), { className: "link" });
    opened.dataset.key = `open ${id}`;
    opened.setAttribute("aria-pressed", String(look.shown() === id));
    const error = line && `${percent(line.calibrationError, 2)}${line.calibratedError === undefined ? "" : `, ${percent(line.calibratedError, 2)}`}`;
    return element(
      "tr",
      { className: served ? "promoted" : "" },
      element(
        "th",
        { scope: "row" },
        manageable ? opened : id,
        ...(served ? [" ", element("span", { className: "badge" }, "promoted")] : []),
        ...(score.averaged ? [" ", element("span", { className: "badge" }, "average")] : []),
        ...(line && !line.kept ? [" ", element("span", { className: "badge faint" }, "weights not kept")] : []),
        ...(shadowed ? [" ", element("span", { className: "badge" }, "shadow")] : []),
        said ? liveAccuracy(said) : null,
        line?.objection ? element("small", {}, `Not promoted: ${line.objection}`) : null,
      ),
      element("td", { className: "number" }, count(score.step)),
      element("td", { className: "number" }, count(score.epoch)),
      element("td", { className: "number" }, percent(score.accuracy, 2)),
      element("td", { className: "number" }, score.loss.toPrecision(3)),
      element("td", { className: "number" }, manageable ? error ?? "–" : moment(score.evaluatedAt)),
      element(
        "td",
        { className: "act" },
        ...(manageable && !served && line?.kept
          ? [
              act("Promote", name, "promote", own, `${name} is ${id} now, and pinned.`, { className: "small", ariaLabel: `Promote ${id}` }),
              promotion && !shadowed ? act("Shadow", name, "shadow", own, `${id} is asked beside ${name}, and answers nobody.`, { className: "small", ariaLabel: `Ask ${id} beside what is served` }) : null,
            ]
          : []),
      ),
    );
  }

  return {
    show: () => {
      show();
      ask();
    },
  };
}

function promoted(promotion) {
  if (!promotion) {
    return "Nothing is promoted under this name yet.";
  }
  const pinned = promotion.pinned ? "; it is pinned, and stays until it is unpinned" : "";
  return `${promotion.checkpointId} is promoted since ${moment(promotion.promotedAt)}, ${CAUSES[promotion.cause] ?? ""}${pinned}.`;
}
