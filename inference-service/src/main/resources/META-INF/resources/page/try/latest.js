// One question at a time, and always the latest: what was asked meanwhile and is older is never sent.

/** A way to ask without a queue: at most one question is under way, at most one waits. */
export class Latest {
  #busy = false;
  #waiting = null;
  #generation = 0;

  /**
   * Asks as soon as the question before is answered.
   * @param question makes the call; its answer goes to `answer`, unless something else was asked or dropped meanwhile
   */
  ask(question, answer, refused) {
    this.#waiting = { question, answer, refused };
    this.#next();
  }

  /** Neither sends what waits, nor tells of what is under way. */
  drop() {
    this.#waiting = null;
    this.#generation++;
  }

  async #next() {
    if (this.#busy || !this.#waiting) {
      return;
    }
    const { question, answer, refused } = this.#waiting;
    const generation = this.#generation;
    this.#waiting = null;
    this.#busy = true;
    try {
      const said = await question();
      if (generation === this.#generation) {
        answer(said);
      }
    } catch (failure) {
      if (generation === this.#generation) {
        refused(failure);
      }
    } finally {
      this.#busy = false;
      this.#next();
    }
  }
}
