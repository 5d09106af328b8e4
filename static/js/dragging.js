// Dragging with a mouse, a pen or a finger. A finger holds for a moment first, so that the page still scrolls.

const HOLD_MS = 350;
const SLACK_PX = 8;
const EDGE_PX = 60; // where the page scrolls along
const SCROLL_PX = 12;

// `source(element)` is what is dragged from there, or null; `target(element, item)` where it may be dropped, or null.
export function makeDraggable(container, { source, target, begun = () => {}, ended = () => {}, dropped }) {
  let drag = null;

  container.addEventListener("dragstart", (event) => event.preventDefault()); // the browser's own, of pictures and links
  container.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.target.closest("button, a")) return;
    const item = source(event.target);
    if (!item) return;
    drag = { item, id: event.pointerId, x: event.clientX, y: event.clientY, ghost: null, over: null };
    if (event.pointerType === "touch") drag.timer = setTimeout(begin, HOLD_MS);
  });
  document.addEventListener("pointermove", (event) => {
    if (drag?.id !== event.pointerId) return;
    const moved = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > SLACK_PX;
    if (!drag.ghost && moved) {
      if (event.pointerType === "touch") return end(); // it scrolls
      begin();
    }
    if (drag.ghost) follow(event);
  });
  document.addEventListener("pointerup", (event) => {
    if (drag?.id !== event.pointerId) return;
    const { item, over, ghost } = drag;
    end();
    if (!ghost) return;
    window.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => window.removeEventListener("click", swallow, { capture: true }));
    if (over) dropped(item, over);
  });
  document.addEventListener("pointercancel", (event) => drag?.id === event.pointerId && end());
  document.addEventListener("keydown", (event) => event.key === "Escape" && drag && end());
  document.addEventListener("touchmove", (event) => drag?.ghost && event.preventDefault(), { passive: false });
  container.addEventListener("contextmenu", (event) => drag && event.preventDefault());

  function begin() {
    drag.ghost = drag.item.querySelector("img").cloneNode();
    drag.ghost.className = "drag-ghost";
    document.body.append(drag.ghost);
    drag.item.classList.add("is-dragged");
    place(drag.x, drag.y);
    begun(drag.item);
  }

  function follow({ clientX, clientY }) {
    place(clientX, clientY);
    const under = document.elementFromPoint(clientX, clientY);
    const over = under && target(under, drag.item);
    if (over !== drag.over) {
      drag.over?.classList.remove("is-over");
      over?.classList.add("is-over");
      drag.over = over;
    }
    if (clientY < EDGE_PX) window.scrollBy(0, -SCROLL_PX);
    else if (clientY > window.innerHeight - EDGE_PX) window.scrollBy(0, SCROLL_PX);
  }

  function place(x, y) {
    drag.ghost.style.translate = `${x}px ${y}px`;
  }

  function end() {
    clearTimeout(drag.timer);
    drag.ghost?.remove();
    drag.over?.classList.remove("is-over");
    drag.item.classList.remove("is-dragged");
    if (drag.ghost) ended(drag.item);
    drag = null;
  }
}

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}
