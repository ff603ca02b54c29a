// Takes the portal's whole way in a real browser and looks at every page with axe-core. What it needs comes
// as JSON on the standard input; what it finds wrong ends it with an error.
"use strict";

const fs = require("fs");
const path = require("path");
const assert = require("assert");

const given = JSON.parse(fs.readFileSync(0, "utf8"));
const puppeteer = require(path.join(given.modules, "puppeteer-core"));
const axe = fs.readFileSync(path.join(given.modules, "axe-core/axe.min.js"), "utf8");

const WIDTHS = [[1280, 900], [390, 844]];

async function look(page, name) {
  for (const value of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    for (const [width, height] of WIDTHS) {
      await page.setViewport({ width, height });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name} is ${wide} px too wide at ${width}`);
      // Through the debugger: the page's own policy lets no other script in.
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const { violations } = await axe.run();
        return violations.map((one) => [one.id, one.nodes.map((node) => node.failureSummary)]);
      });
      assert.deepStrictEqual(found, [], `${name}, ${value}, ${width}`);
      console.log(`looked at ${name}, ${value}, ${width}`);
    }
  }
}

async function press(page, selector) {
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}

async function way(page) {
  await page.goto(`${given.base}/rmas`);
  await look(page, "sign-in");
  // By the keyboard alone: the first field has the focus.
  await page.keyboard.type(given.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(given.password);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.strictEqual(new URL(page.url()).pathname, "/rmas");
  await look(page, "no RMAs yet");

  await page.goto(`${given.base}/cases/new`);
  await look(page, "new case");
  await page.type("#serial_number", given.serial);
  await page.type("#summary", "no power since the night");
  await page.type("#contact_name", "Ann Example");
  await press(page, "main button.main");
  assert.match(page.url(), /\/cases\/\d{4}-\d{4}-\d{6}$/);
  await look(page, "case");

  await page.type("#symptom", "no light at all");
  await press(page, "main button.main");
  assert.match(page.url(), /\/rmas\/R\d+$/);
  await page.click("input[value=shipment_update]");
  await page.type("#text", "where is it?");
  await press(page, "main button.main");
  const said = await page.$eval("main", (main) => main.innerText);
  assert.ok(said.includes("Waits for an answer"), said);
  await look(page, "RMA");

  // "/" goes to the search.
  await page.keyboard.press("/");
  await page.keyboard.type(given.serial);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.strictEqual(new URL(page.url()).pathname, "/search");
  await look(page, "search");
  await page.goto(`${given.base}/account`);
  await look(page, "account");
  await page.goto(`${given.base}/`);
  await look(page, "start");

  await press(page, ".me button");
  assert.strictEqual(page.url(), `${given.base}/`);
  await page.goto(`${given.base}/rmas`);
  assert.strictEqual(new URL(page.url()).search, "?next=%2Frmas");
}

async function main() {
  const browser = await puppeteer.launch({
    executablePath: given.chromium,
    userDataDir: given.profile,
    args: ["--no-sandbox"],
  });
  try {
    const page = await browser.newPage();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (line) => line.type() === "error" && complaints.push(line.text()));
    await way(page);
    assert.deepStrictEqual(complaints, []);
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
