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

async function start() {
  bindSettings();
  bindEditor();
  bindCheck();
  const offered = await admin("options");
  const captcha = captchaPanel(report);
  const form = behaviourForm(offered, {
    report,
    announce,
    onClient(name) {
      client = name;
      captcha.setClient(name);
    },
  });
  const log = journal({ report, announce });
  $("captcha").hidden = !offered.operations.some((each) => each.picture);
  sendPanel(offered.operations, { client: () => client, onOperation: form.setOperation, report });
  bindKeys(offered.scenarios, form);
  fillKeys(offered.scenarios);
  document.addEventListener("languagechange", () => {
    fillKeys(offered.scenarios);
    showState(...state);
  });
  await form.applyPreset();
  const loadState = () => {
    form.reload();
    captcha.load();
  };
  loadState();
  listen({
    onState: showState,
    onJournal: log.replace,
    async onOpen() {
      loadState();
      showHealth(await admin("health"));
    },
    onRequest(entry) {
      log.add(entry);
      if (entry.source !== "page" && entry.uuid) captcha.load();
    },
    onBehaviour: form.update,
    onCleared(event) {
      log.removeThrough(event);
      captcha.load();
    },
  });
}

start().catch(report);
