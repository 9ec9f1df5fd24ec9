package gill.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.WebDriverWait;

/// Debian's Chromium, headless, with a profile of its own and nothing to talk to but the server
/// under test.
final class Browser implements AutoCloseable {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  final ChromeDriver driver;
  private final Path downloads;

  /// @param profile an empty folder for the browser's own files and for what it downloads
  Browser(Path profile) {
    downloads = profile.resolve("downloads");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(CHROMIUM.toFile());
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--user-data-dir=" + profile.toAbsolutePath());
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(DRIVER.toFile())
            .usingAnyFreePort()
            .build();
    driver = new ChromeDriver(service, options);
    driver.executeCdpCommand(
        "Browser.setDownloadBehavior",
        Map.of("behavior", "allow", "downloadPath", downloads.toAbsolutePath().toString()));
  }

  WebElement find(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  List<WebElement> all(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  /// Waits up to 20 s for an element that is displayed.
  WebElement await(String css) {
    until(_ -> shown(css).findFirst().isPresent());
    return shown(css).findFirst().orElseThrow();
  }

  private Stream<WebElement> shown(String css) {
    return all(css).stream().filter(WebElement::isDisplayed);
  }

  void until(Function<WebDriver, Boolean> condition) {
    new WebDriverWait(driver, Duration.ofSeconds(20))
        .ignoring(StaleElementReferenceException.class)
        .until(condition);
  }

  /// Waits up to 20 s until no such element is displayed.
  void awaitGone(String css) {
    until(_ -> shown(css).findFirst().isEmpty());
  }

  Object script(String code, Object... arguments) {
    Object result = driver.executeScript(code, arguments);
    return result == null ? "" : result;
  }

  /// The element that has the focus.
  WebElement focused() {
    return driver.switchTo().activeElement();
  }

  /// Presses keys where the focus is.
  void press(CharSequence... keys) {
    focused().sendKeys(keys);
  }

  /// Waits up to 20 s for a file that the page hands out, and takes it.
  String downloaded(String name) throws IOException {
    Path file = downloads.resolve(name);
    // The browser makes an empty file of that name first, and moves the whole one over it.
    until(_ -> file.toFile().length() > 0);
    String text = Files.readString(file);
    Files.delete(file);
    return text;
  }

  /// Lets a file fall on the page (`drop`) or pastes it (`paste`).
  void bring(String how, String name, String type, byte[] bytes) {
    script(
        """
        const bytes = Uint8Array.from(atob(arguments[3]), (it) => it.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], arguments[1], { type: arguments[2] }));
        const event = arguments[0] === "drop"
          ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
          : new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
        """,
        how,
        name,
        type,
        Base64.getEncoder().encodeToString(bytes));
  }

  /// What the reader's languages are, best first: `de-AT,de`; also of pages that are open.
  void languages(String tags) {
    driver.executeCdpCommand(
        "Emulation.setUserAgentOverride", Map.of("userAgent", "test", "acceptLanguage", tags));
  }

  boolean fitsItsWidth() {
    return Boolean.TRUE.equals(
        script("return document.documentElement.scrollWidth <= window.innerWidth"));
  }

  void view(int width, int height, String colours) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colours))));
  }

  void withoutMotion() {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
  }

  /// What axe-core finds wrong with the page as it is, by the rules of WCAG 2.2 A and AA and best
  /// practice: one line a fault.
  List<String> accessibilityFaults() {
    if (!Boolean.TRUE.equals(driver.executeScript("return typeof axe === 'object'"))) {
      driver.executeScript(axe());
    }
    Object found =
        driver.executeAsyncScript(
            "const done = arguments[arguments.length - 1];"
                + "axe.run(document, {rules: {'target-size': {enabled: true}}}).then(r => done(r.violations.flatMap(v => v.nodes.map("
                + "n => v.id + ': ' + n.html + ' ' + n.failureSummary))), e => done([String(e)]));");
    return ((List<?>) Objects.requireNonNull(found)).stream().map(String::valueOf).toList();
  }

  private static String axe() {
    try (InputStream script = Browser.class.getResourceAsStream("/axe.min.js")) {
      return new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Saves what is seen as target/screenshots/NAME.png.
  void screenshot(String name) {
    try {
      Files.createDirectories(SCREENSHOTS);
      Files.write(SCREENSHOTS.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    driver.quit();
  }
}
