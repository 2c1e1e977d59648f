// The page of the mock. It requests no operation of the contract by itself: opening it changes nothing.
import { admin } from "./api.js";
import { captchaPanel } from "./captcha.js";
import { bindCheck } from "./check.js";
import { $, el } from "./dom.js";
import { bindEditor } from "./editor.js";
import { behaviourForm } from "./form.js";
import { journal } from "./journal.js";
import { bindKeys } from "./keys.js";
import { listen } from "./live.js";
import { sendPanel } from "./send.js";
import { bindSettings } from "./settings.js";
import { problemOf, word } from "./words.js";

const ANNOUNCED = 2500;
let client = "";
let state = ["connecting"];
// The reason why the contract on disk is not served.
let contractProblem = "";

function report(error) {
  const text = error ? problemOf(error) : contractProblem;
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

function announce(error) {
  if (error instanceof Error) return report(error);
  $("announcement").textContent = word("copied");
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => ($("announcement").textContent = ""), ANNOUNCED);
}

function showState(name, reason) {
  state = [name, reason];
  $("live").className = `live ${name}`;
  $("live").textContent = word(`live_${name}`);
  $("live").title = reason ? problemOf(reason) : "";
}

function showHealth({ problem }) {
  const isShown = $("problem").textContent === contractProblem;
  contractProblem = problem;
  // The error of a preset, for one, stays.
  if (isShown) report(null);
}

function fillKeys(scenarios) {
  const rows = scenarios.slice(0, 10).map(({ name }, number) =>
    el("div", {}, el("dt", {}, el("kbd", {}, String(number))), el("dd", {}, `${word("scenario")} ${name}`)));
  $("scenario-keys").replaceChildren(...rows);
}

// Not by the hash, which keeps the client.
function bindLinksToJournal() {
  for (const each of document.querySelectorAll('a[href="#journal"]')) {
    each.addEventListener("click", (event) => {
      event.preventDefault();
      $("journal").scrollIntoView();
      $("journal").focus();
    });
  }
}

async function start() {
  bindSettings();
  bindEditor();
  bindCheck();
  bindLinksToJournal();
  const offered = await admin("options");
  const log = journal({ report, announce });
  const captcha = captchaPanel({ isSent: log.isSent, report, announce });
  const form = behaviourForm(offered, {
    report,
    announce,
    onClient(name) {
      client = name;
      captcha.setClient(name);
    },
  });
  $("captcha").hidden = !offered.operations.some((each) => each.picture);
  sendPanel(offered.operations, {
    client: () => client,
    onOperation(operation, { faults, request }) {
      form.setOperation(operation, faults);
      log.setExample(request);
    },
    report,
  });
  bindKeys(offered.scenarios, form);
  fillKeys(offered.scenarios);
  document.addEventListener("languagechange", () => {
    fillKeys(offered.scenarios);
    showState(...state);
  });
  await form.applyPreset();
  form.reload();
  listen({
    onState: showState,
    onJournal(found) {
      log.replace(found);
      captcha.load();
    },
    async onOpen() {
      form.reload();
      captcha.load();
      showHealth(await admin("health"));
    },
    onRequest(entry) {
      log.add(entry);
      // It may carry a captcha, or the answer to one.
      if (entry.source !== "page") captcha.load();
    },
    onBehaviour: form.update,
    onCaptcha: captcha.load,
    onCleared(event) {
      log.removeThrough(event);
      captcha.load();
    },
  });
}

start().catch(report);
