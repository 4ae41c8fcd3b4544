// Elements made of text, never of markup: what a class or a run is called stays text.

/** An element with properties, and children that are elements or text; what is null is left out. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) {
      made[name] = value;
    } else {
      made.setAttribute(name, value);
    }
  }
  made.append(...given(children));
  return made;
}

/** Puts children in the place of those that are there. */
export function replace(place, ...children) {
  place.replaceChildren(...given(children));
}

function given(children) {
  return children.flat(Infinity).filter(child => child !== null && child !== undefined);
}

/** A button that does something; while it does, it cannot be pressed again. */
export function button(text, act, properties = {}) {
  const made = element("button", { type: "button", ...properties }, text);
  made.addEventListener("click", async () => {
    made.disabled = true;
    try {
      await act(made);
    } finally {
      made.disabled = false;
    }
  });
  return made;
}

/** The rows of a table: heads, and cells that are text or elements; columns of numbers are right-aligned. */
export function table({ label, heads, rows, numbers = [] }) {
  const kind = nth => (numbers.includes(nth) ? "number" : "");
  return element(
    "table",
    { ariaLabel: label },
    element("thead", {}, element("tr", {}, heads.map((head, nth) => element("th", { scope: "col", className: kind(nth) }, head)))),
    element(
      "tbody",
      {},
      rows.map(row => element("tr", {}, row.map((cell, nth) => element(nth === 0 ? "th" : "td", nth === 0 ? { scope: "row" } : { className: kind(nth), "data-head": heads[nth] }, cell)))),
    ),
  );
}

/** Puts elements in a place one after the other; those that are there stay, with whatever is focused or pressed in them. */
export function arrange(place, elements) {
  elements.forEach((each, nth) => {
    if (place.children[nth] !== each) {
      place.insertBefore(each, place.children[nth] ?? null);
    }
  });
  while (place.children.length > elements.length) {
    place.lastElementChild.remove();
  }
}
