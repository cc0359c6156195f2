// The connection test of an evening's meetings, and what any connection test found, in sentences.
//
// before_publishing(evening) -> Promise of {go, sentence}: whether people may be told. Where no test is due it answers
//     at once; otherwise the test runs, and somebody who publishes in spite of what it found is asked twice. Nothing
//     of another system keeps anybody from publishing: there is a way on at any time.
// test_evening(evening) -> the test by itself
// findings_list([{level, text, who}]) -> a list; `level` is good, note or bad

import { show } from "../offers/dialogs.js";
import { el, link, number } from "../offers/dom.js";

const API = "ouderavond.api.meetings.";
const STYLE = `
.oa-findings { list-style: none; margin: 12px 0 0; padding: 0; }
.oa-findings > li { display: flex; flex-wrap: wrap; gap: 4px 10px; padding: 8px 0; border-top: 1px solid var(--border-color); }
.oa-findings .indicator-pill { flex: none; align-self: flex-start; min-width: 74px; }
.oa-findings > li > div { flex: 1 1 220px; min-width: 0; overflow-wrap: anywhere; }
.oa-findings ul { margin: 4px 0 0; padding-left: 18px; }
.oa-findings a { text-decoration: underline; }
.oa-test progress { width: 100%; height: 8px; }
`;
// Names below one sentence; the others are counted.
const MOST = 40;

export async function before_publishing(evening) {
	const { due, needed, test } = await frappe.xcall(`${API}before`, { evening });
	if (!due) return { go: true, sentence: needed && test?.is_good ? test.sentence : "" };
	return new Promise((resolve) => new Test(evening, resolve).run());
}

export function test_evening(evening) {
	return new Test(evening).run();
}

export function findings_list(findings) {
	frappe.dom.set_style(STYLE, "ouderavond-findings");
	const look = {
		// In this order: what is to be put right comes first.
		bad: ["red", __("Wrong", null, "Online Meetings")],
		good: ["green", __("Good", null, "Online Meetings")],
		note: ["orange", __("Note", null, "Online Meetings")],
	};
	const item = ({ level, text, who = [] }) => {
		const [colour, label] = look[level];
		const pill = el("span", { class: `indicator-pill ${colour}`, text: label });
		return el("li", {}, pill, el("div", {}, text, who.length ? names(who) : ""));
	};
	const order = Object.keys(look);
	const sorted = [...findings].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
	return el("ul", { class: "oa-findings" }, sorted.map(item));
}

function names(who) {
	const lines = who.slice(0, MOST).map(({ instructor, name, account }) => {
		const shown = instructor ? record(instructor, name) : name;
		return el("li", {}, shown, account ? ` (${account})` : "");
	});
	const left = who.length - lines.length;
	const more = left > 0 ? el("li", { text: __("and {0} more", [number(left)]) }) : "";
	return el("ul", {}, lines, more);
}

// In a tab of its own: the dialog stays, and the test can be made again there.
function record(instructor, name) {
	const shown = link("Instructor", instructor, name);
	shown.target = "_blank";
	return shown;
}

// A dialog that tests a part of the accounts after the other. With `resolve` it is the step before people are told.
class Test {
	constructor(evening, resolve) {
		this.evening = evening;
		this.resolve = resolve;
		this.answer = { go: false, sentence: "" };
	}

	run() {
		frappe.dom.set_style(STYLE, "ouderavond-findings");
		this.state = el("p", { role: "status" });
		this.bar = el("progress", { "aria-label": __("Accounts that were tested") });
		this.found = el("div");
		this.dialog = show({
			title: __("Connection Test"),
			body: el("div", { class: "oa-test" }, this.state, this.bar, this.found),
			primary_action_label: __("Test Again"),
			primary_action: () => this.test(),
			on_close: () => {
				this.closed = true;
				this.resolve?.(this.answer);
			},
		});
		this.dialog.$wrapper.find(".btn-modal-close").attr("aria-label", __("Close"));
		if (this.resolve) {
			this.dialog.set_secondary_action_label(__("Publish Nevertheless…"));
			this.dialog.set_secondary_action(() => this.ask());
		}
		return this.test();
	}

	async test() {
		this.dialog.disable_primary_action();
		this.state.textContent = __("The other system is being asked…");
		this.bar.hidden = false;
		this.bar.removeAttribute("value");
		this.found.replaceChildren();
		const test = await this.parts().catch(() => null);
		if (this.closed) return;
		this.bar.hidden = true;
		this.dialog.enable_primary_action();
		if (!test) this.state.textContent = __("The test broke off. Please test again.");
		else if (test.is_good && this.resolve) this.close_with({ go: true, sentence: test.sentence });
		else this.state.textContent = test.sentence;
	}

	async parts() {
		let test = null;
		do {
			const after = test?.next || 0;
			test = await frappe.xcall(`${API}test_evening`, { evening: this.evening, after });
			if (this.closed) return null;
			this.show(test);
		} while (test.next !== null);
		return test;
	}

	show(test) {
		if (test.next !== null) {
			this.bar.max = test.total;
			this.bar.value = test.next;
			this.state.textContent = __("{0} of {1} accounts…", [number(test.next), number(test.total)]);
		}
		const good = test.good
			? [{ level: "good", text: __("Meetings can be made for {0} accounts.", [number(test.good)]) }]
			: [];
		this.found.replaceChildren(findings_list([...test.general, ...test.groups, ...good]));
	}

	ask() {
		frappe.confirm(
			__(
				"Without a good test some conversations may get no meeting and no link. What is missing is made as soon as it can be. Publish nevertheless?"
			),
			async () => {
				await frappe.xcall(`${API}go_on`, { evening: this.evening });
				this.close_with({ go: true, sentence: "" });
			}
		);
	}

	close_with(answer) {
		this.answer = answer;
		this.dialog.hide();
	}
}
