// Calls of the service: with the caller's token where one is needed, and refusals as errors that say why.

const TOKEN = "millrace.token";
const PATIENCE_MS = 30_000;
const listeners = new Set();

/**
 * A refusal (problem+json): `status`, `message` as the service put it, and the `problem` with its further members. Status 0:
 * nobody answered.
 */
export class Refused extends Error {
  constructor(status, message, problem = {}) {
    super(message);
    this.status = status;
    this.problem = problem;
  }
}

/** Is told after each call whether the service answered, and with which status. */
export function whenAnswered(listener) {
  listeners.add(listener);
}

/** Tells what a call, or a stream, has shown of the service: its status, 0 where nobody answered. */
export function answered(status) {
  listeners.forEach(listener => listener(status));
}

/** Keeps the token for this tab. */
export function useToken(token) {
  sessionStorage.setItem(TOKEN, token);
}

/** Whether there is one. */
export function hasToken() {
  return sessionStorage.getItem(TOKEN) !== null;
}

/** Headers of a call: the caller's token, if there is one, and none of the page's own. */
export function headers(more = {}) {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { ...more, Authorization: `Bearer ${token}` } : more;
}

/** Without it the service gives up long before the page does; what it only passes on has no deadline there. */
function deadline(path, patienceMs) {
  return path.startsWith("/api/") ? {} : { "X-Request-Timeout-Ms": String(patienceMs) };
}

/**
 * One call.
 * @returns the answer; a {@link Refused} is thrown for whatever is not 2xx
 */
export async function call(path, { headers: more, signal, patienceMs = PATIENCE_MS, ...options } = {}) {
  const slow = AbortSignal.timeout(patienceMs);
  let response;
  try {
    response = await fetch(path, {
      ...options,
      headers: headers({ ...more, ...deadline(path, patienceMs) }),
      signal: signal ? AbortSignal.any([signal, slow]) : slow,
    });
  } catch (failure) {
    if (signal?.aborted) {
      throw failure;
    }
    answered(0);
    throw new Refused(0, slow.aborted ? `no answer within ${patienceMs / 1000} s` : "the service does not answer");
  }
  answered(response.status);
  if (!response.ok) {
    throw await refusal(response);
  }
  return response;
}

/** One call whose answer is JSON. */
export async function json(path, options) {
  return (await call(path, options)).json();
}

/** One call with a JSON body, whose answer is JSON if there is one. */
export async function send(path, body, { method = "POST", ...options } = {}) {
  const more = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const response = await call(path, { ...options, method, ...more });
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

/** A picture of the service as an address for `src`; to be revoked when it is not shown any more. */
export async function pictureOf(path, options) {
  return URL.createObjectURL(await (await call(path, options)).blob());
}

async function refusal(response) {
  try {
    const problem = await response.json();
    return new Refused(response.status, problem.detail ?? problem.title ?? `status ${response.status}`, problem);
  } catch {
    return new Refused(response.status, `status ${response.status} ${response.statusText}`);
  }
}
