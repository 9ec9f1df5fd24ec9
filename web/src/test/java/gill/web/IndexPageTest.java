package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.web.access.ApiKeys;
import gill.web.access.Scope;
import gill.web.api.Api;
import gill.web.jobs.Corpora;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/// Corpora, jobs and takedowns on the page.
@Tag("browser")
@TestInstance(Lifecycle.PER_CLASS)
class IndexPageTest {
  private final OpenPage page;
  private final Browser browser;

  IndexPageTest(@TempDir Path folder, @TempDir Path profile) {
    page = new OpenPage(folder, profile);
    browser = page.browser;
  }

  @AfterAll
  void stop() {
    page.close();
  }

  @BeforeEach
  void open() {
    page.open("#index");
    browser.await("#job-source");
  }

  private void start(String source) {
    browser.find("#job-source").clear();
    browser.find("#job-source").sendKeys(source);
    browser.find("#job-form .primary").click();
  }

  /// The card of the latest job of a source, once it is in a state.
  private WebElement job(String source, String state) {
    By card =
        By.xpath(
            "//li[@data-state='" + state + "'][.//h3[normalize-space(.)='Index " + source + "']]");
    browser.until(driver -> !driver.findElements(card).isEmpty());
    return browser.driver.findElement(card);
  }

  @Test
  void corpora_areListed_theLiveOneFirstAndWithPictures() {
    browser.await("#corpora .glance img");
    WebElement live = browser.find("#corpora li");
    assertTrue(live.getText().contains("icons"), live.getText());
    assertTrue(live.getText().contains("Live"), live.getText());
    assertTrue(live.getText().contains("8,766 pictures"), live.getText());
    assertTrue(browser.find("#corpora").getText().contains("<i>old</i>"));
    browser.screenshot("index-light");
    browser.view(390, 844, "dark");
    browser.screenshot("index-phone-dark");
  }

  @Test
  void job_tellsWhatFailed_andTriesThatAgain() {
    start("/srv/pictures");
    WebElement card = job("/srv/pictures", "done");
    Corpora.Order asked = page.running.corpora.orders.getLast();
    assertEquals(Path.of("/indexes/pictures"), asked.index());
    assertEquals(Corpora.Mode.NEW, asked.mode());
    assertTrue(card.getText().contains("12 pictures in the index, 2 failed"), card.getText());
    card.findElement(By.tagName("summary")).click();
    browser.await(".job tbody tr");
    assertTrue(card.getText().contains(ScriptedCorpora.EVIL), card.getText());
    assertTrue(card.getText().contains("unsupported format No reader."), card.getText());
    assertEquals(0, browser.all("[onerror]").size());
    browser.screenshot("index-failures");
    OpenPage.button(card, "Try the failed ones again").click();
    browser.until(_ -> page.running.corpora.orders.getLast().mode() == Corpora.Mode.RETRY_FAILED);
    assertEquals(Path.of("/indexes/pictures"), page.running.corpora.orders.getLast().index());
  }

  @Test
  void jobs_showProgressAndPlace_andAreCancelled() {
    start("/srv/slow");
    WebElement running = job("/srv/slow", "running");
    browser.until(
        _ -> running.getText().contains("5,231 of 18,766 · 72 pictures/s · 3 min 7 s left"));
    assertEquals("18766", running.findElement(By.tagName("progress")).getDomAttribute("max"));
    start("/srv/behind");
    WebElement waiting = job("/srv/behind", "queued");
    assertTrue(waiting.getText().contains("1st in the queue"), waiting.getText());
    browser.screenshot("index-running");
    OpenPage.button(waiting, "Cancel").click();
    job("/srv/behind", "cancelled");
    OpenPage.button(running, "Cancel").click();
    job("/srv/slow", "cancelled");
    page.shows("Index /srv/slow: cancelled.", "#index-status");
  }

