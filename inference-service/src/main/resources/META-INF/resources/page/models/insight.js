// What one checkpoint has learnt: which classes it takes for which, what its confidence is worth, and its worst mistakes.
import { button, element, table } from "../elements.js";
import { say } from "../peers.js";
import { json, pictureOf } from "../service.js";
import { percent } from "../words.js";
import { calibration } from "./calibration.js";

const MOST_CLASSES = 20;
const PAGE = 12;

/**
 * Makes the place work.
 * @param changed is called when another checkpoint is shown, or none
 */
export function insight(place, changed) {
  let shown = null;
  let pictures = [];

  async function open(id) {
    forget();
    if (shown === id) {
      close();
      return;
    }
    shown = id;
    place.hidden = false;
    place.replaceChildren(element("p", { className: "card quiet" }, `Asking what ${id} has learnt …`));
    changed();
    try {
      const evaluation = await json(base(id));
      if (shown === id) {
        draw(evaluation);
      }
    } catch (failure) {
      place.replaceChildren(element("p", { className: "notice", role: "alert" }, failure.message));
    }
  }

  function close() {
    forget();
    shown = null;
    place.hidden = true;
    place.replaceChildren();
    changed();
  }

  function draw(evaluation) {
    const id = evaluation.checkpoint.checkpointId;
    const gallery = mistakes(evaluation);
    const title = element("h2", { tabIndex: -1 }, id);
    place.replaceChildren(
      element(
        "article",
        { className: "card" },
        element("div", { className: "row" }, title, element("span", { className: "grow" }), button("Close", close, { className: "small" })),
        element("p", { className: "lead" }, `${percent(evaluation.accuracy, 2)} right of ${evaluation.samples.toLocaleString("en")} images of the test split${evaluation.engine ? `, computed by ${evaluation.engine}` : ""}.`),
        element(
          "div",
          { className: "halves" },
          element("section", {}, element("h3", {}, "Which class it takes for which"), confusion(evaluation, gallery.narrow)),
          element("section", {}, element("h3", {}, "What its confidence is worth"), calibration(evaluation)),
        ),
      ),
      gallery.element,
      element("details", { className: "card" }, element("summary", {}, element("h2", {}, "Class by class")), element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "Class by class" }, classes(evaluation))),
    );
    title.focus({ preventScroll: true });
    place.scrollIntoView({ block: "start" });
  }

  function confusion(evaluation, narrow) {
    const labels = evaluation.classes.map(({ label }) => label);
    if (labels.length > MOST_CLASSES) {
      return image(`${base(evaluation.checkpoint.checkpointId)}/confusion.png?theme=${matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"}`, "Confusion matrix: a row for each true class, a column for each predicted one");
    }
    const most = Math.max(1, ...evaluation.confusionMatrix.flatMap((row, k) => row.filter((n, j) => j !== k)));
    const cell = (number, label, predicted) => {
      const wrong = label !== predicted;
      const td = element("td", { className: wrong ? "" : "right" });
      if (wrong && number > 0) {
        td.style.setProperty("--share", `${Math.round(15 + 70 * (number / most))}%`);
        td.className = "wrong";
        td.append(button(String(number), () => narrow(label, predicted), { ariaLabel: `${number} of ${label} taken for ${predicted}: show them` }));
      } else {
        td.append(number === 0 ? "·" : String(number));
      }
      return td;
    };
    return element(
      "div",
      { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "Confusion matrix" },
      element(
        "table",
        { className: "confusion", ariaLabel: "Confusion matrix" },
        element("thead", {}, element("tr", {}, element("td", { className: "corner" }, "true ↓ taken for →"), labels.map(label => element("th", { scope: "col" }, label)))),
        element("tbody", {}, evaluation.confusionMatrix.map((row, k) => element("tr", {}, element("th", { scope: "row" }, labels[k]), row.map((number, j) => cell(number, labels[k], labels[j]))))),
      ),
      element("p", { className: "quiet" }, "A number that is wrong opens its pictures."),
    );
  }

  /** The worst mistakes; those of one cell where one was chosen. */
  function mistakes(evaluation) {
    const id = evaluation.checkpoint.checkpointId;
    const title = element("h2", { tabIndex: -1 }, "Its worst mistakes");
    const note = element("p", { className: "notice", hidden: true });
    const list = element("ul", { className: "gallery" });
    const heat = element("input", { type: "checkbox" });
    const more = button("More", () => page(), { hidden: true });
    const all = button("All of them", () => begin("Its worst mistakes", ""), { hidden: true, className: "small" });
    let query = "";
    let from = 0;
    let found = [];

    async function page() {
      const mine = query;
      try {
        const answer = await json(`${base(id)}/misclassified?from=${from}&count=${PAGE}${query}`);
        if (mine !== query || shown !== id) {
          return;
        }
        from += answer.mistakes.length;
        found.push(...answer.mistakes);
        more.hidden = from >= answer.total;
        more.textContent = `More of ${answer.total}`;
        say(note, answer.total === 0 ? "It makes no mistake on the test split." : null);
        list.append(...answer.mistakes.map(item));
      } catch (failure) {
        say(note, failure.message);
        more.hidden = true;
      }
    }

    function item(mistake) {
      const path = `${base(id)}/misclassified/${mistake.n}.png${heat.checked ? "?cam=true" : ""}`;
      const about = `${mistake.label} taken for ${mistake.predicted}`;
      return element(
        "li",
        { className: heat.checked ? "wide" : "" },
        image(path, heat.checked ? `${about}: as it is, what speaks for ${mistake.predicted}, what speaks for ${mistake.label}` : about),
        element("p", {}, element("strong", {}, mistake.label), " taken for ", element("strong", {}, mistake.predicted)),
        element("small", {}, `${percent(mistake.probability)} against ${percent(mistake.labelProbability)}`),
      );
    }

    function begin(text, narrowed) {
      query = narrowed;
      from = 0;
      found = [];
      title.textContent = text;
      all.hidden = query === "";
      list.replaceChildren();
      return page();
    }
    heat.addEventListener("change", () => list.replaceChildren(...found.map(item)));
    begin("Its worst mistakes", "");
    return {
      element: element(
        "article",
        { className: "card" },
        element("div", { className: "row" }, title, element("span", { className: "grow" }), all, element("label", { className: "choice" }, heat, "where it looked")),
        note,
        list,
        more,
      ),
      narrow: async (label, predicted) => {
        await begin(`${label} taken for ${predicted}`, `&label=${encodeURIComponent(label)}&predicted=${encodeURIComponent(predicted)}`);
        title.scrollIntoView({ block: "start" });
        title.focus({ preventScroll: true });
      },
    };
  }

  /** A picture of the evaluator's, fetched with the caller's token as soon as it comes into view. */
  function image(path, alt) {
    const made = element("img", { alt });
    new IntersectionObserver(async ([{ isIntersecting }], observer) => {
      if (isIntersecting) {
        observer.disconnect();
        try {
          made.src = await pictureOf(path);
          pictures.push(made.src);
        } catch (failure) {
          made.replaceWith(element("p", { className: "quiet" }, failure.message));
        }
      }
    }).observe(made);
    return made;
  }

  function forget() {
    pictures.forEach(URL.revokeObjectURL);
    pictures = [];
  }

  return { open, shown: () => shown };
}

function base(id) {
  return `/api/evaluator/evaluations/${encodeURIComponent(id)}`;
}

function classes(evaluation) {
  return table({
    label: "Class by class",
    heads: ["class", "precision", "recall", "F1", "images"],
    numbers: [1, 2, 3, 4],
    rows: evaluation.classes.map(each => [each.label, percent(each.precision, 2), percent(each.recall, 2), percent(each.f1, 2), each.support.toLocaleString("en")]),
  });
}
