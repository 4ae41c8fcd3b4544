// What the network saw, and where it looked.

const SIDE = 224;
// As in Overlay.java: over a dimmed picture from nothing over red to yellow, the root of the heat.
const DIMMED = 0.6;
const MOST = 0.85;

/** Draws an explanation of `POST /explain` on two canvases. */
export async function drawLooks(seen, heat, explained) {
  const picture = await decoded(explained.image);
  const { width, height } = explained;
  for (const canvas of [seen, heat]) {
    const factor = Math.max(1, Math.ceil(SIDE / Math.min(width, height)));
    canvas.width = width * factor;
    canvas.height = height * factor;
    const context = canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  }
  const small = new OffscreenCanvas(width, height);
  const context = small.getContext("2d");
  context.drawImage(picture, 0, 0);
  const pixels = context.getImageData(0, 0, width, height);
  explained.heat.flat().forEach((value, pixel) => {
    const root = Math.sqrt(value);
    mix(pixels.data, 4 * pixel, root, [255, 255 * root, 0]);
  });
  context.putImageData(pixels, 0, 0);
  heat.getContext("2d").drawImage(small, 0, 0, heat.width, heat.height);
  seen.setAttribute("aria-label", `The picture as the network takes it, ${width} by ${height} pixels`);
  heat.setAttribute("aria-label", `The same picture; what speaks for “${explained.label}” is red to yellow`);
}

/** Nothing to be seen. */
export function clearLooks(...canvases) {
  for (const canvas of canvases) {
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    canvas.setAttribute("aria-label", "Nothing yet");
  }
}

function mix(data, at, root, over) {
  for (let channel = 0; channel < 3; channel++) {
    data[at + channel] = DIMMED * data[at + channel] * (1 - MOST * root) + over[channel] * MOST * root;
  }
}

async function decoded(base64) {
  const image = new Image();
  image.src = `data:image/png;base64,${base64}`;
  await image.decode();
  return image;
}
