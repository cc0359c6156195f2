// What taps at a conversation mean: as evening/live/tapping.py, so that a tap shows before it has been sent.

const STARTED = "started";
const NO_SHOW = "no_show";
const UNDO = "undo";

/**
 * @param {Array<{id: string, kind: string, at: string, of?: string}>} taps `at` as 2026-12-15 19:02:10
 * @returns {{started?: string, finished?: string, no_show: boolean, last?: string}}
 */
export function fold(taps) {
	const undone = new Set(taps.filter((tap) => tap.kind === UNDO).map((tap) => tap.of));
	const held = { started: null, finished: null, no_show: false, last: null };
	for (const tap of [...taps].sort(by_time)) {
		if (tap.kind !== UNDO && !undone.has(tap.id) && counts(held, tap.kind)) apply(held, tap);
	}
	return held;
}

function by_time(one, other) {
	return one.at < other.at ? -1 : one.at > other.at ? 1 : one.id < other.id ? -1 : 1;
}

function counts(held, kind) {
	if (kind === STARTED) return held.no_show || !(held.started || held.finished);
	return !held.finished;
}

function apply(held, tap) {
	held.no_show = tap.kind === NO_SHOW;
	held.last = tap.id;
	if (tap.kind === STARTED) {
		held.started = tap.at;
		held.finished = null;
	} else {
		held.finished = tap.at;
		if (held.no_show) held.started = null;
	}
}
