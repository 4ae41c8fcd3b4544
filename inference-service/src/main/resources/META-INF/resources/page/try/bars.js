// A bar a class: in the classes' order where there are few, so that each stays in its place; else the most probable.

import { percent } from "../words.js";

const IN_PLACE = 12;
export const MOST = 10;

/**
 * The bars.
 * @param list where
 * @param explain is called with the class that somebody wants to have explained
 */
export class Bars {
  #rows = new Map();

  constructor(list, explain) {
    this.list = list;
    this.explain = explain;
  }

  /** Begins anew, for a model. */
  serve(classes) {
    this.classes = classes;
    this.inPlace = classes.length <= IN_PLACE;
    this.list.classList.toggle("named", classes.some(label => label.length > 3));
    this.#fill(this.inPlace ? classes : []);
  }

  /** How many classes an answer has to name. */
  get wanted() {
    return this.inPlace ? this.classes.length : MOST;
  }

  /** Shows an answer; null: none. */
  show(top, explained) {
    if (!top) {
      this.#fill(this.inPlace ? this.classes : []);
      return;
    }
    if (!this.inPlace) {
      this.#fill(top.map(({ label }) => label));
    }
    top.forEach(({ label, probability }, place) => {
      const row = this.#rows.get(label);
      if (row) {
        row.fill.style.transform = `scaleX(${probability})`;
        row.number.textContent = percent(probability);
        row.item.classList.toggle("best", place === 0);
        row.button.disabled = false;
        row.button.setAttribute("aria-pressed", label === explained);
      }
    });
  }

  #fill(labels) {
    this.#rows = new Map(labels.map(label => [label, this.#row(label)]));
    this.list.replaceChildren(...[...this.#rows.values()].map(row => row.item));
  }

  #row(label) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.title = `Where speaks for “${label}”?`;
    button.disabled = true;
    button.setAttribute("aria-pressed", false);
    button.addEventListener("click", () => this.explain(label));
    const track = document.createElement("div");
    track.className = "track";
    const fill = document.createElement("div");
    fill.className = "fill";
    fill.style.transform = "scaleX(0)";
    track.append(fill);
    const number = document.createElement("span");
    number.className = "number";
    item.append(button, track, number);
    return { item, button, fill, number };
  }
}
