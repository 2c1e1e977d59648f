// The button "Check this journal": the verdicts of the suite over the recorded requests.
import { admin } from "./api.js";
import { $, el } from "./dom.js";
import { localized, problemOf, word } from "./words.js";

const CHECK_TIMEOUT = 120_000;
const VERDICTS = ["failed", "warning", "skipped", "waived", "info", "passed"];
let result = null;

const name = (verdict) => (VERDICTS.includes(verdict) ? word(`verdict_${verdict}`) : verdict);
const pill = (verdict) => el("span", { class: `verdict ${VERDICTS.includes(verdict) ? verdict : ""}` }, name(verdict));

function render() {
  $("check-panel").hidden = !result;
  if (!result) return;
  if (result.error) {
    $("check-result").replaceChildren(el("p", { class: "bad" }, result.error));
    return;
  }
  const totals = Object.entries(result.totals).filter(([, count]) => count).map(([verdict, count]) =>
    el("li", {}, pill(verdict), ` ${count}`));
  const groups = VERDICTS.map((verdict) => [verdict, result.clauses.filter((each) => each.verdict === verdict)]);
  const lists = groups.filter(([, clauses]) => clauses.length).map(([verdict, clauses]) => {
    const rows = clauses.map((each) => el(
      "li", {}, el("code", {}, each.id), " ", localized(each, "text"), each.reason && el("p", { class: "muted" }, localized({ zh: each.reason_zh, reason: each.reason }, "reason")),
    ));
    const isOpen = ["failed", "warning"].includes(verdict);
    return el("details", { open: isOpen }, el("summary", {}, pill(verdict), ` ${clauses.length}`), el("ul", { class: "clauses" }, ...rows));
  });
  const line = el("p", { class: "result-line" }, el("b", {}, `${word("verdict")} `), pill(result.verdict));
  $("check-result").replaceChildren(line, el("ul", { class: "totals" }, ...totals), ...lists);
}

async function run() {
  $("check").setAttribute("aria-busy", "true");
  try {
    result = await admin("check", { method: "POST", timeout: CHECK_TIMEOUT });
  } catch (error) {
    result = { error: error.status === 409 ? word("check_nothing") : problemOf(error) };
  }
  $("check").removeAttribute("aria-busy");
  render();
}

export function bindCheck() {
  $("check").addEventListener("click", run);
  $("check-close").addEventListener("click", () => {
    result = null;
    render();
    $("check").focus();
  });
  document.addEventListener("languagechange", render);
}
