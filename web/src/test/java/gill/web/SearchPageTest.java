package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gill.engine.flow.Filter;
import gill.engine.flow.ImageId;
import gill.engine.flow.QueryPart;
import gill.engine.flow.Ranking;
import gill.engine.flow.SearchRequest;
import java.awt.Color;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Searching on the page.
@Tag("browser")
@TestInstance(Lifecycle.PER_CLASS)
class SearchPageTest {
  private final OpenPage page;
  private final Browser browser;

  SearchPageTest(@TempDir Path folder, @TempDir Path profile) {
    page = new OpenPage(folder, profile);
    browser = page.browser;
  }

  @AfterAll
  void stop() {
    page.close();
  }

  @BeforeEach
  void open() {
    page.open("#search");
    browser.await("#query");
  }

  private SearchRequest lastSearch() {
    return page.running.engine.searches.getLast();
  }

  @Test
  void search_listsPicturesWithTheirSource_andKeepsTheQueryInTheAddress() {
    browser.find("#query").sendKeys("apple" + Keys.ENTER);
    page.found();
    assertEquals(5, browser.all("#grid li").size());
    assertTrue(browser.find("#grid li").getText().contains("match 95"));
    assertTrue(browser.driver.getCurrentUrl().endsWith("#search?q=apple"));
    browser.screenshot("search-light");
    browser.view(390, 844, "dark");
    browser.screenshot("search-phone-dark");
    browser.driver.navigate().refresh();
    page.found();
    assertEquals("apple", browser.find("#query").getDomProperty("value"));
  }

  @Test
  void chipsAndFilters_areTheQuery_andStayInTheAddress() {
    page.visit("#search?q=apple&with=text%3A-0.5%3Ared&in=source%3ANoto+Emoji&rank=words");
    page.found();
    SearchRequest asked = lastSearch();
    assertEquals(
        List.of(new QueryPart.Words("apple", 1), new QueryPart.Words("red", -0.5)), asked.parts());
    assertEquals(new Filter.In("source", List.of("Noto Emoji")), asked.filter());
    assertTrue(asked.ranking() instanceof Ranking.Words, asked.ranking().toString());
    assertEquals(1, browser.all("#grid li").size());
    browser.find(".chip button[aria-label='Weigh red more']").click();
    browser.find("#more-words").sendKeys("green" + Keys.ENTER);
    page.found();
    assertEquals(2, browser.all(".chip").size());
    assertTrue(
        browser.driver.getCurrentUrl().contains("with=text%3A-0.75%3Ared"),
        browser.driver.getCurrentUrl());
    browser.find(".chip button[aria-label='Remove red']").click();
    page.found();
    browser.find("#grid li button[aria-label='More like this: red apple']").click();
    assertEquals("", browser.find("#query").getDomProperty("value"));
    assertEquals(1, browser.all(".chip").size());
    page.found();
    browser.driver.navigate().back();
    browser.until(_ -> "apple".equals(browser.find("#query").getDomProperty("value")));
    page.found();
    browser.view(390, 844, "light");
    browser.screenshot("search-chips-phone");
    assertTrue(browser.fitsItsWidth());
  }

  @Test
  void droppedPicture_isSearchedFor() {
    browser.bring("drop", "mine.png", "image/png", ScriptedEngine.png(Color.RED, 40));
    page.found();
    assertTrue(lastSearch().parts().getFirst() instanceof QueryPart.Picture);
    assertEquals("mine.png", browser.find(".chip-name").getText());
  }

  @Test
  void grid_growsAsItIsScrolled_andIsSavedWhole() throws Exception {
    browser.find("#query").sendKeys("many" + Keys.ENTER);
    page.found();
    browser.until(_ -> {
      browser.script("document.getElementById('grid').lastElementChild.scrollIntoView()");
      return browser.all("#grid li").size() == 110;
    });
    page.shows("110 pictures for “many”", "#search-status");
    browser.find("#save-json").click();
    JsonNode saved = JsonMapper.shared().readTree(browser.downloaded("results.json"));
    assertEquals(110, saved.size());
    assertEquals("Apache-2.0", saved.at("/0/licence").stringValue());
    browser.find("#save-csv").click();
    List<String> rows = browser.downloaded("results.csv").lines().toList();
    assertEquals(111, rows.size());
    assertEquals(
        "\"noto/red-apple\",\"red apple\",\"red apple\",\"0.91\",\"0.95\",\"Noto Emoji\",\"Google\","
            + "\"Apache-2.0\",\""
            + page.url()
            + "v1/images/noto/red-apple\"",
        rows.get(1));
  }

  @Test
  void explain_saysWhatMadeTheScore_andFacetsNarrow() {
    page.visit("#search?q=apple&explain=1");
    browser.await("#grid .why-list");
    assertEquals(
        "looks\n0.91, 1st\nabove usual\n5.1 σ\nwords\n6.5, 2nd\nin caption\n6.5",
        browser.find("#grid .why-list").getText());
    browser.screenshot("search-explained");
    browser.find("#facets input").click();
    browser.until(_ -> browser.all("#grid li").size() == 1);
    assertEquals(new Filter.In("source", List.of("<b>x</b>")), lastSearch().filter());
    browser.find("#clear-filters").click();
    browser.until(_ -> browser.all("#grid li").size() == 5);
  }

  /// No mouse: every step is a key where the focus is.
  @Test
  void keyboardAlone_searchesWeighsMovesAndTakesMore() {
    browser.find("#tab-search").sendKeys("");
    tabTo("query");
    browser.press("apple" + Keys.ENTER);
    page.found();
    tabTo("more-words");
    browser.press("dull");
    browser.press(Keys.chord(Keys.SHIFT, Keys.ENTER));
    browser.await(".chip.against");
    assertEquals(new QueryPart.Words("dull", -0.5), lastSearch().parts().getLast());
    tabBackTo("button[aria-label='Weigh dull more']");
    browser.press(Keys.ENTER);
    browser.until(_ -> lastSearch().parts().getLast().weight() == -0.75);
    page.found();
    tabToMatching("#grid a.shown-picture");
    browser.press(Keys.ARROW_RIGHT);
    assertTrue(focusIsIn("#grid li:nth-child(2)"));
    browser.press(Keys.END);
    assertTrue(focusIsIn("#grid li:nth-child(5)"));
    browser.press(Keys.HOME);
    browser.press(Keys.TAB);
    browser.press(Keys.TAB);
    assertEquals("More like this: red apple", browser.focused().getDomAttribute("aria-label"));
    browser.press(Keys.ENTER);
    browser.until(_ ->
        lastSearch()
            .parts()
            .equals(List.of(new QueryPart.Stored(new ImageId("noto/red-apple"), 1))));
    page.hasFocus("query");
  }

  private boolean focusIsIn(String css) {
    return Boolean.TRUE.equals(
        browser.script(
            "return document.querySelector(arguments[0]).contains(document.activeElement)", css));
  }

  private void tabTo(String id) {
    tabToMatching("#" + id);
  }

  private void tabToMatching(String css) {
    walk(css, Keys.TAB);
  }

  private void tabBackTo(String css) {
    walk(css, Keys.chord(Keys.SHIFT, Keys.TAB));
  }

  private void walk(String css, CharSequence key) {
    for (int i = 0; i < 60 && !focusMatches(css); i++) {
      browser.press(key);
    }
    assertTrue(focusMatches(css), () -> "Tab does not lead to " + css);
  }

  private boolean focusMatches(String css) {
    return Boolean.TRUE.equals(
        browser.script("return document.activeElement.matches(arguments[0])", css));
  }
}
