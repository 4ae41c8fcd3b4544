// What other services are asked, through this one: which of them it knows, and questions that are repeated while they are seen.
import { json } from "./service.js";
import { moment } from "./words.js";

const AGAIN_MS = 3_000;
let known;

/** What `GET /api` says; asked once, and again after a refusal. */
export function peers() {
  known ??= json("/api").catch(failure => {
    known = undefined;
    throw failure;
  });
  return known;
}

/** Why a service cannot be asked; null where it can. */
export async function missing(service) {
  const { services } = await peers();
  return services.includes(service) ? null : `This service does not know where the ${service}-service is (millrace.page.${service}), so this is not shown.`;
}

/**
 * Asks again and again while a view is seen.
 * @param view whose part this is
 * @param services that have to be known
 * @param ask makes the calls
 * @param show is given what they answered
 * @param note says that what is shown is old, or why there is nothing
 * @returns asks now
 */
export function whileSeen({ view, services, ask, show, note, everyMs = AGAIN_MS }) {
  let last = null;
  let busy = false;
  let again = false;
  const look = async () => {
    if (view.hidden || document.hidden) {
      return;
    }
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const lacks = (await Promise.all(services.map(missing))).find(Boolean);
      if (lacks) {
        say(note, lacks);
      } else {
        show(await ask());
        last = new Date();
        say(note, null);
      }
    } catch (failure) {
      say(note, last ? `${failure.message}. What you see is of ${moment(last)}.` : failure.message);
    } finally {
      busy = false;
      if (again) {
        again = false;
        look();
      }
    }
  };
  setInterval(look, everyMs);
  document.addEventListener("visibilitychange", look);
  return look;
}

/** Shows words, or nothing. */
export function say(place, text) {
  place.hidden = !text;
  if (place.textContent !== (text ?? "")) {
    place.textContent = text ?? "";
  }
}
