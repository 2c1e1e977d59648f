// The stream of events. After an interruption it starts again with the journal: the mock may be another one.
import { admin, adminUrl } from "./api.js";

const FIRST_PAUSE = 500;
const MAX_PAUSE = 10_000;
// A stream that lasted so long has ended as streams do, for one behind a WSGI server: that is not worth a word.
const USUAL_LIFETIME = 5000;

export function listen({ onJournal, onOpen, onRequest, onBehaviour, onCleared, onCaptcha, onState }) {
  let pause = FIRST_PAUSE;
  let attempt = 0;
  let stream = null;
  let timer;

  function stop() {
    attempt++;
    clearTimeout(timer);
    stream?.close();
  }

  function retry(reason) {
    onState("broken", reason);
    timer = setTimeout(connect, pause);
    pause = Math.min(pause * 2, MAX_PAUSE);
  }

  async function connect() {
    stop();
    const mine = attempt;
    let last;
    try {
      const { requests } = await admin("requests");
      if (mine !== attempt) return;
      onJournal(requests);
      last = requests.reduce((highest, each) => Math.max(highest, each.number), 0);
    } catch (error) {
      if (mine === attempt) retry(error);
      return;
    }
    let opened = Infinity;
    stream = new EventSource(adminUrl(`events?after=${last}`));
    const on = (name, handle) => stream.addEventListener(name, ({ data }) => handle(JSON.parse(data)));
    on("request", onRequest);
    on("behaviour", onBehaviour);
    on("cleared", onCleared);
    on("captcha", onCaptcha);
    stream.onopen = () => {
      opened = performance.now();
      pause = FIRST_PAUSE;
      onState("live");
      // Of what changed before the stream was open, there was no event.
      onOpen();
    };
    stream.onerror = () => {
      stream.close();
      if (performance.now() - opened > USUAL_LIFETIME) connect();
      else retry();
    };
  }

  // A browser has few connections to a host: those of pages in the background would be missing to the app.
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : connect()));
  onState("connecting");
  if (!document.hidden) connect();
}
