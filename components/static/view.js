// What a click opened comes into view, once, and no farther than it takes: what was clicked stays in view.

const HEAD = 70;  // pixels: the bar over the page
const SEEN = 240;  // pixels of what was opened that are to be seen
const PATIENCE = 3000;  // ms until it is drawn, on a busy machine: until then its height is not known
const known = new Map();  // name -> what is open
let clicked = null;  // pixels from the top: where the mouse was pressed last
let moved = 0;  // how often the reader scrolled or pressed: whoever does so decides what is in view

document.addEventListener("pointerdown", (event) => { clicked = event.clientY; moved += 1; }, true);
document.addEventListener("wheel", () => { moved += 1; }, { capture: true, passive: true });
document.addEventListener("keydown", () => {
  const at = document.activeElement?.getBoundingClientRect();
  clicked = at && at.height < innerHeight / 2 ? at.top : null;
  moved += 1;
}, true);

function missing(target) {  // pixels to scroll by, down or, below 0, up
  const box = target.getBoundingClientRect();
  if (box.top < HEAD) return box.top - HEAD;
  const by = Math.max(0, box.top + SEEN - innerHeight);
  return clicked === null ? by : Math.min(by, Math.max(0, clicked - HEAD - 20));
}

function bring(name, until, before, calm) {
  const target = document.querySelector(`.st-key-${name}`);
  if (moved !== before || performance.now() > until || calm > 5) return;
  const by = target ? missing(target) : 0;
  if (Math.abs(by) >= 1) {
    const main = document.querySelector('[data-testid="stMain"]'), from = main.scrollTop;
    main.scrollTop += by;
    if (clicked !== null) clicked -= main.scrollTop - from;  // what was clicked moves with the page
  }
  setTimeout(() => bring(name, until, before, target && Math.abs(by) < 1 ? calm + 1 : 0), 100);
}

export default function ({ data }) {
  const before = known.get(data.name);
  known.set(data.name, data.target);
  if (before !== undefined && before !== data.target && data.target) {
    bring(data.target, performance.now() + PATIENCE, moved, 0);
  }
}
