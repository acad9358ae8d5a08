// A page of pictures of which several can be selected, by mouse or by keys. Mounted twice: once with the
// pictures, which Streamlit does not send again while they are the same, and once with what is selected. Drawn
// anew only when its version changes: Streamlit calls this again at every rerun. Nothing that comes from data
// is ever read as HTML.
const NS = "http://www.w3.org/2000/svg";
const WAIT = 150; // ms within which further clicks are told as one; the first is told at once
const TINY = 64; // pixels of a side up to which a picture is enlarged with its pixels to be seen
const PAGES = 8; // of pictures that are held, the oldest go first
const held = new Map(); // version of a page: its pictures
const waiting = new Map(); // version of a page whose pictures are not here yet: what is to be done then

function hold({ version, items }) {
  held.delete(version);
  held.set(version, items);
  if (held.size > PAGES) held.delete(held.keys().next().value);
  const tasks = waiting.get(version) ?? [];
  waiting.delete(version);
  for (const task of tasks) task();
}

// What is marked, as shares of a picture of wide x tall pixels, which lies in the middle of its square, as the
// drawing does: boxes, lines between keypoints, and keypoints, which are lines of no length with round ends.
function drawing({ boxes, lines, points }, wide, tall) {
  const whole = document.createElementNS(NS, "svg");
  whole.setAttribute("viewBox", `0 0 ${wide} ${tall}`);
  const add = (kind, name, places) => {
    const mark = document.createElementNS(NS, kind);
    mark.setAttribute("class", name);
    for (const [side, value] of Object.entries(places)) mark.setAttribute(side, value);
    whole.append(mark);
  };
  const line = (name, [x1, y1, x2, y2]) =>
    add("line", name, { x1: x1 * wide, y1: y1 * tall, x2: x2 * wide, y2: y2 * tall });
  for (const [x, y, width, height] of boxes) {
    add("rect", "box", { x: x * wide, y: y * tall, width: width * wide, height: height * tall });
  }
  for (const ends of lines) line("joined", ends);
  for (const [x, y] of points) line("point", [x, y, x, y]);
  return whole;
}

// The text, of which a line may end behind each part of a name rather than anywhere within it.
function written(text) {
  const parts = text.split(/(?<=[_/-])/);
  return parts.flatMap((part, place) => (place ? [document.createElement("wbr"), part] : [part]));
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
    image.onload = () => {
      const { naturalWidth, naturalHeight } = image;
      image.classList.toggle("tiny", Math.max(naturalWidth, naturalHeight) <= TINY);
      if (item.boxes.length) frame.append(drawing(item, naturalWidth, naturalHeight));
    };
    frame.append(image);
  } else {
    frame.append(...written(`No picture: ${item.title}`));
  }
  const line = document.createElement("div");
  line.className = "line";
  line.append(...written(item.line));
  if (item.whole !== item.line) line.title = item.whole;
  option.append(frame, line);
  return option;
}

function draw(list, data, items) {
  list.replaceChildren(...items.map(tile));
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

let watch; // of the picture that was opened last

// Give the focus back to a picture when the original over the page is closed: what closes it knows what had
// the focus before, but not inside of a component, and leaves it nowhere.
function back(list, option) {
  let open = false;
  watch?.disconnect();
  watch = new MutationObserver(() => {
    const shown = Boolean(document.querySelector("[role=dialog]"));
    if (shown || !open) {
      open = shown;
      return;
    }
    watch.disconnect();
    if (document.activeElement && document.activeElement !== document.body) return;
    list.at = Math.max(0, [...list.children].indexOf(option));
    mark(list);
    list.children[list.at].focus();
  });
  watch.observe(document.body, { childList: true, subtree: true });
}

export default function (given) {
  const { data } = given;
  if (data.items) {
    hold(data);
    return;
  }
  if (held.has(data.version)) {
    show(given);
  } else {
    waiting.set(data.version, [...(waiting.get(data.version) ?? []), () => show(given)]);
  }
}

function show({ data, parentElement, setStateValue, setTriggerValue }) {
  let list = parentElement.querySelector(".winnow-gallery");
  if (!list) {
    list = document.createElement("div");
    list.className = "winnow-gallery";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-multiselectable", "true");
    parentElement.append(list);
  }
  if (list.version !== data.version) draw(list, data, held.get(data.version));
  mark(list);
  const say = () => setStateValue("selected", [...list.chosen].map(Number));
  const tell = () => {
    const now = performance.now();
    clearTimeout(list.timer);
    if (now - (list.told ?? -Infinity) > WAIT) say();
    else list.timer = setTimeout(say, WAIT);
    list.told = now;
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
    back(list, option);
    setTriggerValue("opened", Number(option.dataset.id));
  };
  list.ondblclick = (event) => {
    const option = event.target.closest("[role=option]");
    if (option) open(option);
  };
  list.onkeydown = (event) => {
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(list), ArrowDown: columns(list) };
    Object.assign(moves, { Home: -Infinity, End: Infinity });
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
