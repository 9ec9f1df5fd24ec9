package gill.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// Whatever is said, named or uploaded stays text and pixels: nothing of it runs.
@Tag("browser")
@TestInstance(Lifecycle.PER_CLASS)
class InertPageTest {
  private static final String EVIL = "<img src=x onerror=\"document.title='pwned'\">";

  private final OpenPage page;
  private final Browser browser;

  InertPageTest(@TempDir Path folder, @TempDir Path profile) {
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

  @AfterEach
  void nothingRan() {
    assertFalse("pwned".equals(browser.driver.getTitle()));
    assertEquals(0, browser.all("body script, [onerror], [onload], [onclick]").size());
  }

  @Test
  void answersAndCaptions_areText() {
    page.say("inert please");
    page.answered();
    assertEquals(0, browser.all("#log b").size());
    assertTrue(browser.find(".message.assistant").getText().contains("<script>"));
    assertTrue(browser.find("figure .caption").getText().startsWith("<img src=x"));
    browser.find("figure .menu summary").click();
    assertTrue(browser.await(".menu-panel").getText().contains("evil/x"));
    page.tab("search");
    browser.find("#query").sendKeys("inert\n");
    page.found();
    assertTrue(browser.find("#grid").getText().contains("<img src=x"));
    assertTrue(browser.find("#facets").getText().contains("<b>x</b>"));
  }

  @Test
  void promptsAndTitles_areText() {
    page.say(EVIL);
    page.answered();
    assertEquals(EVIL, browser.find(".message.user p").getText());
    browser.find("#open-history").click();
    browser.await("#history-list .session");
    assertEquals(EVIL, browser.find("#history-list .session-title").getText());
  }

  @Test
  void fileNamesAndChips_areText() {
    browser.bring("drop", EVIL + ".png", "image/png", ScriptedEngine.png(Color.RED, 32));
    browser.await(".thumb");
    assertEquals(EVIL + ".png", browser.find(".thumb img").getDomAttribute("alt"));
    page.visit("#search?q=apple&with=text%3A1%3A%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E");
    page.found();
    assertEquals("<img src=x onerror=alert(1)>", browser.find(".chip-name").getText());
  }

  @Test
  void svg_doesNotRun() {
    String svg =
        "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40' onload=\"document.title='pwned'\">"
            + "<script>document.title='pwned'</script><rect width='40' height='40'/></svg>";
    browser.bring("drop", "evil.svg", "image/svg+xml", svg.getBytes(StandardCharsets.UTF_8));
    browser.await("#attachments > *");
    browser.bring("paste", "evil.png", "image/png", svg.getBytes(StandardCharsets.UTF_8));
    browser.await("#attachments .fault");
    assertTrue(
        browser.find("#attachments .fault").getText().contains("is not a picture"),
        browser.find("#attachments").getText());
  }

  @Test
  void policy_refusesInlineScriptsAndStyles() {
    Object policy =
        browser.script(
            "const r = new XMLHttpRequest(); r.open('GET', '/', false); r.send();"
                + "return r.getResponseHeader('Content-Security-Policy')");
    assertFalse(String.valueOf(policy).contains("unsafe"), String.valueOf(policy));
    browser.script(
        """
        const script = document.createElement("script");
        script.textContent = "document.title = 'pwned'";
        document.head.append(script);
        script.remove();
        document.body.setAttribute("style", "opacity: 0.5");
        """);
    assertEquals("1", browser.script("return getComputedStyle(document.body).opacity"));
  }
}
