// The dialogs of "Blocks": what is to be blocked, what lies in it and what becomes of that, one block, and breaks.

import { ask } from "../../offers/dialogs.js";
import { el, number } from "../../offers/dom.js";
import { conversations_table, short } from "./conversations_table.js";

const NAMES = 6;

/** Block what was selected; the report, or null. */
export async function block_selection(tab, { rows, from, to }) {
	const { kind, date } = tab;
	const answer = await ask({
		title: __("Block Time"),
		body: el("p", { text: who_words(rows) }),
		fields: [...times(from, to), reason()],
		primary_label: __("Continue"),
	});
	if (!answer) return null;
	const args = {
		who_type: kind,
		who: rows.map((row) => row.name).filter(Boolean),
		from_time: `${date} ${answer.from}`,
		to_time: `${date} ${answer.to}`,
	};
	return carry_out(tab, "blocks.preview", args, "blocks.block", { ...args, reason: answer.reason || "" });
}

function who_words(rows) {
	const names = rows.slice(0, NAMES).map((row) => row.title);
	const more = rows.length - names.length;
	if (more > 0) return __("{0} and {1} more", [names.join(", "), number(more)]);
	return names.join(", ");
}

const time_field = (fieldname, label, value) => ({
	fieldname,
	fieldtype: "Data",
	label,
	reqd: 1,
	default: value,
});
const times = (from, to) => [
	time_field("from", __("From", null, "Planning"), from),
	{ fieldtype: "Column Break" },
	time_field("to", __("Until", null, "Planning"), to),
	{ fieldtype: "Section Break" },
];
const reason = (value) => ({
	fieldname: "reason",
	fieldtype: "Data",
	label: __("Reason"),
	default: value,
	description: __("Staff read it; guardians only see that the time is not available."),
});

/** Look at what lies there, ask what becomes of it, and do it. */
async function carry_out(tab, look, look_args, act, args) {
	const seen = await tab.page.call(look, look_args).catch(() => null);
	if (!seen) return null;
	if (seen.refused.length) {
		frappe.msgprint({
			title: __("Not Possible"),
			message: seen.refused.map(frappe.utils.escape_html).join("<br>"),
			indicator: "red",
		});
		return null;
	}
	const choice = seen.conversations.length ? await choose_over(seen) : {};
	return choice && tab.page.change(act, { ...args, ...choice });
}

/** {over, moves} for the conversations in the time, or null. */
async function choose_over(seen) {
	const { conversations, movable } = seen;
	const nowhere = conversations.length - movable;
	const choice = el(
		"fieldset",
		{ class: "oa-places-choices" },
		el("legend", { text: __("What becomes of them?") }),
		movable
			? radio(
					"move",
					nowhere
						? __(
								"They go to the free times above; {0} for which there is none are cancelled and put on the list of what is not placed.",
								[number(nowhere)]
							)
						: __("They go to the free times above."),
					!nowhere
				)
			: "",
		radio("cancel", __("They are cancelled and put on the list of what is not placed.")),
		radio(
			"skip",
			seen.blocks > 1
				? __("They stay, and the times in which they lie are not blocked.")
				: __("They stay, and nothing is blocked.")
		)
	);
	const answer = await ask({
		title: __("Conversations in This Time"),
		size: "large",
		body: el("div", {}, el("p", { text: seen.sentence }), hits(conversations), choice),
		primary_label: __("Continue"),
		before: () =>
			choice.querySelector("input:checked") ? null : __("Choose what becomes of the conversations."),
	});
	if (!answer) return null;
	const over = choice.querySelector("input:checked").value;
	if (over === "skip" && seen.blocks === 1) return null;
	if (over !== "move") return { over };
	return {
		over,
		moves: Object.fromEntries(conversations.filter((row) => row.to).map((row) => [row.booking, row.to])),
	};
}

function radio(value, text, checked = false) {
	const input = el("input", { type: "radio", name: "oa-over", value, checked });
	return el("label", { class: "oa-places-radio" }, input, el("span", { text }));
}

