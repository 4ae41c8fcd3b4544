// What can be done with a run: stop, resume, extend, another priority, another one like it, remove.
import { button, element, replace } from "../elements.js";
import { Field, place } from "../form.js";
import { peers, say } from "../peers.js";
import { send } from "../service.js";
import { count, moment, percent } from "../words.js";
import { runsOf } from "./runs.js";

/**
 * Makes the dialog work.
 * @param told is given what was done, in words
 * @param orderLike is given the order of a run of which another one is wanted
 */
export function management(dialog, events, { told, orderLike }) {
  let known = false;
  const look = () => peers().then(({ services }) => (known = services.includes("dataset")), () => {});

  function open(id) {
    const run = runsOf(events).find(each => each.id === id);
    if (!run) {
      return;
    }
    const fault = element("p", { className: "notice", role: "alert", hidden: true });
    const epochs = new Field("Epochs more", element("input", { type: "number", min: 1, step: 1, value: 1 }), { names: ["epochs", "beyond"] });
    const priority = new Field("Priority", element("input", { type: "number", step: 1, value: run.spec.priority ?? 0 }), { names: ["priority"], hint: "a run of a higher one takes a worker at its next boundary" });
    const act = (path, body, said, options) => async () => {
      try {
        await send(`/api/dataset/runs/${encodeURIComponent(id)}${path}`, typeof body === "function" ? body() : body, options);
        dialog.close();
        told(said);
      } catch (failure) {
        say(fault, place(failure, [epochs, priority]));
      }
    };
    const ended = run.state === "finished" || run.state === "failed";
    const stopped = run.state === "stopped";
    const remove = button("Remove …", () => {
      remove.replaceWith(
        element("p", {}, "Its logs, curves, checkpoints and lines of the leaderboard go, and do not come back. ", button(`Remove ${id}`, act("", undefined, `Run ${id} is being removed.`, { method: "DELETE" }), { className: "danger" })),
      );
    });
    replace(
      dialog,
      element("h2", { id: "manage-title" }, id),
      facts(run),
      fault,
      element(
        "div",
        { className: "row" },
        ended ? null : stopped ? button("Resume", act("/resume", undefined, `Run ${id} goes on.`), { className: "primary" }) : button("Stop", act("/stop", undefined, `Run ${id} is being stopped; nothing of it is lost.`)),
        button("One like it …", () => {
          dialog.close();
          orderLike(run.spec);
        }),
      ),
      run.state === "failed" ? null : element("div", { className: "row end" }, epochs.element, button("Extend", act("/extend", () => ({ epochs: epochs.number, beyond: epochsOf(run) }), `Run ${id} was extended.`))),
      ended ? null : element("div", { className: "row end" }, priority.element, button("Set priority", act("/priority", () => ({ priority: priority.number }), `Run ${id} has another priority.`))),
      element("div", { className: "row" }, remove, element("span", { className: "grow" }), button("Close", () => dialog.close())),
    );
    dialog.showModal();
  }

  return { open, look, possible: () => known };
}

function epochsOf({ spec }) {
  return spec.recipe.epochs + (spec.extensions ?? []).reduce((sum, more) => sum + more, 0);
}

function facts(run) {
  const { spec, status } = run;
  const said = [
    ["data set", `${spec.dataset.name}, ${count(spec.dataset.trainSamples)} training images`],
    ["network", spec.network.name],
    ["recipe", `${spec.recipe.name}, ${epochsOf(run)} ${epochsOf(run) === 1 ? "epoch" : "epochs"} of batches of ${spec.recipe.batchSize}`],
    ["starts from", spec.start?.weights ?? "fresh weights"],
    ["ordered", moment(spec.createdAt)],
    ["computed", status?.compute ? [status.compute.device, status.compute.precision, status.compute.channelsLast ? "NHWC" : null].filter(Boolean).join(", ") : "–"],
    ["best accuracy", run.best ? percent(run.best.accuracy, 2) : "–"],
    ["batches lost", status?.lostBatches ? count(status.lostBatches) : "none"],
    ...(status?.adaptations ?? []).map(what => ["adapted", what]),
  ];
  return element("dl", { className: "facts" }, said.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}
