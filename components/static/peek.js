// The picture under the mouse on a figure beside this: Plotly says which point is hovered, the server answers
// with its thumbnail and those of its neighbours, which are then there at once. Streamlit hands on no hover event of its own. Nothing from data is ever read as HTML.
const WAIT = 50; // ms that the mouse rests on a point before its picture is asked for
const LOOK = 500; // ms between two looks whether the figure is there, or was drawn anew
const HELD = 300; // pictures kept in the browser
const NEAR = 16; // pictures that are asked for at once: of the point and those around it
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

function around(graph, point, held) {
  const [wide, tall] = [point.xaxis, point.yaxis].map(({ range }) => Math.abs(range[1] - range[0]) || 1);
  const found = [];
  for (const { x, y, customdata } of graph._fullData || []) {
    if (!x || !y || !customdata) continue;
    customdata.forEach((row, at) => {
      if (!Number.isInteger(row) || row === point.customdata || held.has(row)) return;
      found.push([Math.hypot((x[at] - point.x) / wide, (y[at] - point.y) / tall), row]);
    });
  }
  found.sort((one, other) => one[0] - other[0]);
  return [point.customdata, ...new Set(found.slice(0, NEAR - 1).map(([, row]) => row))];
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
    else ours.timer = setTimeout(() => ours.ask(around(graph, points[0], ours.held)), WAIT);
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
  frame.ask = (rows) => setTriggerValue("rows", rows);
  if (frame.held.size >= HELD) frame.held.clear();
  for (const item of data.shown) {
    frame.held.set(item.id, item);
    if (frame.row === item.id) show(frame, item);
  }
  follow(frame);
}
