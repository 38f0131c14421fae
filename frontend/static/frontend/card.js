// The one button of the card.
document.querySelector("[data-print]").addEventListener("click", () => print());
