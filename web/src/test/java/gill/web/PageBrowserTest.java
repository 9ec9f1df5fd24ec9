package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageMode;
import gill.engine.flow.PromptPart;
import gill.engine.flow.Turn;
import java.awt.Color;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
    assertTrue(browser.find("#grid li").getText().contains("score 0.910"));
    assertTrue(browser.driver.getCurrentUrl().endsWith("#search?q=apple"));
    browser.screenshot("search-light");
    browser.view(390, 844, "dark");
    browser.screenshot("search-phone-dark");
    browser.driver.navigate().refresh();
    browser.await("#grid li");
    assertEquals("apple", browser.find("#query").getDomProperty("value"));
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
