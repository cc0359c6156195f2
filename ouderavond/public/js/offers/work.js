// Calls to the server, and changes of offers with all that belongs to them.
//
// request(method, args, {reads}) -> Promise of the answer; rejects after the user was told why (also when the
//     server cannot be reached, or never answers)
// change(page, method, args, options) -> Promise of the report, or null when it was refused, failed or cancelled.
//     POSTs; a long one is followed in a progress dialog; what has been requested or booked is listed and done only
//     when confirmed; says what happened, with "Undo"; then page.changed(). With args.dry_run only the report comes
//     back: nothing is asked, said or read again. A failure leaves the page (selection, form, file) as it was.
//     options: confirm_title (of the list of those concerned), progress_title, quiet (say nothing when it went well)
// undo(page, last) -> Promise of whether the last change was undone, after asking (`last` is page.info.undo)
// show_skipped(report) -> opens the dialog of what yields nothing, and why

import { confirm_concerned, show_not_told } from "./concerned.js";
import { moment_text, number } from "./dom.js";
import { show_skipped } from "./skipped.js";

export { show_skipped };

const POLL_MS = 2000;
// How long an alert stays: long enough to read it and reach what can be done in it.
const [SHORT_SECONDS, LONG_SECONDS] = [10, 20];
// A GET's address has to fit in one line of the server.
const LONGEST_ADDRESS = 1500;

/** Call the server; a rejection has been told to the user already. */
export function request(method, args, { reads = false, silent = false } = {}) {
	const sent = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
	const type = reads && JSON.stringify(sent).length < LONGEST_ADDRESS ? "GET" : "POST";
	return new Promise((resolve, reject) => {
		if (!frappe.is_online()) xhr_failed({ status: 0 });
		// Not frappe.xcall: it calls nobody back after some refusals, and then waits for ever.
		else
			frappe
				.call({ method, args: sent, type, silent, callback: (r) => resolve(r.message) })
				.fail(xhr_failed);

		function xhr_failed(xhr) {
			if (!xhr.status && !silent) tell_unreachable();
			reject(new Error(xhr.statusText || "offline"));
		}
	});
}

function tell_unreachable() {
	frappe.show_alert({
		message: __(
			"The server cannot be reached. Nothing of what you chose is lost: try again in a moment."
		),
		indicator: "orange",
	});
}

/** Carry out one change; the report, or null. */
export async function change(page, method, args = {}, options = {}) {
	if (page.read_only) {
		frappe.show_alert({
			message: __("This evening is archived and can only be read."),
			indicator: "orange",
		});
		return null;
	}
	let report;
	try {
		report = await carry_out(page, method, args, options);
		if (args.dry_run) return report;
		if (report.needs_confirmation) {
			if (!(await confirm_concerned(report, options.confirm_title))) return null;
			report = await carry_out(page, method, { ...args, confirmed: 1 }, options);
		}
	} catch {
		return null;
	}
	if (!options.quiet) say(page, report);
	// It has been done, also when it cannot be shown at once.
	await page.changed().catch((error) => console.error(error));
	return report;
}

/** Undo the last change as a whole, after asking; whether it was done. */
export async function undo(page, last) {
	if (!(await confirm_undo(last))) return false;
	let report;
	try {
		report = await carry_out(
			page,
			"page.undo",
			{ change: last.change },
			{ progress_title: __("Undoing") }
		);
	} catch {
		// Somebody else was first, perhaps: show what there is now.
		await page.changed();
		return false;
	}
	const { restored, kept } = report.more;
	frappe.show_alert({
		message: __("{0} records are as they were before.", [number(restored)]),
		subtitle: kept
			? __("{0} stay as they are, since they were changed or asked for in the meantime.", [
					number(kept),
				])
			: "",
		indicator: kept ? "orange" : "green",
	});
	if (report.not_told.length) show_not_told(report);
	await page.changed();
	return true;
}

