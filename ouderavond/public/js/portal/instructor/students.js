// The students of whom the instructor has conversations on offer: looked for, and what the instructor thinks of each.

import { button, el, put, write } from "../booking/dom";
import { read } from "../calls";
import { call_patiently } from "../patiently";
import { say, texts } from "../texts";

const METHOD = "ouderavond.api.instructor.";
const WISHES = ["Obligatory", "Wished", "Not Necessary"];

export class Students {
	/** @param {HTMLElement} details read when it is opened for the first time */
	constructor(details) {
		this.details = details;
		this.place = details.querySelector(".oa-i-students-part");
		this.evening = details.closest("[data-evening]").dataset.evening;
		details.addEventListener("toggle", () => details.open && !this.data && this.read());
		if (details.open) this.read();
	}

	async read() {
		const answer = await read(`${METHOD}students`, { evening: this.evening });
		if (!answer.answer) {
			const again = button(texts.i_again, () => this.read());
			return this.place.replaceChildren(el("p", { role: "status" }, answer.problem), again);
		}
		this.data = answer.answer;
		this.build();
	}

	build() {
		const { may, counts, classes, rows } = this.data;
		if (!rows.length) return this.place.replaceChildren(el("p", {}, texts.i_no_students));
		const filter = () => this.filter();
		this.search = el("input", { type: "search", class: "form-control", on: { input: filter } });
		this.of_class = select(["", ...classes], [texts.i_all_classes, ...classes], filter);
		const kinds = ["", "asked", "said"];
		this.kind = select(kinds, [texts.i_show_all, texts.i_show_asked, texts.i_show_said], filter);
		this.status = el("p", { class: "oa-status", role: "status" });
		this.number = el("p", { class: "oa-i-number", role: "status" });
		this.items = rows.map(
			(row) => new Item(row, may.state === "open", (one, wish) => this.say(one, wish))
		);
		this.list = el("ul", { class: "oa-i-students-list" }, ...this.items.map((item) => item.element));
		this.place.replaceChildren(
			el("p", {}, counted(counts)),
			el("p", {}, may.state === "open" ? texts.i_explanation : "", " ", may.sentence),
			el(
				"div",
				{ class: "oa-i-filters", role: "search" },
				labelled(texts.i_search, this.search),
				labelled(texts.i_class, this.of_class),
				labelled(texts.i_show, this.kind)
			),
			this.number,
			this.list,
			this.status
		);
		this.filter();
	}

	filter() {
		const words = fold_text(this.search.value).split(/\s+/).filter(Boolean);
		let shown = 0;
		for (const item of this.items) {
			const fits = item.fits(words, this.of_class.value, this.kind.value);
			put(item.element, "hidden", !fits);
			shown += fits;
		}
		write(this.number, shown ? say("i_shown", shown) : texts.i_nobody);
	}

	async say(item, wish) {
		if (item.busy) return;
		const before = item.row.wish;
		item.set(wish, true);
		const waiting = (seconds) => this.tell(say("busy", seconds));
		const values = { offer: item.row.offer, wish };
		const answer = await call_patiently(`${METHOD}wish`, values, waiting);
		item.set(answer.message ? wish : before, false);
		const what = answer.message || answer.problem;
		this.tell(say("i_answer", item.row.name, what), answer.message ? "done" : "problem");
	}

	tell(sentence, kind = "") {
		write(this.status, sentence);
		put(this.status, "data-kind", kind);
	}
}

/** One conversation on offer. */
class Item {
	constructor(row, may, say_wish) {
		this.row = row;
		this.text = fold_text(`${row.name} ${row.subject}`);
		this.buttons = may ? WISHES.map((wish) => this.button(wish, say_wish)) : [];
		this.element = el("li", {}, this.head(), ...this.asked(), may ? this.choices() : this.said());
	}

	head() {
		const { name, subject, others, offered } = this.row;
		const of_class = this.row.class;
		return el(
			"p",
			{},
			el("strong", {}, name),
			of_class && el("span", { class: "oa-i-class" }, ` ${of_class}`),
			el("span", { class: "oa-sub" }, [subject, ...others.slice(0, 3)].join(" · ")),
			!offered && el("span", { class: "oa-sub" }, texts.i_not_offered)
		);
	}

	asked() {
		return this.row.asked.map(({ who, must, outcome, wishes, remark }) =>
			el(
				"div",
				{ class: "oa-i-asked" },
				el("p", {}, [who, must && texts.i_must, outcome, ...wishes].filter(Boolean).join(" · ")),
				remark && el("p", { class: "oa-remark" }, `“${remark}”`)
			)
		);
	}

	choices() {
		const label = say("i_of", this.row.name, this.row.subject);
		return el("div", { class: "oa-i-wish", role: "group", "aria-label": label }, ...this.buttons);
	}

	said() {
		return this.row.wish && el("p", { class: "oa-i-said-of" }, named(this.row.wish));
	}

	button(wish, say_wish) {
		const click = () => say_wish(this, this.row.wish === wish ? "" : wish);
		const made = button(named(wish), click);
		put(made, "aria-pressed", String(this.row.wish === wish));
		return made;
	}

	set(wish, busy) {
		this.row.wish = wish;
		this.busy = busy;
		this.buttons.forEach((one, index) => put(one, "aria-pressed", String(WISHES[index] === wish)));
		put(this.element, "aria-busy", busy);
	}

	fits(words, of_class, kind) {
		if (of_class && this.row.class !== of_class) return false;
		if (kind === "asked" && !this.row.asked.length) return false;
		if (kind === "said" && !this.row.wish) return false;
		return words.every((word) => this.text.includes(word));
	}
}

function named(wish) {
	return texts[`i_${wish.toLowerCase().replace(" ", "_")}`];
}

function counted({ asked, placed, not_placed }) {
	if (placed == null) return say("i_counts", asked);
	return say("i_counts_told", asked, placed, not_placed);
}

function select(values, labels, change) {
	const options = values.map((value, index) => el("option", { value }, labels[index]));
	return el("select", { class: "form-control", autocomplete: "off", on: { change } }, ...options);
}

function labelled(text, field) {
	return el("label", { class: "oa-field" }, text, field);
}

// Zoë is found as zoe.
function fold_text(text) {
	return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
