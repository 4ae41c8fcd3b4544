// The stream of changes (GET /events), read by fetch and not by EventSource, which can carry no token.
import { answered, headers } from "./service.js";

/** In words, without the first of them in small, as they stand alone. */
async function refusalOf(response) {
  const { detail } = await response.json().catch(() => ({}));
  return `Runs and curves are not told: ${detail ?? `status ${response.status}`}.`;
}

const SILENCE_MS = 6_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8_000;

/** What is known: things by kind and id, the latest of each. */
export class Events {
  #listeners = new Set();
  #version = 0;
  #log = null;

  constructor() {
    this.#clear();
  }

  /** Is told after each message that changed something, with the kinds that did; also when all is void. */
  whenChanged(listener) {
    this.#listeners.add(listener);
  }

  /** Things of a kind, in the order in which they were first heard of. */
  all(kind) {
    return [...this.#kind(kind).values()];
  }

  get(kind, id) {
    return this.#kind(kind).get(id);
  }

  /** Follows the service, for as long as the page is there: a stream that breaks off is opened again. */
  async follow() {
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(2 * pause, LAST_RETRY_MS)) {
      try {
        await this.#read(() => (pause = FIRST_RETRY_MS));
      } catch {
        // What is shown now is not live, and the next attempt tells whether that changes.
      }
      await new Promise(resolve => setTimeout(resolve, pause));
    }
  }

  async #read(heard) {
    const silent = new AbortController();
    let alarm;
    const watch = () => {
      clearTimeout(alarm);
      alarm = setTimeout(() => silent.abort(), SILENCE_MS);
    };
    try {
      watch();
      const response = await fetch(`/events?log=${this.#log ?? ""}&after=${this.#version}`, {
        headers: headers({ Accept: "text/event-stream" }),
        signal: silent.signal,
      });
      answered(response.status);
      const refused = response.ok ? null : await refusalOf(response);
      if (refused !== this.refused) {
        this.refused = refused;
        this.#listeners.forEach(listener => listener(new Set(["following"])));
      }
      if (!response.ok) {
        return;
      }
      const text = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ; ) {
        const { value, done } = await text.read();
        if (done) {
          break;
        }
        watch();
        const messages = (rest + value).split("\n\n");
        rest = messages.pop();
        messages.forEach(message => this.#take(message));
        answered(response.status);
        heard();
      }
      answered(0);
    } catch (failure) {
      answered(0);
      throw failure;
    } finally {
      clearTimeout(alarm);
    }
  }

  #take(message) {
    const data = message.split("\n").filter(line => line.startsWith("data:"));
    if (data.length === 0) {
      return;
    }
    const told = JSON.parse(data.map(line => line.slice("data:".length)).join("\n"));
    const changed = new Set(told.changes.map(({ kind }) => kind));
    if (told.log !== this.#log) {
      this.#clear();
      this.#log = told.log;
      changed.add("all");
    }
    this.#version = told.version;
    if (this.follows !== told.follows || this.problem !== (told.problem ?? null)) {
      this.follows = told.follows;
      this.problem = told.problem ?? null;
      changed.add("following");
    }
    for (const { kind, id, value } of told.changes) {
      if (value === undefined) {
        this.#kind(kind).delete(id);
      } else {
        this.#kind(kind).set(id, value);
      }
    }
    // Not in the midst of what is there already: a page that draws for each part of it would be slow.
    if (!told.more && changed.size > 0) {
      this.complete = true;
      this.#listeners.forEach(listener => listener(changed));
    }
  }

  #kind(kind) {
    if (!this.#things.has(kind)) {
      this.#things.set(kind, new Map());
    }
    return this.#things.get(kind);
  }

  #things;

  #clear() {
    this.#things = new Map();
    this.follows = null;
    this.problem = null;
    /** Why the service does not tell; null while it does. */
    this.refused = null;
    this.complete = false;
  }
}
