// Calls of the server. Whatever goes wrong is answered as a sentence; nothing on the page is lost by it.

import { texts } from "./texts";

/**
 * POST to one of our calls.
 *
 * @param {string} method the whitelisted function, with its dotted path
 * @param {object} values its arguments
 * @returns {Promise<{status: number, answer?: object, message?: string, problem?: string,
 * retry_after?: number}>} `answer` is what the call
 * returned, also where it refused with an answer of its own (status 409); `message` the sentence in it after a success;
 * `problem` a sentence for the reader. `status` is 0 where the server could not be reached.
 */
export async function call(method, values) {
	try {
		let answer = await post(method, values);
		if (answer.data.exc_type === "CSRFTokenError" && (await renew_token())) {
			answer = await post(method, values);
		}
		const { status } = answer;
		const said = answer.data.message;
		if (answer.ok) return { status, answer: said, message: said?.message };
		if (status === 409 && said) return { status, answer: said, problem: said.message };
		return { status, problem: problem_of(answer), retry_after: answer.retry_after };
	} catch {
		return { status: 0, problem: texts.offline };
	}
}

/**
 * GET one of our calls, if it has changed since `etag`.
 *
 * @returns {Promise<{status: number, answer?: object, etag?: string, problem?: string, retry_after?: number}>} status
 * 304 without answer where nothing changed; `retry_after` in seconds where the server asks to wait.
 */
export async function read(method, values, etag = null) {
	const query = new URLSearchParams(values);
	const headers = { Accept: "application/json" };
	if (etag) headers["If-None-Match"] = etag;
	try {
		const response = await fetch(`/api/method/${method}?${query}`, { headers, cache: "no-store" });
		const { status } = response;
		if (status === 304) return { status, etag };
		const data = await response.json().catch(() => ({}));
		if (response.ok) return { status, answer: data.message, etag: response.headers.get("ETag") };
		return { status, problem: problem_of({ data, status }), retry_after: seconds_of(response) };
	} catch {
		return { status: 0, problem: texts.offline };
	}
}

async function post(method, values) {
	const response = await fetch(`/api/method/${method}`, {
		method: "POST",
		headers: {
			Accept: "application/json",
			"Content-Type": "application/json",
			"X-Frappe-CSRF-Token": window.frappe.csrf_token,
		},
		body: JSON.stringify(values),
	});
	const data = await response.json().catch(() => ({}));
	return { ok: response.ok, status: response.status, data, retry_after: seconds_of(response) };
}

function seconds_of(response) {
	return Number(response.headers.get("Retry-After")) || undefined;
}

// Who logged in again in another tab has a new token; the choices on this page stay.
async function renew_token() {
	const page = await (await fetch(window.location.pathname)).text();
	const token = page.match(/frappe\.csrf_token = "(\w+)"/)?.[1];
	if (token) window.frappe.csrf_token = token;
	return Boolean(token);
}

function problem_of({ data }) {
	if (data.session_expired || is_nobody()) return texts.expired;
	if (data.exc_type === "CSRFTokenError") return texts.reload;
	return sentences_of(data) || texts.failed;
}

// Inside another site's page the platform's cookies are not there.
function is_nobody() {
	return window.self === window.top && !/(^|; )user_id=(?!Guest)/.test(document.cookie);
}

// The platform's messages are HTML: only their text is shown.
function sentences_of(data) {
	try {
		return JSON.parse(data._server_messages)
			.map((message) => JSON.parse(message).message)
			.map((html) => new DOMParser().parseFromString(html, "text/html").body.textContent)
			.join(" ");
	} catch {
		return "";
	}
}
