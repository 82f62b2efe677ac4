// The search runs in a worker, which browsers do not start from a file on the disk. There an iframe takes its place:
// a hidden page of the same origin that loads the same script and is spoken to by the same messages.
class IFrameWorker extends EventTarget {
  constructor(url) {
    super();
    const frame = document.createElement("iframe");
    frame.hidden = true;
    document.body.append(frame);
    this.inside = frame.contentWindow;
    this.inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
    this.ready = new Promise((loaded) => this.load(url, loaded));
  }

  load(url, loaded) {
    const script = this.inside.document.createElement("script");
    script.onload = loaded;
    script.src = new URL(url, document.baseURI);
    this.inside.document.body.append(script);
  }

  async postMessage(data) {
    await this.ready;
    this.inside.dispatchEvent(new MessageEvent("message", { data }));
  }
}

if (location.protocol === "file:") {
  window.IFrameWorker = IFrameWorker; // the script looks for this name to know where it runs
  window.Worker = IFrameWorker;
}
