// Hearing of what others change: by the platform's live messages, and by looking now and then where none come.

const LOOK_MS = 15000;
// Where much changes at once, as when booking opens, the page is read again no more often than this.
const REST_MS = 3000;

export class Listening {
	constructor(page) {
		this.page = page;
		frappe.realtime.on("ouderavond_schedule", (message) => this.heard(message));
		setInterval(() => this.look(), LOOK_MS);
	}

	/** Ask for the messages about the evening that the page shows. */
	start() {
		const { evening } = this.page;
		if (this.evening === evening) return;
		if (this.evening) frappe.realtime.doc_unsubscribe("Parent Evening", this.evening);
		this.evening = evening;
		frappe.realtime.doc_subscribe("Parent Evening", evening);
	}

	heard({ evening, version }) {
		if (evening === this.page.evening) this.tell(version);
	}

	async look() {
		const { page } = this;
		if (!page.info || !page.root.offsetParent || document.hidden) return;
		const { evening } = page;
		const found = await page.read("page.version").catch(() => null);
		if (found && evening === page.evening) this.tell(found.version);
	}

	// What this page changed itself it has read already: `version` is then the number of that reading.
	async tell(version) {
		if (this.telling || !this.page.info || version === this.page.version) return;
		this.telling = true;
		try {
			await this.page.told(version);
			await new Promise((resolve) => setTimeout(resolve, REST_MS));
		} catch (error) {
			console.error(error);
		}
		this.telling = false;
	}
}
