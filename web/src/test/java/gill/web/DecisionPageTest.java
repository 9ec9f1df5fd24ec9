package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.ImageMode;
import gill.engine.flow.Turn;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The decision: steered, checked against what readers say, exported.
@Tag("browser")
@TestInstance(Lifecycle.PER_CLASS)
class DecisionPageTest {
  private final OpenPage page;
  private final Browser browser;

  DecisionPageTest(@TempDir Path folder, @TempDir Path profile) {
    page = new OpenPage(folder, profile);
    browser = page.browser;
  }

  @AfterAll
  void stop() {
    page.close();
  }

  @BeforeEach
  void open() {
    page.open("#decision");
    browser.await("#threshold");
  }

  private void askInChat(String words) {
    page.tab("chat");
    page.say(words);
    page.answered();
  }

  @Test
  void threshold_holdsForTheChat_untilItIsTheModelsOwnAgain() {
    assertEquals("the model's own threshold", browser.find("#threshold-now").getText());
    browser.find("#threshold").sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
    assertEquals("60 %", browser.find("#threshold-now").getText());
    browser.find("#steer-least option[value='0.25']").click();
    askInChat("a red apple");
    assertEquals(0.6, page.lastTurn().decisionThreshold());
    assertEquals(0.25, page.lastTurn().minPMatch());
    assertEquals("corpus from 60 %, match ≥ 25 %", browser.find("#steered").getText());
    page.visit("");
    browser.await("#steered").click();
    browser.await("#usual-threshold").click();
    askInChat("a red apple");
    assertEquals(Turn.USUAL_THRESHOLD, page.lastTurn().decisionThreshold());
  }

  @Test
  void mode_isTheChatsOwn() {
    browser.find("input[name=steer-mode][value=retrieve]").click();
    assertFalse(browser.find("#threshold").isEnabled());
    page.tab("chat");
    assertEquals("retrieve", browser.find("#mode").getDomProperty("value"));
    askInChat("a blue banana");
    assertEquals(ImageMode.RETRIEVE, page.lastTurn().imageMode());
    browser.find("#mode option[value=auto]").click();
    page.tab("decision");
    assertTrue(browser.find("input[name=steer-mode][value=auto]").isSelected());
  }

  @Test
  void labels_arePlottedAgainstWhatWasThought_andExported() throws Exception {
    page.running.http.post("/v1/feedback", label("kept", "retrieved", 0.9));
    page.running.http.post("/v1/feedback", label("kept", "retrieved", 0.8));
    page.running.http.post("/v1/feedback", label("switched", "retrieved", 0.7));
    page.running.http.post("/v1/feedback", label("kept", "generated", 0.1));
    page.running.http.post("/v1/feedback", label("wrong", "generated", 0.3));
    browser.find("#reload-labels").click();
    page.shows("3 kept, 1 switched, 1 wrong.", "#decision-status");
    String plotted = String.valueOf(browser.find("#decision-plot svg").getAccessibleName());
    // Between a number and its sign stands a space that does not break.
    assertTrue(plotted.contains("where 85\u00a0% was thought, 100\u00a0% of 2"), plotted);
    browser.find("#threshold").sendKeys(Keys.END);
    page.shows("2 of the 4 pictures that readers judged", "#threshold-note");
    for (int i = 0; i < 5; i++) {
      browser.find("#threshold").sendKeys(Keys.ARROW_LEFT);
    }
    page.shows("With 75 %, 4 of the 4 pictures", "#threshold-note");
    assertEquals(1, browser.driver.findElements(By.cssSelector("#decision-plot line.cut")).size());
    browser.screenshot("decision-light");
    browser.view(390, 844, "dark");
    browser.screenshot("decision-phone-dark");
    assertTrue(browser.fitsItsWidth());
    browser.find("#save-labels").click();
    List<JsonNode> saved =
        browser.downloaded("labels.jsonl").lines().map(JsonMapper.shared()::readTree).toList();
    assertEquals(5, saved.size());
    assertEquals("switched", saved.get(2).at("/feedback/event").stringValue());
    assertEquals(0.7, saved.get(2).at("/feedback/p_retrieve").doubleValue());
  }

  private static String label(String event, String shown, double thought) {
    return """
    {"event": "%s", "prompt": "an apple", "shown": "%s", "image": "noto/red-apple", "p_retrieve": %s}
    """
        .formatted(event, shown, thought);
  }
}
