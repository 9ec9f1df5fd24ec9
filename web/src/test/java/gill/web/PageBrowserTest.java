package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import gill.engine.flow.ImageMode;
import gill.engine.flow.PromptPart;
import gill.engine.flow.QueryPart;
import gill.engine.flow.Ranking;
import gill.engine.flow.SearchRequest;
import gill.engine.flow.Turn;
import gill.web.access.ApiKeys;
import gill.web.access.Scope;
import gill.web.api.Api;
import java.awt.Color;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/// The page as a person uses it.
@Tag("browser")
@TestInstance(Lifecycle.PER_CLASS)
class PageBrowserTest {
  private final Path folder;
  private final RunningServer running;
  private final Browser browser;

  PageBrowserTest(@TempDir Path folder, @TempDir Path profile) {
    this.folder = folder;
    running = new RunningServer(folder);
    browser = new Browser(profile);
  }

  @AfterAll
  void stop() {
    browser.close();
    running.close();
  }

  @BeforeEach
  void open() {
    browser.view(1200, 850, "light");
    browser.driver.get("about:blank");
    browser.driver.get(running.server.url());
    browser.await("#prompt");
  }

  private void say(String words) {
    browser.find("#prompt").sendKeys(words + Keys.ENTER);
  }

  private void answered() {
    browser.await(".again");
    browser.awaitGone(".working");
  }

  private Turn lastTurn() {
    return running.engine.turns.getLast();
  }

  @Test
  void question_isAnsweredWithTextAndAPictureAndItsReason() {
    browser.screenshot("empty-light");
    say("a red apple");
    answered();
    WebElement figure = browser.find("figure.picture");
    assertTrue(browser.find(".message.assistant p").getText().startsWith("Here is what"));
    assertEquals("Retrieved", figure.findElement(By.cssSelector(".label")).getText());
    assertEquals("Decision: corpus 83 %", figure.findElement(By.cssSelector(".why")).getText());
    assertEquals("red apple", figure.findElement(By.tagName("img")).getDomAttribute("alt"));
    assertTrue(figure.getText().contains("Noto Emoji · Google · Apache-2.0"), figure.getText());
    assertEquals(96L, browser.script("return document.querySelector('figure img').naturalWidth"));
    browser.find(".similar summary").click();
    assertEquals(3, browser.all(".strip li").size());
    browser.screenshot("retrieved-light");
    browser.view(1200, 850, "dark");
    browser.screenshot("retrieved-dark");
    browser.view(390, 844, "light");
    browser.screenshot("retrieved-phone");
    assertEquals(
        true, browser.script("return document.documentElement.scrollWidth <= window.innerWidth"));
  }

  @Test
  void drawnPicture_saysSeedAndSteps_andTheOtherBranchIsOneClickAway() {
    browser.find(".example:last-child").click();
    answered();
    WebElement figure = browser.find("figure.generated");
    assertTrue(figure.getText().contains("seed 7 · 20 steps · icons 1.0.0"), figure.getText());
    assertTrue(figure.getText().contains("corpus 12 %"), figure.getText());
    figure.findElement(By.xpath(".//button[.='From the corpus instead']")).click();
    browser.await("figure.retrieved");
    assertEquals(ImageMode.RETRIEVE, lastTurn().imageMode());
    assertTrue(browser.find("figure.retrieved").getText().contains("You asked for the corpus."));
    figure.findElement(By.xpath(".//button[.='Good']")).click();
    browser.await("figure.generated figcaption .facts:last-child");
    assertTrue(figure.getText().contains("Noted: good."));
    browser.find("#tab-decision").click();
    browser.await("#decision-plot svg circle");
    assertEquals(
        "1 kept, 1 switched, 0 wrong. Expected calibration error 38 %;"
            + " a dot on the line is right as often as was thought.",
        browser.find("#decision-status").getText());
    browser.screenshot("decision-light");
    browser.find("#tab-chat").click();
    browser.screenshot("both-light");
    assertTrue(
        String.valueOf(figure.findElement(By.linkText("Download")).getDomAttribute("href"))
            .endsWith("?download"));
  }

  @Test
  void answers_areInert() {
    say("inert please");
    answered();
    assertFalse("pwned".equals(browser.driver.getTitle()));
    assertEquals(0, browser.all("#log script, #log b, #log img[onerror]").size());
    assertTrue(browser.find(".message.assistant").getText().contains("<script>"));
    assertTrue(browser.find("figure .caption").getText().startsWith("<img src=x"));
  }

