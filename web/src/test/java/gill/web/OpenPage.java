package gill.web;

import gill.engine.flow.Turn;
import java.nio.file.Path;
import java.util.Objects;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/// The page of a running server in a browser.
final class OpenPage implements AutoCloseable {
  final Path folder;
  final RunningServer running;
  final Browser browser;

  OpenPage(Path folder, Path profile) {
    this.folder = folder;
    running = new RunningServer(folder);
    browser = new Browser(profile);
  }

  String url() {
    return running.server.url();
  }

  /// Opens it anew, as a reader who has never been here: `hash` is what follows the address.
  void open(String hash) {
    browser.view(1200, 850, "light");
    browser.languages("en");
    if (browser.driver.getCurrentUrl().startsWith(url())) {
      browser.script("localStorage.clear()");
    }
    visit(hash);
  }

  /// Opens it with what this browser keeps.
  void visit(String hash) {
    browser.driver.get("about:blank");
    browser.driver.get(url() + hash);
    browser.until(_ -> "complete".equals(browser.script("return document.readyState")));
  }

  void tab(String name) {
    browser.find("#tab-" + name).click();
    browser.await("#" + name);
  }

  void say(String words) {
    browser.find("#prompt").sendKeys(words + Keys.ENTER);
  }

  void answered() {
    browser.await(".again");
    browser.awaitGone(".working");
  }

  /// Waits until the search that was last begun has its pictures on the page.
  void found() {
    browser.until(_ -> browser.all("#grid[aria-busy=true]").isEmpty());
    browser.await("#grid li");
  }

  Turn lastTurn() {
    return running.engine.turns.getLast();
  }

  /// The first shown button of that name in an element.
  static WebElement button(WebElement where, String name) {
    return where.findElement(By.xpath(".//button[normalize-space(.)='" + name + "']"));
  }

  void shows(String text, String css) {
    browser.until(_ -> browser.find(css).getText().contains(text));
  }

  void hasFocus(String id) {
    browser.until(_ -> id.equals(browser.focused().getDomAttribute("id")));
  }

  /// Waits until a picture has come in, and is that wide.
  void hasWidth(String css, long pixels) {
    browser.until(_ ->
        Objects.equals(
            pixels,
            browser.script("return document.querySelector(arguments[0]).naturalWidth", css)));
  }

  @Override
  public void close() {
    browser.close();
    running.close();
  }
}
