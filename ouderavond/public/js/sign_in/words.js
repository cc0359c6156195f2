// Sentences, and calls of the server.

export const texts = JSON.parse(document.getElementById("os-texts").textContent);

export function say(text, kind = "") {
	const status = document.querySelector(".os-status");
	status.textContent = text;
	status.dataset.kind = kind;
}

/** @returns {Promise<object>} what the call returned; it throws where it was refused. */
export async function post(method, values, token = "") {
	const response = await fetch(`/api/method/ouderavond.api.frames.${method}`, {
		method: "POST",
		headers: {
			Accept: "application/json",
			"Content-Type": "application/json",
			"X-Frappe-CSRF-Token": token,
		},
		body: JSON.stringify(values),
	});
	if (!response.ok) throw new Error(response.status);
	return (await response.json()).message;
}
