package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/// WCAG 2.2 AA as far as programs can tell, on every view in both themes and at every size.
@Tag("browser")
@TestInstance(Lifecycle.PER_CLASS)
class AccessibilityPageTest {
  private final OpenPage page;
  private final Browser browser;
  private final Map<String, List<String>> faults = new TreeMap<>();

  AccessibilityPageTest(@TempDir Path folder, @TempDir Path profile) {
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

  private void look(String view) {
    faults.put(view, browser.accessibilityFaults());
    if (!browser.fitsItsWidth()) {
      faults.put(view + " is wider than the window", List.of());
    }
  }

  @ParameterizedTest
  @CsvSource({"1200, light", "1200, dark", "390, light", "390, dark", "320, light"})
  void views_haveNoFaultThatAxeFinds_andFitTheirWidth(int width, String colours) {
    browser.view(width, 850, colours);
    look("empty");
    page.say("a blue banana");
    page.answered();
    browser.find(".similar summary").click();
    browser.find(".leaned-on summary").click();
    look("chat");
    browser.find("figure .menu summary").click();
    look("menu");
    browser.press(Keys.ESCAPE);
    browser.find("#open-history").click();
    browser.await("#history-list .session");
    look("history");
    browser.find("#close-history").click();
    page.visit("#search?q=apple&with=text%3A-0.5%3Agreen&explain=1");
    page.found();
    look("search");
    page.visit("#decision");
    browser.find("#threshold").sendKeys(Keys.ARROW_RIGHT);
    look("decision");
    page.visit("#index");
    browser.await("#job-source");
    look("index");
    faults.entrySet().removeIf(it -> it.getValue().isEmpty() && !it.getKey().contains("wider"));
    assertEquals(Map.of(), faults);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "#search?q=apple", "#index", "#decision"})
  void everyControl_hasAName(String hash) {
    page.visit(hash);
    for (WebElement control :
        browser.all("button, input:not([hidden]), select, textarea, a, summary")) {
      if (control.isDisplayed()) {
        assertFalse(
            String.valueOf(control.getAccessibleName()).isBlank(),
            control.getDomProperty("outerHTML"));
      }
    }
  }

  @Test
  void focus_goesInTheOrderOfReading() {
    browser.press(Keys.TAB);
    page.hasFocus("attach");
    browser.find("#tab-chat").sendKeys(Keys.ARROW_RIGHT);
    page.hasFocus("tab-search");
    assertTrue(browser.find("#search").isDisplayed());
    browser.press(Keys.TAB);
    page.hasFocus("query");
    browser.find("#tab-search").sendKeys(Keys.ARROW_RIGHT);
    page.hasFocus("tab-index");
    browser.press(Keys.ARROW_RIGHT);
    page.hasFocus("tab-decision");
  }

  @Test
  void skip_leadsToTheFirstField() {
    browser.find("#skip").sendKeys(Keys.ENTER);
    page.hasFocus("prompt");
    page.tab("search");
    browser.find("#skip").sendKeys(Keys.ENTER);
    page.hasFocus("query");
  }

  @Test
  void dialogs_keepTheFocus_andGiveItBack() {
    browser.find("#open-history").sendKeys(Keys.ENTER);
    browser.await("#close-history");
    for (int i = 0; i < 12; i++) {
      browser.press(Keys.TAB);
      assertTrue(
          Boolean.TRUE.equals(
              browser.script(
                  "const it = document.activeElement;"
                      + "return it === document.body || it.closest('#history-dialog') !== null")));
    }
    browser.press(Keys.ESCAPE);
    browser.awaitGone("#history-dialog");
    page.hasFocus("open-history");
  }

  @Test
  void unfinishedPicture_isSeen_andItsDrawingStopped() {
    page.say("an unfinished one");
    WebElement picture = browser.await(".working .unfinished");
    assertEquals("the picture so far, step 2 of 3", picture.getDomAttribute("alt"));
    page.hasWidth(".unfinished", 2);
    browser.screenshot("unfinished");
    browser.find("#stop").click();
    browser.await(".fault");
    browser.awaitGone(".unfinished");
  }

  @Test
  void reducedMotion_isRespected() {
    browser.withoutMotion();
    page.say("slow");
    browser.await(".working");
    assertEquals(0L, browser.script("return document.getAnimations().length"));
    browser.find("#stop").click();
    browser.await(".fault");
  }
}