function hits(rows) {
	const heads = [
		__("When", null, "Planning"),
		__("Student", null, "Offers"),
		__("Conversation"),
		__("State", null, "Offers"),
		__("Free time"),
	];
	return conversations_table(__("Conversations in this time"), heads, rows, (row) => [
		[__(row.state), row.pinned && __("Pinned")].filter(Boolean).join(", "),
		row.to ? `→ ${short(row.to)}` : __("none"),
	]);
}

/** One block: other times or reason, or away with it; the report, or null. */
export async function open_block(tab, block, steps = 0) {
	const own = block.source === "Staff";
	if (tab.page.read_only || !own) return tell_or_remove(tab, block);
	const [from, to] = [tab.shifted(block.from, steps), tab.shifted(block.to, steps)];
	let removing = false;
	const remove = el("button", {
		type: "button",
		class: "btn btn-danger btn-sm oa-blocks-remove",
		text: __("Remove the Block"),
	});
	const asked = ask({
		title: block.who_name || __("Everyone"),
		body: el("div", {}, remove),
		fields: [...times(from, to), reason(block.reason)],
		primary_label: __("Save"),
	});
	remove.addEventListener("click", () => {
		removing = true;
		window.cur_dialog.hide();
	});
	const answer = await asked;
	if (removing) return tab.remove([block]);
	if (!answer) return null;
	const args = {
		block: block.block,
		from_time: `${tab.date} ${answer.from}`,
		to_time: `${tab.date} ${answer.to}`,
	};
	return carry_out(tab, "blocks.preview", args, "blocks.change", { ...args, reason: answer.reason || "" });
}

async function tell_or_remove(tab, block) {
	const text =
		block.source === "Instructor"
			? __("{0} blocked {1} to {2} themselves.", [block.who_name, block.from, block.to])
			: __("{0}, {1} to {2}: {3}", [block.who_name, block.from, block.to, block.reason || "–"]);
	const answer = await ask({
		title: __("Blocked Time"),
		body: el("p", { text }),
		primary_label: tab.page.read_only ? __("Close") : __("Remove the Block"),
	});
	return answer && !tab.page.read_only ? tab.remove([block]) : null;
}

/** Breaks after a number of conversations: fixed ones as blocks, or the rule; the report, or null. */
export async function make_breaks(tab) {
	const { rows } = tab.grid.data;
	const answer = await ask({
		title: __("Breaks"),
		fields: [
			{
				fieldname: "after",
				fieldtype: "Int",
				label: __("After how many conversations"),
				reqd: 1,
				default: tab.break_after || 6,
			},
			{
				fieldname: "how",
				fieldtype: "Select",
				label: __("How"),
				reqd: 1,
				default: "fixed",
				options: [
					{ value: "fixed", label: __("Fixed: the same slots are kept free for everybody") },
					{ value: "staggered", label: __("Fixed, but not everybody at the same moment") },
					{ value: "dynamic", label: __("Dynamic: a slot stays free wherever a break is due") },
				],
			},
			{
				fieldname: "whom",
				fieldtype: "Select",
				label: __("For whom"),
				reqd: 1,
				default: "all",
				options: [
					{ value: "all", label: __("Everybody, on all dates") },
					{
						value: "shown",
						label: __("The {0} who are shown, on all dates", [number(rows.length)]),
					},
					{
						value: "date",
						label: __("The {0} who are shown, on this date", [number(rows.length)]),
					},
				],
			},
		],
		primary_label: __("Continue"),
	});
	if (!answer) return null;
	const whom = answer.whom === "all" ? {} : { instructors: rows.map((row) => row.name) };
	const when = answer.whom === "date" ? { dates: [tab.date] } : {};
	if (answer.how === "dynamic") return make_dynamic(tab, answer.after, { ...whom, ...when });
	const args = { after: answer.after, staggered: Number(answer.how === "staggered"), ...whom, ...when };
	return carry_out(tab, "blocks.preview_breaks", args, "blocks.make_breaks", args);
}

function make_dynamic(tab, after, only) {
	return tab.page.change("blocks.break_after", { after, ...only });
}