function confirm_undo(last) {
	const escape = frappe.utils.escape_html;
	const facts = [escape(last.operation), escape(last.sentence)].filter(Boolean).join("<br>");
	const who = __("Changed by {0}, {1}.", [escape(last.by), escape(moment_text(last.on))]);
	return new Promise((resolve) => {
		frappe.confirm(
			`<p>${__("Undo the last change as a whole?")}</p><p>${facts}</p><p class="text-muted">${who}</p>`,
			() => resolve(true),
			() => resolve(false)
		);
	});
}

// Progress

/** What a call answers, at once or from its background job; rejects after the user was told why. */
export async function carry_out(page, method, args, options) {
	page.root.setAttribute("aria-busy", "true");
	const answer = await page.call(method, args).finally(() => page.root.removeAttribute("aria-busy"));
	if (!answer.job) return answer.report || answer;
	return follow(page, answer.job, options.progress_title || __("Changing the offers"));
}

// Live messages where they arrive, and a look at the job now and then where they do not.
async function follow(page, job, title) {
	let wake = () => {};
	const heard = (message) => {
		if (message.job !== job) return;
		if (message.finished) wake();
		else if (message.total) {
			const text = __("{0} of {1}", [number(message.done), number(message.total)]);
			show_progress(title, message.done, message.total, text);
		}
	};
	const pause = () =>
		new Promise((resolve) => {
			wake = resolve;
			setTimeout(resolve, POLL_MS);
		});
	frappe.realtime.on("ouderavond_progress", heard);
	show_progress(title, 0, 1, __("This takes a moment…"));
	try {
		return await report_of(job, pause);
	} finally {
		frappe.realtime.off("ouderavond_progress", heard);
		frappe.hide_progress();
	}
}

// Whoever closes the dialog wants to see the page; the work goes on, and its result is still told.
function show_progress(title, done, total, text) {
	if (done && !frappe.cur_progress?.is_visible) return;
	frappe.show_progress(title, done, total, text);
}

async function report_of(job, pause) {
	for (;;) {
		await pause();
		const now = await look_at(job);
		if (now?.state === "finished") return now.report;
		if (now?.state === "failed") {
			frappe.msgprint({
				title: __("Nothing Was Changed"),
				message:
					frappe.utils.escape_html(now.message || "") || __("Look at the error log for the cause."),
				indicator: "red",
			});
			throw new Error("failed");
		}
	}
}

// A look that fails says nothing about the job: it goes on, and so does the waiting.
function look_at(job) {
	return request("ouderavond.api.running.state", { job }, { reads: true, silent: true }).catch(() => null);
}

// What happened

function say(page, report) {
	const skipped = (report.skipped || []).reduce((sum, row) => sum + (row.number || 1), 0);
	const untold = (report.not_told || []).length;
	const links = [
		report.change && ["undo", __("Undo"), () => undo_if_last(page, report)],
		skipped && [
			"skipped",
			__("{0} yield nothing: see why", [number(skipped)]),
			() => show_skipped(report),
		],
		untold && [
			"untold",
			__("{0} could not be told: see who", [number(untold)]),
			() => show_not_told(report),
		],
	].filter(Boolean);
	const alert = frappe.show_alert(
		{
			message: frappe.utils.escape_html(report.sentence || __("Done")),
			subtitle: links.map(([name, text]) => action(name, text)).join(" · "),
			indicator: skipped || untold ? "orange" : "green",
		},
		links.length > 1 ? LONG_SECONDS : SHORT_SECONDS,
		Object.fromEntries(links.map(([name, , act]) => [name, (event) => take(event, alert, act)]))
	);
}

function action(name, text) {
	return `<a href="#" role="button" class="oa-alert-action" data-action="${name}">${frappe.utils.escape_html(text)}</a>`;
}

function take(event, alert, act) {
	event.preventDefault();
	alert.remove();
	act();
}

// Somebody else may have changed something since.
async function undo_if_last(page, report) {
	await page.read_info();
	const last = page.info.undo;
	if (last?.allowed && last.change === report.change) return page.constructor.undo(page, last);
	frappe.show_alert({
		message: frappe.utils.escape_html(
			last?.why_not || __("This is no longer the last change, and only the last one can be undone.")
		),
		indicator: "orange",
	});
}
