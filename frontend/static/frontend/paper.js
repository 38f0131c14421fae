/** Says once when a picture or paper is before somebody's eyes: drawn, loaded, or asked for. */

const paper = document.getElementById("paper");
let said = false;

export const seen = async () => {
  if (said || document.hidden) return;
  said = true;
  const token = paper.querySelector("[name=csrfmiddlewaretoken]").value;
  const response = await fetch(paper.dataset.seen, { method: "POST", headers: { "X-CSRFToken": token }, keepalive: true }).catch(() => null);
  if (response?.ok) return;
  said = false;
  setTimeout(seen, 3000);
};

const photo = paper.querySelector(".stage.is-photo img");
if (photo?.complete) seen();
photo?.addEventListener("load", seen);
document.getElementById("paper-open")?.addEventListener("click", seen);
