// Lighthouse's scores of pages, one line each: accessibility, best practices, what fails.
// usage: node scores.mjs NODE_MODULES mobile|desktop ADDRESS...   (CHROME_PATH: the browser)
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, form, ...addresses] = process.argv.slice(2);
const from = (name) => import(pathToFileURL(join(resolve(modules), name)));
const { default: lighthouse, desktopConfig } = await from("lighthouse/core/index.js");
const { launch } = await from("chrome-launcher/dist/index.js");

// A look at a page that is left already may still be under way.
process.on("unhandledRejection", (fault) => {
  if (!String(fault).includes("Session closed")) {
    throw fault;
  }
});

const chrome = await launch({
  chromeFlags: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
});
try {
  for (const address of addresses) {
    const { lhr } = await lighthouse(
      address,
      {
        port: chrome.port,
        logLevel: "error",
        onlyCategories: ["accessibility", "best-practices"],
        throttlingMethod: "provided",
        disableFullPageScreenshot: true,
        maxWaitForLoad: 15_000,
        pauseAfterFcpMs: 250,
        pauseAfterLoadMs: 250,
        networkQuietThresholdMs: 250,
        cpuQuietThresholdMs: 250,
      },
      form === "desktop" ? desktopConfig : undefined,
    );
    const scores = ["accessibility", "best-practices"].map((name) => Math.round(100 * lhr.categories[name].score));
    const failed = Object.values(lhr.audits).filter(({ score, scoreDisplayMode }) => score !== null && score < 1 && scoreDisplayMode !== "informative");
    console.log([...scores, new URL(address).hash || "#", ...failed.map(({ id }) => id)].join(" "));
  }
} finally {
  chrome.kill();
}
