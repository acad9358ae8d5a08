// Every press of one of our keys, in order and with a number of its own. A button knows only that it was pressed:
// presses that come while the page is drawn again would become one.

const pages = new Map();  // key of the component -> presses the server has not confirmed

let serial = Date.now();

function typing(element) {
  return element && (element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName));
}

export default function ({ key, data, setStateValue }) {
  const confirmed = data.confirmed || 0;
  const waiting = (pages.get(key) || []).filter(([number]) => number > confirmed);
  pages.set(key, waiting);

  const press = (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (typing(event.composedPath()[0])) return;
    const name = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    if (!data.keys.includes(name)) return;
    event.preventDefault();
    serial = Math.max(serial + 1, Date.now());
    const presses = pages.get(key);
    presses.push([serial, name]);
    setStateValue("presses", [...presses]);
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}
