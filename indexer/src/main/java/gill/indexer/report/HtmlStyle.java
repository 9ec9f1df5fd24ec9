package gill.indexer.report;

/// The head of a report's page, up to its first words.
final class HtmlStyle {
  static final String HEAD =
      """
      <!doctype html>
      <html lang=en>
      <meta charset=utf-8>
      <meta name=viewport content="width=device-width, initial-scale=1">
      <meta http-equiv=Content-Security-Policy content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
      <title>Indexing report</title>
      <style>
      :root { color-scheme: light dark; --line: #8884; --bar: #3b7dd8; }
      body { font: 15px/1.45 system-ui, sans-serif; margin: 0; }
      main { max-width: 1100px; margin: 0 auto; padding: 1.5rem; }
      h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; } h3 { font-size: 1rem; margin: .4rem 0; }
      .numbers { display: flex; flex-wrap: wrap; gap: .6rem; }
      .numbers div { border: 1px solid var(--line); border-radius: 8px; padding: .5rem .9rem; }
      .numbers b { display: block; font-size: 1.4rem; }
      .columns { display: grid; grid-template-columns: repeat(auto-fill, minmax(310px, 1fr)); gap: 1rem 2rem; margin-top: 1rem; }
      table { border-collapse: collapse; width: 100%; font-size: .9rem; }
      td, th { text-align: left; padding: .2rem .5rem .2rem 0; vertical-align: top; font-weight: normal; overflow-wrap: anywhere; }
      tr:first-child th { font-weight: 600; }
      .bars th, .bars tr:first-child th { width: 38%; font-weight: normal; } .bars td:last-child { width: 4rem; text-align: right; }
      i { display: block; background: var(--bar); border-radius: 2px; } .bars i { height: 1rem; margin-top: .15rem; }
      .pace { display: flex; align-items: flex-end; gap: 1px; height: 120px; border-bottom: 1px solid var(--line); } .pace i { flex: 1; }
      .pictures { display: flex; flex-wrap: wrap; gap: .7rem; }
      figure { margin: 0; width: 112px; } figure.pair { width: 232px; }
      img { width: 96px; height: 96px; object-fit: contain; background: #fff; border: 1px solid var(--line); border-radius: 6px; margin-right: 6px; }
      figcaption { font-size: .78rem; overflow-wrap: anywhere; max-height: 4.5em; overflow: hidden; }
      </style>
      <main>
      """;

  private HtmlStyle() {}
}
