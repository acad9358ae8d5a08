"""How well words and marks stand out from what lies behind them, worked out in the page (WCAG 2.2, 1.4.3 and
1.4.11).
"""

from __future__ import annotations

from playwright.sync_api import Page

TEXT, MARK = 4.5, 3.0
# The colours that the browser draws, with whatever lies behind mixed in; one line per text that is too faint.
FAINT = """([limit, mark]) => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const colour = text => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = '#0000';
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const behind = element => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) {
            const back = colour(getComputedStyle(at).backgroundColor);
            if (back[3] > 0) layers.push(back);
            if (back[3] === 1) break;
        }
        return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
    };
    const light = c => c.slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ratio = (a, b) => {
        const [x, y] = [light(a), light(b)];
        return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    };
    const shown = element => {
        const box = element.getBoundingClientRect(), style = getComputedStyle(element);
        return box.width > 1 && box.height > 1 && style.visibility !== 'hidden' && style.clip !== 'rect(0px, 0px, 0px, 0px)';
    };
    const opacity = element => {
        let all = 1;
        for (let at = element; at; at = at.parentElement) all *= Number(getComputedStyle(at).opacity);
        return all;
    };
    const off = 'button:disabled, [aria-disabled="true"], [data-disabled="true"], fieldset:disabled, [data-testid="stToast"]';
    const found = [];
    const walker = document.createTreeWalker(document.querySelector('[data-testid="stApp"]'), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement, words = node.textContent.trim();
        if (!words || !element || element.closest(off) || element.closest('svg, style, script') || !shown(element)) continue;
        const style = getComputedStyle(element), ink = colour(style.color), back = behind(element);
        ink[3] *= opacity(element);
        const icon = /Material Symbols/.test(style.fontFamily);
        const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && Number(style.fontWeight) >= 700);
        const has = ratio(over(ink, back), back), wanted = icon || large ? mark : limit;
        if (has < wanted) found.push(`${has.toFixed(2)} < ${wanted}: ${words.slice(0, 40)} (${style.color} on ${back.slice(0, 3).map(Math.round)})`);
    }
    for (const words of document.querySelectorAll('.js-plotly-plot svg text')) {
        if (!words.textContent.trim() || !shown(words)) continue;
        const style = getComputedStyle(words), ink = colour(style.fill), back = behind(words.closest('.js-plotly-plot'));
        ink[3] *= opacity(words) * Number(style.fillOpacity);
        const has = ratio(over(ink, back), back);
        if (has < limit) found.push(`${has.toFixed(2)} < ${limit}: figure: ${words.textContent.slice(0, 40)} (${style.fill})`);
    }
    return [...new Set(found)];
}"""
FOCUS = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const near = [element, element.parentElement, element.closest('label'), element.parentElement?.parentElement];
    const seen = near.filter(Boolean).map(at => getComputedStyle(at))
        .some(style => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none');
    return {what: element.outerHTML.slice(0, 120), seen};
}"""


def too_faint(page: Page) -> list[str]:
    """Texts on the page under 4.5 to 1 against what lies behind them; large ones and symbols under 3 to 1."""
    found: list[str] = page.evaluate(FAINT, [TEXT, MARK])
    return found
