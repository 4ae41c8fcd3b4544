// An archive of pictures, sent as it is, with what has gone already: which fetch does not tell, so it is an XMLHttpRequest.
import { say } from "../peers.js";
import { headers } from "../service.js";
import { bytes, count } from "../words.js";

/**
 * Makes the form work.
 * @param accepted is given the name of a data set that was taken
 */
export function upload(view, accepted) {
  const [name, file, progress, said] = ["name", "file", "progress", "said"].map(id => view.querySelector(`#upload-${id}`));
  const form = view.querySelector("#upload-form");
  const submit = form.querySelector("button");

  form.addEventListener("submit", async event => {
    event.preventDefault();
    submit.disabled = true;
    progress.hidden = false;
    said.className = "quiet";
    try {
      const { contents } = await post(`/api/dataset/datasets/${encodeURIComponent(name.value)}`, file.files[0], ratio => {
        progress.value = ratio;
        say(said, ratio < 1 ? `${bytes(ratio * file.files[0].size)} of ${bytes(file.files[0].size)} sent` : "It is being read …");
      });
      say(said, `${name.value} is there: ${contents.classes.length} classes, ${count(contents.skippedFiles)} ${contents.skippedFiles === 1 ? "file" : "files"} skipped.`);
      accepted(name.value);
      form.reset();
    } catch (failure) {
      said.className = "notice";
      say(said, failure.message);
    } finally {
      submit.disabled = false;
      progress.hidden = true;
    }
  });
}

function post(path, body, sent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    Object.entries(headers({ "Content-Type": "application/octet-stream" })).forEach(([key, value]) => request.setRequestHeader(key, value));
    request.upload.addEventListener("progress", ({ loaded, total }) => sent(loaded / total));
    request.addEventListener("load", () => {
      const answer = parsed(request.responseText);
      if (request.status < 300) {
        resolve(answer);
      } else {
        reject(new Error(answer.detail ?? `status ${request.status}`));
      }
    });
    request.addEventListener("error", () => reject(new Error("the service does not answer, or broke off")));
    request.send(body);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
