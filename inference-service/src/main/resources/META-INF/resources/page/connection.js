// Whether the service answers: nothing on the page is stale without this line saying so.
import { whenAnswered } from "./service.js";

/** Keeps the line up to date. */
export function connection(line) {
  let last = null;
  const show = (state, text) => {
    if (line.dataset.state !== state || line.textContent !== text) {
      line.dataset.state = state;
      line.textContent = text;
    }
  };
  whenAnswered(status => {
    if (status > 0) {
      last = new Date();
      show("live", "live");
    } else {
      const since = last ? `what you see is of ${last.toLocaleTimeString()}` : "nothing was received yet";
      show("lost", `the service does not answer; ${since}`);
    }
  });
}
