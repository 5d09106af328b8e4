// Until somebody comes back to this page: they may have signed in elsewhere meanwhile.
export const comingBack = () =>
  new Promise((resolve) => {
    const heard = new AbortController();
    const listen = () => {
      if (document.hidden) return;
      heard.abort();
      resolve();
    };
    window.addEventListener("focus", listen, { signal: heard.signal });
    document.addEventListener("visibilitychange", listen, { signal: heard.signal });
  });
