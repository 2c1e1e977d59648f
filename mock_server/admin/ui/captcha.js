// The last captcha that was given to the app. The page requests none to show it.
import { admin, coalesced } from "./api.js";
import { $, copy } from "./dom.js";
import { pictureOf } from "./message.js";
import { word } from "./words.js";

const SECOND = 1000;

// `isSent` returns true if the journal has a captcha that was sent to an app, as this client.
export function captchaPanel({ isSent, report, announce }) {
  let challenge = null;
  let state = null;
  let client = "";
  let end = 0;

  const load = coalesced(async () => {
    try {
      challenge = isSent(client) ? await admin("challenges/last", { client }) : null;
      state = challenge && (await admin(`challenges/${encodeURIComponent(challenge.uuid)}/state`));
      end = performance.now() + (state?.seconds_left ?? 0) * SECOND;
    } catch (error) {
      challenge = null;
      // The journal was cleared meanwhile.
      if (error.status !== 404) report(error);
    }
    render();
  });

  function renderState() {
    const left = Math.max(0, Math.ceil((end - performance.now()) / SECOND));
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    $("state").className = `pill ${state?.state ?? ""}`;
    $("state").textContent = state ? word(`state_${state.state}`, { time }) : "";
    return left;
  }

  // The clock of the mock runs as the real one does; the mock itself says when the time is over.
  setInterval(() => {
    if (state?.state === "open" && !document.hidden && !renderState()) load();
  }, SECOND);

  function render() {
    const uri = pictureOf(challenge?.picture);
    $("picture").hidden = !uri;
    if (uri) $("picture").src = uri;
    else $("picture").removeAttribute("src");
    $("picture").alt = challenge ? `${word("captcha")}, ${word("question")} ${challenge.question}` : "";
    $("none").hidden = Boolean(challenge);
    $("challenge").hidden = !challenge;
    $("question").textContent = challenge?.question ?? "";
    $("answer").textContent = challenge?.answer ?? "";
    $("uuid").textContent = challenge?.uuid ?? "";
    renderState();
  }

  for (const name of ["answer", "uuid"]) {
    $(`copy-${name}`).addEventListener("click", () => copy($(name).textContent).then(announce, announce));
  }

  document.addEventListener("languagechange", render);
  return {
    load,
    setClient(name) {
      client = name;
      load();
    },
  };
}
