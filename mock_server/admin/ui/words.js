// The words of the page, in English and Chinese.
import { $ } from "./dom.js";

const { words, titles } = JSON.parse($("words").textContent);
const LANGUAGES = Object.keys(titles);
const root = document.documentElement;
const ATTRIBUTES = { word: null, wordLabel: "aria-label", wordPlaceholder: "placeholder", wordTitle: "title" };

export const language = () => root.lang;

// The values replace {name}: word("left", { left: 3 }).
export function word(key, values = {}) {
  return words[key][root.lang].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// The Chinese text of an item where there is one, or its English text.
export const localized = (item, field) => (root.lang === "zh" && item.zh ? item.zh : (item[field] ?? ""));

export const problemOf = (error) => (error.name === "TimeoutError" ? word("timeout") : error.message);

export const listed = (texts) => texts.join(root.lang === "zh" ? "；" : "; ");

// The one place where the reasons and violations of the mock become text.
// A reason is a text, a list of reasons, or { code, values, text }; values are texts or reasons.
export function reasonText(reason) {
  if (Array.isArray(reason)) return listed(reason.map(reasonText));
  if (!reason?.code || !words[`reason.${reason.code}`]) return String(reason?.text ?? reason ?? "");
  const values = Object.fromEntries(Object.entries(reason.values).map(([name, value]) => [name, reasonText(value)]));
  return word(`reason.${reason.code}`, values);
}

export const outcomeText = (entry) => reasonText(entry.reasons?.outcome ?? entry.outcome);
export const violationTexts = (entry) => (entry.reasons?.violations ?? entry.violations).map(reasonText);

function label() {
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    const selector = `[data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}]`;
    for (const each of document.querySelectorAll(selector)) {
      if (attribute) each.setAttribute(attribute, word(each.dataset[name]));
      else each.textContent = word(each.dataset[name]);
    }
  }
  $("title").textContent = titles[root.lang];
  document.title = `${titles[root.lang]} · ${word("heading")}`;
}

// Listeners of "languagechange" of the document render what the page itself has made.
export function setLanguage(lang) {
  root.lang = LANGUAGES.includes(lang) ? lang : "en";
  label();
  document.dispatchEvent(new Event("languagechange"));
}

const TIME = { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" };

// Times of entries are RFC 3339; the page shows them in the time zone of the reader.
export const shortTime = (time) => new Date(time).toLocaleTimeString(root.lang, TIME);
export const longTime = (time) =>
  new Date(time).toLocaleString(root.lang, { dateStyle: "medium", timeStyle: "long", hourCycle: "h23" });

if (!LANGUAGES.includes(root.lang)) root.lang = "en";
label();
