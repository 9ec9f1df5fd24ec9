package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.ImageId;
import gill.engine.flow.ImageMode;
import gill.engine.flow.PromptPart;
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
import org.openqa.selenium.WebElement;

/// The chat, and what can be done with a picture of it.
@Tag("browser")
@TestInstance(Lifecycle.PER_CLASS)
class ChatPageTest {
  private final OpenPage page;
  private final Browser browser;

  ChatPageTest(@TempDir Path folder, @TempDir Path profile) {
    page = new OpenPage(folder, profile);
    browser = page.browser;
  }

  @AfterAll
  void stop() {
    page.close();
  }

  @BeforeEach
  void open() {
    page.open("");
    browser.await("#prompt");
  }

  @Test
  void question_isAnsweredWithTextAndAPictureAndItsReason() {
    browser.screenshot("empty-light");
    page.say("a red apple");
    page.answered();
    WebElement figure = browser.find("figure.picture");
    assertTrue(browser.find(".message.assistant p").getText().startsWith("Here is what"));
    assertEquals("Retrieved", figure.findElement(By.cssSelector(".label")).getText());
    assertEquals("Decision: corpus 83 %", figure.findElement(By.cssSelector(".why")).getText());
    assertEquals("red apple", figure.findElement(By.tagName("img")).getDomAttribute("alt"));
    assertTrue(
        figure.getText().contains("Noto Emoji · Google · Apache-2.0 · corpus corpus-7"),
        figure.getText());
    page.hasWidth("figure img", 96);
    browser.find(".similar summary").click();
    assertEquals(3, browser.all(".strip li").size());
    browser.screenshot("retrieved-light");
    browser.view(1200, 850, "dark");
    browser.screenshot("retrieved-dark");
    browser.view(390, 844, "light");
    browser.screenshot("retrieved-phone");
    assertTrue(browser.fitsItsWidth());
  }

  @Test
  void drawnPicture_saysSeedAndStepsAndWhatItLeansOn() {
    page.say("a blue banana");
    page.answered();
    WebElement figure = browser.find("figure.generated");
    assertTrue(figure.getText().contains("seed 7 · 20 steps · icons 1.0.0"), figure.getText());
    assertTrue(figure.getText().contains("corpus 12 %"), figure.getText());
    figure.findElement(By.cssSelector(".leaned-on summary")).click();
    assertTrue(figure.getText().contains("Open Clip Art · CC0-1.0"), figure.getText());
    assertTrue(
        String.valueOf(figure.findElement(By.linkText("Download")).getDomAttribute("href"))
            .endsWith("?download"));
  }

  @Test
  void other_isOneClickAway_andStoredAsFeedback() {
    page.say("a blue banana");
    page.answered();
    WebElement figure = browser.find("figure.generated");
    OpenPage.button(figure, "Show the other").click();
    browser.await("figure.retrieved");
    assertEquals(ImageMode.RETRIEVE, page.lastTurn().imageMode());
    assertTrue(browser.find("figure.retrieved").getText().contains("You asked for the corpus."));
    OpenPage.button(figure, "Good").click();
    browser.await("figure.generated figcaption .actions > .facts");
    assertTrue(figure.getText().contains("Noted: good."));
    browser.screenshot("both-light");
    page.tab("decision");
    page.shows("1 kept, 1 switched, 0 wrong.", "#decision-status");
  }

  @Test
  void more_listsAllThatIsKnown_andClosesWithEscape() {
    page.say("a red apple");
    page.answered();
    WebElement more = browser.find("figure .menu summary");
    more.click();
    String known = browser.await(".menu-panel").getText();
    assertTrue(known.contains("noto/red-apple"), known);
    assertTrue(known.contains("SHA-256"), known);
    assertTrue(known.contains("decision head"), known);
    browser.screenshot("more-light");
    browser.press(org.openqa.selenium.Keys.ESCAPE);
    browser.awaitGone(".menu-panel");
    assertEquals(more, browser.focused());
  }

  @Test
  void link_isCopied_andSimilarPicturesAreASearch() {
    page.say("a red apple");
    page.answered();
    browser.script(
        "navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }");
    OpenPage.button(browser.find("figure"), "Copy link").click();
    browser.until(_ -> !"".equals(browser.script("return window.copied")));
    assertEquals(page.url() + "v1/images/noto/red-apple", browser.script("return window.copied"));
    browser.find("figure").findElement(By.linkText("Similar")).click();
    page.found();
    assertEquals(
        new gill.engine.flow.QueryPart.Stored(new ImageId("noto/red-apple"), 1),
        page.running.engine.searches.getLast().parts().getFirst());
  }

