// What a click opened comes into view, once, and no farther than it takes: what was clicked stays in view.

const HEAD = 70;  // pixels: the bar over the page
const SEEN = 240;  // pixels of what was opened that are to be seen
const PATIENCE = 3000;  // ms until it is drawn, on a busy machine
const known = new Map();  // name -> what is open
let clicked = null;  // pixels from the top: where the mouse was pressed last

document.addEventListener("pointerdown", (event) => { clicked = event.clientY; }, true);
document.addEventListener("keydown", () => {
  const at = document.activeElement?.getBoundingClientRect();
  clicked = at && at.height < innerHeight / 2 ? at.top : null;
}, true);

function bring(target, until) {
  const found = document.querySelector(`.st-key-${target}`);
  if (!found) {
    if (performance.now() < until) setTimeout(() => bring(target, until), 50);
    return;
  }
  const box = found.getBoundingClientRect();
  let by = Math.min(0, box.top - HEAD);
  if (!by) by = Math.max(0, box.top + Math.min(SEEN, box.height) - innerHeight);
  if (by > 0 && clicked !== null) by = Math.min(by, Math.max(0, clicked - HEAD - 20));
  if (by) document.querySelector('[data-testid="stMain"]').scrollBy({ top: by });
}

export default function ({ data }) {
  const before = known.get(data.name);
  known.set(data.name, data.target);
  if (before !== undefined && before !== data.target && data.target) bring(data.target, performance.now() + PATIENCE);
}