  @Test
  void secondTurn_carriesTheFirstWithItsPicture() {
    say("a red apple");
    answered();
    say("another one");
    browser.awaitGone(".working");
    browser.await(".message.assistant:last-of-type .again");
    assertEquals(2, lastTurn().history().size());
    assertEquals(Set.of(new ImageId("noto/red-apple")), lastTurn().shown());
  }

  @Test
  void pickedPicture_isShownBeforeItIsSent_andSent() throws Exception {
    Path file = folder.resolve("mine.png");
    Files.write(file, ScriptedEngine.png(Color.ORANGE, 48));
    browser.find("#files").sendKeys(file.toAbsolutePath().toString());
    browser.await(".thumb img");
    browser.find("#prompt").sendKeys("what is this?");
    browser.screenshot("attached-light");
    browser.find("#send").click();
    answered();
    assertTrue(
        lastTurn().parts().getFirst() instanceof PromptPart.ImagePart(var pixels)
            && pixels.width() == 48);
    assertEquals(1, browser.all(".message.user img").size());
  }

  @Test
  void stop_endsTheWork() throws Exception {
    say("slow");
    browser.await("#stop");
    assertTrue(running.engine.slowBegan.await(10, TimeUnit.SECONDS));
    browser.find("#stop").click();
    browser.await(".fault");
    assertEquals("Stopped.", browser.find(".fault").getText());
    assertTrue(running.engine.slowCancelled.await(10, TimeUnit.SECONDS));
  }

  @Test
  void imageMode_isPassedOn_andRefusalsAreShown() {
    browser.find("#mode option[value=generate]").click();
    say("anything");
    answered();
    assertEquals(ImageMode.GENERATE, lastTurn().imageMode());
    browser.find("#new-chat").click();
    running.engine.failure = new IllegalStateException("secret detail");
    say("broken");
    browser.await(".fault");
    assertEquals(
        "The server failed on this request; its log says why.", browser.find(".fault").getText());
  }

  @Test
  void search_listsPicturesWithTheirSource_andKeepsTheQueryInTheAddress() {
    browser.find("#tab-search").click();
    browser.find("#query").sendKeys("apple" + Keys.ENTER);
    browser.await("#grid li");
    assertEquals(5, browser.all("#grid li").size());
    assertTrue(browser.find("#grid li").getText().contains("match 95"));
    assertTrue(browser.driver.getCurrentUrl().endsWith("#search?q=apple"));
    browser.screenshot("search-light");
    browser.view(390, 844, "dark");
    browser.screenshot("search-phone-dark");
    browser.driver.navigate().refresh();
    browser.await("#grid li");
    assertEquals("apple", browser.find("#query").getDomProperty("value"));
  }

  @Test
  void chats_areKept_openedAgain_editedAndForgotten() {
    say("a red apple first");
    answered();
    say("a blue one second");
    browser.await(".message.assistant:nth-of-type(4) .again");
    String address = browser.driver.getCurrentUrl();
    browser.driver.get("about:blank");
    browser.driver.get(address);
    browser.await("figure.generated");
    assertEquals(4, browser.all("#log article").size());
    assertTrue(browser.find("#log").getText().contains("Noto Emoji · Google · Apache-2.0"));
    browser.find("button[aria-label='Edit: a blue one second']").click();
    assertEquals(2, browser.all("#log article").size());
    assertEquals("a blue one second", browser.find("#prompt").getDomProperty("value"));
    say(", or an apple");
    browser.await(".message.assistant:nth-of-type(4) .again");
    assertEquals(2, lastTurn().history().size());
    browser.find("#open-history").click();
    browser.await("#history-list .session");
    browser.screenshot("history-light");
    assertEquals("a red apple first", browser.find("#history-list li .session-title").getText());
    browser.find("button[aria-label='Forget a red apple first']").click();
    browser.driver.switchTo().alert().accept();
    browser.await("#close-history");
    browser.find("#close-history").click();
    browser.await("#welcome");
  }

