// The picture under the mouse on a figure beside this: Plotly says which point is hovered, the server answers
// with its thumbnail. Streamlit hands on no hover event of its own. Nothing from data is ever read as HTML.
const WAIT = 120; // ms that the mouse rests on a point before its picture is asked for
const LOOK = 500; // ms between two looks whether the figure is there, or was drawn anew
const HELD = 300; // pictures kept in the browser
const GAP = 16;

function place(frame, [x, y]) {
  frame.hidden = false;
  const { width, height } = frame.getBoundingClientRect();
  frame.style.left = `${x + GAP + width < innerWidth ? x + GAP : x - GAP - width}px`;
  frame.style.top = `${Math.max(0, Math.min(y + GAP, innerHeight - height))}px`;
}

function show(frame, item) {
  const image = document.createElement("img");
  image.src = item.src;
  image.alt = item.title;
  const line = document.createElement("div");
  line.textContent = item.title;
  frame.replaceChildren(...(item.src ? [image] : []), line);
  if (image.src) image.onload = () => frame.hidden || place(frame, frame.at);
  place(frame, frame.at);
}

function begin(parentElement) {
  const frame = document.createElement("div");
  frame.className = "winnow-peek";
  frame.hidden = true;
  frame.held = new Map();
  parentElement.append(frame);
  frame.look = setInterval(() => {
    if (!frame.isConnected) clearInterval(frame.look);
    else follow(frame);
  }, LOOK);
  return frame;
}

function follow(frame) {
  const graph = document.querySelector(`.st-key-${frame.chart} .js-plotly-plot`);
  if (!graph || !graph.on) return;
  const before = graph.winnowPeek;
  graph.winnowPeek = frame;
  if (before) return;
  graph.on("plotly_hover", ({ points, event }) => {
    const row = points[0]?.customdata;
    const ours = graph.winnowPeek;
    if (!Number.isInteger(row) || !event) return;
    ours.at = [event.clientX, event.clientY];
    ours.row = row;
    clearTimeout(ours.timer);
    if (ours.held.has(row)) show(ours, ours.held.get(row));
    else ours.timer = setTimeout(() => ours.ask(row), WAIT);
  });
  graph.on("plotly_unhover", () => {
    const ours = graph.winnowPeek;
    clearTimeout(ours.timer);
    ours.row = undefined;
    ours.hidden = true;
  });
}

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".winnow-peek") || begin(parentElement);
  frame.chart = data.chart.replace(/[^a-zA-Z0-9_-]/g, "-");
  frame.ask = (row) => setTriggerValue("row", row);
  if (data.shown) {
    if (frame.held.size >= HELD) frame.held.clear();
    frame.held.set(data.shown.id, data.shown);
    if (frame.row === data.shown.id) show(frame, data.shown);
  }
  follow(frame);
}
