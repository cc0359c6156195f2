// The script of the screen in the hall, /ouderavond/board/<token>.

import { Clock } from "./board/clock";
import { Pages } from "./board/pages";
import { Reading } from "./board/reading";
import { say, texts } from "./board/texts";

const main = document.querySelector(".ob-main");
const notice = document.querySelector(".ob-notice");
const sentence = document.querySelector(".ob-sentence[hidden]");
const clock = new Clock(main.dataset.now, document.querySelector(".ob-clock time"));
const pages = new Pages(document.querySelector(".ob-tables"), document.querySelector(".ob-foot"));

const asked = new URLSearchParams(window.location.search);
const values = {
	token: window.location.pathname.replace(/\/+$/, "").split("/").pop(),
	lang: document.documentElement.lang,
	...(asked.get("room") ? { room: asked.get("room") } : {}),
};

for (const link of document.querySelectorAll(".ob-foot nav a")) {
	const query = new URLSearchParams(asked);
	query.set("lang", link.hreflang);
	link.href = `?${query}`;
}

function show(element, text) {
	if (element.textContent !== text) element.textContent = text;
	element.hidden = !text;
}

let lost = null;
const reading = new Reading(values, {
	data(answer) {
		clock.set(answer.now);
		show(sentence, answer.sentence);
		pages.rows = answer.rows;
	},
	well() {
		lost = null;
		main.classList.remove("ob-old");
		show(notice, "");
	},
	trouble() {
		lost ||= clock.text;
		main.classList.add("ob-old");
		show(notice, say("offline", lost));
	},
	gone() {
		pages.rows = [];
		show(sentence, "");
		show(notice, texts.gone);
	},
});

reading.start();
