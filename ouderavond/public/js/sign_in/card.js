// The card: opens a window in which somebody logs in, and exchanges the code that it hands over.
//
// The frame keeps a secret and tells the window only its hash: whoever sees the code can do nothing with it.

import { post, say, texts } from "./words";

const ENTERED = "ouderavond_entered";

export class Card {
	constructor(element) {
		this.buttons = [...element.querySelectorAll("[data-provider]")];
		if (!this.buttons.length || !window.crypto?.subtle) return;
		this.secret = random();
		window.addEventListener("message", (event) => this.on_message(event));
		this.prepare();
	}

	// Before anybody clicks: a window may be opened only while a click is dealt with.
	async prepare() {
		this.challenge = await hash(this.secret);
		for (const button of this.buttons) {
			button.hidden = false;
			button.addEventListener("click", () => this.open(button.dataset.provider));
		}
		if (take_mark()) say(texts.no_cookie, "problem");
	}

	open(provider) {
		const address = `/ouderavond/with/${provider}?window=${this.challenge}`;
		this.window = window.open(address, "ouderavond_sign_in", "popup,width=520,height=680");
		if (this.window) say(texts.waiting);
		else say(texts.blocked, "problem");
	}

	// From our own window alone, and from our own site.
	on_message({ origin, source, data }) {
		const { code } = data?.ouderavond || {};
		const is_ours = origin === window.location.origin && source && source === this.window;
		if (is_ours && typeof code === "string") this.enter(code);
	}

	async enter(code) {
		say(texts.entering);
		try {
			await post("enter", { code, verifier: this.secret });
		} catch (error) {
			// Where this frame is of the same site, the platform's own cookie has come by now, and is enough.
			if (error.message !== "400") return say(texts.failed, "problem");
		}
		put_mark();
		window.location.replace("/ouderavond#oa-instructor");
		if (window.location.pathname === "/ouderavond") window.location.reload();
	}
}

// Where a browser does not keep the cookie, the card comes again: then it says so.
function put_mark() {
	try {
		sessionStorage.setItem(ENTERED, "1");
	} catch {
		// Nothing can be kept here either.
	}
}

function take_mark() {
	try {
		const found = sessionStorage.getItem(ENTERED);
		sessionStorage.removeItem(ENTERED);
		return Boolean(found);
	} catch {
		return false;
	}
}

function random() {
	return encode(crypto.getRandomValues(new Uint8Array(32)));
}

async function hash(text) {
	return encode(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

function encode(bytes) {
	const text = btoa(String.fromCharCode(...bytes));
	return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
