// A page of pictures of which several can be selected, by mouse or by keys. Drawn anew only when its version
// changes: Streamlit calls this again at every rerun. Nothing that comes from data is ever read as HTML.
const NS = "http://www.w3.org/2000/svg";
const WAIT = 150;

function boxes(marks) {
  const drawing = document.createElementNS(NS, "svg");
  drawing.setAttribute("viewBox", "0 0 1 1");
  drawing.setAttribute("preserveAspectRatio", "none");
  for (const [x, y, width, height] of marks) {
    const box = document.createElementNS(NS, "rect");
    for (const [name, value] of Object.entries({ x, y, width, height })) box.setAttribute(name, value);
    drawing.append(box);
  }
  return drawing;
}

function tile(item) {
  const option = document.createElement("div");
  option.setAttribute("role", "option");
  option.dataset.id = item.id;
  option.title = item.title;
  const frame = document.createElement("div");
  frame.className = "picture";
  if (item.src) {
    const image = document.createElement("img");
    image.src = item.src;
    image.alt = item.title;
    image.draggable = false;
    frame.append(image);
  } else {
    frame.textContent = `No picture: ${item.title}`;
  }
  if (item.boxes.length) frame.append(boxes(item.boxes));
  const line = document.createElement("div");
  line.className = "line";
  line.textContent = item.line;
  option.append(frame, line);
  return option;
}

function draw(list, data) {
  list.replaceChildren(...data.items.map(tile));
  list.setAttribute("aria-label", data.label);
  list.version = data.version;
  list.chosen = new Set(data.selected.map(String));
  list.at = 0;
}

function mark(list) {
  [...list.children].forEach((option, place) => {
    option.setAttribute("aria-selected", String(list.chosen.has(option.dataset.id)));
    option.tabIndex = place === list.at ? 0 : -1;
  });
}

function columns(list) {
  return getComputedStyle(list).gridTemplateColumns.split(" ").length;
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  let list = parentElement.querySelector(".winnow-gallery");
  if (!list) {
    list = document.createElement("div");
    list.className = "winnow-gallery";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-multiselectable", "true");
    parentElement.append(list);
  }
  if (list.version !== data.version) draw(list, data);
  mark(list);
  const say = () => setStateValue("selected", [...list.chosen].map(Number));
  const tell = () => {
    clearTimeout(list.timer);
    list.timer = setTimeout(say, WAIT);
  };
  const turn = (option) => {
    const id = option.dataset.id;
    if (!list.chosen.delete(id)) list.chosen.add(id);
    list.at = [...list.children].indexOf(option);
    mark(list);
    tell();
  };
  list.onclick = (event) => {
    const option = event.target.closest("[role=option]");
    if (option) turn(option);
  };
  const open = (option) => {
    clearTimeout(list.timer); // what is told later would take the original away again
    say();
    setTriggerValue("opened", Number(option.dataset.id));
  };
  list.ondblclick = (event) => {
    const option = event.target.closest("[role=option]");
    if (option) open(option);
  };
  list.onkeydown = (event) => {
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(list), ArrowDown: columns(list) };
    if (event.key in moves) {
      list.at = Math.min(list.children.length - 1, Math.max(0, list.at + moves[event.key]));
      mark(list);
      list.children[list.at].focus();
    } else if (event.key === " ") {
      turn(list.children[list.at]);
    } else if (event.key === "Enter") {
      open(list.children[list.at]);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
}
