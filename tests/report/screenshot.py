#!/usr/bin/env python3
"""Renders the sample report in headless Chromium, light and dark, from phone to desktop, and checks what only a browser
can tell: it is drawn, nothing overflows sideways, nothing complains, text has contrast, scripts do what they should.

usage: screenshot.py MAKE_SAMPLE [FOLDER]     (MAKE_SAMPLE: the built program; FOLDER: where to keep the pictures)
Exit status 77 (skipped) with the reason where no Chromium is installed."""
import collections
import os
import subprocess
import sys
import tempfile

import chromium

# Text whose contrast with what lies behind it is below WCAG's 4.5 (large text: 3); the nearest opaque background counts.
CONTRAST = """(() => {
const rgb = s => (s.match(/[\\d.]+/g) || []).map(Number);
const light = c => { const f = c.slice(0, 3).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
const found = [];
for (const e of document.querySelectorAll('body *')) {
  const svg = e.tagName === 'text';
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || e.closest('script,style,.tip,.skip')) continue;
  const style = getComputedStyle(e), front = rgb(svg ? style.fill : style.color);
  let behind = e, back = [0, 0, 0, 0];
  while (behind && !(back.length === 3 || back[3] === 1)) { back = rgb(getComputedStyle(behind).backgroundColor); behind = behind.parentElement; }
  const a = light(front), b = light(back), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  if (ratio < (parseFloat(style.fontSize) >= 20 ? 3 : 4.5)) found.push(ratio.toFixed(2) + ' ' + e.textContent.slice(0, 40));
}
return found.slice(0, 5); })()"""

# Texts of a chart that leave its drawing, or lie on each other.
TEXT_COLLISIONS = """(() => {
const found = [];
for (const svg of document.querySelectorAll('svg.ch')) {
  const frame = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll('text')].filter(t => t.textContent);
  const boxes = texts.map(t => t.getBoundingClientRect());
  boxes.forEach((a, i) => {
    if (a.left < frame.left - 2 || a.right > frame.right + 2 || a.top < frame.top - 2 || a.bottom > frame.bottom + 2)
      found.push('outside: ' + texts[i].textContent);
    for (let j = 0; j < i; ++j) { const b = boxes[j];
      const w = Math.min(a.right, b.right) - Math.max(a.left, b.left), h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (w > 3 && h > 5) found.push(texts[i].textContent + ' on ' + texts[j].textContent); }
  });
}
return found.slice(0, 8); })()"""

SORT = """(() => {
const table = [...document.querySelectorAll('table')].pop(), at = [...table.rows[0].cells].findIndex(c => c.className === 'n');
const column = () => [...table.tBodies[0].rows].map(r => parseFloat(r.cells[at].textContent.replace(/,/g, '')));
const button = table.rows[0].cells[at].querySelector('button');
button.click(); const down = column(); button.click(); const up = column();
return down.every((v, i) => !i || down[i - 1] >= v) && up.every((v, i) => !i || up[i - 1] <= v) && up.length > 2; })()"""

TOOLTIP = """(() => {
const mark = document.querySelector('[data-tip]'); mark.scrollIntoView(); const box = mark.getBoundingClientRect();
mark.dispatchEvent(new PointerEvent('pointermove', {bubbles: true, clientX: box.left + 1, clientY: box.top + 1}));
const tip = document.querySelector('.tip'); return !tip.hidden && tip.textContent === mark.getAttribute('data-tip') && tip.textContent !== ''; })()"""


def check_picture(png, dark, say):
    width, height, rows, size = chromium.pixels(png)
    colours = collections.Counter()
    for row in rows[::7]:
        for x in range(0, width * size, 5 * size):
            colours[bytes(row[x:x + 3])] += 1
    total, (background, most) = sum(colours.values()), colours.most_common(1)[0]
    if most > 0.985 * total or len(colours) < 20:
        say("the picture is nearly blank (%d colours)" % len(colours))
    if (sum(background) < 3 * 128) != dark:
        say("the page is %s" % ("light, not dark" if dark else "dark, not light"))


def check_page(browser, url, width, dark, say):
    for complaint in browser.open(url, width, 900, dark):
        say(complaint)
    if browser.evaluate("document.documentElement.scrollWidth") > width:
        wide = browser.evaluate("[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > "
                                "innerWidth + 1 && !e.closest('.scroll,nav,pre,svg')).slice(0, 3).map(e => e.outerHTML.slice(0, 80))")
        say("wider than the window: %s" % wide)
    for text in browser.evaluate(CONTRAST):
        say("too little contrast: " + text)
    for text in browser.evaluate(TEXT_COLLISIONS):
        say("chart text " + text)
    if not browser.evaluate("document.querySelector('section') !== null && document.body.innerText.length > 1000"):
        say("the page has no text")
    png = browser.screenshot()
    check_picture(png, dark, say)
    return png


def check_behaviour(browser, url, say):
    browser.open(url, 1200, 900, False)
    if browser.evaluate(SORT) is not True:
        say("clicking a header does not sort its table")
    if browser.evaluate(TOOLTIP) is not True:
        say("no tooltip over a mark")
    before = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    browser.evaluate("document.querySelector('.theme').click()")
    if browser.evaluate("getComputedStyle(document.body).backgroundColor") == before:
        say("the light and dark switch does nothing")
    # What the policy is for: even a script that found its way into the page could load or send nothing.
    browser.evaluate("var i = new Image(); i.src = 'https://example.invalid/x.png'; document.body.appendChild(i)")
    browser.call("Page.getLayoutMetrics")
    if not any("example.invalid" in c and "Content Security Policy" in c for c in browser.complaints()):
        say("the content security policy let an image load from elsewhere")


def main():
    make_sample, folder = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    path = chromium.find()
    if path is None:
        print("SKIPPED: no Chromium or Chrome is installed (Debian: apt-get install chromium)")
        return 77
    problems = []
    with tempfile.TemporaryDirectory(prefix="crisp-report-") as scratch:
        page = os.path.join(scratch, "sample.html")
        subprocess.run([make_sample, page], check=True)
        url, browser = "file://" + page, chromium.Chromium(path)
        try:
            shots = [(width, dark) for width in (360, 768, 1200) for dark in (False, True)]
            for width, dark in shots:
                name = "%d-%s" % (width, "dark" if dark else "light")
                png = check_page(browser, url, width, dark, lambda text: problems.append(name + ": " + text))
                if folder:
                    os.makedirs(folder, exist_ok=True)
                    with open(os.path.join(folder, name + ".png"), "wb") as out:
                        out.write(png)
            check_behaviour(browser, url, lambda text: problems.append("behaviour: " + text))
            browser.open(url, 1200, 900, False, scripts=False)
            check_picture(browser.screenshot(), False, lambda text: problems.append("without scripts: " + text))
        finally:
            browser.close()
    for problem in problems:
        print("FAILED " + problem)
    print("%d problems in %d pictures" % (len(problems), len(shots)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
