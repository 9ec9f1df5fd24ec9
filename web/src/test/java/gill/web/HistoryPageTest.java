package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.web.access.ApiKeys;
import gill.web.access.Scope;
import gill.web.api.Api;
import gill.web.api.Patience;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import tools.jackson.databind.json.JsonMapper;

/// Chats that are kept: gone back to, changed, branched, saved; and who may see them.
@Tag("browser")
@TestInstance(Lifecycle.PER_CLASS)
class HistoryPageTest {
  private final OpenPage page;
  private final Browser browser;

  HistoryPageTest(@TempDir Path folder, @TempDir Path profile) {
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

  private void twoTurns(String first, String second) {
    page.say(first);
    page.answered();
    page.say(second);
    browser.await(".message.assistant:nth-of-type(4) .again");
  }

  private int articles() {
    return browser.all("#log article").size();
  }

  @Test
  void chats_areKept_openedAgain_editedAndForgotten() {
    twoTurns("a red apple first", "a blue one second");
    String address = browser.driver.getCurrentUrl();
    browser.driver.get("about:blank");
    browser.driver.get(address);
    browser.await("figure.generated");
    assertEquals(4, articles());
    assertTrue(browser.find("#log").getText().contains("Noto Emoji · Google · Apache-2.0"));
    browser.find("button[aria-label='Edit: a blue one second']").click();
    assertEquals(2, articles());
    assertEquals("a blue one second", browser.find("#prompt").getDomProperty("value"));
    page.say(", or an apple");
    browser.await(".message.assistant:nth-of-type(4) .again");
    assertEquals(2, page.lastTurn().history().size());
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
  void edit_leftAsItWas_losesNothing() {
    twoTurns("an apple to keep", "a blue one to keep");
    browser.find("button[aria-label='Edit: an apple to keep']").click();
    assertEquals(0, articles());
    browser.await("#cancel-edit").click();
    browser.await("figure.generated");
    assertEquals(4, articles());
    assertEquals("", browser.find("#prompt").getDomProperty("value"));
    assertFalse(browser.find("#editing").isDisplayed());
  }

  @Test
  void branch_goesOnInAChatOfItsOwn() {
    twoTurns("an apple with branches", "a blue one to leave");
    String old = browser.driver.getCurrentUrl();
    browser.find("button[aria-label='Go on from here in a new chat: a blue one to leave']").click();
    browser.until(_ -> articles() == 2);
    assertEquals("a blue one to leave", browser.find("#prompt").getDomProperty("value"));
    page.say(" behind");
    browser.await(".message.assistant:nth-of-type(4) .again");
    browser.until(_ -> browser.driver.getCurrentUrl().contains("s="));
    assertFalse(old.equals(browser.driver.getCurrentUrl()));
    browser.driver.get("about:blank");
    browser.driver.get(old);
    browser.await("figure.generated");
    assertTrue(browser.find("#log").getText().contains("a blue one to leave"));
    assertFalse(browser.find("#log").getText().contains("behind"));
  }

  @Test
  void chat_isSavedAsJsonAndAsAPageThatNeedsNothingElse() throws Exception {
    page.say("a red apple to save");
    page.answered();
    browser.find("#open-history").click();
    browser.await("#save-chat-json").click();
    assertEquals(
        "a red apple to save",
        JsonMapper.shared()
            .readTree(browser.downloaded("chat.json"))
            .at("/messages/0/content/0/text")
            .stringValue());
    browser.find("#save-chat-html").click();
    String saved = browser.downloaded("chat.html");
    assertFalse(saved.contains("src=\"/") || saved.contains("http"), saved);
    Path file = page.folder.resolve("saved.html");
    Files.writeString(file, saved);
    browser.driver.get(file.toUri().toString());
    page.hasWidth("figure img", 96);
    assertTrue(
        browser.find("figcaption").getText().contains("Noto Emoji · Google · Apache-2.0"),
        browser.find("figcaption").getText());
    browser.screenshot("saved-chat");
  }

  @Test
  void brokenConnection_isTakenUp_whereItBroke() {
    try (BreakableLine line = new BreakableLine(page.running.server.port())) {
      browser.driver.get(line.url());
      browser.await("#prompt");
      int asked = page.running.engine.turns.size();
      page.say("an apple, but hold on");
      page.shows("what you asked for", ".message.assistant p");
      line.down();
      page.shows("The connection broke. Reading on", ".working");
      page.running.engine.mayGoOn.countDown();
      line.up();
      page.answered();
      assertEquals(asked + 1, page.running.engine.turns.size());
      assertEquals(1, browser.all("figure.retrieved").size());
      String log = browser.find("#log").getText();
      assertEquals(log.indexOf("Here is"), log.lastIndexOf("Here is"), log);
      assertTrue(log.contains("Enjoy."), log);
    }
  }

  @Test
  void answerThatTheServerLost_isAskedForAgain(@TempDir Path other) throws Exception {
    Patience hasty = new Patience(Duration.ofSeconds(30), 1024, Duration.ofMillis(1));
    try (RunningServer running = new RunningServer(other, 0, hasty);
        BreakableLine line = new BreakableLine(running.server.port())) {
      browser.driver.get(line.url());
      browser.await("#prompt");
      page.say("an apple that stumbles");
      page.shows("Thinking", ".message.assistant p");
      line.down();
      running.engine.slowCancelled.await();
      line.up();
      page.answered();
      assertEquals(1, browser.all("figure.retrieved").size());
      assertFalse(browser.find("#log").getText().contains("Thinking"));
      assertEquals(2, browser.all("#log article").size());
    }
  }

  @Test
  void serverWithKeys_asksForOne_andThenShowsPictures() throws Exception {
    ApiKeys keys = new ApiKeys(page.folder.resolve("state").resolve(Api.KEYS));
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
      page.say("a red apple");
      page.answered();
      page.hasWidth("figure img", 96);
      assertEquals("", browser.script("return document.cookie"));
    } finally {
      keys.revoke("reader");
      Files.delete(page.folder.resolve("state").resolve(Api.KEYS));
      browser.driver.manage().deleteAllCookies();
    }
  }
}