  @Test
  void secondTurn_carriesTheFirstWithItsPicture() {
    page.say("a red apple");
    page.answered();
    page.say("another one");
    browser.await(".message.assistant:nth-of-type(4) .again");
    assertEquals(2, page.lastTurn().history().size());
    assertEquals(Set.of(new ImageId("noto/red-apple")), page.lastTurn().shown());
  }

  @Test
  void answer_isHadAgain_orOnlyItsPicture() {
    page.say("a blue banana");
    page.answered();
    int turns = page.running.engine.turns.size();
    OpenPage.button(browser.find("figure"), "Draw another").click();
    browser.await("figure:nth-of-type(2)");
    assertEquals(8, page.lastTurn().generation().seed());
    assertEquals(turns + 1, page.running.engine.turns.size());
    browser.find(".again").click();
    browser.until(_ -> page.running.engine.turns.size() == turns + 2);
    page.answered();
    assertEquals(2, browser.all("#log article").size());
    assertEquals(1, browser.all("figure").size());
  }

  @Test
  void picture_isPickedDroppedOrPasted_andSent() throws Exception {
    Path file = page.folder.resolve("mine.png");
    Files.write(file, ScriptedEngine.png(Color.ORANGE, 48));
    browser.find("#files").sendKeys(file.toAbsolutePath().toString());
    browser.await(".thumb img");
    browser.bring("drop", "dropped.png", "image/png", ScriptedEngine.png(Color.CYAN, 32));
    browser.await(".thumb:nth-child(2)");
    browser.bring("paste", "pasted.png", "image/png", ScriptedEngine.png(Color.PINK, 24));
    browser.await(".thumb:nth-child(3)");
    browser.find("button[aria-label='Remove dropped.png']").click();
    browser.find("#prompt").sendKeys("what is this?");
    browser.screenshot("attached-light");
    browser.find("#send").click();
    page.answered();
    assertEquals(
        java.util.List.of(48, 24),
        page.lastTurn().parts().stream()
            .filter(PromptPart.ImagePart.class::isInstance)
            .map(part -> ((PromptPart.ImagePart) part).pixels().width())
            .toList());
    assertEquals(2, browser.all(".message.user img").size());
  }

  @Test
  void stop_endsTheWork() throws Exception {
    page.say("slow");
    browser.await("#stop");
    assertTrue(page.running.engine.slowBegan.await(10, TimeUnit.SECONDS));
    browser.find("#stop").click();
    browser.await(".fault");
    assertEquals("Stopped.", browser.find(".fault").getText());
    assertTrue(page.running.engine.slowCancelled.await(10, TimeUnit.SECONDS));
  }

  @Test
  void imageMode_isPassedOn_andRefusalsAreShown() {
    browser.find("#mode option[value=generate]").click();
    page.say("anything");
    page.answered();
    assertEquals(ImageMode.GENERATE, page.lastTurn().imageMode());
    browser.find("#new-chat").click();
    page.running.engine.failure = new IllegalStateException("secret detail");
    page.say("broken");
    browser.await(".fault");
    assertEquals(
        "The server failed on this request; its log says why.", browser.find(".fault").getText());
    assertEquals("Try again", browser.find(".again").getText());
  }

  @Test
  void names_areInTheReadersLanguage_whereTheCorpusHasThem() {
    browser.languages("pt-BR,pt,en");
    page.visit("");
    page.say("a red apple");
    page.answered();
    WebElement name = browser.find("figure .caption [lang]");
    assertEquals("maçã vermelha", name.getText());
    assertEquals("pt", name.getDomAttribute("lang"));
    assertEquals("maçã vermelha red apple", browser.find("figure .caption").getText());
    assertEquals("maçã vermelha", browser.find("figure img").getDomAttribute("alt"));
    page.visit("#search?q=apple");
    page.found();
    assertEquals("maçã vermelha red apple", browser.find("#grid .caption").getText());
    assertEquals("green apple", browser.find("#grid li:nth-child(2) .caption").getText());
    assertFalse(browser.find("#grid").getText().contains("roter Apfel"));
  }

  @Test
  void status_saysAloudWhatHappens() {
    page.say("a red apple");
    page.answered();
    page.shows("Picture from the corpus: red apple, by Google.", "#status");
    assertEquals("polite", browser.find("#status").getDomAttribute("aria-live"));
  }
}
