// Drawing by mouse, finger and pen, and by keys.

const WIDTH = 30;
const STEP = 10;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/**
 * A drawing area. Strokes are kept as points, in the canvas' own pixels.
 * @param canvas where
 * @param changed is called while a stroke grows, with whether it is finished
 */
export class Sketch {
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.context = canvas.getContext("2d");
    this.strokes = [];
    this.drawing = null;
    this.pen = { x: canvas.width / 2, y: canvas.height / 2, down: false, shown: false };
    canvas.addEventListener("pointerdown", event => this.#begin(event));
    canvas.addEventListener("pointermove", event => this.#go(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(end, event => this.#end(event));
    }
    canvas.addEventListener("keydown", event => this.#key(event));
    canvas.addEventListener("blur", () => this.#lift());
    this.#draw();
  }

  get empty() {
    return this.strokes.length === 0;
  }

  clear() {
    this.#replace([]);
  }

  undo() {
    this.#replace(this.strokes.slice(0, -1));
  }

  /** The drawing as a PNG file: dark ink on white. */
  file() {
    this.#draw(false);
    return new Promise(resolve => {
      this.canvas.toBlob(resolve, "image/png");
      this.#draw();
    });
  }

  #replace(strokes) {
    this.strokes = strokes;
    this.drawing = null;
    this.pen.down = false;
    this.#draw();
    this.changed(true);
  }

  #point(event) {
    const area = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - area.left) * this.canvas.width) / area.width,
      y: ((event.clientY - area.top) * this.canvas.height) / area.height,
    };
  }

  #begin(event) {
    if (this.drawing || event.button !== 0) {
      return;
    }
    this.canvas.setPointerCapture(event.pointerId);
    this.#lift();
    this.pen.shown = false;
    this.drawing = event.pointerId;
    this.strokes.push([this.#point(event)]);
    this.#grown();
  }

  #go(event) {
    if (this.drawing !== event.pointerId) {
      return;
    }
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length ? all : [event]) {
      this.strokes.at(-1).push(this.#point(each));
    }
    this.#grown();
  }

  #end(event) {
    if (this.drawing === event.pointerId) {
      this.drawing = null;
      this.changed(true);
    }
  }

  #key(event) {
    const [right, down] = ARROWS[event.key] ?? [];
    if (right !== undefined) {
      this.#move(right * STEP, down * STEP);
    } else if (event.key === " ") {
      this.#toggle();
    } else if (event.key === "Escape" || event.key === "Delete") {
      this.clear();
    } else if (event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey))) {
      this.undo();
    } else {
      return;
    }
    event.preventDefault();
  }

  #move(right, down) {
    const { width, height } = this.canvas;
    this.pen.shown = true;
    this.pen.x = Math.min(width - WIDTH, Math.max(WIDTH, this.pen.x + right));
    this.pen.y = Math.min(height - WIDTH, Math.max(WIDTH, this.pen.y + down));
    if (this.pen.down) {
      this.strokes.at(-1).push({ x: this.pen.x, y: this.pen.y });
      this.#grown();
    } else {
      this.#draw();
    }
  }

  #toggle() {
    this.pen.shown = true;
    if (this.pen.down) {
      this.#lift();
      return;
    }
    this.pen.down = true;
    this.strokes.push([{ x: this.pen.x, y: this.pen.y }]);
    this.#grown();
  }

  #lift() {
    if (this.pen.down) {
      this.pen.down = false;
      this.#draw();
      this.changed(true);
    }
  }

  #grown() {
    this.#draw();
    this.changed(false);
  }

  #draw(withPen = true) {
    const { context, canvas, pen } = this;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.strokeStyle = "#101418";
    context.lineWidth = WIDTH;
    context.lineCap = "round";
    context.lineJoin = "round";
    for (const stroke of this.strokes) {
      context.beginPath();
      context.moveTo(stroke[0].x, stroke[0].y);
      // A point is a dot.
      stroke.forEach(({ x, y }) => context.lineTo(x, y));
      context.stroke();
    }
    if (withPen && pen.shown) {
      context.strokeStyle = "#0b6e8a";
      context.fillStyle = pen.down ? "#0b6e8a" : "#fff";
      context.lineWidth = 4;
      context.beginPath();
      context.arc(pen.x, pen.y, WIDTH / 3, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }
}
