// Which model is served, asked again and again while the page is seen.
import { json } from "./service.js";

const PAUSE_MS = 3_000;

/**
 * Tells of the served model, at once and whenever it is another one.
 * @param serve is given the model of `GET /models`, or null while there is none
 */
export function followModels(serve) {
  let before;
  const look = async () => {
    try {
      const [model = null] = await json("/models");
      const now = model && `${model.name} ${model.version}`;
      if (now !== before) {
        before = now;
        serve(model);
      }
    } catch {
      // The line about the connection says it.
    }
  };
  look();
  setInterval(() => document.hidden || look(), PAUSE_MS);
  document.addEventListener("visibilitychange", () => document.hidden || look());
}
