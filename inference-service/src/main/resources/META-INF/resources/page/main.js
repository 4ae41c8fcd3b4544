// What the page begins with: its views, the events, the served model, and whether the service answers.
import { connection } from "./connection.js";
import { data } from "./data/data.js";
import { Events } from "./events.js";
import { followModels } from "./models-served.js";
import { models } from "./models/models.js";
import { system } from "./system.js";
import { askForToken } from "./token.js";
import { isTrained } from "./training/runs.js";
import { training } from "./training/training.js";
import { trial } from "./try/trial.js";
import { views } from "./views.js";

connection(document.getElementById("connection"));
askForToken();
const events = new Events();
const tryIt = trial(document.getElementById("try"));
const trainingView = training(document.getElementById("training"), events);
const modelsView = models(document.getElementById("models"), events);
const dataView = data(document.getElementById("data"));
const systemView = system(document.getElementById("system"));
const seen = { training: trainingView.show, models: modelsView.show, data: dataView.show, system: systemView.show };
views("try", name => seen[name]?.());

// Who comes while the first model is still being trained sees it grow, and then tries it; who chose a view stays there.
let waiting = false;
function firstVisit() {
  const learning = events.all("status").some(isTrained);
  if (location.hash === "" && tryIt.model() === null && learning) {
    waiting = true;
    location.replace("#training");
  }
}
events.whenChanged(firstVisit);
followModels(model => {
  tryIt.serve(model);
  if (model && waiting && location.hash === "#training") {
    location.replace("#try");
  }
  waiting &&= !model;
  firstVisit();
});
events.follow();
