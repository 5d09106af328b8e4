// One request with photos. Unlike fetch, XMLHttpRequest tells how much of it has gone out.

const STALLED_MS = 60 * 1000; // without a single byte going out
const ANSWER_MS = 3 * 60 * 1000; // photos are looked at before the answer

// The network failed, or the site for the moment; `afterSeconds`: when it asked to be asked again. Where the site
// answered, `isSite` is true and `sentence` is what it said.
export class Lost extends Error {
  constructor({ afterSeconds = 0, isSite = false, sentence = "" } = {}) {
    super("lost");
    Object.assign(this, { afterSeconds, isSite, sentence });
  }
}

// Too much at once.
export class TooLarge extends Error {}

// The site does not know this person any more: signed out, or gone from the shop.
export class SignedOut extends Error {}

// The site will not have it: `sentences` say why.
export class Refused extends Error {
  constructor(sentences) {
    super("refused");
    this.sentences = sentences;
  }
}

export function post(address, body, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer = 0;
    const giveUpAfter = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), ms);
    };
    request.upload.addEventListener("progress", ({ loaded }) => {
      giveUpAfter(STALLED_MS);
      onProgress(loaded);
    });
    request.upload.addEventListener("load", () => giveUpAfter(ANSWER_MS));
    for (const type of ["error", "abort", "timeout"]) request.addEventListener(type, () => reject(new Lost()));
    request.addEventListener("load", () => {
      try {
        resolve(judged(request, address));
      } catch (error) {
        reject(error);
      }
    });
    request.addEventListener("loadend", () => clearTimeout(timer));
    request.open("POST", address);
    request.setRequestHeader("X-Requested-With", "fetch");
    request.setRequestHeader("Accept", "application/json");
    giveUpAfter(STALLED_MS);
    request.send(body);
  });
}

function judged(request, address) {
  const { status } = request;
  if (status === 413) throw new TooLarge();
  if (status === 403 || status === 404 || new URL(request.responseURL).pathname !== new URL(address).pathname) {
    throw new SignedOut();
  }
  const answer = parsed(request.responseText);
  if (status >= 500 || status === 408 || status === 429) {
    const afterSeconds = Number(request.getResponseHeader("Retry-After")) || 0;
    throw new Lost({ afterSeconds, isSite: true, sentence: (answer.errors ?? []).join(" ") });
  }
  if (status !== 200 || !answer.status) throw new Refused(answer.errors ?? []);
  return answer;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
