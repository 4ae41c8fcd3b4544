// "That was wrong, it is a …": what somebody says of an answer goes to `POST /feedback`, and nothing of the picture with it.
import { fill } from "../form.js";
import { say } from "../peers.js";
import { send } from "../service.js";

/** Makes the form work. */
export function feedback(part) {
  let about = null;
  part.feedback.addEventListener("submit", async event => {
    event.preventDefault();
    const { requestId, label } = about;
    const right = part["feedback-label"].value;
    try {
      await send("/feedback", { requestId, label: right });
      say(part["feedback-said"], right === label ? `Kept: “${label}” is right.` : `Kept: it is “${right}”, not “${label}”.`);
      part.feedback.hidden = true;
    } catch (failure) {
      say(part["feedback-said"], failure.message);
    }
  });

  return {
    serve: classes => fill(part["feedback-label"], classes),
    /** What it is about from now on; null: nothing. */
    answered: answer => {
      about = answer;
      part.feedback.hidden = !answer?.requestId;
      part["feedback-label"].value = answer?.top[1]?.label ?? part["feedback-label"].value;
      say(part["feedback-said"], null);
    },
  };
}