  @Test
  void chipsAndFilters_areTheQuery_andStayInTheAddress() {
    browser.driver.get(
        running.server.url()
            + "#search?q=apple&with=text%3A-0.5%3Ared&in=source%3Anoto&rank=words");
    browser.await("#grid li");
    SearchRequest asked = running.engine.searches.getLast();
    assertEquals(
        List.of(new QueryPart.Words("apple", 1), new QueryPart.Words("red", -0.5)), asked.parts());
    assertEquals(new Filter.In("source", List.of("noto")), asked.filter());
    assertTrue(asked.ranking() instanceof Ranking.Words, asked.ranking().toString());
    browser.find(".chip button[aria-label='Weigh red more']").click();
    browser.find("#more-words").sendKeys("green" + Keys.ENTER);
    browser.await(".chip:nth-child(2)");
    assertEquals(2, browser.all(".chip").size());
    assertTrue(
        browser.driver.getCurrentUrl().contains("with=text%3A-0.75%3Ared"),
        browser.driver.getCurrentUrl());
    browser.find(".chip button[aria-label='Remove red']").click();
    browser.find("#grid li button[aria-label='More like this: red apple']").click();
    assertEquals("", browser.find("#query").getDomProperty("value"));
    assertEquals(1, browser.all(".chip").size());
    browser.driver.navigate().back();
    browser.await("#grid li");
    assertEquals("apple", browser.find("#query").getDomProperty("value"));
    browser.view(390, 844, "light");
    browser.screenshot("search-chips-phone");
    assertEquals(
        true, browser.script("return document.documentElement.scrollWidth <= window.innerWidth"));
  }

  @Test
  void serverWithKeys_asksForOne_andThenShowsPictures() throws Exception {
    ApiKeys keys = new ApiKeys(folder.resolve("state").resolve(Api.KEYS));
    String secret = keys.create("reader", Scope.WRITE);
    try {
      browser.driver.navigate().refresh();
      browser.await("#key-dialog[open]");
      browser.screenshot("key-light");
      browser.find("#key").sendKeys("gill_wrong" + Keys.ENTER);
      browser.await("#key-fault");
      assertEquals(
          "The key is not known (any more); ask for another one.",
          browser.find("#key-fault").getText());
      browser.find("#key").clear();
      browser.find("#key").sendKeys(secret + Keys.ENTER);
      browser.awaitGone("#key-dialog");
      say("a red apple");
      answered();
      assertEquals(96L, browser.script("return document.querySelector('figure img').naturalWidth"));
      assertEquals("", browser.script("return document.cookie"));
    } finally {
      keys.revoke("reader");
      Files.delete(folder.resolve("state").resolve(Api.KEYS));
      browser.driver.manage().deleteAllCookies();
    }
  }

  @ParameterizedTest
  @CsvSource({"1200, light", "1200, dark", "390, light", "390, dark"})
  void page_hasNoFaultThatAxeFinds(int width, String colours) {
    Map<String, List<String>> faults = new TreeMap<>();
    browser.view(width, 850, colours);
    faults.put("empty", browser.accessibilityFaults());
    say("a red apple");
    answered();
    browser.find(".similar summary").click();
    faults.put("chat", browser.accessibilityFaults());
    browser.find("#open-history").click();
    browser.await("#history-list .session");
    faults.put("history", browser.accessibilityFaults());
    browser.find("#close-history").click();
    browser.find("#tab-search").click();
    browser.find("#query").sendKeys("apple" + Keys.ENTER);
    browser.find("#more-words").sendKeys("green" + Keys.ENTER);
    browser.await("#grid li");
    faults.put("search", browser.accessibilityFaults());
    browser.find("#tab-decision").click();
    faults.put("decision", browser.accessibilityFaults());
    faults.values().removeIf(List::isEmpty);
    assertEquals(Map.of(), faults);
  }

  @Test
  void everyControl_hasAName_andTheKeyboardReachesIt() {
    for (WebElement control : browser.all("button, input:not([hidden]), select, textarea, a")) {
      if (control.isDisplayed()) {
        assertFalse(
            String.valueOf(control.getAccessibleName()).isBlank(),
            control.getDomProperty("outerHTML"));
      }
    }
    browser.driver.switchTo().activeElement().sendKeys(Keys.TAB);
    assertEquals("attach", browser.driver.switchTo().activeElement().getDomAttribute("id"));
    browser.find("#tab-chat").sendKeys(Keys.ARROW_RIGHT);
    assertEquals("tab-search", browser.driver.switchTo().activeElement().getDomAttribute("id"));
    assertTrue(browser.find("#search").isDisplayed());
  }
}
