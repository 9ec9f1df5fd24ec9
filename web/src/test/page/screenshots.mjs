// Takes the README's pictures of the page of a running server.
// usage: node screenshots.mjs NODE_MODULES ADDRESS FOLDER
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, address, folder] = process.argv.slice(2);
const { default: puppeteer } = await import(
  pathToFileURL(join(resolve(modules), "puppeteer-core/lib/esm/puppeteer/puppeteer-core.js"))
);
const browser = await puppeteer.launch({
  executablePath: process.env.CHROME_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en"],
});
const page = await browser.newPage();

async function open(hash, theme, width, height) {
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
  await page.goto("about:blank");
  await page.goto(address + hash);
}

const still = () => page.waitForFunction(() => [...document.images].every((it) => it.complete || it.loading === "lazy"));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function ask(words) {
  await page.type("#prompt", words);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".message.assistant:last-of-type .again", { timeout: 60_000 });
}

try {
  await open("#chat", "light", 1200, 930);
  await ask("a blue banana");
  await page.click("figure .actions button");
  await page.waitForSelector("figure:nth-of-type(2)", { timeout: 60_000 });
  await still();
  await page.evaluate(() => document.activeElement.blur());
  await pause(300);
  await page.screenshot({ path: join(folder, "chat.png") });

  await open("#search?q=sailing+boat&explain=1", "dark", 1120, 760);
  await page.waitForSelector("#grid li");
  await still();
  await pause(500);
  await page.screenshot({ path: join(folder, "search.png") });
} finally {
  await browser.close();
}
