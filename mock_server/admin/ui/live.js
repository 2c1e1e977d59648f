// The stream of events. After an interruption it starts again with the whole journal: the mock may be another one.
import { admin, adminUrl } from "./api.js";

const MAX_PAUSE = 10_000;

export function listen({ onJournal, onOpen, onRequest, onBehaviour, onCleared, onState }) {
  let pause = 500;

  function retry(reason) {
    onState("broken", reason);
    setTimeout(connect, pause);
    pause = Math.min(pause * 2, MAX_PAUSE);
  }

  async function connect() {
    let last;
    try {
      const { requests } = await admin("requests");
      onJournal(requests);
      onState("live");
      onOpen();
      last = requests.reduce((highest, each) => Math.max(highest, each.number), 0);
    } catch (error) {
      return retry(error);
    }
    const stream = new EventSource(adminUrl(`events?after=${last}`));
    const on = (name, handle) => stream.addEventListener(name, ({ data }) => handle(data ? JSON.parse(data) : null));
    on("request", onRequest);
    on("behaviour", onBehaviour);
    on("cleared", onCleared);
    stream.onopen = () => {
      pause = 500;
      // Of what changed before the stream was open, there was no event.
      onOpen();
    };
    stream.onerror = () => {
      stream.close();
      setTimeout(connect, 1000);
    };
  }

  onState("connecting");
  connect();
}
