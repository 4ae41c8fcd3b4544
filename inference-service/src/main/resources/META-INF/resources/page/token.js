// Asks for a token as soon as a call was refused for want of one.
import { hasToken, useToken, whenAnswered } from "./service.js";

const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

/** Shows the form when it is needed, and hides it when calls are answered again. */
export function askForToken() {
  const place = document.getElementById("token");
  const label = document.getElementById("token-label");
  const field = document.getElementById("token-value");
  whenAnswered(status => {
    if (status === UNAUTHORIZED || status === FORBIDDEN) {
      label.textContent = said(status);
      place.hidden = false;
    }
  });
  document.getElementById("token-form").addEventListener("submit", event => {
    event.preventDefault();
    useToken(field.value.trim());
    place.hidden = true;
  });
}

function said(status) {
  if (status === FORBIDDEN) {
    return "This token may not look at all that is here; one with the role read may";
  }
  return hasToken() ? "The token was refused; try another one" : "This service wants a token";
}
