// Pictures that are dropped, pasted, chosen or taken.

/**
 * Hands over each picture that somebody gives.
 * @param place where one can be dropped
 * @param inputs fields of files
 * @param take is given a file
 */
export function pictures(place, inputs, take) {
  const first = files => {
    const file = [...(files ?? [])][0];
    if (file) {
      take(file);
    }
    return Boolean(file);
  };
  for (const input of inputs) {
    input.addEventListener("change", () => {
      first(input.files);
      // The same file can be chosen again.
      input.value = "";
    });
  }
  document.addEventListener("paste", event => {
    if (first(event.clipboardData?.files)) {
      event.preventDefault();
    }
  });
  // A file that misses the place would replace the page.
  document.addEventListener("dragover", event => event.preventDefault());
  document.addEventListener("drop", event => {
    event.preventDefault();
    place.classList.remove("over");
    first(event.dataTransfer?.files);
  });
  place.addEventListener("dragenter", () => place.classList.add("over"));
  place.addEventListener("dragleave", event => {
    if (!place.contains(event.relatedTarget)) {
      place.classList.remove("over");
    }
  });
}
