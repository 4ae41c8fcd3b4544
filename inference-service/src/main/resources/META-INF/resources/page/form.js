// Fields of forms, and what is wrong with them, beside them.
import { element } from "./elements.js";

let ids = 0;

/**
 * A field with its label, a hint, and room for what is wrong with it.
 * @param names members of an order that this field stands for, as problems name them
 */
export class Field {
  constructor(label, input, { hint = "", names = [] } = {}) {
    const id = `field-${++ids}`;
    input.id = id;
    this.input = input;
    this.names = names;
    this.hint = element("small", { id: `${id}-hint` }, hint);
    this.fault = element("small", { id: `${id}-fault`, className: "fault" });
    input.setAttribute("aria-describedby", `${id}-hint ${id}-fault`);
    this.element = element("div", { className: "field" }, element("label", { for: id }, label), input, this.hint, this.fault);
  }

  get value() {
    return this.input.value.trim();
  }

  set value(value) {
    this.input.value = value ?? "";
  }

  /** A number, or undefined where nothing stands. */
  get number() {
    return this.value === "" ? undefined : Number(this.value);
  }

  /** What is wrong; null: nothing. */
  say(fault) {
    this.fault.textContent = fault ?? "";
    this.input.setAttribute("aria-invalid", String(Boolean(fault)));
  }
}

/**
 * Puts a refusal beside the field that it is about.
 * @returns what is not about one of the fields; null where it is
 */
export function place(failure, fields) {
  fields.forEach(field => field.say(null));
  const name = failure?.problem?.field;
  const found = name && fields.find(field => field.names.some(own => name === own || name.startsWith(`${own}.`)));
  found?.say(failure.message);
  return failure && !found ? failure.message : null;
}

/** A choice; options are texts, or `[value, text]`. */
export function select(options = []) {
  const made = element("select");
  fill(made, options);
  return made;
}

/** Other options; what was chosen stays chosen if it is there still. */
export function fill(made, options) {
  const wanted = options.map(option => (Array.isArray(option) ? option : [option, option]));
  const now = [...made.options].map(({ value, text }) => [value, text]);
  if (JSON.stringify(now) === JSON.stringify(wanted)) {
    return;
  }
  const chosen = made.value;
  made.replaceChildren(...wanted.map(([value, text]) => element("option", { value }, text)));
  if (wanted.some(([value]) => value === chosen)) {
    made.value = chosen;
  }
}
