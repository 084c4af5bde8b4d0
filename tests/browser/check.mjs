// Looks at pages that Pricebook wrote, in a real browser, and keeps screenshots of each:
//
//     npm ci --prefix tests/browser
//     node tests/browser/check.mjs CHROMIUM PAGES SCREENSHOTS
//
// PAGES is a folder of HTML files with a `checks.json`: for a page, what to choose and what must then be seen.
import assert from "node:assert/strict";
import { mkdir, readFile, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, folder, screenshots] = process.argv.slice(2);
const axe = await readFile(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const checks = JSON.parse(await readFile(join(folder, "checks.json"), "utf8"));
const names = (await readdir(folder)).filter((name) => name.endsWith(".html")).map((name) => name.slice(0, -5));
await mkdir(screenshots, { recursive: true });

const desktop = { width: 1200, height: 900 };
const phone = { width: 360, height: 740 };
const paper = { width: 720, height: 1000 };
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
let choices = 0;
for (const name of names) await look(name);
await browser.close();
console.log(`${names.length} pages looked at, ${choices} choices checked`);

async function look(name) {
  const page = await browser.newPage({ viewport: desktop, colorScheme: "light" });
  const troubles = listen(page, pathToFileURL(resolve(folder, `${name}.html`)).href);
  await page.goto(pathToFileURL(resolve(folder, `${name}.html`)).href);
  await isPlain(page, name);
  await fits(page, name, "desktop");
  await shoot(page, `${name}-light`);
  for (const { choose, at, sees } of checks[name] ?? []) {
    for (const label of choose) await page.locator("label", { hasText: new RegExp(`^${label}`) }).click();
    assert.deepEqual(await seen(page, at), sees, `${name}: ${choose} ${at}`);
    choices += 1;
  }
  await movesByKeyboard(page, name);
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(phone);
  await fits(page, name, "phone");
  await shoot(page, `${name}-phone`);
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize(paper);
  await fits(page, name, "paper");
  await shoot(page, `${name}-print`);
  assert.deepEqual(troubles, [], name);
  // The checker looks at every element; a long page is made of the same ones as the others.
  if ((await page.evaluate(() => document.querySelectorAll("*").length)) < 5000) {
    await page.emulateMedia({ media: "screen" });
    await page.setViewportSize(desktop);
    await page.evaluate(axe);
    await isAccessible(page, `${name}, light`, {});
    await page.emulateMedia({ colorScheme: "dark" });
    await isAccessible(page, `${name}, dark`, { runOnly: ["color-contrast"] });
  }
  await page.close();
}

// All that a page does besides showing itself.
function listen(page, url) {
  const troubles = [];
  page.on("console", (message) => troubles.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => troubles.push(`error: ${error}`));
  page.on("popup", (popup) => troubles.push(`popup: ${popup.url()}`));
  page.on("request", (request) => request.url() === url || troubles.push(`request: ${request.url()}`));
  page.on("dialog", (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  return troubles;
}

// Only the elements and attributes of our own templates; links lead to places that are there.
async function isPlain(page, name) {
  const found = await page.evaluate(() => {
    const all = [...document.querySelectorAll("*")];
    const known = "A ARTICLE B BDI BODY CODE DEL DETAILS DIV FIELDSET FOOTER H1 H2 H3 H4 HEAD HEADER HTML INPUT INS LABEL LEGEND LI MAIN META OL P PRE SECTION SPAN STRONG STYLE SUMMARY TABLE TBODY TD TH THEAD TITLE TR UL".split(" ");
    const attributes = all.flatMap((element) => [...element.attributes].map((attribute) => attribute.name));
    const links = [...document.querySelectorAll("[href]")].map((link) => link.getAttribute("href"));
    const ids = all.map((element) => element.id).filter((id) => id);
    return {
      foreign: all.map((element) => element.tagName).filter((tag) => !known.includes(tag)),
      acting: attributes.filter((attribute) => attribute.startsWith("on") || ["style", "src", "srcset"].includes(attribute)),
      away: links.filter((to) => !/^#p\d+$/.test(to) || !document.getElementById(to.slice(1))),
      double: ids.filter((id, at) => ids.indexOf(id) !== at),
      styled: getComputedStyle(document.body).maxWidth !== "none",
    };
  });
  assert.deepEqual(found, { foreign: [], acting: [], away: [], double: [], styled: true }, name);
}

async function fits(page, name, where) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0, `${name}: a horizontal scroll bar, ${where}`);
}

async function isAccessible(page, name, options) {
  const { violations } = await page.evaluate((given) => window.axe.run(document, given), options);
  const said = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join("\n")}`);
  assert.deepEqual(said, [], name);
}

// The whole page, or its beginning where it is long.
async function shoot(page, name) {
  const { width, height } = page.viewportSize();
  const long = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height: Math.min(long, 4000) });
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
  await page.setViewportSize({ width, height });
}

// What of the page can be seen, as a reader sees it.
function seen(page, selector) {
  return page.locator(selector).evaluateAll((all) =>
    all.filter((one) => one.checkVisibility()).map((one) => one.innerText.replace(/\s+/g, " ").trim()),
  );
}

async function movesByKeyboard(page, name) {
  const options = page.locator(".switch").first().locator("input");
  const count = await options.count();
  if (count === 0) return;
  const chosen = () => page.locator(".switch").first().locator("input:checked").getAttribute("id");
  const before = await chosen();
  await page.locator(`#${before}`).focus();
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await chosen(), before, `${name}: the keyboard moves the switch`);
  for (let at = 1; at < count; at += 1) await page.keyboard.press("ArrowRight");
  assert.equal(await chosen(), before, name);
  await page.evaluate(() => document.activeElement.blur());
}
