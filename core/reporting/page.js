// Draws the report from the JSON beside it. Every text from the data becomes a text node; nothing is ever parsed as HTML.
(() => {
"use strict";
const R = JSON.parse(document.getElementById("data").textContent);
const root = document.getElementById("report");
const rowsOf = (c) => c.rows ?? rows;  // of the parts that have the column
const rows = R.dataset.rows, columns = R.columns, { data: D = {}, checks: CHECKS = [], ...PARTS } = R.sections;
const FIRST = 50, STEP = 200, OPEN_FINDINGS = 25;
const NS = "http://www.w3.org/2000/svg";

// ---- elements -------------------------------------------------------------------------------------------------------------
function put(node, content) {
  for (const item of content.flat(9)) if (item !== null && item !== undefined && item !== false) node.append(item);
  return node;
}
function h(tag, given, ...content) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(given || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  return put(node, content);
}
function s(tag, given, ...content) {
  const node = document.createElementNS(NS, tag);
  for (const [key, value] of Object.entries(given || {})) node.setAttribute(key, value);
  return put(node, content);
}
const bdi = (text) => h("bdi", null, text);
const name = (place) => R.names[place] ?? "";
const styled = (node, style) => { for (const key in style) node.style.setProperty(key, style[key]); return node; };
const ICONS = {
  critical: "M8 1h8l6 6v9l-6 6H8l-6-6V7zM12 6v8M12 17.2v.6", warning: "M12 2.5 22.5 21h-21zM12 9v6M12 17.6v.6",
  info: "M12 2a10 10 0 1 0 .01 0zM12 11v6.5M12 7v.6", fine: "M12 2a10 10 0 1 0 .01 0zM7 12.5l3.5 3.5L17 9",
  theme: "M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z",
};
const icon = (what) => s("svg", { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": 2.2, "stroke-linecap": "round",
  "stroke-linejoin": "round", "aria-hidden": "true" }, s("path", { d: ICONS[what] }));
const WORDS = { critical: "Critical", warning: "Warning", info: "Note" };
const word = (level) => h("span", { class: "word " + level }, icon(level), WORDS[level]);

// ---- numbers --------------------------------------------------------------------------------------------------------------
const count = (n) => Number(n).toLocaleString("en-US");
const many = (n, noun) => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
function fixed(x, digits) {  // as toFixed, but what lies exactly between two goes to the even one, as elsewhere
  const text = x.toFixed(digits), between = Math.abs(x) * 2 ** (digits + 1) % 2 === 1;
  return between && +text.at(-1) % 2 ? (x * (1 - 2 ** -50)).toFixed(digits) : text;
}
function num(x) {
  if (x === null || x === undefined || x === "") return "–";
  if (typeof x !== "number") return String(x);
  if (Number.isInteger(x) && Math.abs(x) < 1e15) return count(x);
  const size = Math.abs(x), power = Number(x.toExponential().split("e")[1]);
  if (size >= 1000 && size < 1e15) return count(fixed(x, 0));
  const figures = size < 1 && [4, 5, 6].find((one) => Number(size.toPrecision(one)) < 1);
  if (figures > 4) return String(Number(x.toPrecision(figures)));  // what is not 1 does not read as 1
  const short = Number(power > -90 && power < 3 ? fixed(x, 3 - power) : x.toPrecision(4));
  if (Math.abs(short) >= 1e-4 && size < 1e15) return String(short);
  return short.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}
function score(x, digits = 3) {  // an AUC: to three decimals, more where it would read as 0 or 1 and is neither
  if (typeof x !== "number") return num(x);
  for (let places = digits; places < 7; places += 1) {
    const text = fixed(x, places);
    if ((Number(text) !== 0 && Number(text) !== 1) || x === 0 || x === 1) return text;
  }
  return x > 0.5 ? "over 0.999999" : "under 0.000001";
}
const isShare = (measure) => /^share of/.test(measure || "") && !/ over share/.test(measure);
const measured = (measure, x) => isShare(measure) ? pct(x, 1) : /AUR?O?C/.test(measure || "") ? score(x) : num(x);
function among(c, x) {  // years carry no thousands mark
  const ends = c.quantiles ? [c.quantiles[0], c.quantiles.at(-1)] : [];
  const years = ends.length && ends.every((end) => Number.isInteger(end) && end >= 1000 && end < 3000);
  return years && typeof x === "number" ? String(Number(x.toPrecision(6))) : num(x);
}
function pct(part, whole) {
  const share = whole ? part / whole : 0, sign = share < 0 ? "-" : "";
  const exact = BigInt(Math.abs(share).toFixed(14).replace(".", "")), one = 10n ** 14n;  // the decimal number: a five goes up
  if (share && exact < one / 1000n) return share > 0 ? "under 0.1%" : "over -0.1%";
  if (exact < one && exact > one - one / 1000n) return share > 0 ? "over 99.9%" : "under -99.9%";
  const tenths = (exact + one / 2000n) / (one / 1000n);
  return `${sign}${tenths / 10n}${tenths % 10n ? `.${tenths % 10n}` : ""}%`;
}
function bytes(n) {
  const units = ["B", "kB", "MB", "GB"];
  let at = 0;
  while (n >= 1000 && at < 3) { n /= 1000; at += 1; }
  return `${at && n < 100 ? n.toFixed(1) : Math.round(n)} ${units[at]}`;
}
const chance = (q) => q === null || q === undefined ? "–" : q < 0.0001 ? "<0.0001" : num(q);

// ---- findings -------------------------------------------------------------------------------------------------------------
const open = R.findings.filter((f) => !f.accepted);
const wanting = open.filter((f) => f.severity !== "info"), notes = open.filter((f) => f.severity === "info");
const about = columns.map(() => []);
R.findings.forEach((f) => f.columns.forEach((place) => about[place] && about[place].push(f)));

function copier(text) {
  const button = h("button", { type: "button", onclick: async () => {
    let done = true;
    try { await navigator.clipboard.writeText(text); } catch (refused) { done = byHand(text); }
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  } }, "Copy");
  return button;
}
function byHand(text) {  // where the clipboard is not open to pages from disk
  const area = styled(h("textarea", { "aria-hidden": "true" }), { position: "fixed", top: "0", opacity: "0" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
function measures(f) {
  const endless = f.value === undefined && f.limit !== undefined;  // JSON knows no infinity
  const told = [[f.measure || "measured", endless ? "infinite" : f.value], ["limit", f.limit], [f.noise_is || "noise floor", f.noise], ["n", f.n], ["score", f.score]];
  return h("p", { class: "facts" }, told.filter(([, x]) => x !== undefined && x !== null).map(([what, x]) => h("span", null, what + " ", h("b", null, [f.value, f.noise].includes(x) || (what === "limit" && isShare(f.measure)) ? measured(f.measure, x) : num(x)))));
}
function card(f, opened) {
  const first = f.rows.map(count).join(", ");
  const more = f.row_count > f.rows.length ? " …" : "";
  return h("details", { class: `finding ${f.severity}${f.accepted ? " accepted" : ""}`, open: opened },
    h("summary", null, word(f.severity), h("span", { class: "said", dir: "auto" }, f.accepted ? "Accepted: " : "", f.title),
      h("span", { class: "quiet small" }, f.row_count ? many(f.row_count, "row") : f.columns.length + f.beside.length > 1 ? many(f.columns.length + f.beside.length, "column") : "")),
    h("div", { class: "body" }, measures(f), f.why && h("p", { dir: "auto" }, f.why),
      f.suggestion && h("p", { dir: "auto" }, h("b", null, "What to do. "), f.suggestion),
      f.fix && h("div", { class: "code" }, h("code", null, f.fix), copier(f.fix)),
      f.row_count > 0 && h("p", { class: "small quiet" }, `Rows, counted from 0: ${first}${more}`),
      f.columns.length > 0 && columns.length > 0 && h("div", { class: "chips" }, f.columns.slice(0, 30).map((place) =>
        h("button", { type: "button", class: "chip", onclick: () => show(place) }, bdi(name(place)))),
        f.columns.length > 30 && h("span", { class: "quiet small" }, `and ${count(f.columns.length - 30)} more`))));
}
function list(found, opened) {
  const box = h("div", null, found.slice(0, OPEN_FINDINGS).map((f, i) => card(f, i < opened)));
  if (found.length > OPEN_FINDINGS) {
    const button = h("button", { type: "button", onclick: () => button.replaceWith(...found.slice(OPEN_FINDINGS).map((f) => card(f, false))) },
      `Show all ${count(found.length)}`);
    box.append(button);
  }
  return box;
}
function attention() {
  const accepted = R.findings.filter((f) => f.accepted);
  return section("attention", "What needs attention", wanting.length ? "Worst first. Each is measured against a limit, and, where one applies, against its noise floor."
    : `${nothing("Nothing does")}.`, list(wanting, 1),
    notes.length > 0 && h("details", { class: "more", open: !wanting.length && notes.length < 6 }, h("summary", null, many(notes.length, "note")), list(notes, 0)),
    accepted.length > 0 && h("details", { class: "more" }, h("summary", null, `${count(accepted.length)} accepted`), list(accepted, 0)));
}

// ---- what was decided -----------------------------------------------------------------------------------------------------
function decided() {
  const steps = R.steps || [], gone = R.resolved || [];
  const notes = gone.filter((one) => one.severity === "info").length, needed = gone.length - notes;
  const many_gone = [needed > 0 && many(needed, "finding"), notes > 0 && many(notes, "note")].filter(Boolean).join(" and ");
  const did = (one) => one.passed_over ? "Passed over. " + one.passed_over : one.did;
  return section("steps", "What was decided", [R.decided, gone.length > 0 && `${many_gone} of the data as loaded ${gone.length === 1 ? "is" : "are"} resolved`].filter(Boolean).join("; ") + `.${R.exported ? " " + R.exported : ""}`,
    steps.length > 0 && h("div", { class: "scroll" }, h("table", null, h("thead", null, h("tr", null, ["#", "Step", "Why", "What it did"].map((one) => h("th", { scope: "col" }, one)))),
      h("tbody", null, steps.map((one) => h("tr", null, h("td", null, one.number === null ? "–" : count(one.number)), h("td", null, bdi(one.step)), h("td", null, bdi(one.why)), h("td", null, bdi(did(one)), one.note && h("span", { class: "quiet small" }, " " + one.note))))))),
    gone.length > 0 && h("details", { class: "more", open: gone.length < 12 }, h("summary", null, `${many_gone} resolved`),
      h("ul", null, gone.map((one) => h("li", null, bdi(one.title), one.decisions.length > 0 && h("span", { class: "quiet small" }, " · " + one.decisions.join("; ")))))));
}

// ---- page -----------------------------------------------------------------------------------------------------------------
const sections = [];
function section(id, title, lead, ...content) {
  sections.push([id, title]);
  return h("section", { id, "aria-labelledby": id + "-h" }, h("h2", { id: id + "-h" }, title), lead && h("p", { class: "lead small" }, lead), content);
}
const tile = (value, label) => h("div", { class: "tile" }, h("b", null, value), h("span", null, label));
function nothing(words) {  // a check that did not run never reads as a pass
  if (CHECKS.length && CHECKS.every((c) => c.state !== "ok")) return "Not checked";
  return words + (CHECKS.some((c) => (c.state !== "ok" && c.counted) || c.unchecked) ? " in what was checked" : "");
}
function verdict() {
  if (!wanting.length) return `${nothing("Nothing needs attention")}${open.length ? `; ${many(notes.length, "note")} below` : ""}.`;
  const grave = wanting.filter((f) => f.severity === "critical").length;
  return `${many(wanting.length, "finding")} need${wanting.length === 1 ? "s" : ""} attention; ${!grave ? "none is critical" : `${grave < wanting.length ? count(grave) : grave === 1 ? "it" : "all"} would hurt a model`}.`;
}
function hero() {
  const missing = columns.reduce((sum, c) => sum + (c.missing || 0), 0), size = columns.reduce((sum, c) => sum + (c.bytes || 0), 0);
  const repeats = PARTS.duplicates && PARTS.duplicates.summary;
  const lacking = R.not_made || { words: "", checks: [] };  // counted as everywhere else; of one analysis there are none
  const broken = CHECKS.filter((c) => c.state === "failed"), idle = CHECKS.filter((c) => c.state === "skipped" && !(R.not_made && c.counted));
  const cut = CHECKS.flatMap((c) => c.notes.filter((n) => /^From |sample/.test(n)).map((n) => `${c.title}: ${n}`));
  const d = D;
  return h("div", { class: "hero" }, h("p", { class: "quiet", dir: "auto" }, R.heading), h("h1", null, verdict()),
    h("div", { class: "tiles" }, tile(count(rows), "rows"), tile(count(R.dataset.columns), "columns"),
      columns.length > 0 && tile(pct(missing, columns.reduce((sum, c) => sum + rowsOf(c), 0)), "of cells missing"),
      typeof R.summary.flagged_rows === "number" && tile(count(R.summary.flagged_rows), R.summary.flagged_rows === 1 ? "row flagged" : "rows flagged"),
      repeats && tile(count(repeats.excess_rows), "repeated rows"), columns.length > 0 && tile(bytes(size), "in memory")),
    h("p", { class: "facts" }, Object.keys(d.parts || {}).length > 1 && Object.entries(d.parts).map(([part, n]) => h("span", null, part + " ", h("b", null, count(n)))),
      Object.entries(d.roles || {}).map(([role, column]) => h("span", null, role + " ", h("b", null, bdi(column)))),
      Object.entries(d.kinds || {}).map(([kind, n]) => h("span", null, kind + " ", h("b", null, count(n)))),
      h("span", null, "fingerprint ", h("b", { title: R.dataset.fingerprint }, R.dataset.fingerprint.slice(0, 12))),
      R.made && h("span", null, "made ", h("b", null, R.made))),
    (broken.length > 0 || d.aside > 0) && h("div", { class: "alarm" }, h("ul", null,
      broken.map((c) => h("li", { dir: "auto" }, `${c.title} failed: ${c.reason}`)),
      d.aside > 0 && h("li", null, `${many(d.aside, "line")} of the source could not be read and were kept aside.`))),
    cut.length > 0 && h("p", { class: "small quiet", dir: "auto" }, cut.join(" ")),
    lacking.words && h("p", { class: "small" }, h("b", null, lacking.words.replace(/(?=:|$)/, ` (${lacking.checks.join(", ")})`)), ". ", h("a", { href: "#made" }, "Why")),
    idle.length > 0 && h("p", { class: "small quiet" }, `${R.not_made ? "Left out, and not counted among the checks" : "Not checked"}: ${idle.map((c) => c.title.toLowerCase()).join(", ")}. `, h("a", { href: "#made" }, "Why")));
}

// ---- columns --------------------------------------------------------------------------------------------------------------
const RANK = { critical: 3, warning: 2, info: 1 };
const SORTS = {
  "needs attention first": (a, b) => columns[b].strangeness - columns[a].strangeness || a - b,
  "order of the source": (a, b) => a - b,
  "name": (a, b) => name(a).localeCompare(name(b)) || a - b,
  "kind": (a, b) => columns[a].kind.localeCompare(columns[b].kind) || a - b,
  "most missing": (a, b) => (columns[b].missing || 0) - (columns[a].missing || 0) || a - b,
  "most distinct": (a, b) => (columns[b].distinct || 0) - (columns[a].distinct || 0) || a - b,
  "most skewed": (a, b) => Math.abs(columns[b].skewness || 0) - Math.abs(columns[a].skewness || 0) || a - b,
};
const view = { query: "", kind: "", sort: "needs attention first", limit: FIRST, open: new Set() };
let body, told, pages;

function edges(drawn) {
  const n = drawn.counts.length, e = drawn.edges;
  return e.length === n + 1 ? e : Array.from({ length: n + 1 }, (_, i) => e[0] + (e[1] - e[0]) * i / n);
}
function moment(x, c) {
  if (c.kind !== "datetime") return among(c, x);
  const text = new Date(x * 1000).toISOString();
  return text.endsWith("T00:00:00.000Z") ? text.slice(0, 10) : text.slice(0, 16).replace("T", " ");
}
function bars(heights, width, height, fill) {  // one path, however many bars
  const most = Math.max(1, ...heights), step = width / heights.length, gap = step > 4 ? 1 : 0;
  const d = heights.map((n, i) => n > 0 ? `M${(i * step).toFixed(1)} ${height}v-${Math.max(1, n / most * height).toFixed(1)}h${(step - gap).toFixed(1)}V${height}z` : "").join("");
  return s("path", { d, class: fill || "fill" });
}
function small(c, place) {
  const label = c.histogram ? `Histogram of ${name(place)}` : `Commonest values of ${name(place)}`;
  const svg = s("svg", { class: "draw", viewBox: "0 0 150 30", width: "100%", height: 30, preserveAspectRatio: "none", role: "img", "aria-label": label });
  if (c.histogram) {
    svg.append(bars(c.histogram.counts, 144, 30));
    if (c.histogram.above) svg.append(s("rect", { x: 146, y: 20, width: 3, height: 10, class: "beyond" }));
  } else if (c.top && c.distinct < c.top[0][1] * c.distinct) {
    const shown = c.top.reduce((sum, [, n]) => sum + n, 0), rest = rowsOf(c) - (c.missing || 0) - shown;
    const all = [...c.top.map(([, n]) => n), rest], whole = all.reduce((a, b) => a + b, 0) || 1;
    let x = 0;
    all.forEach((n, i) => {
      const width = n / whole * 150;
      if (width > 0.4) svg.append(s("rect", { x: x.toFixed(1), y: 8, width: Math.max(0.4, width - 1).toFixed(1), height: 14, rx: 1.5, class: i < c.top.length ? "fill" : "rest",
        opacity: i < c.top.length ? Math.max(0.3, 1 - i * 0.12).toFixed(2) : 1 }));
      x += width;
    });
  }
  return svg;
}
function middle(c) {
  if (c.quantiles) return [2, 4, 6].map((i) => typeof c.quantiles[i] === "string" ? c.quantiles[i].slice(0, 10) : among(c, c.quantiles[i])).join(" · ");
  if (c.top && c.top.length) return [bdi(c.top[0][0]), h("span", { class: "quiet" }, ` ${pct(c.top[0][1], rowsOf(c) - (c.missing || 0))}`)];
  return c.lengths ? `${num(c.lengths[0])} to ${num(c.lengths[2])} letters` : "–";
}
function flags(place) {
  const levels = [...new Set(about[place].filter((f) => !f.accepted).map((f) => f.severity))].sort((a, b) => RANK[b] - RANK[a]);
  return levels.length > 0 && h("span", { class: "flags" }, levels.map((level) =>
    h("span", { class: level, title: WORDS[level], role: "img", "aria-label": WORDS[level] }, icon(level))));
}
function line(place) {
  const c = columns[place], opened = view.open.has(place), miss = c.missing || 0;
  const button = h("button", { type: "button", class: "c-head", "aria-expanded": String(opened), title: name(place) }, bdi(name(place)));
  const row = h("tr", { class: "row" + (opened ? " open" : ""), "data-place": place, onclick: () => toggle(row, place) },
    h("td", { class: "c-name" }, button, h("span", { class: "tag" }, c.kind), c.role && h("span", { class: "tag role" }, c.role), flags(place)),
    h("td", { class: "c-draw" }, small(c, place)),
    h("td", { class: "c-miss right" }, miss ? pct(miss, rowsOf(c)) : "0%", h("span", { class: "meter" }, styled(h("i"), { width: `${miss ? 100 * miss / rowsOf(c) : 0}%` }))),
    h("td", { class: "c-num right" }, count(c.distinct || 0)),
    h("td", { class: "c-q right" }, middle(c)));
  return opened ? [row, detail(place)] : [row];
}
function toggle(row, place) {
  const opened = !view.open.has(place);
  if (opened) { view.open.add(place); row.after(detail(place)); } else { view.open.delete(place); row.nextSibling.remove(); }
  row.classList.toggle("open", opened);
  row.querySelector("button").setAttribute("aria-expanded", String(opened));
}
function pairsOf(c, pairs) { return h("dl", null, pairs.filter(([, x]) => x !== null && x !== undefined && x !== false).map(([what, x]) => [h("dt", null, what), h("dd", null, x)])); }
const QUANTILES = ["least", "1%", "5%", "25%", "median", "75%", "95%", "99%", "largest"];
function detail(place) {
  const c = columns[place], present = rowsOf(c) - (c.missing || 0);
  const parts = Object.keys(D.parts || {});
  const counts = [["stored as", c.stored], ["missing", `${count(c.missing || 0)} (${pct(c.missing || 0, rowsOf(c))})`],
    ...(c.missing_by_part || []).map((n, i) => [`missing in ${parts[i]}`, count(n)]),
    ["distinct", `${count(c.distinct || 0)} (${pct(c.distinct || 0, present)})`], ["zeros", c.zeros && count(c.zeros)], ["negative", c.negatives && count(c.negatives)],
    ["infinite", c.infinite && count(c.infinite)], ["mean", c.mean !== undefined && among(c, c.mean)],
    ["standard deviation", c.std !== undefined && (c.kind === "datetime" ? `${num(c.std / 86400)} days` : num(c.std))], ["skewness", c.skewness !== undefined && num(c.skewness)],
    ["excess kurtosis", c.kurtosis !== undefined && num(c.kurtosis)], ["letters: least, mean, most", c.lengths && c.lengths.map(num).join(", ")], ["in memory", bytes(c.bytes || 0)]];
  const box = h("div", { class: "parts" },
    c.histogram && h("div", { class: "wide" }, large(c, place)),
    h("div", null, h("h4", null, "Counts and moments"), pairsOf(c, counts)),
    c.quantiles && h("div", null, h("h4", null, "Quantiles"), pairsOf(c, QUANTILES.map((q, i) => [q, c.quantiles[i] === null ? null : among(c, c.quantiles[i])]))),
    c.top && c.top.length > 0 && h("div", null, h("h4", null, "Commonest values"), values(c.top.map(([v, n]) => [v, `${count(n)} · ${pct(n, present)}`, n / c.top[0][1]]))),
    c.smallest && h("div", null, h("h4", null, c.lengths ? "Shortest and longest" : "Smallest and largest"),
      values([...c.smallest, ...[...c.largest].reverse()].map(([row, v]) => [v, `row ${count(row)}`, 0]))),
    goingWith(place), overTarget(place));
  return h("tr", { class: "detail" }, h("td", { colspan: 5 }, about[place].length > 0 && h("div", null, about[place].slice(0, 12).map((f) => card(f, false))), box));
}
const values = (lines) => h("ul", { class: "values" }, lines.map(([v, said, share]) => h("li", null, styled(h("i"), { width: `${100 * share}%` }), bdi(v === "" ? "(empty)" : v), h("span", { class: "quiet" }, said))));
function large(c, place) {
  const at = edges(c.histogram), n = c.histogram.counts, W = 720, H = 130;
  const beyond = (c.histogram.below ? `${count(c.histogram.below)} below, ` : "") + (c.histogram.above ? `${count(c.histogram.above)} above` : "");
  const rest = beyond ? `Not drawn, being far out: ${beyond.replace(/, $/, "")}.` : "Point at a bar to read it.";
  const read = h("p", { class: "read" }, rest);
  const mark = s("rect", { y: 0, height: H, width: W / n.length, x: -9999, class: "rest", opacity: 0.5 });
  const tick = (share, anchor) => s("text", { x: W * share, y: H + 15, "text-anchor": anchor, class: "axis" }, moment(at[0] + (at[at.length - 1] - at[0]) * share, c));
  const svg = s("svg", { class: "draw", viewBox: `0 0 ${W} ${H + 20}`, width: "100%", role: "img", "aria-label": `Histogram of ${name(place)} in ${n.length} bins` }, mark, bars(n, W, H),
    s("line", { x1: 0, x2: W, y1: H + 0.5, y2: H + 0.5, class: "grid" }), tick(0, "start"), tick(0.5, "middle"), tick(1, "end"));
  svg.addEventListener("pointermove", (event) => {
    const b = svg.getBoundingClientRect(), i = Math.min(n.length - 1, Math.max(0, Math.floor((event.clientX - b.left) / b.width * n.length)));
    mark.setAttribute("x", i * W / n.length);
    read.textContent = `${moment(at[i], c)} to ${moment(at[i + 1], c)}: ${many(n[i], "value")} (${pct(n[i], rowsOf(c) - (c.missing || 0))})`;
  });
  svg.addEventListener("pointerleave", () => { mark.setAttribute("x", -9999); read.textContent = rest; });
  return [svg, read];
}
function goingWith(place) {
  const hits = ((PARTS.association || {}).pairs || []).filter((p) => p.left === place || p.right === place).slice(0, 6);
  return hits.length > 0 && h("div", null, h("h4", null, "Associated with"), values(hits.map((p) => [name(p.left === place ? p.right : p.left), num(p.value), Math.abs(p.value)])));
}
function overTarget(place) {
  const one = ((PARTS.target || {}).drawn || []).find((d) => d.column === place);
  return one && h("div", null, h("h4", null, PARTS.target.kind === "class" ? "Target rate over its values" : "Target mean over its values"), overBins(one));
}
function chosen() {
  const query = view.query.trim().toLowerCase();
  return columns.map((_, i) => i).filter((i) => (!query || name(i).toLowerCase().includes(query)) && (!view.kind || columns[i].kind === view.kind)).sort(SORTS[view.sort]);
}
function draw() {
  const found = chosen(), shown = found.slice(0, view.limit);
  body.replaceChildren(...shown.flatMap(line));
  told.textContent = found.length === columns.length ? many(found.length, "column") : `${count(found.length)} of ${many(columns.length, "column")}`;
  const left = found.length - shown.length;
  pages.replaceChildren(...(left > 0 ? [h("button", { type: "button", onclick: () => { view.limit += STEP; draw(); } }, `Show ${count(Math.min(STEP, left))} more`),
    h("span", { class: "quiet small" }, ` ${count(left)} not shown; search and sort reach them all.`)] : []));
}
function show(place) {
  if (!columns[place]) return;
  Object.assign(view, { query: "", kind: "" });
  view.open.add(place);
  view.limit = Math.max(view.limit, [...chosen()].indexOf(place) + 1);
  const box = document.getElementById("search");
  box.value = "";
  pressed();
  draw();
  const row = body.querySelector(`tr[data-place="${place}"]`);
  row.scrollIntoView({ block: "center" });
  row.querySelector("button").focus({ preventScroll: true });
}
let pressed = () => {};
function strip() {
  const kinds = [...new Set(columns.map((c) => c.kind))].sort();
  const pills = ["", ...kinds].map((kind) => h("button", { type: "button", onclick: () => { view.kind = kind; view.limit = FIRST; pressed(); draw(); } }, kind || "all"));
  pressed = () => pills.forEach((pill, i) => pill.setAttribute("aria-pressed", String(view.kind === ["", ...kinds][i])));
  pressed();
  const search = h("input", { id: "search", type: "search", placeholder: "Search columns", "aria-label": "Search columns", oninput: () => { view.query = search.value; view.limit = FIRST; draw(); } });
  const sort = h("select", { id: "sort", "aria-label": "Sort columns by", onchange: () => { view.sort = sort.value; view.limit = FIRST; draw(); } }, Object.keys(SORTS).map((one) => h("option", { value: one }, one)));
  told = h("span", { class: "quiet small", role: "status" });
  body = h("tbody");
  pages = h("p", { class: "pages" });
  const made = section("columns", "Columns", "Click a column for its statistics, values and findings.",
    h("div", { class: "tools" }, search, h("label", { class: "small quiet" }, "Sort ", sort), kinds.length > 1 && pills, told),
    h("table", { class: "columns" }, h("thead", null, h("tr", null, h("th", { class: "c-name", scope: "col" }, "Column"), h("th", { class: "c-draw", scope: "col" }, "Distribution"),
      h("th", { class: "c-miss right", scope: "col" }, "Missing"), h("th", { class: "c-num right", scope: "col" }, "Distinct"), h("th", { class: "c-q right", scope: "col" }, "5% · median · 95%, or commonest"))), body), pages);
  draw();
  return made;
}

// ---- relations ------------------------------------------------------------------------------------------------------------
const link = (place) => columns.length ? h("button", { type: "button", class: "chip", onclick: () => show(place) }, bdi(name(place))) : bdi(name(place));
function relations() {
  const r = PARTS.association;
  return section("relations", "Relations", `${count(r.tested)} pairs over ${many(r.used, "row")}: Spearman's correlation between numbers, Cramér's V otherwise.`,
    r.pairs.length ? h("div", { class: "two" }, heat(r), h("div", { class: "scroll" }, h("table", { class: "bars pairs" }, h("caption", null, "Strongest pairs. The orange line is what chance reaches in 5 of 100 cases."),
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Columns"), h("th", { scope: "col" }, "Strength"), h("th", { class: "right", scope: "col" }, "Value"), h("th", { class: "right hide-s", scope: "col" }, "n"),
        h("th", { class: "right hide-s", scope: "col" }, "q"))),
      h("tbody", null, r.pairs.slice(0, 14).map((p) => h("tr", null, h("td", null, h("div", { class: "pair" }, link(p.left), link(p.right))), track(Math.abs(p.value), p.noise),
        h("td", { class: "right" }, num(p.value)), h("td", { class: "right hide-s" }, count(p.n)), h("td", { class: "right hide-s" }, chance(p.q)))))))) : h("p", null, "No two columns can be compared."));
}
const track = (value, noise) => h("td", { class: "track" }, h("div", null, styled(h("i"), { width: `${100 * Math.min(1, value || 0)}%` }),
  noise !== null && noise !== undefined && styled(h("u"), { left: `${100 * Math.min(0.995, noise)}%` })));
const brief = (text, most) => [...text].length > most ? [...text].slice(0, most - 1).join("") + "…" : text;
function heat(r) {
  const n = r.columns.length, cell = n > 14 ? 20 : 26, left = 132, top = 96;
  const read = h("p", { class: "read" }, "Point at a cell to read it. Blue: they rise together; orange: one falls.");
  const svg = s("svg", { class: "draw", viewBox: `0 0 ${left + n * cell + 50} ${top + n * cell + 2}`, width: left + n * cell + 50, role: "img", "aria-label": "Strength of the relation between columns; the table beside it names the strongest" });
  svg.style.maxWidth = "100%";
  svg.style.height = "auto";
  r.columns.forEach((place, i) => {
    svg.append(s("text", { x: left - 6, y: top + i * cell + cell * 0.68, "text-anchor": "end", class: "axis" }, brief(name(place), 20)));
    svg.append(s("text", { transform: `translate(${left + i * cell + cell * 0.65} ${top - 6}) rotate(-50)`, class: "axis" }, brief(name(place), 16)));
    r.columns.forEach((other, j) => {
      const value = i === j ? 1 : r.grid[i][j];
      const box = s("rect", { x: left + j * cell, y: top + i * cell, width: cell - 1, height: cell - 1, rx: 2 });
      box.style.fill = i === j ? "var(--line)" : value === null ? "var(--soft)" : `color-mix(in oklab, ${value < 0 ? "var(--other)" : "var(--accent)"} ${Math.round(100 * Math.min(1, Math.abs(value)))}%, var(--soft))`;
      if (i !== j) box.addEventListener("pointerenter", () => { read.textContent = `${name(place)} with ${name(other)}: ${value === null ? "not among the strongest pairs" : num(value)}`; });
      svg.append(box);
    });
  });
  return h("div", null, svg, read);
}

// ---- target ---------------------------------------------------------------------------------------------------------------
function overBins(one) {
  const W = 300, H = 96, n = one.labels.length, step = W / n, several = one.value[0] && one.value[0].length > 1;
  const flat = [...one.low.flat(), ...one.high.flat(), ...one.value.flat()].filter((x) => x !== null);
  const isClass = PARTS.target.kind === "class";
  const low = isClass ? 0 : Math.min(...flat), high = several ? 1 : Math.max(...flat), span = high - low || 1;
  const y = (x) => H - (x - low) / span * H;
  const read = h("p", { class: "read" }, `${brief(one.labels[0], 22)} … ${brief(one.labels[n - 1], 22)}`);
  const svg = s("svg", { class: "draw", viewBox: `0 0 ${W} ${H + 4}`, width: "100%", role: "img", "aria-label": `Target over the bins of ${name(one.column)}` });
  one.labels.forEach((label, b) => {
    let under = 0;
    one.value[b].forEach((value, k) => {
      if (value === null) return;
      const x = b * step, fill = `var(--c${k % 6})`, wide = Math.max(1, step - 2);
      const box = isClass ? s("rect", { x: x + 1, y: y(low + under + (value - low)), width: wide, height: Math.max(0, y(under) - y(under + value)) }) : s("circle", { cx: x + step / 2, cy: y(value), r: 4 });
      if (several) under += value;
      box.style.fill = fill;
      svg.append(box);
      if (!several && one.low[b][k] !== null) svg.append(s("line", { x1: x + step / 2, x2: x + step / 2, y1: y(one.low[b][k]), y2: y(one.high[b][k]), class: "whisker" }));
    });
    const hit = s("rect", { x: b * step, y: 0, width: step, height: H, fill: "transparent" });
    hit.addEventListener("pointerenter", () => { read.textContent = `${label}: ${one.value[b].map((v, k) => (several ? PARTS.target.classes[k] + " " : "") + (isClass ? pct(v, 1) : num(v))).join(", ")} of ${many(one.rows[b], "row")}`; });
    svg.append(hit);
  });
  return [svg, read];
}
function target() {
  const t = PARTS.target, m = t.model;
  const unsaid = (CHECKS.find((c) => c.analysis === "target") || {}).unchecked;
  if (unsaid) return section("target", "Target", null, h("p", null, unsaid));
  const what = t.kind === "class" ? (t.classes.length > 1 ? "share of each class" : `rate of “${t.classes[0] ?? ""}”`) : "mean";
  return section("target", "Target", `How each column relates to “${name(t.column)}”, over ${many(t.used, "row")}. Bars: ${what}; whiskers: 95% intervals.`,
    m && h("p", null, "A quick model saves ", h("b", null, pct(Math.max(0, m.skill), 1)), ` of the loss of guessing (95% interval ${pct(Math.max(0, m.skill_low), 1)} to ${pct(Math.max(0, m.skill_high), 1)}); ${m.measure} `,
      h("b", null, num(m.value)), `, against ${num(m.trivial)} for the trivial model.`),
    t.classes.length > 1 && h("p", { class: "legend" }, t.classes.map((one, k) => h("span", null, styled(h("i"), { background: `var(--c${k % 6})` }), bdi(one)))),
    h("div", { class: "cards" }, t.drawn.map((one) => { const of = t.related.find((x) => x.column === one.column) || {};
      return h("div", { class: "card" }, h("h3", null, bdi(name(one.column))), h("p", { class: "facts" }, h("span", null, "effect ", h("b", null, num(of.effect))), h("span", null, "noise floor ", h("b", null, num(of.noise)))), overBins(one)); })),
    t.related.length > 0 && h("details", { class: "more" }, h("summary", null, "All effects as a table"), h("div", { class: "scroll" }, grid(["Column", "Effect", "Noise floor (95%)", "n", "q", "Importance"],
      t.related.map((x) => [link(x.column), num(x.effect), num(x.noise), count(x.n), chance(x.q), num(x.importance)])))));
}
function balance() {
  const b = PARTS.imbalance, told = b.summary;
  const unsaid = (CHECKS.find((c) => c.analysis === "imbalance") || {}).unchecked;
  if (unsaid) return section("balance", "Class balance", null, h("p", null, unsaid));
  if (!b.classes.length) return section("balance", "Class balance", `“${name(b.column)}” holds numbers: ${many(told.rare_rows, "row")} lie in rare regions.`,
    h("details", { class: "more" }, h("summary", null, "Its bins as a table"), grid(["From", "To", "Rows"], b.bins.map((one) => [num(one.low), num(one.high), count(one.rows)]))));
  const both = Object.keys(D.parts || {}).length > 1;
  return section("balance", "Class balance", `${count(told.classes)} classes in ${many(told.rows, "row")}${both ? " of train" : ""}; the largest has ${num(told.ratio)} rows per row of the rarest. Always predicting the largest is right in ${pct(told.baseline_accuracy, 1)}.`,
    h("div", { class: "scroll" }, grid(["Class", ...(both ? ["Train", "Serve"] : ["Rows"]), "Share", "95% interval", "Fewest in a fold", "An AUROC of 0.8 is known to"],
      b.classes.map((one) => [bdi(one.class), count(one.train), ...(both ? [count(one.serve)] : []), pct(one.share, 1), `${pct(one.low, 1)} to ${pct(one.high, 1)}`, count(one.fold_min), one.auroc_half_width === null ? "" : `± ${score(one.auroc_half_width)}`]))),
    b.more > 0 && h("p", { class: "small quiet" }, `${count(b.more)} classes between the largest and the rarest are not listed.`),
    b.mixes.map((mix) => h("details", { class: "more" }, h("summary", null, "Classes by ", mix.column === undefined ? "part" : bdi(`“${name(mix.column)}”`)),
      h("div", { class: "scroll" }, grid(["", "Rows", ...b.classes.map((one) => one.class)], mix.levels.map((level, place) => [bdi(level), count(mix.rows[place]), ...mix.counts[place].map((n) => `${count(n)} (${pct(n, mix.rows[place])})`)]))))));
}
const grid = (heads, lines) => h("table", null, h("thead", null, h("tr", null, heads.map((one, i) => h("th", { scope: "col", class: i ? "right" : null }, one)))),
  h("tbody", null, lines.map((cells) => h("tr", null, cells.map((cell, i) => h("td", { class: i ? "right" : null }, cell))))));

// ---- missing, leakage, rows -----------------------------------------------------------------------------------------------
function missing() {
  const m = PARTS.missingness, all = m.rows;
  if (!m.gaps.length) return section("missing", "Missing values", null, h("p", null, m.summary.empty_columns ? "No value is missing but those of empty columns." : "No value is missing."));
  const mark = (one) => h("span", { class: "strip", role: "img", "aria-label": "Where it is missing, along the source" }, [...(one.strip || "")].map((digit) => styled(h("i"), { opacity: String(digit / 9) })));
  return section("missing", "Missing values", `${count(m.summary.complete_rows)} of ${many(all, "row")} have none. ${many(m.summary.patterns, "pattern")} of columns missing together.`,
    h("div", { class: "two gaps" },
      h("div", { class: "scroll" }, h("table", null, h("caption", null, "Columns, most first. The strip runs along the source: darker where more is missing."),
        h("thead", null, h("tr", null, ["Column", "Missing", "Where", "Predictable from others (AUC)", "Noise floor (95%)"].map((one, i) => h("th", { scope: "col", class: i === 1 || i > 2 ? "right" : null }, one)))),
        h("tbody", null, m.gaps.slice(0, 30).map((one) => h("tr", null, h("td", null, link(one.column)), h("td", { class: "right" }, pct(one.missing, all)), h("td", null, mark(one)), h("td", { class: "right" }, score(one.auc)), h("td", { class: "right" }, score(one.noise))))))),
      h("div", null, h("h4", null, "Most frequent patterns"), h("ul", { class: "values" }, m.patterns.map((p) => h("li", null, styled(h("i"), { width: `${100 * p.rows / all}%` }),
        bdi(p.width ? p.columns.map(name).map((one) => brief(one, 24)).join(", ") + (p.width > p.columns.length ? ` and ${p.width - p.columns.length} more` : "") : "complete"), h("span", { class: "quiet" }, `${count(p.rows)} · ${pct(p.rows, all)}`)))))));
}
function leakage() {
  const l = PARTS.leakage, what = l.kind === "class" ? "AUC" : "share of variance";
  const unsaid = (CHECKS.find((c) => c.analysis === "leakage") || {}).unchecked;
  return section("leakage", "Leakage", l.kind ? `How well each column predicts the target on its own (single-feature ${what}), held-out, judged on ${many(l.judged, "row")}. A leak is suspected from ${num(l.limits[0])}.` : "Only what train and serve share was checked.",
    h("p", null, l.summary.critical || l.summary.warnings ? `${count(l.summary.critical)} critical, ${many(l.summary.warnings, "warning")}; they stand above among what needs attention.` : unsaid || h("span", { class: "word fine" }, icon("fine"), "No leak found")),
    l.single.length > 0 && h("div", { class: "scroll" }, h("table", { class: "bars" }, h("thead", null, h("tr", null, h("th", { scope: "col" }, "Column"), h("th", { scope: "col" }, "On its own"), h("th", { class: "right", scope: "col" }, what), h("th", { class: "right", scope: "col" }, "Noise floor (95%)"))),
      h("tbody", null, l.single.slice(0, 12).map((one) => h("tr", null, h("td", null, link(one.column)), track(one.score, one.noise), h("td", { class: "right" }, score(one.score)), h("td", { class: "right" }, score(one.noise))))))));
}
const BOTH = { auc: "AUC, serve against train", coverage_serve: "of serve covered by train", coverage_train: "of train covered by serve", unsupported_share: "of serve rows unsupported" };
const METRICS = { w1_iqr: "Wasserstein / IQR", tv: "total variation", risk_difference: "difference of shares", l_infinity: "largest difference", missing: "missing share", schema: "in one part, or of another type" };
function trainAndServe() {
  const o = PARTS.overlap || {}, moved = (PARTS.shift || {}).moved, map = (PARTS.projection || {}).summary, regions = (PARTS.segments || {}).regions || [];
  const differ = (moved || []).filter((one) => one.status !== "none");
  const shown = (m) => m.measure === "auc" ? score(m.value) : pct(m.value, 1);
  const base = (m) => m.measure === "auc" ? score(m.baseline) : pct(m.baseline, 1);
  const where = (one) => one.rule ? bdi(one.rule) : one.columns.map(name).map((each) => brief(each, 24)).join(", ");
  return section("overlap", "Train and serve", "Whether serving rows look like training rows. Beside each number stands the same between two halves of train.",
    o.verdict && h("p", { dir: "auto" }, h("b", null, o.verdict)),
    o.measures && h("div", { class: "tiles" }, o.measures.filter((m) => BOTH[m.measure]).map((m) => tile(shown(m), `${BOTH[m.measure]} (train–train ${base(m)})`))),
    moved && (differ.length ? h("div", { class: "scroll" }, h("h4", null, "Columns, most shifted first"), grid(["Column", "Status", "Effect", "Noise floor (95%)", "Measure", "PSI", "n"],
      differ.map((one) => [link(one.column), one.by ? `${one.status}: ${one.by}` : one.status, num(one.effect), num(one.effect_noise), `${METRICS[one.metric] || one.metric}${one.value === null ? "" : " " + num(one.value)}`, num(one.psi), count(one.n)]))) : h("p", null, "No single column shifted.")),
    (o.relations || []).length > 0 && h("div", { class: "scroll" }, h("h4", null, "Relations that changed (Spearman's correlation)"), grid(["Columns", "Train", "Serve", "Cohen's q", "Noise floor (99%)", "n"],
      o.relations.map((one) => [h("div", { class: "pair" }, link(one.left), link(one.right)), num(one.train), num(one.serve), num(one.q), num(one.noise), count(one.rows[0] + one.rows[1])]))),
    regions.length > 0 && h("div", { class: "scroll" }, h("h4", null, "Where the mix differs, of rows held out"), grid(["Region", "Of serve", "Of train", "Times", "95% interval", "n"],
      regions.map((one) => [where(one), pct(one.shares[1], 1), pct(one.shares[0], 1), one.none || num(one.ratio), one.high === null ? `${num(one.low)} or more` : `${num(one.low)} to ${num(one.high)}`, count(one.n)]))),
    map && map.method !== "pca" && h("p", { class: "small quiet" }, `The map (${map.method === "tsne" ? "t-SNE" : "UMAP"}) keeps ${pct(map.neighbours_kept || 0, 1)} of neighbours; PCA keeps ${pct(map.neighbours_kept_by_pca || 0, 1)}.`));
}
const CALLED = { auroc: "AUROC", mcc: "MCC", f_beta: "F-beta", g_mean: "G-mean", brier: "Brier score" };
const spoken = (key) => { if (CALLED[key]) return CALLED[key]; const text = key.replaceAll("_", " "); return text[0].toUpperCase() + text.slice(1); };
// what is drawn above; the part of any other analysis is its summary and its table
const DRAWN = new Set(["association", "target", "missingness", "leakage", "overlap", "shift", "segments", "projection", "imbalance"]);
function oddRows() {
  const parts = Object.entries(PARTS).filter(([what]) => !DRAWN.has(what));
  const titles = Object.fromEntries(CHECKS.map((c) => [c.analysis, c.title]));
  return parts.length > 0 && section("rows", "Rows and more", "Counts only: no row of the data is in this report.", h("div", { class: "cards" }, parts.map(([what, part]) => h("div", { class: "card" }, h("h3", null, titles[what] || spoken(what)),
    pairsOf(null, Object.entries(part.summary || {}).map(([key, x]) => [spoken(key), key.endsWith("share") ? pct(x, 1) : num(x)]))))),
    parts.map(([what, part]) => part.table && part.table.lines.length > 0 && h("details", { class: "more" }, h("summary", null, `${titles[what] || spoken(what)}: the table`),
      h("div", { class: "scroll" }, grid(part.table.heads.map(spoken), part.table.lines.map((cells) => cells.map((cell) => typeof cell === "number" ? num(cell) : bdi(cell ?? ""))))))));
}

// ---- one analysis, and how it was made ------------------------------------------------------------------------------------
function single() {
  const facts = Object.entries(R.summary || {}), t = R.table;
  return section("result", "Result", null, facts.length > 0 && h("div", { class: "tiles" }, facts.map(([key, x]) => tile(num(x), spoken(key)))),
    (R.notes || []).map((note) => h("p", { class: "small quiet", dir: "auto" }, note)), t.rows.length > 0 && h("div", { class: "scroll" }, h("table", null, h("thead", null, h("tr", null, t.columns.map((one) => h("th", { scope: "col" }, one)))),
      h("tbody", null, t.rows.map((cells) => h("tr", null, cells.map((cell) => h("td", null, bdi(cell === null ? "" : num(cell))))))))), left(t),
    Object.entries(R.tables || {}).map(([title, one]) => h("details", { class: "more" }, h("summary", null, spoken(title)),
      h("div", { class: "scroll" }, grid(one.columns.map(spoken), one.rows.map((cells) => cells.map((cell) => bdi(cell === null ? "" : num(cell)))))), left(one))));
}
const left = (t) => t.left > 0 && h("p", { class: "quiet small" }, `${count(t.left)} more rows are in the JSON.`);
function making() {
  const state = (c) => c.state === "ok" && c.applies === false ? h("span", { class: "word info" }, icon("info"), "does not apply") : c.state === "ok" ? h("span", { class: "word fine" }, icon("fine"), "done") : h("span", { class: "word " + (c.state === "failed" ? "critical" : "info") }, icon(c.state === "failed" ? "critical" : "info"), c.state);
  const set = Object.fromEntries(CHECKS.map((c) => [c.analysis, c.settings])), d = D;
  return section("made", "How it was made", "What ran, what was sampled or skipped, and every setting.",
    h("div", { class: "scroll" }, h("table", null, h("thead", null, h("tr", null, ["Check", "State", "What to know"].map((one) => h("th", { scope: "col" }, one)))),
      h("tbody", null, CHECKS.map((c) => h("tr", null, h("td", null, h("b", null, c.title), h("br"), h("span", { class: "quiet small" }, c.question)), h("td", null, state(c)), h("td", { dir: "auto" }, [c.reason, c.unchecked, ...c.notes].filter(Boolean).join(" ") || "All rows, nothing left out.")))))),
    h("details", { class: "more" }, h("summary", null, "Settings and reading options"), h("pre", null, JSON.stringify({ read_as: d.format, options: d.options, settings: set }, null, 1))));
}
function bar(named) {
  const button = h("button", { type: "button", class: "theme", "aria-label": "Switch between light and dark", title: "Light or dark", onclick: () => {
    const dark = getComputedStyle(document.documentElement).colorScheme === "dark" || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  } }, icon("theme"));
  const dot = (x, y, r, fill) => s("circle", { cx: x, cy: y, r, fill });
  const mark = s("svg", { viewBox: "0 0 32 32", "aria-hidden": "true" }, [[5, 20], [13, 24], [21, 20], [13, 15]].map(([x, y]) => dot(x, y, 3.2, "#2f8fc7")), dot(22, 7, 2.4, "#e08a1e"), dot(28, 12, 2, "#e08a1e"));
  return h("header", { class: "bar" }, h("div", null, h("span", { class: "brand" }, mark, h("span", null, "Winnow")), h("nav", { "aria-label": "Parts of the report" }, named.map(([id, title]) => h("a", { href: "#" + id }, title))), button));
}

const audit = R.analysis === "audit";
const content = [attention(), (R.steps || R.resolved) && decided(), !audit && single(), columns.length > 0 && strip(), PARTS.association && relations(), PARTS.target && target(), PARTS.imbalance && balance(), PARTS.missingness && missing(), PARTS.leakage && leakage(), (PARTS.overlap || PARTS.shift || PARTS.segments) && trainAndServe(), oddRows(), making()];
root.replaceChildren(bar(sections), h("main", null, hero(), content,
  h("footer", null, `Winnow ${R.version}, report schema ${R.schema}. Aggregates${R.private ? "" : ", commonest values and extremes"} only; made in ${num(R.seconds)} s. This file needs no network and asks for none.`)));
addEventListener("beforeprint", () => { document.querySelectorAll("details.finding").forEach((one) => { one.open = true; }); });
addEventListener("keydown", (event) => {
  const box = document.getElementById("search");
  if (event.key === "/" && box && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); box.focus(); }
});
})();
