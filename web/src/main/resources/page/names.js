// What a picture is called in the reader's language, where the corpus knows that.

const CAPTIONS = "en";

function matching(names, tag) {
  const wanted = tag.toLowerCase();
  const known = Object.keys(names);
  return known.find((it) => it.toLowerCase() === wanted) ?? known.find((it) => it.toLowerCase() === wanted.split("-")[0]);
}

// {text, lang, caption}: `lang` is undefined where the text is the caption itself.
export function nameOf({ caption, names = {} }) {
  for (const tag of navigator.languages ?? [navigator.language]) {
    if (tag.toLowerCase().split("-")[0] === CAPTIONS) {
      break;
    }
    const lang = matching(names, tag);
    if (lang) {
      return { text: names[lang], lang, caption };
    }
  }
  return { text: caption, lang: undefined, caption };
}