  @Test
  void drawing_isSeenAsItGrows_thenWhole() throws Exception {
    HttpResponse<String> added =
        page.running.http.post(
            "/v1/jobs",
            "{\"kind\": \"generation\", \"prompt\": \"linger\", \"n\": 2, \"seed\": 4}");
    assertEquals(202, added.statusCode());
    WebElement look = browser.await(".job[data-state=running] .job-picture img");
    String told = look.getDomAttribute("alt");
    assertTrue(told != null && told.startsWith("so far, step "), told);
    browser.screenshot("index-drawing");
    OpenPage.button(browser.find(".job[data-state=running]"), "Cancel").click();
    browser.await(".job[data-state=cancelled]");
    assertFalse(browser.find(".job[data-state=cancelled] .job-picture").isDisplayed());
    page.running.http.post(
        "/v1/jobs", "{\"kind\": \"generation\", \"prompt\": \"a blue banana\", \"n\": 2}");
    browser.await(".job[data-state=done] .job-picture a img");
    WebElement card = browser.find(".job[data-state=done]:has(.job-picture a)");
    assertTrue(card.findElement(By.tagName("h3")).getText().contains("Draw “a blue banana”"));
    assertEquals(2, card.findElements(By.cssSelector(".job-picture img")).size());
  }

  @Test
  void job_thatCannotStartOrFails_saysWhy() {
    start("/etc");
    page.shows("source must be the absolute path", "#job-fault");
    page.hasFocus("job-source");
    start("/srv/missing");
    WebElement card = job("/srv/missing", "failed");
    browser.until(
        _ -> card.findElement(By.className("fault")).getText().contains("There is no picture"));
  }

  @Test
  void knownIndex_isReplacedOnlyWhenAgreed() {
    int before = page.running.corpora.orders.size();
    start("/srv/icons");
    assertTrue(browser.driver.switchTo().alert().getText().contains("There is an index “icons”"));
    browser.driver.switchTo().alert().dismiss();
    assertEquals(before, page.running.corpora.orders.size());
  }

  @Test
  void takedown_isAskedForInTheTab_andListed() {
    browser.find("#takedown-kind option[value=urls]").click();
    browser
        .find("#takedown-values")
        .sendKeys("https://example.org/a.png\nhttps://example.org/b.png");
    browser.find("#takedown-form .stop").click();
    browser.driver.switchTo().alert().accept();
    page.shows("2 pictures were taken out of the index", "#index-status");
    browser.find("#takedowns summary").click();
    page.shows("https://example.org/b.png", "#takedown-list");
  }

  @Test
  void takedown_isInAPicturesMenu_inChatAndSearch() {
    page.visit("#search?q=apple");
    page.found();
    int found = browser.all("#grid li").size();
    browser.find("button[aria-label='Take down: red apple']").click();
    browser.await("#takedown-dialog .stop").click();
    browser.until(_ -> browser.all("#grid li").size() == found - 1);
    assertEquals(
        new Corpora.TakenDown("id", "noto/red-apple"), page.running.corpora.takenDown.getLast());
    page.tab("chat");
    page.say("a red apple");
    page.answered();
    browser.find("figure .menu summary").click();
    OpenPage.button(browser.find(".menu-panel"), "Take down…").click();
    browser.await("#takedown-dialog .stop").click();
    page.shows("This picture was taken down.", "figure");
  }

  @Test
  void adminKey_isAskedFor_whereAnotherOneIsTooWeak() throws Exception {
    ApiKeys keys = new ApiKeys(page.folder.resolve("state").resolve(Api.KEYS));
    String weak = keys.create("reader", Scope.READ);
    String strong = keys.create("keeper", Scope.ADMIN);
    try {
      browser.driver.navigate().refresh();
      browser.await("#key-dialog[open]");
      browser.find("#key").sendKeys(weak + Keys.ENTER);
      browser.awaitGone("#key-dialog");
      page.visit("#index");
      page.shows("Key “reader” (read)", "#key-line");
      assertFalse(browser.find("#job-form").isDisplayed());
      browser.find("#key-line button").click();
      browser.find("#key").sendKeys(strong + Keys.ENTER);
      browser.awaitGone("#key-dialog");
      page.shows("Key “keeper” (admin)", "#key-line");
      start("/srv/with-a-key");
      job("/srv/with-a-key", "done");
    } finally {
      keys.revoke("reader");
      keys.revoke("keeper");
      Files.delete(page.folder.resolve("state").resolve(Api.KEYS));
      browser.driver.manage().deleteAllCookies();
    }
    assertEquals(List.of(), browser.all("#key-dialog[open]"));
  }
}
