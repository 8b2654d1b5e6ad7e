// The browser's half of helpers.widgets: slider, choice, check box, file chooser, microphone. Plain elements of HTML, since these
// come with their keyboard and their roles; everything that is said comes from Python, in the reader's language. Nothing is
// fetched.

const MOST_BYTES = 8e6; // Jupyter's server ends the connection to the kernel on a message above 10 MiB

// Runs in the audio thread and hands on each block of 128 samples.
const CAPTURE = `
registerProcessor("capture", class extends AudioWorkletProcessor {
  process(inputs) {
    if (inputs[0].length) this.port.postMessage(inputs[0][0].slice());
    return true;
  }
});`;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// The sentence that stands for the picture below. The element stays and its text changes: that is what screen readers announce.
function sentence(model) {
  const line = element("p", { role: "status", style: "margin: 0.4em 0; line-height: 1.5; max-width: 60em" });
  const show = () => {
    line.textContent = model.get("said");
  };
  model.on("change:said", show);
  show();
  return line;
}

function slider(model, root) {
  const input = element("input", { type: "range", min: 0, step: 1, style: "width: 18em; vertical-align: middle" });
  const value = element("span", { style: "margin-left: 0.6em", "aria-hidden": "true" }); // a slider says its own value
  const name = element("span", { style: "display: inline-block; min-width: 9em; margin-right: 0.6em" });
  const tell = () => {
    const words = model.get("options")[input.valueAsNumber] ?? "";
    value.textContent = words;
    input.setAttribute("aria-valuetext", words);
  };
  const follow = () => {
    name.textContent = model.get("label");
    input.max = model.get("options").length - 1;
    input.value = model.get("index");
    tell();
  };
  input.addEventListener("input", tell);
  // Not on every step of a drag: each value costs a picture.
  input.addEventListener("change", () => {
    model.set("index", input.valueAsNumber);
    model.save_changes();
  });
  for (const trait of ["label", "options", "index"]) model.on(`change:${trait}`, follow);
  follow();
  root.append(element("label", {}, name, input, value));
}

function choice(model, root) {
  const select = element("select", { style: "min-width: 14em" });
  const name = element("span", { style: "display: inline-block; min-width: 9em; margin-right: 0.6em" });
  const follow = () => {
    name.textContent = model.get("label");
    select.replaceChildren(...model.get("options").map((words) => element("option", {}, words)));
    select.selectedIndex = model.get("index");
  };
  select.addEventListener("change", () => {
    model.set("index", select.selectedIndex);
    model.save_changes();
  });
  for (const trait of ["label", "options", "index"]) model.on(`change:${trait}`, follow);
  follow();
  root.append(element("label", {}, name, select));
}

function check(model, root) {
  const input = element("input", { type: "checkbox", style: "margin: 0 0.6em 0 0" });
  const name = element("span");
  const follow = () => {
    name.textContent = model.get("label");
    input.checked = model.get("index") === 1;
  };
  input.addEventListener("change", () => {
    model.set("index", Number(input.checked));
    model.save_changes();
  });
  for (const trait of ["label", "index"]) model.on(`change:${trait}`, follow);
  follow();
  root.append(element("label", {}, input, name));
}

function file(model, root) {
  const input = element("input", { type: "file", accept: "audio/*,.wav,.flac,.ogg,.mp3,.aiff" });
  const name = element("span", { style: "margin-right: 0.6em" });
  name.textContent = model.get("label");
  input.addEventListener("change", async () => {
    const [chosen] = input.files;
    if (!chosen) return;
    const { name, size } = chosen;
    if (size > MOST_BYTES) {
      model.send({ kind: "too large", name, size, most: MOST_BYTES });
    } else {
      try {
        model.send({ kind: "file", name, size }, undefined, [await chosen.arrayBuffer()]);
      } catch (error) {
        model.send({ kind: "unreadable", name, detail: String(error.message || error) });
      }
    }
  });
  input.addEventListener("click", () => {
    input.value = ""; // so that the same file can be chosen again, after it was mended
  });
  root.append(element("label", {}, name, input));
}

function microphone(model, root) {
  const words = model.get("texts");
  const button = element("button", { type: "button", class: "jupyter-button", style: "min-width: 9em" }, words.record);
  const level = element("meter", { min: 0, max: 1, style: "margin-left: 0.8em; width: 10em", "aria-label": words.level });
  const clock = element("span", { style: "margin-left: 0.8em" });
  let ending = null; // of the recording that runs

  async function start() {
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) {
      model.send({ kind: "problem", problem: "insecure", detail: window.location.host });
      return;
    }
    button.disabled = true;
    let stream, context;
    const blocks = [];
    try {
      // What browsers do for telephone calls fades and reshapes the voice; the model is to hear what was said.
      const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };
      stream = await navigator.mediaDevices.getUserMedia({ audio: plain });
      context = new AudioContext(); // at the microphone's own rate: Firefox joins no other
      const address = URL.createObjectURL(new Blob([CAPTURE], { type: "text/javascript" }));
      await context.audioWorklet.addModule(address);
      URL.revokeObjectURL(address);
      const node = new AudioWorkletNode(context, "capture", { channelCount: 1, channelCountMode: "explicit" });
      node.port.onmessage = ({ data }) => {
        blocks.push(data);
        level.value = Math.max(level.value * 0.97, ...data.map(Math.abs));
        const seconds = (blocks.length * data.length) / context.sampleRate;
        clock.textContent = words.seconds.replace("{}", seconds.toFixed(1));
        if (seconds >= model.get("most_seconds")) ending?.();
      };
      context.createMediaStreamSource(stream).connect(node).connect(context.destination); // silent: it only keeps the node running
      await context.resume();
    } catch (error) {
      stream?.getTracks().forEach((track) => track.stop());
      context?.close();
      const problems = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing", NotReadableError: "busy" };
      model.send({ kind: "problem", problem: problems[error.name] ?? "other", detail: `${error.name}: ${error.message}` });
      button.disabled = false;
      return;
    }
    button.disabled = false;
    button.textContent = words.stop;
    model.send({ kind: "started" });
    ending = (discard = false) => {
      ending = null;
      stream.getTracks().forEach((track) => track.stop());
      const rate = context.sampleRate;
      context.close();
      button.textContent = words.record;
      level.value = 0;
      if (discard) return;
      const samples = new Float32Array(blocks.reduce((length, block) => length + block.length, 0));
      blocks.reduce((at, block) => (samples.set(block, at), at + block.length), 0);
      model.send({ kind: "recording", rate }, undefined, [samples.buffer]);
    };
  }

  button.addEventListener("click", () => (ending ? ending() : start()));
  root.append(button, level, clock);
  return () => ending?.(true); // when the cell goes, the microphone is released
}

function render({ model, el }) {
  const root = element("div", { lang: model.get("lang") });
  // Keys alone are JupyterLab's commands: the left arrow folds the section that holds the slider, and it is gone.
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey) event.stopPropagation();
  });
  el.append(root);
  const close = { slider, choice, check, file, microphone }[model.get("kind")](model, root);
  root.append(sentence(model));
  return close;
}

export default { render };
