// Every press of one of our keys, in order and with a number of its own. A button knows only that it was pressed:
// presses that come while the page is drawn again would become one.

const LEAVING = 60000;  // ms: a page drawn again takes the component away, on a busy machine for seconds
const listeners = new Map();  // name -> what is listened for and where, and the presses not yet confirmed

let serial = Date.now();

function here() {  // page, data set and tab: keys pressed elsewhere meanwhile are not meant
  const asked = new URLSearchParams(location.search);
  return [location.pathname, asked.get("data"), asked.get("tab")].join(" ");
}

const BUTTONS = ["radio", "checkbox", "range", "button"];  // kinds of input without text
const TAKING = "[role=grid], [role=menu], [role=dialog]";  // take letters themselves, or hide the page
const STEERED = "input, [role=radiogroup], [role=tablist], [role=listbox], [role=slider]";  // by arrow keys

function meant(element, name) {  // for what has the focus, not for us
  if (!element) return false;
  const text = element.tagName === "INPUT" ? !BUTTONS.includes(element.type)
    : element.isContentEditable || ["TEXTAREA", "SELECT", "CANVAS"].includes(element.tagName);
  return text || element.closest?.(TAKING) || (name.length > 1 && element.closest?.(STEERED));
}

function send(listener) {
  if (!listener.put || !listener.presses.length || listener.presses.at(-1)[0] <= listener.sent) return;
  listener.sent = listener.presses.at(-1)[0];
  listener.put("presses", [...listener.presses]);
}

function calm() {  // a click had given the main area the focus, which a key would frame
  const element = document.activeElement;
  if (element?.matches('[data-testid="stMain"]')) element.blur();
}

function press(event) {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  const name = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (meant(event.composedPath()[0], name)) return;
  if (/^[A-Z0-9]$/.test(name)) calm();
  for (const listener of listeners.values()) {
    if (!listener.keys.includes(name) || !(listener.put || listener.place === here())) continue;
    event.preventDefault();
    calm();
    serial = Math.max(serial + 1, Date.now());
    listener.presses.push([serial, name]);
    send(listener);
  }
}

document.addEventListener("keydown", press);

export default function ({ data, setStateValue }) {
  const listener = listeners.get(data.name) || { presses: [], sent: 0 };
  clearTimeout(listener.leaving);
  listener.presses = listener.presses.filter(([number]) => number > data.confirmed);
  listener.keys = data.keys;
  listener.put = setStateValue;
  listener.place = here();
  listeners.set(data.name, listener);
  document.documentElement.dataset.keys = [...listeners.keys()].join(" ");
  send(listener);
  return () => {
    if (listener.put !== setStateValue) return;
    listener.put = null;
    listener.leaving = setTimeout(() => listeners.delete(data.name), LEAVING);
  };
}
