"""How well words and marks stand out from what lies behind them, worked out in the page (WCAG 2.2, 1.4.3 and
1.4.11).
"""

from __future__ import annotations

from playwright.sync_api import Page

TEXT, MARK = 4.5, 3.0
# The colours that the browser draws, with whatever lies behind mixed in; one line per text that is too faint.
FAINT = """([limit, mark]) => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const kept = (known, of) => one => known.get(one) ?? known.set(one, of(one)).get(one);
    const colour = kept(new Map(), text => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = '#0000';
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    });
    const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const behind = kept(new Map(), element => {
        const back = colour(getComputedStyle(element).backgroundColor);
        if (back[3] === 1) return back;
        const below = element.parentElement ? behind(element.parentElement) : [255, 255, 255, 1];
        return back[3] > 0 ? over(back, below) : below;
    });
    const light = c => c.slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ratio = (a, b) => {
        const [x, y] = [light(a), light(b)];
        return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    };
    const shown = element => {
        const box = element.getBoundingClientRect(), style = getComputedStyle(element);
        return box.width > 1 && box.height > 1 && style.visibility !== 'hidden'
            && !/rect\\(0px/.test(style.clip);
    };
    const opacity = kept(new Map(), element => Number(getComputedStyle(element).opacity)
        * (element.parentElement ? opacity(element.parentElement) : 1));
    const off = ['button:disabled', '[aria-disabled="true"]', '[data-disabled="true"]', 'fieldset:disabled',
        '[data-testid="stToast"]', 'svg', 'style', 'script'].join(', ');
    const found = [], app = document.querySelector('[data-testid="stApp"]');
    const walker = document.createTreeWalker(app, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement, words = node.textContent.trim();
        if (!words || !element || element.closest(off) || !shown(element)) continue;
        const style = getComputedStyle(element), ink = [...colour(style.color)], back = behind(element);
        ink[3] *= opacity(element);
        const icon = /Material Symbols/.test(style.fontFamily);
        const size = parseFloat(style.fontSize), bold = style.fontWeight >= 700;
        const large = size >= (bold ? 18.6 : 24);
        const has = ratio(over(ink, back), back), wanted = icon || large ? mark : limit;
        const under = back.slice(0, 3).map(Math.round);
        if (has < wanted)
            found.push(`${has.toFixed(2)} < ${wanted}: ${words.slice(0, 40)} (${style.color} on ${under})`);
    }
    for (const words of document.querySelectorAll('.js-plotly-plot svg text')) {
        if (!words.textContent.trim() || !shown(words)) continue;
        if (words.closest('[class*="st-key-association-"] .textpoint')) continue;  // on squares: test_palette
        const style = getComputedStyle(words), ink = [...colour(style.fill)];
        const back = behind(words.closest('.js-plotly-plot')), text = words.textContent.slice(0, 40);
        ink[3] *= opacity(words) * Number(style.fillOpacity);
        const has = ratio(over(ink, back), back);
        if (has < limit) found.push(`${has.toFixed(2)} < ${limit}: figure: ${text} (${style.fill})`);
    }
    return [...new Set(found)];
}"""
FOCUS = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const above = element.parentElement;
    const near = [element, above, element.closest('label'), above?.parentElement].filter(Boolean);
    const channels = text => (text.match(/[\\d.]+/g) || []).slice(0, 4).map(Number);
    const light = rgb => rgb.slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const app = document.querySelector(`[data-testid="stApp"]`);
    const ground = channels(getComputedStyle(app).backgroundColor);
    const apart = text => {
        const [r, g, b, a = 1] = channels(text), mixed = [r, g, b].map((v, i) => v * a + ground[i] * (1 - a));
        const [x, y] = [light(mixed), light(ground)];
        return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    };
    const outlined = style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
        && apart(style.outlineColor) >= 3;
    const ringed = style => [...style.boxShadow.matchAll(/(rgba?\\([^)]*\\)) 0px 0px 0px ([\\d.]+)px/g)]
        .some(([, colour, width]) => parseFloat(width) >= 1 && apart(colour) >= 3);
    const bordered = style => parseFloat(style.borderTopWidth) >= 1 && apart(style.borderTopColor) >= 3;
    const seen = near.map(at => getComputedStyle(at))
        .some(style => outlined(style) || ringed(style) || bordered(style))
        && near.map(at => getComputedStyle(at))
            .some(style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
                || style.boxShadow !== 'none');
    const how = near.map(at => getComputedStyle(at))
        .map(s => [s.outline, s.boxShadow, s.borderTop].join(` / `));
    return {what: element.outerHTML.slice(0, 120) + ' :: ' + how.join(' | ').slice(0, 400), seen};
}"""


def too_faint(page: Page) -> list[str]:
    """Texts on the page under 4.5 to 1 against what lies behind them; large ones and symbols under 3 to 1."""
    found: list[str] = page.evaluate(FAINT, [TEXT, MARK])
    return found


def unfocused(page: Page, steps: int = 25, start: str = "") -> list[str]:
    """What the Tab key comes to, of the first ``steps``, without an outline or shadow that shows it, of 3 to
    1 itself or with its frame. start:
    selector of what is clicked first, so that the keys begin behind it.
    """
    hidden = []
    if start:
        page.locator(start).first.click()
    for _ in range(steps):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        if found and not found["seen"]:
            hidden.append(found["what"])
    return hidden
