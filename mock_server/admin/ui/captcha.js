// The last captcha that was given to the app. The page requests none to show it.
import { admin, coalesced } from "./api.js";
import { $ } from "./dom.js";
import { pictureOf } from "./message.js";
import { word } from "./words.js";

export function captchaPanel(report) {
  let challenge = null;
  let client = "";

  const load = coalesced(async () => {
    try {
      challenge = await admin("challenges/last", { client });
    } catch (error) {
      challenge = null;
      // None was sent yet.
      if (error.status !== 404) report(error);
    }
    render();
  });

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
